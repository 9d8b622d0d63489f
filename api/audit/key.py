"""The audit's key: `audit.key`, beside the other keys and never in the database.

Whoever changes the database without it cannot make the chain fit. Whoever has it can rewrite the chain, and is found by the
anchors (see `anchors`). Made when it is missing and nothing has been chained yet; a lost one is never replaced in silence.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from api.at_rest.key_files import KeyFileError, alone, new_secret, read_secret, write_secret
from api.audit import queries
from api.audit.chain import mac

FILE = "audit.key"
FOLDER = "keys_dir"
"""Under this name `Database` puts the folder of its keys into every session's `info`."""

_NEXT = (
    "Put it back from the key backup. If it is lost for good, replace-audit-key goes on with a new one and says so in the "
    "audit: older events can then be compared with the anchors, and no longer be verified."
)


class AuditKeyLost(KeyFileError):
    """There are chains, and the key that they were written with is not here."""


@lru_cache(maxsize=16)
def secret_in(folder: Path) -> bytes:
    """The key in a folder, read once. Raises KeyFileError, also where there is none."""
    if not (folder / FILE).exists():
        raise AuditKeyLost(f"{folder / FILE} is missing.")
    return read_secret(folder / FILE)


def secret_of(session: Session) -> bytes:
    """The key of a session's database; made if nothing was ever chained in it. Raises KeyFileError."""
    folder: Path | None = session.info.get(FOLDER)
    if folder is None:
        raise KeyFileError(
            "This database was opened without its keys, so nothing can be audited and nothing done in it."
        )
    try:
        return secret_in(folder)
    except AuditKeyLost:
        if queries.last_links(session):
            raise _lost(folder) from None
    return make_in(folder)


def make_in(folder: Path) -> bytes:
    """The key in a folder, made if there is none: for a database in which nothing was ever chained. Raises KeyFileError."""
    with alone(folder):
        if not (folder / FILE).exists():
            write_secret(folder / FILE, new_secret())
    return secret_in(folder)


def check(session: Session, folder: Path) -> int:
    """Recompute the last code of every chain; how many there are. Raises AuditKeyLost: the key is missing, or another one.

    One chain that fits is enough: then the key is right, and `verify-audit` tells what is wrong with the others.
    """
    links = queries.last_links(session)
    if not links:
        return 0
    if not (folder / FILE).exists():
        raise _lost(folder)
    secret = read_secret(folder / FILE)
    if not any(mac(secret, link.previous, link.event) == link.mac for link in links):
        raise AuditKeyLost(
            f"{folder / FILE} is another key than the one that the audit was written with: the last code of none of "
            f"{len(links)} chains fits. {_NEXT}"
        )
    return len(links)


def replace(folder: Path, now: datetime) -> Path | None:
    """Write a new key; the file that stood in its place keeps the instant in its name. Returns that, if there was one."""
    path, former = folder / FILE, None
    with alone(folder):
        if path.exists():
            former = path.rename(folder / f"audit-until-{now:%Y%m%dT%H%M%SZ}.key")
        write_secret(path, new_secret())
    secret_in.cache_clear()
    return former


def _lost(folder: Path) -> AuditKeyLost:
    return AuditKeyLost(f"{folder / FILE} is missing, and the audit in the database was written with it. {_NEXT}")
