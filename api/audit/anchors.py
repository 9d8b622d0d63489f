"""Anchors: every hour the end of each chain, in a file outside the database.

A chain alone does not show that its tail was cut, nor, to whoever holds the key, that all of it was rewritten. A line here
does, from that hour on, as long as it is out of reach of whoever changes the database: put the file on another disk, ship it to
another host, or mail it. One JSON object a line, only ever appended, on the disk before it counts.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from api.audit import queries
from api.audit.chain import START
from api.clock import rfc3339
from api.database import Database

EVERY = timedelta(hours=1)
LATE = timedelta(hours=2)
FILE_MODE = 0o600


class AnchorsError(ValueError):
    """A line of the file is not an anchor; the message says which."""


@dataclass(frozen=True)
class Anchor:
    """A chain had this end at that time."""

    program: str
    number: int
    mac: str
    time: str


def anchor(database: Database, path: Path, now: datetime) -> int:
    """Append the ends of all chains. Returns how many there are. Raises OSError."""
    with database.read() as session:
        found = [Anchor(each.program_id, each.number, each.mac, rfc3339(now)) for each in queries.heads(session)]
    append(path, [each for each in found if each.mac != START])
    return len(found)


def append(path: Path, anchors: Sequence[Anchor]) -> None:
    """In one write, so that several servers may share the file."""
    text = "".join(json.dumps(asdict(each), separators=(",", ":")) + "\n" for each in anchors)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> Iterator[Anchor]:
    """The file's anchors in order. Raises OSError or AnchorsError."""
    with path.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, 1):
            try:
                found = Anchor(**json.loads(line))
                if (
                    not isinstance(found.program, str)
                    or not isinstance(found.number, int)
                    or len(found.mac) != len(START)
                ):
                    raise ValueError
            except (ValueError, TypeError) as error:
                raise AnchorsError(
                    f"{path}: line {place} is not an anchor; was the file changed or cut off?"
                ) from error
            yield found
