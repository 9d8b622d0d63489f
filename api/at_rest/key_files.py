"""Secrets in files beside the database, never in it: made once, whole, and readable by their owner only."""

import base64
import binascii
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
READABLE_BY_OTHERS = 0o007
SECRET_BYTES = 32


class KeyFileError(Exception):
    """A key file is missing, unreadable, not what its name says, or open to everyone; the message says what to do."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Several servers may start at once on an empty folder: one makes the keys, the others read what it made."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def closed(path: Path) -> Path:
    """The path, once it is known that not everyone may read it. Raises KeyFileError."""
    if path.stat().st_mode & READABLE_BY_OTHERS:
        raise KeyFileError(f"{path}: everyone on this machine may read it; run chmod 600 on it.")
    return path


def write_once(path: Path, content: bytes) -> Path:
    """Write once, whole, and to the disk: something may be sealed to this key a second later."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return path


def write_secret(path: Path, secret: bytes) -> Path:
    """Keep a secret as base64."""
    return write_once(path, base64.b64encode(secret) + b"\n")


def new_secret() -> bytes:
    """256 bits of chance."""
    return secrets.token_bytes(SECRET_BYTES)


def read_secret(path: Path) -> bytes:
    """A secret of 32 bytes from a file. Raises KeyFileError."""
    try:
        secret = base64.b64decode(closed(path).read_bytes().strip(), validate=True)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read ({error.strerror}); restore it from the key backup.") from error
    except binascii.Error as error:
        raise KeyFileError(f"{path}: is not base64; restore it from the key backup.") from error
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(f"{path}: holds {len(secret)} bytes, not {SECRET_BYTES}; restore it from the key backup.")
    return secret
