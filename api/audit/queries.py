"""The audit's statements: a chain's head, its events in order, and what was recorded before there were chains."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, and_, bindparam, delete, func, select, type_coerce, update
from sqlalchemy import insert as insert_into
from sqlmodel import Session, col

from api.audit.chain import START, Detail, Event, stood
from api.database import inserting
from api.tables.audit import AuditEvent, AuditHead
from sync.operations import canonical

BATCH = 5000
"""How many events are held in memory when a chain is read from end to end."""


class Head(NamedTuple):
    """The end of a chain."""

    program_id: str
    number: int
    mac: str
    pruned: int


class Row(NamedTuple):
    """An event as it is stored. `number` is None only before there were chains."""

    event: Event
    previous: str
    mac: str


_HEAD_COLUMNS = (col(AuditHead.program_id), col(AuditHead.number), col(AuditHead.mac), col(AuditHead.pruned))
_HEAD = select(*_HEAD_COLUMNS).where(col(AuditHead.program_id) == bindparam("of_program"))


def lock_head(session: Session, program_id: str) -> Head:
    """The end of a program's chain, held until the transaction ends; made if there is none."""
    statement = _HEAD.with_for_update()
    found = session.execute(statement, {"of_program": program_id}).first()
    if found is None:
        row = {"program_id": program_id, "number": 0, "mac": START, "pruned": 0}
        session.execute(inserting(session, AuditHead, row).on_conflict_do_nothing())
        found = session.execute(statement, {"of_program": program_id}).one()
    return Head(*found)


def heads(session: Session) -> list[Head]:
    """The ends of all chains."""
    return [Head(*row) for row in session.execute(select(*_HEAD_COLUMNS).order_by(col(AuditHead.program_id)))]


_MOVE = (
    update(AuditHead)
    .where(col(AuditHead.program_id) == bindparam("of_program"))
    .values(number=bindparam("to_number"), mac=bindparam("to_mac"))
    .execution_options(synchronize_session=False)
)


def move_head(session: Session, program_id: str, number: int, mac: str) -> None:
    """The chain now ends there."""
    session.execute(_MOVE, {"of_program": program_id, "to_number": number, "to_mac": mac})


_INSERT = insert_into(AuditEvent.__table__).inline()  # type: ignore[attr-defined]  # SQLModel does not declare it


def insert(session: Session, chained: Sequence[tuple[Event, str, str]]) -> None:
    """Events with what they follow and their codes."""
    rows = [
        {
            "at": datetime.fromtimestamp(event.at_ms / 1000, UTC), "action": event.action, "outcome": event.outcome,
            "actor_id": event.actor_id, "program_id": event.program_id, "subject": event.subject,
            "source": event.source, "device_id": event.device_id, "number": event.number,
            "detail": None if event.detail is None else dict(event.detail), "previous": previous, "mac": mac,
        }
        for event, previous, mac in chained
    ]  # fmt: skip
    session.connection().execute(_INSERT, rows)


_COLUMNS = (
    col(AuditEvent.program_id), col(AuditEvent.number), type_coerce(col(AuditEvent.at), BigInteger),
    col(AuditEvent.action), col(AuditEvent.outcome), col(AuditEvent.actor_id), col(AuditEvent.subject),
    col(AuditEvent.source), col(AuditEvent.device_id), type_coerce(col(AuditEvent.detail), Text),
    col(AuditEvent.previous), col(AuditEvent.mac),
)  # fmt: skip
"""As they are stored: what somebody has put into a column must not keep the rest from being read."""


def chained(session: Session) -> Iterator[Row]:
    """Every event of every chain, chain by chain in the order of their numbers; read in batches."""
    statement = (
        select(*_COLUMNS)
        .where(col(AuditEvent.number).is_not(None))
        .order_by(col(AuditEvent.program_id), col(AuditEvent.number), col(AuditEvent.id))
        .execution_options(yield_per=BATCH)
    )
    for row in session.execute(statement):
        yield _row(row)


def last_links(session: Session) -> list[Row]:
    """The last event of every chain, as far as it is there."""
    last = and_(
        col(AuditEvent.program_id) == col(AuditHead.program_id), col(AuditEvent.number) == col(AuditHead.number)
    )
    return [_row(row) for row in session.execute(select(*_COLUMNS).join(AuditHead, last))]


def fingerprints(session: Session) -> dict[str, tuple[int, str]]:
    """Of every chain the number of its first event that is still there, and one SHA-256 over all of them."""
    found: dict[str, tuple[int, str]] = {}
    for program_id, rows in groupby(chained(session), key=lambda row: row.event.program_id):
        first, fingerprint = 0, hashlib.sha256()
        for row in rows:
            first = first or row.event.number
            fingerprint.update(stood(row.event, row.mac))
        found[program_id] = (first, fingerprint.hexdigest())
    return found


def of_action(session: Session, action: str) -> list[Row]:
    """The chained events of one kind, chain by chain in the order of their numbers."""
    statement = select(*_COLUMNS).where(col(AuditEvent.number).is_not(None), col(AuditEvent.action) == action)
    return [
        _row(row) for row in session.execute(statement.order_by(col(AuditEvent.program_id), col(AuditEvent.number)))
    ]


def _row(row: Any) -> Row:
    *event, detail, previous, mac = row
    values = (*event, _detail(detail))
    return Row(Event(*values), previous, mac)


def _detail(text: str | None) -> Detail | None:
    try:
        found = None if text is None else json.loads(text)
    except ValueError:
        found = text
    return found if found is None or isinstance(found, dict) else {"unreadable": str(text)}


def before_chains(session: Session, program_id: str) -> tuple[int, str]:
    """How many events a program has from before there were chains, and one SHA-256 over all of them."""
    statement = (
        select(*_COLUMNS)
        .where(col(AuditEvent.number).is_(None), func.coalesce(col(AuditEvent.program_id), "") == program_id)
        .order_by(col(AuditEvent.id))
        .execution_options(yield_per=BATCH)
    )
    count, fingerprint = 0, hashlib.sha256()
    for row in session.execute(statement):
        count += 1
        fingerprint.update(canonical(_row(row).event.document()))
    return count, fingerprint.hexdigest()


def programs_before_chains(session: Session) -> list[str]:
    """The programs that have events without a number, the installation as an empty name."""
    statement = select(func.coalesce(col(AuditEvent.program_id), "")).where(col(AuditEvent.number).is_(None))
    return sorted(session.execute(statement.distinct()).scalars())


def last_before(session: Session, program_id: str, at: datetime) -> tuple[int, str] | None:
    """The last of the events at the front of a chain that are all older than an instant: its number and code."""
    of_chain = (col(AuditEvent.program_id) == program_id, col(AuditEvent.number).is_not(None))
    first_kept = select(func.min(col(AuditEvent.number))).where(*of_chain, col(AuditEvent.at) >= at).scalar_subquery()
    statement = (
        select(col(AuditEvent.number), col(AuditEvent.mac))
        .where(*of_chain, col(AuditEvent.number) < first_kept)
        .order_by(col(AuditEvent.number).desc())
        .limit(1)
    )
    found = session.execute(statement).first()
    return None if found is None else (int(found[0]), str(found[1]))


def let_go(session: Session, program_id: str, number: int) -> int:
    """Delete a chain's front up to a number, and what was before there were chains. Returns how many events went."""
    move = update(AuditHead).where(col(AuditHead.program_id) == program_id).values(pruned=number)
    session.execute(move.execution_options(synchronize_session=False))
    chain = func.coalesce(col(AuditEvent.program_id), "") == program_id
    statement = delete(AuditEvent).where(chain, func.coalesce(col(AuditEvent.number), 1) <= number)
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]  # a cursor's
