"""The embedded database's copies: one file made by SQLite's backup, opened again as a stranger would.

While a copy takes the database's place a note lies beside it (`NOTE_SUFFIX`): whoever finds that at a start knows that the
exchange was broken off, and that an empty database must not be made where the real one is missing.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from api.backups.manifest import FILE_MODE, BackupRefused, DatabaseKind, Facts, facts_of, to_disk
from api.database import Database

UNPACKED = ".unpacked-"
NOTE_SUFFIX = ".restoring"
BESIDE = ("", "-wal", "-shm")
LEFTOVERS_AFTER_SECONDS = 24 * 3600.0


class Embedded:
    """The embedded database at an address."""

    kind: DatabaseKind = "sqlite"
    suffix = ".sqlite"

    def __init__(self, url: str) -> None:
        self.path = path_of(url)

    def copy(self, target: Path) -> Facts:
        """A whole copy as one file on the disk, while the server goes on writing. Raises BackupRefused."""
        if not self.path.exists():
            raise BackupRefused(f"There is no database at {self.path}.")
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        try:
            with closing(sqlite3.connect(self.path)) as original, closing(sqlite3.connect(target)) as copy:
                original.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, and nothing beside it that could be forgotten
            to_disk(target)
            return _facts(f"sqlite:///{target}")
        except (sqlite3.Error, DatabaseError) as error:
            raise BackupRefused(f"The copy could not be made: {_words(error)}.") from error

    @contextmanager
    def unpacked(self, copy: Path, *, for_use: bool) -> Iterator[str]:
        """The address of a database with the copy's content, beside the present one. It is removed afterwards.

        Raises BackupRefused if it is not whole, page by page.
        """
        self._sweep()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_name(f"{self.path.name}{UNPACKED}{os.getpid()}-{'use' if for_use else 'proof'}")
        _remove(scratch)
        try:
            os.close(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
            shutil.copyfile(copy, scratch)
            _check_pages(scratch)
            yield f"sqlite:///{scratch}"
        finally:
            _remove(scratch)

    def take_place(self, url: str, now: datetime) -> Path | None:
        """Put the unpacked database in the present one's place; returns where that is now, None if there was none.

        The caller holds the lock of the embedded database.
        """
        new = path_of(url)
        with closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        to_disk(new)
        note = note_of(self.path)
        note.touch(FILE_MODE)
        to_disk(note.parent)
        aside = self.path.with_name(f"{self.path.stem}-before-restore-{now:%Y%m%dT%H%M%SZ}{self.path.suffix}")
        there = self.path.exists()
        for suffix in BESIDE:  # a write-ahead log left behind would be played into the new file
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        new.rename(self.path)
        to_disk(self.path.parent)
        note.unlink()
        to_disk(self.path.parent)
        return aside if there else None

    def users(self) -> list[str]:
        """Who else uses it is told by the lock that every server holds, not from here."""
        return []

    def present(self) -> str | None:
        """The address of the present database, None if there is none."""
        return f"sqlite:///{self.path}" if self.path.exists() else None

    def _sweep(self) -> None:
        """What a killed process has left behind."""
        for path in self.path.parent.glob(f"{self.path.name}{UNPACKED}*"):
            if time.time() - path.stat().st_mtime > LEFTOVERS_AFTER_SECONDS:
                path.unlink(missing_ok=True)


def path_of(url: str) -> Path:
    """The file of an embedded database."""
    return Path(url.removeprefix("sqlite:///"))


def note_of(path: Path) -> Path:
    """The note that lies beside a database while a copy takes its place."""
    return path.with_name(path.name + NOTE_SUFFIX)


def refuse_half_restored(url: str) -> None:
    """Raises BackupRefused if a copy was about to take the database's place and was broken off."""
    path = path_of(url)
    if note_of(path).exists():
        raise BackupRefused(
            f"A restore was broken off while it put {path.name} in its place. Run it again; nothing of the former database is "
            f"lost, see {path.stem}-before-restore-*{path.suffix}."
        )


def _facts(url: str) -> Facts:
    database = Database(url)
    try:
        with database.read() as session:
            return facts_of(session)
    finally:
        database.close()


def _check_pages(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise BackupRefused(f"The copy is not whole: {error}.") from error
    if answer != "ok":
        raise BackupRefused(f"The copy is not whole: {answer}.")
    if dangling is not None:
        raise BackupRefused(f"The copy is not whole: a row of {dangling[0]} belongs to one that is missing.")


def _words(error: Exception) -> str:
    return str(error.orig if isinstance(error, DatabaseError) else error)


def _remove(path: Path) -> None:
    for suffix in (*BESIDE, "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
