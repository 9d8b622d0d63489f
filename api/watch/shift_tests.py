"""Each phone gets a test by itself when its owner's duty begins, and once a week while it merely goes on.

One that stays silent is spoken of while there is time.

Every server process may do this: a row that only one of them can insert says who did.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col
from uuid6 import uuid7

from api.database import Database, inserting
from api.paging import notices, outbox, reach
from api.paging.escalation import ROLES_OF, SUPERVISORS
from api.rota.model import Level, Rota
from api.rota.resolve import Handoff, handoffs, on_call
from api.rota.wall_clock import day_at, instant_of
from api.shifts import queries as shifts
from api.tables.paging import ShiftTest
from api.watch import queries
from api.watch.cover import LEVELS

BEGUN_WITHIN = timedelta(minutes=10)
"""A duty that began longer ago is not tested: after a standstill nobody is woken for what is past."""
ANSWER_WITHIN = timedelta(minutes=2)
WEEKLY_AT_MINUTE = 10 * 60
"""After midnight of each Monday in the program's zone: by day, for whoever is on duty and was not tested that week."""
TESTED_LATELY = timedelta(days=6)
_MOMENT = timedelta(milliseconds=1)

Begun = tuple[Level, Handoff]
_UNSETTLED: ColumnElement[bool] = col(ShiftTest.settled_at).is_(None)


def run(database: Database, now: datetime) -> None:
    """Test the phones of those whose duty has just begun, and settle the tests of before."""
    with database.read() as session:
        programs = queries.program_ids(session)
        busy = [each for each in programs if _begun(session, each, now) or _unsettled(session, each)]
    for program_id in busy:
        with database.write() as session:
            silent = _begin(session, program_id, now)
            session.flush()
            _speak(session, program_id, silent | _settle(session, program_id, now), now)


def _begun(session: Session, program_id: str, now: datetime) -> list[Begun]:
    """Whose duty began a short while ago, or whose week is over, and was not tested yet."""
    since, until = now - BEGUN_WITHIN, now + _MOMENT
    rota = shifts.rota_of(session, program_id, since, until)
    found = [(level, handoff) for level in LEVELS for handoff in handoffs(rota, level, since, until)]
    weekly = _weekly(rota, queries.practice(session, program_id).time_zone, since, until)
    if not found and not weekly:
        return []
    statement = select(col(ShiftTest.level), col(ShiftTest.user_id), col(ShiftTest.starts_at)).where(
        col(ShiftTest.program_id) == program_id, col(ShiftTest.starts_at) >= since - TESTED_LATELY
    )
    tested = {tuple(row) for row in session.execute(statement)}
    lately = {user_id for _, user_id, _ in tested}
    found += [(level, handoff) for level, handoff in weekly if handoff.user_id not in lately]
    standing = set(reach.with_roles(session, program_id, ROLES_OF["everyone"], now))
    return [
        (level, handoff)
        for level, handoff in found
        if handoff.user_id in standing and (level, handoff.user_id, _stored(handoff.at)) not in tested
    ]


def _weekly(rota: Rota, zone_name: str, since: datetime, until: datetime) -> list[Begun]:
    """Whoever is on duty at the week's moment, where it lies between the two instants."""
    zone = ZoneInfo(zone_name)
    day = day_at(zone, until)
    moment = instant_of(zone, day - timedelta(days=day.weekday()), WEEKLY_AT_MINUTE)
    if not since <= moment < until:
        return []
    return [(level, Handoff(moment, user_id)) for level in LEVELS for user_id in on_call(rota, level, moment)]


def _stored(instant: datetime) -> datetime:
    """The instant as a row keeps it, in whole milliseconds."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _begin(session: Session, program_id: str, now: datetime) -> set[str]:
    """Send the tests. Those whom none can reach, because they have no phone, are settled at once and returned."""
    sent: set[str] = set()
    phoneless: set[str] = set()
    for level, handoff in _begun(session, program_id, now):
        user_id = handoff.user_id
        phones = [each for each in reach.addresses(session, [user_id]).get(user_id, ()) if each.channel == "push"]
        if not _first(session, program_id, level, handoff, now, has_phone=bool(phones)):
            continue
        if not phones:
            phoneless.add(user_id)
        elif user_id not in sent:  # one message serves two levels that begin together
            for phone in phones:
                outbox.write(session, None, outbox.at_once(phone, now), "test", "test", now, program_id=program_id)
            sent.add(user_id)
    return phoneless


def _first(
    session: Session, program_id: str, level: Level, handoff: Handoff, now: datetime, *, has_phone: bool
) -> bool:
    """Take the test of this duty; False if another process has it."""
    row = {
        "id": str(uuid7()), "program_id": program_id, "level": level, "user_id": handoff.user_id,
        "starts_at": handoff.at, "sent_at": now, "settled_at": None if has_phone else now,
        "outcome": "" if has_phone else "no_phone",
    }  # fmt: skip
    statement = inserting(session, ShiftTest, row).on_conflict_do_nothing().returning(col(ShiftTest.id))
    return session.execute(statement).first() is not None


def _unsettled(session: Session, program_id: str) -> bool:
    statement = select(col(ShiftTest.id)).where(col(ShiftTest.program_id) == program_id, _UNSETTLED).limit(1)
    return session.execute(statement).first() is not None


def _settle(session: Session, program_id: str, now: datetime) -> set[str]:
    """What came of the tests; whose phones stayed silent. A process that is late finds nothing left to do."""
    statement = (
        select(ShiftTest)
        .where(col(ShiftTest.program_id) == program_id, _UNSETTLED)
        .order_by(col(ShiftTest.id))
        .with_for_update(skip_locked=True)
    )
    silent = set()
    for test in session.execute(statement).scalars():
        test.seen_at = queries.seen_since(session, test.user_id, test.sent_at)
        if test.seen_at is not None:
            test.settled_at, test.outcome = now, "seen"
        elif now - test.sent_at >= ANSWER_WITHIN:
            test.settled_at, test.outcome = now, "silent"
            silent.add(test.user_id)
    return silent


def _speak(session: Session, program_id: str, silent: set[str], now: datetime) -> None:
    """Each person hears it by another channel; the lead on duty, or without one the supervisors, hear that it is so."""
    if not silent:
        return
    leads = set(reach.meant(session, program_id, "lead", now)[1])
    supervisors = set(reach.with_roles(session, program_id, SUPERVISORS, now))
    told: set[str] = set()
    for user_id in sorted(silent):
        notices.tell_otherwise(session, program_id, user_id, "phone_silent", now)
        told |= leads - {user_id} or supervisors - {user_id}
    notices.tell(session, program_id, ((user_id, "colleague_silent") for user_id in told), now)
