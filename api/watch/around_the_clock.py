"""Whether a program may be called 24/7: somebody at every hour of the next week, each reached by two ways of which one is no app.

Answers for the reasons why not, each with what to do. Asks the database alone; no message is sent for it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from api.paging import reach
from api.paging.escalation import COORDINATORS, ROLES_OF
from api.rota.gaps import gaps
from api.rota.model import Level, Rota
from api.rota.policy import Policy
from api.rota.practice import Practice
from api.rota.resolve import resolve
from api.shifts import queries as shifts
from api.tables.paging import Delivery
from api.tables.people import User
from api.watch import queries
from api.watch.cover import LEVELS, needed_stretches, pages_itself, policies_of

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    """What may be said of a program. `sound`: nothing stands against it; `reasons` say what does and what to do."""

    says: str
    reasons: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """True if `says` is true."""
        return not self.reasons


def standing(session: Session, program_id: str, available: Collection[str], now: datetime) -> Standing:
    """A program in the next seven days, by the first step of each of its policies."""
    practice = queries.practice(session, program_id)
    policies = policies_of(practice)
    closing = [each for each in policies if each.after_hours == "next_morning"] if practice.service_hours else []
    rota = shifts.rota_of(session, program_id, now, now + AHEAD)
    staff = queries.reached(session, program_id, available, now)
    called: set[str] = set()
    reasons: list[str] = []
    for policy in policies:
        if pages_itself(practice, policy.steps[0]):
            reasons += _webhook_reasons(session, program_id)
        else:
            reasons += _gap_reasons(rota, practice, policy, set(staff), now)
            called |= _called(session, program_id, rota, policy, now) & staff.keys()
    reasons += _people_reasons(session, called, staff)
    if not called and not any(pages_itself(practice, policy.steps[0]) for policy in policies):
        reasons.append("nobody is called at all: give somebody a role, or a place on the rota")
    return Standing(_says(policies, closing), tuple(dict.fromkeys(reasons)))


def _says(policies: tuple[Policy, ...], closing: list[Policy]) -> str:
    if not closing:
        return "24/7"
    which = "pages" if len(closing) == len(policies) else f"pages of {', '.join(policy.name for policy in closing)}"
    return f"closed nights: outside the service hours {which} wait until morning"


def _level(policy: Policy) -> Level | None:
    return next((level for level in LEVELS if level == policy.steps[0].who), None)


def _gap_reasons(rota: Rota, practice: Practice, policy: Policy, staff: set[str], now: datetime) -> Iterator[str]:
    level = _level(policy)
    if level is None:
        return
    spans = resolve(rota, level, now, now + AHEAD)
    zone = ZoneInfo(practice.time_zone)
    for stretch in needed_stretches(rota, practice, policy, level, spans, now, now + AHEAD):
        for gap in gaps([span for span in spans if span.user_id in staff], *stretch):
            start, end = (f"{each.astimezone(zone):%a %d %b %H:%M}" for each in (gap.start, gap.end))
            yield f"nobody has the level {level} from {start} to {end}: put somebody on the rota"


def _called(session: Session, program_id: str, rota: Rota, policy: Policy, now: datetime) -> set[str]:
    """Whom the first step may call within the week."""
    level, who = _level(policy), policy.steps[0].who
    if level is None:
        return set(reach.with_roles(session, program_id, ROLES_OF[who], now))
    named = {span.user_id for span in resolve(rota, level, now, now + AHEAD)}
    if level == "on_call" and not any(rule.level == level for rule in rota.rules):
        named |= set(reach.with_roles(session, program_id, COORDINATORS, now))
    return named


def _people_reasons(session: Session, called: set[str], staff: dict[str, frozenset[str]]) -> Iterator[str]:
    rows = session.execute(
        select(col(User.id), col(User.login)).where(col(User.id).in_(called)).order_by(col(User.login))
    )
    for user_id, login in rows:
        channels = staff[user_id]
        if "push" not in channels:
            yield f"{login} has no phone with the app: let {login} allow notifications under Me"
        if not channels - {"push"}:
            yield f"{login} has no second channel that this server can send by: let {login} prove a number or mailbox under Me"


def _webhook_reasons(session: Session, program_id: str) -> Iterator[str]:
    """The program's own pager counts once its last message was taken."""
    statement = (
        select(col(Delivery.state))
        .where(col(Delivery.target_id) == reach.WEBHOOK_TARGET, col(Delivery.program_id) == program_id)
        .where(col(Delivery.attempts) > 0)
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc())
        .limit(1)
    )
    last = session.execute(statement).scalar_one_or_none()
    if last != "sent":
        yield "the webhook has not taken its last message: look at its receiver, then send a page through it"
