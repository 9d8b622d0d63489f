"""When a referral has been kept long enough: from its state, the instants at which its end arrived, and the program's days."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from sqlmodel import Session

from api.accounts.program import Retention, config_of
from api.operations import together
from api.retention import queries
from sync.records import State

NEVER_TAKEN = frozenset({"declined", "not_eligible", "entered_by_mistake"})
"""Reasons for closing a referral that never became more than one."""


class Due(NamedTuple):
    """A referral that is erased at an instant, unless it is held, with all that are worked on together with it (`ids`)."""

    referral_id: str
    number: int
    at: datetime
    ids: tuple[str, ...]


class Ending(NamedTuple):
    """How long it is kept (None: for ever), counted from the last of these operations."""

    days: int | None
    op_ids: tuple[str, ...]


def ending(state: State, kept: Retention) -> Ending | None:
    """What ended the referral; None for one that goes on. Whoever was accepted and not yet closed is never due."""
    registers = state["registers"]
    decision, closure, status = (registers.get(name) for name in ("decision", "closure", "status"))
    refused = decision is not None and _word(decision["value"], "outcome") == "not_eligible"
    closed = status is not None and status["value"] == "closed"
    if "accepted" in registers or not (closed or refused):
        return Ending(kept.closed_days, (status["op"],)) if closed and status is not None else None
    last = tuple(each["op"] for each in (decision if refused else None, status if closed else None) if each is not None)
    never_taken = refused or (closure is not None and _word(closure["value"], "reason") in NEVER_TAKEN)
    return Ending(kept.declined_or_ineligible_days if never_taken else kept.closed_days, last)


def _word(value: object, key: str) -> str:
    return str(value.get(key, "")) if isinstance(value, Mapping) else ""


def due(session: Session, program_id: str, until: datetime) -> Iterator[Due]:
    """What is, or will be, due at an instant, by the server's own clock. Holds are the caller's affair.

    Referrals of one person that were merged end together, when the one as which they are worked on ends.
    """
    kept = config_of(queries.program(session, program_id)).retention
    days = [each for each in (kept.declined_or_ineligible_days, kept.closed_days) if each is not None]
    if not days:
        return
    told: set[str] = set()
    for rows in queries.perhaps_ended(session, program_id, until - timedelta(days=min(days))):
        merged = together.read(session, program_id, [row.id for row in rows])
        states = {row.id: cast(State, row.state) for row in rows if row.id not in merged}
        states |= {each.ids[0]: each.whole for each in merged.values() if each.ids[0] not in told}
        told.update(states)
        endings = {key: found for key, state in states.items() if (found := ending(state, kept)) is not None}
        arrived = queries.received_at(session, {op_id for found in endings.values() for op_id in found.op_ids})
        numbers = queries.numbers(session, endings)
        ids = {each.ids[0]: tuple(each.ids) for each in merged.values()}
        for referral_id, found in endings.items():
            at = due_at(found, arrived)
            if at is not None and at <= until:
                yield Due(referral_id, numbers[referral_id], at, ids.get(referral_id, (referral_id,)))


def due_at(found: Ending, arrived: Mapping[str, datetime]) -> datetime | None:
    """The instant from which nothing may be kept; None for never."""
    if found.days is None:
        return None
    return max(arrived[op_id] for op_id in found.op_ids) + timedelta(days=found.days)
