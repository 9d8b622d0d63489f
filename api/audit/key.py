"""The audit's key: `audit.key`, beside the other keys and never in the database.

Whoever changes the database without it cannot make the chain fit. Whoever has it can rewrite the chain, and is found by the
anchors (see `anchors`). Made when missing.
"""

from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from api.at_rest.key_files import KeyFileError, alone, new_secret, read_secret, write_secret

FILE = "audit.key"
FOLDER = "keys_dir"
"""Under this name `Database` puts the folder of its keys into every session's `info`."""


@lru_cache(maxsize=16)
def secret_in(folder: Path) -> bytes:
    """The key in a folder, read once. Raises KeyFileError."""
    path = folder / FILE
    if not path.exists():
        with alone(folder):
            if not path.exists():
                write_secret(path, new_secret())
    return read_secret(path)


def secret_of(session: Session) -> bytes:
    """The key of a session's database. Raises KeyFileError."""
    folder: Path | None = session.info.get(FOLDER)
    if folder is None:
        raise KeyFileError(
            "This database was opened without its keys, so nothing can be audited and nothing done in it."
        )
    return secret_in(folder)
