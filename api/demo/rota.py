"""The demo's rota: each program has one person on call at every hour, with a deputy and a lead, and one request is open.

Answers for who is on duty; it goes through the same doors as a supervisor's and a coordinator's own.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.demo.cast import PROGRAMS
from api.rota.model import Level, RuleTerms, Turn
from api.shifts import changes, queries, service
from api.shifts.models import ChangeBody, RulesBody
from api.shifts.service import Actor

WEEK = Turn(weekday=0, start="08:00", end="08:00", days=7)
HANDOFF = timedelta(hours=8)
WEEKS_BEFORE = 4
"""An even number of weeks ago the rotation began, so that the first of two people has the present week."""
LEVELS: Mapping[Level, tuple[str, ...]] = {
    "on_call": ("coordinator", "coordinator2"),
    "deputy": ("coordinator2", "coordinator"),
    "lead": ("supervisor",),
}
ASKS_IN = "denver"
ASKED_FROM, ASKED_UNTIL = time(18), time(22)


def write(session: Session, users: Mapping[tuple[str, str], str], now: datetime, source: str) -> None:
    """Write the rota of every program. `users` gives a user's id by program and the last part of the login."""
    for program in PROGRAMS:
        zone = ZoneInfo(program.config.time_zone)
        # Until the handoff of the day the turn of the day before goes on, and with it its week.
        today = (now.astimezone(zone) - HANDOFF).date()
        begins = today - timedelta(days=today.weekday(), weeks=WEEKS_BEFORE)
        supervisor = Actor(users[program.id, "supervisor"], program.id, True, source)
        for level, names in LEVELS.items():
            terms = RuleTerms(
                level=level, zone=zone.key, turns=(WEEK,), people=tuple(users[program.id, name] for name in names),
                advance="week", first_week=begins,
            )  # fmt: skip
            body = RulesBody(version=queries.version(session, program.id), rules=(terms,))
            service.set_rules(session, supervisor, level, body, now)
            session.flush()
    _ask(session, users, now, source)


def _ask(session: Session, users: Mapping[tuple[str, str], str], now: datetime, source: str) -> None:
    """Whoever is on call tomorrow evening asks the other one to take it."""
    zone = ZoneInfo(service.zone_of(session, ASKS_IN))
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    start, end = (datetime.combine(tomorrow, at, zone) for at in (ASKED_FROM, ASKED_UNTIL))
    on_duty = queries.on_call_now(session, ASKS_IN, "on_call", start) or ()
    asks, asked = sorted(
        (users[ASKS_IN, name] for name in LEVELS["on_call"]), key=lambda user_id: user_id not in on_duty
    )
    wish = ChangeBody.model_validate(
        {"kind": "cover", "level": "on_call", "to_user_id": asked, "start": start.isoformat(), "end": end.isoformat()}
    )
    changes.ask(session, Actor(asks, ASKS_IN, False, source), wish, now)
