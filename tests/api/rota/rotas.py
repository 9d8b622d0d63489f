"""Rotas to test with, and a second, slow way to tell who is on duty, that shares no line with the resolver."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from api.rota.model import MINUTES_PER_DAY, Advance, Change, ChangeKind, Level, Span, Turn, WeeklyRule, minutes_of

MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
DENVER = "America/Denver"
#: One-hour and half-hour clock changes of both hemispheres, odd offsets, none at all, and changes at midnight.
ZONES = (
    "America/Denver", "Australia/Lord_Howe", "Europe/London", "Asia/Kathmandu", "America/St_Johns", "UTC",
    "America/Santiago", "Pacific/Chatham", "Africa/Casablanca", "Asia/Beirut",
)  # fmt: skip
#: Two years with a leap day, and every clock change of these zones within.
FIRST_MONDAY = date(2023, 1, 2)


def utc(text: str) -> datetime:
    """An instant from `2026-11-01 07:30`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, zone: str = DENVER, fold: int = 0) -> datetime:
    """An instant (UTC) from a time on the wall that exists there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def every_day(start: str, end: str, days: int = 1) -> tuple[Turn, ...]:
    """Seven turns."""
    return tuple(Turn(weekday=weekday, start=start, end=end, days=days) for weekday in range(7))


def rule(people: str = "A", turns: tuple[Turn, ...] | None = None, **changed: Any) -> WeeklyRule:
    """A rule of one-letter people; without turns, round the clock from 08:00 to 08:00, the next person every day."""
    return WeeklyRule.model_validate(
        {
            "id": "rule",
            "level": "on_call",
            "zone": DENVER,
            "turns": every_day("08:00", "08:00") if turns is None else turns,
            "people": tuple(people),
            "advance": "turn",
            "first_week": FIRST_MONDAY,
        }
        | changed
    )


def change(
    kind: ChangeKind,
    goes: str | None,
    comes: str | None,
    start: datetime,
    end: datetime,
    place: int = 0,
    swap: str | None = None,
) -> Change:
    """A change whose id tells its place."""
    return Change(
        id=f"change-{place}", place=place, level="on_call", kind=kind, user_id=goes, to_user_id=comes,
        start=start, end=end, swap_id=swap,
    )  # fmt: skip


def round_the_clock(cuts: Iterable[int]) -> tuple[Turn, ...]:
    """Turns that fill the week, with a handoff at each of these minutes after Monday's midnight."""
    cuts = sorted(cuts)
    return tuple(_turn(start, end) for start, end in pairwise([*cuts, cuts[0] + MINUTES_PER_WEEK]))


def _turn(start: int, end: int) -> Turn:
    (weekday, begins), (last, ends) = divmod(start, MINUTES_PER_DAY), divmod(end, MINUTES_PER_DAY)
    clock = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (begins, ends)]
    return Turn(weekday=weekday, start=clock[0], end=clock[1], days=last - weekday)


def who(spans: Iterable[Span]) -> list[tuple[str, datetime, datetime]]:
    """The spans without their sources."""
    return [(span.user_id, span.start, span.end) for span in spans]


def clipped(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """What of the spans lies within [start, end), in the order of the resolver."""
    cut = (Span(s.user_id, max(s.start, start), min(s.end, end), s.why, s.source_id) for s in spans)
    return sorted((s for s in cut if s.start < s.end), key=lambda s: (s.start, s.end, s.user_id, s.source_id))


def on_duty_by_rule(rule: WeeklyRule, instant: datetime) -> list[str]:
    """By the furthest that the clock on the wall ever was: a turn lasts while that lies between its start and its end.

    Looks back minute by minute, so `instant` must be a whole minute.
    """
    furthest = _furthest(rule.zone, instant)
    found = []
    turns = sorted(rule.turns, key=lambda turn: (turn.weekday, turn.start, turn.days, turn.end))
    now = (furthest.date() - rule.first_week).days // 7
    for week in range(max(now - 3, 0), now + 3):
        monday = rule.first_week + timedelta(weeks=week)
        if rule.ends and monday >= rule.ends:
            break
        for i, turn in enumerate(turns):
            midnight = datetime.combine(monday, datetime.min.time()) + timedelta(days=turn.weekday)
            start = midnight + timedelta(minutes=minutes_of(turn.start))
            end = midnight + timedelta(days=turn.days, minutes=minutes_of(turn.end))
            if start <= furthest < end:
                found.append(
                    rule.people[(week if rule.advance == "week" else week * len(turns) + i) % len(rule.people)]
                )
    return found


@lru_cache(4096)
def _furthest(zone: str, instant: datetime) -> datetime:
    where = ZoneInfo(zone)
    return max((instant - timedelta(minutes=back)).astimezone(where).replace(tzinfo=None) for back in range(130))


weeks_minutes = st.one_of(
    st.integers(0, MINUTES_PER_WEEK - 1),
    # Sunday morning, when most clocks change, and the midnights before and after it.
    st.integers(6 * MINUTES_PER_DAY - 60, 6 * MINUTES_PER_DAY + 4 * 60),
)
cuts = st.sets(weeks_minutes, min_size=1, max_size=14)
advances: st.SearchStrategy[Advance] = st.sampled_from(["turn", "week"])
levels: st.SearchStrategy[Level] = st.sampled_from(["on_call", "deputy"])
zones = st.sampled_from(ZONES)


def minutes_from(first: date, days: int) -> st.SearchStrategy[datetime]:
    """Whole minutes (UTC) within so many days; often near a clock change of one of the zones."""
    midnight = datetime.combine(first, datetime.min.time(), UTC)
    near = [
        instant + timedelta(minutes=minutes)
        for instant in CLOCK_CHANGES
        for minutes in (-61, -31, -30, -1, 0, 1, 15, 30, 60)
        if midnight <= instant < midnight + timedelta(days=days - 1)
    ]
    anywhere = st.integers(0, days * MINUTES_PER_DAY).map(lambda minutes: midnight + timedelta(minutes=minutes))
    return st.one_of(anywhere, st.sampled_from(near))


def _clock_changes(zone: str, first: date, days: int) -> list[datetime]:
    where, found = ZoneInfo(zone), []
    instant = datetime.combine(first, datetime.min.time(), UTC)
    for _ in range(days * 24 * 2):
        after = instant + timedelta(minutes=30)
        if instant.astimezone(where).utcoffset() != after.astimezone(where).utcoffset():
            found.append(after)
        instant = after
    return found


#: All within two years from `FIRST_MONDAY`; the clocks of these zones change at whole half hours of UTC.
CLOCK_CHANGES = sorted({instant for zone in ZONES for instant in _clock_changes(zone, FIRST_MONDAY, 2 * 366)})


@st.composite
def rules(draw: st.DrawFn, id: str = "rule") -> WeeklyRule:
    """Round the clock or with holes and overlaps, for one to four people."""
    turns = list(round_the_clock(draw(cuts)))
    if len(turns) > 1 and draw(st.booleans()):
        del turns[draw(st.integers(0, len(turns) - 1))]
    if draw(st.booleans()):
        turns.append(_turn(start := draw(weeks_minutes), start + draw(st.integers(1, MINUTES_PER_WEEK))))
    first_week = FIRST_MONDAY + timedelta(weeks=draw(st.integers(0, 30)))
    ends = draw(st.none() | st.integers(1, 60).map(lambda weeks: first_week + timedelta(weeks=weeks)))
    return rule(
        draw(st.text("ABCD", min_size=1, max_size=4)), tuple(turns), id=id, zone=draw(zones), advance=draw(advances),
        first_week=first_week, ends=ends,
    )  # fmt: skip


@st.composite
def changes(draw: st.DrawFn, start: datetime) -> list[Change]:
    """Up to six changes within the ten days after `start`, some of them swaps."""
    found: list[Change] = []
    for _ in range(draw(st.integers(0, 6))):
        kind: ChangeKind = draw(st.sampled_from(["instead", "instead", "add", "only"]))
        goes, comes = draw(st.permutations(["A", "B", "C", "D"]))[:2]
        stretch = draw(stretches(start))
        if kind != "instead":
            found.append(change(kind, None, comes, *stretch, place=len(found)))
        elif draw(st.booleans()):
            found.append(change("instead", goes, draw(st.sampled_from([comes, None])), *stretch, place=len(found)))
        else:
            swap = f"swap-{len(found)}"
            found.append(change("instead", goes, comes, *stretch, place=len(found), swap=swap))
            found.append(change("instead", comes, goes, *draw(stretches(start)), place=len(found), swap=swap))
    return draw(st.permutations(found))


@st.composite
def stretches(draw: st.DrawFn, start: datetime) -> tuple[datetime, datetime]:
    """At least an hour, within ten days after `start`."""
    hours = draw(st.integers(0, 230))
    return start + timedelta(hours=hours), start + timedelta(hours=hours + draw(st.integers(1, 48)))
