"""Writing audit events: `record`, and what it does right before the commit.

Called inside the caller's transaction, so that an act whose audit fails does not happen. Ids and numbers only: no names, no
values.

An event is put on a list of its session and joins its chain as the transaction's last step, after everything else was
flushed. So the head of a chain is the last lock of every transaction, behind even the counter of the feed: whoever holds it waits
for nothing but the disk, and the heads of several programs are taken in the order of their names. There is no circle. The
other way round (head before counter) every act would have to know whether the transaction will take positions later.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import event as events_of
from sqlmodel import Session

from api.audit import queries
from api.audit.chain import BEGIN, Detail, Event, mac
from api.audit.key import secret_of
from api.clock import milliseconds

_WAITING = "audit_events"
Recorded = dict[str, Any]


def record(
    session: Session, at: datetime, action: str, outcome: str = "done", *, actor_id: str | None = None,
    program_id: str | None = None, subject: str = "", source: str = "", device_id: str | None = None,
    detail: Detail | None = None,
) -> None:  # fmt: skip
    """Add one event. `action` is a stable word such as `session.start`; `source` is an address or `command line`.

    `detail`: numbers and ids. The event is in the database once the transaction has been committed.
    """
    waiting: list[Recorded] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = []
        events_of.listen(session, "before_commit", _write)
        events_of.listen(session, "after_rollback", _forget)
    waiting.append(
        {
            "program_id": program_id or "", "at_ms": milliseconds(at), "action": action, "outcome": outcome,
            "actor_id": actor_id, "subject": subject, "source": source, "device_id": device_id, "detail": detail,
        }
    )  # fmt: skip


def _forget(session: Session) -> None:
    """What was undone did not happen."""
    session.info[_WAITING] = []


def _write(session: Session) -> None:
    """Chain what waits. The flush comes first: rows that it locks must not be waited for with a head in hand."""
    waiting: list[Recorded] = session.info[_WAITING]
    if not waiting or session.in_nested_transaction():
        return
    session.info[_WAITING] = []
    key = secret_of(session)
    session.flush()
    waiting.sort(key=lambda each: str(each["program_id"]))  # stable: each chain keeps the order of its acts
    for program_id, group in groupby(waiting, key=lambda each: str(each["program_id"])):
        _extend(session, key, program_id, list(group))


def _extend(session: Session, key: bytes, program_id: str, recorded: list[Recorded]) -> None:
    head = queries.lock_head(session, program_id)
    if head.number == 0:
        recorded = [*_beginning(session, program_id, recorded[0]["at_ms"]), *recorded]
    previous = head.mac
    chained: list[tuple[Event, str, str]] = []
    for number, each in enumerate(recorded, head.number + 1):
        event = Event(number=number, **each)
        code = mac(key, previous, event)
        chained.append((event, previous, code))
        previous = code
    queries.insert(session, chained)
    queries.move_head(session, program_id, head.number + len(recorded), previous)


def _beginning(session: Session, program_id: str, at_ms: int) -> Iterator[Recorded]:
    """The fingerprint of what was recorded before there were chains, if there is any."""
    count, fingerprint = queries.before_chains(session, program_id)
    if count:
        yield {
            "program_id": program_id, "at_ms": at_ms, "action": BEGIN, "outcome": "done", "actor_id": None, "subject": "",
            "source": "", "device_id": None, "detail": {"events": count, "sha256": fingerprint},
        }  # fmt: skip
