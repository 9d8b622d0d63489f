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
    try:
        position = _copy(Path(database.url.removeprefix("sqlite:///")), partial)
        partial.replace(target)
    except sqlite3.Error as error:
        raise SnapshotFailed(f"The copy could not be made: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    _to_disk(folder)
    mark_durable(database, position)
    for old in sorted(folder.glob("handoff-*.sqlite"))[:-SNAPSHOTS_KEPT]:
        old.unlink()
    log.info("snapshot", extra={"position": position})
    return target


def _copy(source: Path, partial: Path) -> int:
    """A whole, verified copy that has reached the disk; returns the last position that it holds."""
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(partial)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, and nothing beside it that could be forgotten
    _to_disk(partial)
    return _verify(partial)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _verify(path: Path) -> int:
    """Read the copy back as a stranger would. Raises SnapshotFailed."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise SnapshotFailed(f"The copy is not whole: {answer}")
        row = copy.execute("SELECT position FROM head WHERE id = 1").fetchone()
        highest = copy.execute("SELECT max(position) FROM operation_header").fetchone()[0]
        if row is None or (highest is not None and highest > row[0]):
            raise SnapshotFailed("The copy's log and its head do not agree.")
        return int(row[0])


def mark_durable(database: Database, position: int) -> None:
    """Publish that a verified backup holds everything up to a position. It never goes back."""
    with database.write() as session:
        session.execute(
            update(Head)
            .where(col(Head.id) == 1, col(Head.durable_position) < position, col(Head.position) >= position)
            .values(durable_position=position)
        )
