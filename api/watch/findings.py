"""What is wrong right now, or will be within a day: of one program, for the queue, `doctor` and the watchman alike.

Each finding is a code with numbers and names; the words are the screens'. Nothing here changes anything.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from api.clock import rfc3339
from api.paging import queries as paging
from api.paging.escalation import COORDINATORS, ROLES_OF
from api.paging.reach import with_roles
from api.rota.model import Level
from api.rota.practice import Practice
from api.shifts import queries as shifts
from api.watch import queries
from api.watch.cover import LEVELS, empty_steps, pages_itself, policies_of

Code = Literal[
    "stalled", "no_worker", "nobody_subscribed", "empty_step", "refused_channel", "late_deliveries", "dead_deliveries",
    "silent_phone", "left_with_card", "broken_glass", "copied_phone",
]  # fmt: skip

PAGE_LATE = timedelta(seconds=30)
DELIVERY_LATE = timedelta(seconds=60)
WORKER_SILENT = timedelta(seconds=30)
REFUSED_WITHIN = timedelta(minutes=15)
AHEAD = timedelta(hours=24)
LONGEST_SHIFT = timedelta(days=7)
LEFT_DAYS = 7
COPIED_DAYS = 7
TOLD_ALREADY: frozenset[Code] = frozenset({"silent_phone", "left_with_card", "broken_glass", "copied_phone"})
"""Somebody was told when it happened, or it lies in the past: these do not call for the operator at once."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `values` holds numbers, names, instants; `about` tells it from others of its code, by ids."""

    code: Code
    values: Mapping[str, int | str] = field(default_factory=dict)
    about: str = ""
    user_id: str | None = None

    @property
    def alarms(self) -> bool:
        """True if nobody may say that all is well."""
        return self.code not in TOLD_ALREADY


def findings(session: Session, program_id: str, available: Collection[str], now: datetime) -> list[Finding]:
    """Everything that is wrong for a program, the gravest first. `available`: the channels that this server has."""
    practice = queries.practice(session, program_id)
    reached = queries.reached(session, program_id, available, now)
    return [
        *_stalled(session, program_id, now),
        *worker(session, now),
        *_nobody(session, program_id, practice, reached, now),
        *_empty(session, program_id, practice, reached, now),
        *_refused(session, program_id, now),
        *_late(session, program_id, now),
        *_dead(session, program_id),
        *_silent(session, program_id, now),
        *_left(session, program_id, now),
        *_broken_glass(session, program_id, now),
        *_copied(session, program_id, now),
    ]


def worker(session: Session, now: datetime) -> list[Finding]:
    """That no worker looks for what is due, for all programs alike."""
    beat = paging.last_beat(session)
    return [Finding("no_worker")] if beat is None or now - beat > WORKER_SILENT else []


def _stalled(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    since = queries.overdue_since(session, program_id, now - PAGE_LATE)
    if since:
        yield Finding("stalled", {"count": len(since), "minutes": _minutes(now - since[0])})


def _late(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    since = queries.late_deliveries(session, program_id, now - DELIVERY_LATE)
    if since:
        yield Finding("late_deliveries", {"count": len(since), "minutes": _minutes(now - since[0])})


def _minutes(age: timedelta) -> int:
    return int(age.total_seconds() // 60)


def _nobody(
    session: Session, program_id: str, practice: Practice, reached: Mapping[str, frozenset[str]], now: datetime
) -> Iterator[Finding]:
    """A program without a rota calls its coordinators: one of them at least must be reached."""
    if shifts.has_level(session, program_id, "on_call"):
        return
    coordinators = with_roles(session, program_id, COORDINATORS, now)
    own_pager = any(pages_itself(practice, step) for policy in policies_of(practice) for step in policy.steps)
    if not own_pager and not any(reached.get(user_id) for user_id in coordinators):
        yield Finding("nobody_subscribed")


def _empty(
    session: Session, program_id: str, practice: Practice, reached: Mapping[str, frozenset[str]], now: datetime
) -> Iterator[Finding]:
    rota = shifts.rota_of(session, program_id, now, now + AHEAD)
    for empty in empty_steps(rota, practice, reached, now, now + AHEAD):
        values = {"level": empty.level, "from": rfc3339(empty.start), "to": rfc3339(empty.end)}
        # What began before now begins anew at every look: it is the same one by its end.
        yield Finding(
            "empty_step", values, about=f"{empty.level} {rfc3339(empty.end) if empty.end < now + AHEAD else ''}"
        )


def _refused(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    for channel, origin in queries.refused(session, program_id, now - REFUSED_WITHIN):
        yield Finding("refused_channel", {"channel": channel, "origin": origin}, about=f"{channel} {origin}")


def _dead(session: Session, program_id: str) -> Iterator[Finding]:
    count = queries.dead_on_open_pages(session, program_id)
    if count:
        yield Finding("dead_deliveries", {"count": count})


def _silent(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    """Those on duty whose phone did not answer its test, unless it has shown something since."""
    tests = {
        (test.level, test.user_id): test
        for test in queries.unanswered_tests(session, program_id, now - LONGEST_SHIFT)
    }  # fmt: skip
    silent: set[str] = set()
    for level in LEVELS if tests else ():
        for user_id in _on_duty(session, program_id, level, now):
            test = tests.get((level, user_id))
            if test is not None and queries.seen_since(session, user_id, test.sent_at) is None:
                silent.add(user_id)
    names = queries.names(session, silent)
    for user_id in sorted(silent, key=lambda each: (names.get(each, ""), each)):
        yield Finding("silent_phone", {"name": names.get(user_id, "")}, about=user_id, user_id=user_id)


def _on_duty(session: Session, program_id: str, level: Level, now: datetime) -> list[str]:
    standing = with_roles(session, program_id, ROLES_OF["everyone"], now)
    return [user_id for user_id in shifts.on_call_now(session, program_id, level, now) or () if user_id in standing]


def _broken_glass(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    """An administrator may look at a referral right now."""
    for glass, name in queries.broken_glasses(session, program_id, now):
        values: dict[str, int | str] = {"name": name, "number": glass.number, "until": rfc3339(glass.until_at)}
        yield Finding("broken_glass", values, about=glass.id, user_id=glass.user_id)


def _copied(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    """A phone that was removed because a cookie came back which it had given up: somebody has a copy of it."""
    for device_id, user_id, name in queries.copied_phones(session, program_id, now - timedelta(days=COPIED_DAYS)):
        yield Finding("copied_phone", {"name": name}, about=device_id, user_id=user_id)


def _left(session: Session, program_id: str, now: datetime) -> Iterator[Finding]:
    count = queries.left_with_card(session, program_id, now - timedelta(days=LEFT_DAYS))
    if count:
        yield Finding("left_with_card", {"count": count, "days": LEFT_DAYS})
