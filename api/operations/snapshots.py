"""Verified snapshots of the embedded database, and the durable position that they prove.

A snapshot counts only after its copy has been opened again, checked whole, and its own head read; phones may then forget
what lies below that position. PostgreSQL programs back up with their own tools and then say so (`mark-durable`).
"""

import logging
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from api.database import Database
from api.tables.records import Head

SNAPSHOTS_KEPT = 24
log = logging.getLogger("handoff.snapshots")


class SnapshotFailed(Exception):
    """The copy could not be made or did not verify; the durable position stays where it was."""


def snapshot(database: Database, folder: Path, now: datetime) -> Path:
    """Copy the embedded database, verify the copy, publish its position, and drop the oldest copies."""
    if not database.embedded:
        raise SnapshotFailed("Only the embedded database is copied here; back PostgreSQL up and use mark-durable.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"handoff-{now:%Y%m%dT%H%M%S}.sqlite"
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as source,
        closing(sqlite3.connect(partial)) as copy,
    ):
        source.backup(copy)
    os.chmod(partial, 0o600)
    position = _verify(partial)
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    partial.replace(target)
    mark_durable(database, position)
    for old in sorted(folder.glob("handoff-*.sqlite"))[:-SNAPSHOTS_KEPT]:
        old.unlink()
    log.info("snapshot", extra={"position": position})
    return target


def _verify(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise SnapshotFailed(f"The copy is not whole: {answer}")
        return int(copy.execute("SELECT position FROM head WHERE id = 1").fetchone()[0])


def mark_durable(database: Database, position: int) -> None:
    """Publish that a verified backup holds everything up to a position. It never goes back."""
    with database.write() as session:
        session.execute(
            update(Head)
            .where(col(Head.id) == 1, col(Head.durable_position) < position, col(Head.position) >= position)
            .values(durable_position=position)
        )
