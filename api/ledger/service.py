"""Noting what must outlast every restore, recognising it, and making the ledger and the database hold the same lines."""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session, col, select

from api.at_rest.key_files import KeyFileError
from api.database import Database, inserting
from api.ledger import file
from api.ledger.file import Kind, LedgerKey, Line
from api.tables.retention import LedgerMark

WAITING = "ledger_lines"
MARKS_PER_STATEMENT = 500


def note(session: Session, kind: Kind, program_id: str, subject: str, reason: str, now: datetime) -> None:
    """Remember that this happened. The line is on the disk before the session's transaction commits; a second time adds none.

    If the commit itself fails after that, the next start does what was noted. Raises KeyFileError.
    """
    key = key_of(session)
    line = Line(kind=kind, mark=key.mark(kind, program_id, subject), at=now, reason=reason, key=key.key_id)
    if not _remember(session, [line]):
        return
    waiting: list[Line] | None = session.info.get(WAITING)
    if waiting is None:
        waiting = session.info[WAITING] = []
        event.listen(session, "before_commit", _write)
        event.listen(session, "after_rollback", _forget)
    waiting.append(line)


def _write(session: Session) -> None:
    lines: list[Line] = session.info[WAITING]
    if lines:
        session.flush()  # what the database refuses must not stand in the ledger
        file.append(_folder(session), lines)
        session.info[WAITING] = []


def _forget(session: Session) -> None:
    session.info[WAITING] = []


def _remember(session: Session, lines: Iterable[Line]) -> bool:
    """Put marks into the database; True if any was new."""
    rows = [
        {"mark": line.mark, "kind": line.kind, "key_id": line.key, "at": line.at, "reason": line.reason}
        for line in lines
    ]  # fmt: skip
    if not rows:
        return False
    statement = inserting(session, LedgerMark, rows).on_conflict_do_nothing().returning(col(LedgerMark.mark))
    return session.execute(statement).first() is not None


def noted(session: Session, kind: Kind, program_id: str, subjects: Collection[str]) -> frozenset[str]:
    """Those of the ids of a program to which this has happened."""
    if not subjects:
        return frozenset()
    key = key_of(session)
    by_mark = {key.mark(kind, program_id, subject): subject for subject in subjects}
    found = session.execute(select(col(LedgerMark.mark)).where(col(LedgerMark.mark).in_(by_mark))).scalars()
    return frozenset(by_mark[mark] for mark in found)


def complete(database: Database) -> dict[str, Line]:
    """Make file and database hold the same lines, and return them by their marks.

    A restored database lacks the newest; a file that was lost, or begun in another folder, is written anew. Raises
    KeyFileError if some were marked with a key that is not here: nothing could be recognised by them.
    """
    with database.write() as session:
        key, folder = key_of(session), _folder(session)
        written = {line.mark: line for line in file.read(folder)}
        remembered = {
            row.mark: Line.model_validate(
                {"kind": row.kind, "mark": row.mark, "at": row.at, "reason": row.reason, "key": row.key_id}
            )
            for row in session.exec(select(LedgerMark))
        }
        lines = remembered | written
        if foreign := {line.key for line in lines.values()} - {key.key_id}:
            raise KeyFileError(
                f"The ledger was written with the key {', '.join(sorted(foreign))}, and {file.KEY_FILE} in the folder of keys "
                f"is {key.key_id}. Restore it from the key backup: without it a restore would bring back what was expunged."
            )
        lacking = [line for mark, line in written.items() if mark not in remembered]
        for start in range(0, len(lacking), MARKS_PER_STATEMENT):
            _remember(session, lacking[start : start + MARKS_PER_STATEMENT])
        if unwritten := [line for mark, line in remembered.items() if mark not in written]:
            file.append(folder, unwritten)
    return lines


def key_of(session: Session) -> LedgerKey:
    """The key of a session's ledger. Raises KeyFileError."""
    folder: Path | None = session.info.get("keys_dir")
    if folder is None:
        raise KeyFileError("This database was opened without its keys, so nothing in it can be revoked or expunged.")
    return file.key_in(folder)


def _folder(session: Session) -> Path:
    folder: Path | None = session.info.get("ledger_dir")
    if folder is None:
        raise KeyFileError("This database was opened without its ledger, so nothing in it can be revoked or expunged.")
    return folder
