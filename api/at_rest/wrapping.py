"""Key-encryption keys: `data-<id>.key` files outside the database, which wrap the data keys inside it.

The newest file of the folder wraps; older ones still open what they wrapped, until `handoff rekey` has wrapped it anew.
HANDOFF_DATA_KEY_FILE names a file elsewhere instead, HANDOFF_DATA_KEY_FILE_OLD the one before it during a change.
Whoever loses all of them has lost the data.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.at_rest.key_files import KeyFileError, alone, new_secret, read_secret, write_secret
from api.settings import Settings

PREFIX, SUFFIX = "data-", ".key"
ID_DIGITS = 16
VECTOR_BYTES = 12


@dataclass(frozen=True)
class WrappingKey:
    """One key-encryption key and its name: the beginning of its hash."""

    path: Path
    secret: bytes = field(repr=False)

    @property
    def kek_id(self) -> str:
        """Which key wrapped a data key is told by this name."""
        return hashlib.sha256(b"handoff key-encryption key\n" + self.secret).hexdigest()[:ID_DIGITS]

    def wrap(self, number: int, data_key: bytes) -> bytes:
        """A data key as the database may hold it."""
        vector = os.urandom(VECTOR_BYTES)
        return vector + AESGCM(self.secret).encrypt(vector, data_key, self._about(number))

    def unwrap(self, number: int, wrapped: bytes) -> bytes:
        """The data key. Raises KeyFileError if this is not the key, the number, or the bytes that were wrapped."""
        try:
            return AESGCM(self.secret).decrypt(wrapped[:VECTOR_BYTES], wrapped[VECTOR_BYTES:], self._about(number))
        except (InvalidTag, ValueError) as error:
            raise KeyFileError(
                f"Data key {number} in the database is damaged: {self.path} does not open it. Restore the database."
            ) from error

    def _about(self, number: int) -> bytes:
        return f"data_key|{number}|{self.kek_id}".encode()


@dataclass(frozen=True)
class KeyPlace:
    """Where the key-encryption keys of a server are."""

    folder: Path
    file: Path | None = None
    old_file: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> "KeyPlace":
        """As the settings say."""
        named, old = settings.data_key_file, settings.data_key_file_old
        return cls(settings.keys_dir, Path(named) if named else None, Path(old) if old else None)

    def all(self) -> list[WrappingKey]:
        """Every key, the one to wrap with last. Raises KeyFileError."""
        files = [path for path in (self.old_file, self.file) if path is not None and path.exists()]
        return [_read(path) for path in [*_in(self.folder), *files]]

    def first(self) -> WrappingKey:
        """The key for a database that has none yet; made if there is no file. Raises KeyFileError."""
        with alone(self.folder if self.file is None else self.file.parent):
            if self.file is not None:
                return _read(self.file) if self.file.exists() else _write(self.file)
            found = self.all()
            return found[-1] if found else self._new()

    def next(self, used: set[str]) -> WrappingKey:
        """A key that wraps nothing yet: one that is there already, or a new file. Raises KeyFileError."""
        with alone(self.folder):
            unused = [key for key in self.all() if key.kek_id not in used]
            if self.file is not None and not unused:
                raise KeyFileError(
                    f"{self.file} is in use. Put a new key into a new file, name it in HANDOFF_DATA_KEY_FILE and this one "
                    "in HANDOFF_DATA_KEY_FILE_OLD."
                )
            return unused[-1] if unused else self._new()

    def _new(self) -> WrappingKey:
        secret = new_secret()
        name = WrappingKey(self.folder, secret).kek_id
        return WrappingKey(write_secret(self.folder / f"{PREFIX}{name}{SUFFIX}", secret), secret)


def _write(path: Path) -> WrappingKey:
    secret = new_secret()
    return WrappingKey(write_secret(path, secret), secret)


def _in(folder: Path) -> list[Path]:
    found = folder.glob(f"{PREFIX}*{SUFFIX}")
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _read(path: Path) -> WrappingKey:
    key = WrappingKey(path, read_secret(path))
    if path.name.startswith(PREFIX) and path.suffix == SUFFIX and path.name != f"{PREFIX}{key.kek_id}{SUFFIX}":
        raise KeyFileError(f"{path}: holds the key {key.kek_id}; restore it from the key backup.")
    return key
