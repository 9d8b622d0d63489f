"""Who asks, who approves, and what then happens: expunging, holding, ending a hold; and purging what was kept long enough."""

from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.accounts.program import config_of
from api.auth.sessions import Principal
from api.database import Database
from api.operations import service as operations
from api.operations import together
from api.operations.projection import expunged
from api.problems import Conflict, Malformed, NotFound
from api.retention import queries
from api.retention.due import Due, due, due_at, ending
from api.retention.erasure import RETENTION, Keys, erase
from api.second_person import service as second_person
from api.second_person.service import Asked, Kind
from api.tables.retention import LegalHold
from sync.merging import links, members, whole_of

ExpungeReason = Literal["court_order", "participant", "mistake"]
HoldReason = Literal["litigation", "court_order", "records_request", "complaint", "audit"]
HoldState = Literal["asked", "stands", "over"]

LOOK_AHEAD = timedelta(days=30)
LONGEST_HOLD_YEARS = 2
DUE_LISTED = 1000
HOLDS_LISTED = 500
PURGED_PER_LOOK = 500
MERGED = "It is merged with another referral of the same person. Have a coordinator part them; then each can be erased."
HELD = "It is under a legal hold. Nothing of it may be erased until the hold is over."


class Upcoming(NamedTuple):
    """A referral that becomes due, and whether a hold keeps it for now."""

    due: Due
    held: bool


def upcoming(session: Session, program_id: str, now: datetime) -> list[Upcoming]:
    """What is due or becomes due within the days that are looked ahead, the first first."""
    held = queries.held(session, program_id, now)
    found = sorted(due(session, program_id, now + LOOK_AHEAD), key=lambda each: (each.at, each.number))
    return [Upcoming(each, not held.isdisjoint(each.ids)) for each in found[:DUE_LISTED]]


def ask_expunge(
    session: Session, principal: Principal, referral_id: str, reason: ExpungeReason, now: datetime, source: str
) -> Asked:
    """Ask that nothing be left of a referral. Raises NotFound, Conflict."""
    _known(session, principal, referral_id)
    if referral_id in queries.held(session, principal.program_id, now):
        raise Conflict(HELD)
    _alone(session, principal, referral_id)
    return second_person.ask(session, principal, "expunge", referral_id, reason, now, source)


def approve_expunge(
    session: Session, principal: Principal, asked_id: str, keys: Keys, now: datetime, source: str
) -> None:
    """The second person agrees, and it is done. Raises NotFound, Forbidden, Conflict."""
    asked = approve(session, principal, "expunge", asked_id, now, source)
    operations.hold(session, asked.subject)
    if asked.subject in queries.held(session, principal.program_id, now):
        raise Conflict(HELD)
    _alone(session, principal, asked.subject)
    if not erase(session, asked.subject, asked.reason, keys, now, actor_id=principal.user_id, source=source):
        raise Conflict("It has been erased already.")
    second_person.finish(session, asked_id)


def _alone(session: Session, principal: Principal, referral_id: str) -> None:
    """What was merged is not erased by itself: what came to the other by it would go on being shown. Raises Conflict."""
    if together.read(session, principal.program_id, [referral_id]):
        raise Conflict(MERGED)


def ask_hold(
    session: Session, principal: Principal, referral_id: str, reason: HoldReason, last_day: date, now: datetime,
    source: str,
) -> Asked:  # fmt: skip
    """Ask that nothing of a referral be erased until the end of a day. Raises NotFound, Conflict, Malformed."""
    number = _known(session, principal, referral_id)
    zone = ZoneInfo(config_of(queries.program(session, principal.program_id)).time_zone)
    today = now.astimezone(zone).date()
    if not today <= last_day <= _years_later(today, LONGEST_HOLD_YEARS):
        raise Malformed(f"A hold ends today at the earliest and in {LONGEST_HOLD_YEARS} years at the latest.")
    asked = second_person.ask(session, principal, "hold", referral_id, reason, now, source)
    hold = LegalHold(
        id=asked.id, program_id=principal.program_id, referral_id=referral_id, number=number, reason=reason,
        asked_by=principal.user_id, until_at=datetime.combine(last_day + timedelta(days=1), time(), zone),
    )  # fmt: skip
    session.add(hold)
    return asked


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


def approve_hold(session: Session, principal: Principal, asked_id: str, now: datetime, source: str) -> None:
    """From now on nothing of it is erased. Raises NotFound, Forbidden, Conflict."""
    asked = approve(session, principal, "hold", asked_id, now, source)
    draft = operations.hold(session, asked.subject)
    if expunged(draft.touched[asked.subject]):
        raise Conflict("It has been erased meanwhile.")
    hold = queries.hold(session, principal.program_id, asked_id)
    assert hold is not None, "a hold is written down with the request for it"
    if hold.until_at <= now:
        raise Conflict("Its last day is over. Ask anew.")
    hold.approved_by, hold.from_at = principal.user_id, now
    session.add(hold)
    second_person.finish(session, asked_id)


def ask_end(session: Session, principal: Principal, hold_id: str, now: datetime, source: str) -> Asked:
    """Ask that a hold end before its day. Raises NotFound, Conflict."""
    hold = queries.hold(session, principal.program_id, hold_id)
    if hold is None:
        raise NotFound("There is no such hold here.")
    if state_of(hold, now) != "stands":
        raise Conflict("This hold does not stand.")
    return second_person.ask(session, principal, "hold_end", hold_id, hold.reason, now, source)


def approve_end(session: Session, principal: Principal, asked_id: str, now: datetime, source: str) -> None:
    """The hold is over. Raises NotFound, Forbidden, Conflict."""
    asked = approve(session, principal, "hold_end", asked_id, now, source)
    hold = queries.hold(session, principal.program_id, asked.subject)
    assert hold is not None, "holds are never deleted"
    if state_of(hold, now) != "stands":
        raise Conflict("This hold does not stand any more.")
    hold.ended_at = now
    session.add(hold)
    second_person.finish(session, asked_id)


def state_of(hold: LegalHold, now: datetime) -> HoldState:
    """Whether the hold waits for its second person, stands, or is over."""
    if hold.until_at <= now or (hold.ended_at is not None and hold.ended_at <= now):
        return "over"
    return "asked" if hold.from_at is None else "stands"


def approve(session: Session, principal: Principal, kind: Kind, asked_id: str, now: datetime, source: str) -> Asked:
    """The request, approved; NotFound for one of another kind."""
    _of_kind(session, principal, kind, asked_id)
    return second_person.approve(session, principal, asked_id, now, source)


def decline(session: Session, principal: Principal, kind: Kind, asked_id: str, now: datetime, source: str) -> None:
    """It does not happen. Raises NotFound, Conflict."""
    _of_kind(session, principal, kind, asked_id)
    second_person.decline(session, principal, asked_id, now, source)
    if kind == "hold" and (hold := queries.hold(session, principal.program_id, asked_id)) is not None:
        hold.ended_at = now
        session.add(hold)


def _of_kind(session: Session, principal: Principal, kind: Kind, asked_id: str) -> None:
    if second_person.one(session, principal, asked_id).kind != kind:
        raise NotFound("There is no such request here.")


def _known(session: Session, principal: Principal, referral_id: str) -> int:
    """The number of a referral of this program of which something is left. Raises NotFound."""
    found = queries.referral(session, principal.program_id, referral_id)
    if found is None:
        raise NotFound("There is no such referral here.")
    return found.number


def purge(database: Database, keys: Keys, now: datetime) -> int:
    """Erase what every program has kept long enough and nothing holds; says how many that were.

    What is due is looked up first and looked at again under its lock, where a hold or a new decision may have come before.
    Each has its own transaction: the feed's counter, taken at the end of one, must not be held while the next is locked.
    """
    with database.read() as session:
        program_ids = [program.id for program in queries.programs(session)]
    count = 0
    for program_id in program_ids:
        with database.read() as session:
            found = [each.referral_id for each in due(session, program_id, now)]
        for referral_id in found[:PURGED_PER_LOOK]:
            with database.write() as session:
                count += _purge_one(session, program_id, referral_id, keys, now)
    return count


def _purge_one(session: Session, program_id: str, referral_id: str, keys: Keys, now: datetime) -> bool:
    draft = operations.hold(session, referral_id)
    referral = draft.touched[referral_id]
    states = {key: each.state for key, each in (draft.beside | draft.touched).items()}
    ids = members(links(states), referral_id)
    if expunged(referral) or not queries.held(session, program_id, now).isdisjoint(ids):
        return False
    end = ending(
        whole_of(states, referral_id) or referral.state, config_of(queries.program(session, program_id)).retention
    )
    at = None if end is None else due_at(end, queries.received_at(session, end.op_ids))
    if at is None or at > now:
        return False
    for each in reversed(
        ids
    ):  # all are locked by now: the feed's counter, taken by the first, holds nobody up for the next
        erase(session, each, RETENTION, keys, now)
    return True
