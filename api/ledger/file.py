"""The ledger's file and its key: appending a line that stays, reading all of them.

Servers on one machine, or on a shared folder, take turns by a lock on the file. Power may fail while a line is being written:
the next writer ends the broken line, and readers pass over it. Nothing was committed for it.
"""

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from api import logs
from api.at_rest.key_files import FILE_MODE, FOLDER_MODE, alone, new_secret, read_secret, write_secret

LOG_FILE, KEY_FILE = "ledger.log", "ledger.key"
KEY_ID_DIGITS = 16

Kind = Literal["expunged", "revoked", "left"]


class Line(BaseModel):
    """What happened to whatever bears this mark. `reason` is a stable word, `key` the name of the key that marked it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    mark: str
    at: datetime
    reason: str
    key: str


@dataclass(frozen=True)
class LedgerKey:
    """What marks are made with."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """Which key made a mark is told by this name."""
        return hashlib.sha256(b"handoff ledger key\n" + self.secret).hexdigest()[:KEY_ID_DIGITS]

    def mark(self, kind: Kind, program_id: str, subject: str) -> str:
        """The mark of a referral or a device of a program, or of an epoch."""
        return hmac.new(self.secret, f"{kind}|{program_id}|{subject}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=16)
def key_in(folder: Path) -> LedgerKey:
    """The key in a folder, read once; made if there is none. Raises KeyFileError."""
    path = folder / KEY_FILE
    if not path.exists():
        with alone(folder):
            if not path.exists():
                write_secret(path, new_secret())
    return LedgerKey(read_secret(path))


def append(folder: Path, lines: list[Line]) -> None:
    """Add lines and return when they are on the disk."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    path = folder / LOG_FILE
    existed = path.exists()
    text = "".join(line.model_dump_json() + "\n" for line in lines).encode()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE), "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _broken_off(file.fileno()):
            text = b"\n" + text
        written = 0
        while written < len(text):
            written += os.write(file.fileno(), text[written:])
        os.fsync(file.fileno())
    if not existed:
        _folder_to_disk(folder)


def _broken_off(handle: int) -> bool:
    """True if the last line has no end."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _folder_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(folder: Path) -> Iterator[Line]:
    """Every line in its order. One that cannot be read is logged and passed over."""
    path = folder / LOG_FILE
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                yield Line.model_validate_json(text)
            except ValidationError:
                logs.warning("ledger.unreadable_line", count=number)
