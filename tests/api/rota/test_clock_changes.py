"""Round the clock stays round the clock over every clock change: no gap, no overlap, the handoff at its time on the wall."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rota import resolve as resolver
from api.rota.gaps import gaps, overlaps
from api.rota.model import Advance, Rota, Turn, WeeklyRule
from api.rota.resolve import resolve
from tests.api.rota.rotas import (
    FIRST_MONDAY,
    advances,
    at,
    cuts,
    every_day,
    minutes_from,
    round_the_clock,
    rule,
    utc,
    zones,
)

LONG = timedelta(days=200)
"""More than half a year, so that every question about a zone that changes its clock meets a change."""


def assert_covered_once(rule: WeeklyRule, start: datetime, end: datetime) -> None:
    spans = resolve(Rota(rules=(rule,)), "on_call", start, end)
    assert gaps(spans, start, end) == ()
    assert overlaps(spans) == ()
    # Said once more without those two: each span begins where the one before ends, and together they are the whole.
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert sum((span.end - span.start for span in spans), timedelta()) == end - start


def assert_handed_over_on_the_wall(rule: WeeklyRule, wall: time, start: datetime, end: datetime) -> None:
    spans = resolve(Rota(rules=(rule,)), "on_call", start, end)
    shown = {span.start.astimezone(ZoneInfo(rule.zone)).time() for span in spans[1:]}
    assert shown == {wall}


@given(zones, cuts, advances, st.text("ABCD", min_size=1, max_size=4), minutes_from(date(2023, 1, 23), 520))
def test_round_the_clock_has_no_gap_and_no_overlap(
    zone: str, cuts: set[int], advance: Advance, people: str, start: datetime
) -> None:
    round_rule = rule(people, round_the_clock(cuts), zone=zone, advance=advance)
    assert_covered_once(round_rule, start, start + LONG)


@pytest.mark.parametrize(
    ("zone", "people", "turns", "around"),
    [
        # Both handoffs fall into the hour that is left out, or one does and the other comes soon after it.
        ("America/Denver", "ABC", ("02:10", "02:50"), date(2026, 3, 8)),
        ("America/Denver", "ABC", ("02:30", "03:15"), date(2026, 3, 8)),
        ("America/Denver", "ABC", ("01:10", "01:50"), date(2026, 11, 1)),
        ("Australia/Lord_Howe", "ABC", ("02:10", "02:40"), date(2026, 10, 4)),
        ("America/Santiago", "ABC", ("00:00", "00:30"), date(2026, 9, 6)),
        ("Pacific/Apia", "ABC", ("08:00", "20:00"), date(2011, 12, 30)),
    ],
)
def test_handoffs_within_the_change_itself(zone: str, people: str, turns: tuple[str, str], around: date) -> None:
    short, long = every_day(*turns, days=0), every_day(turns[1], turns[0], days=1)
    start = datetime.combine(around - timedelta(days=4), time(), UTC)
    both = rule(people, short + long, zone=zone, first_week=date(2011, 1, 3))
    assert_covered_once(both, start, start + timedelta(days=8))


@pytest.mark.parametrize(
    ("zone", "handoff", "day", "hours"),
    [
        ("America/Denver", "08:00", date(2026, 3, 7), [24, 23, 24]),  # hours of the nights before, over and after
        ("America/Denver", "08:00", date(2026, 10, 31), [24, 25, 24]),
        ("America/Denver", "02:30", date(2026, 3, 7), [24, 23.5, 23.5]),  # handed over as the clock jumps, at 03:00
        ("America/Denver", "01:30", date(2026, 10, 31), [24, 24, 25]),  # at the first 01:30
        ("Europe/London", "01:30", date(2026, 3, 28), [24, 23.5, 23.5]),
        ("Europe/London", "09:00", date(2026, 10, 24), [24, 25, 24]),
        ("Australia/Lord_Howe", "08:00", date(2026, 10, 3), [24, 23.5, 24]),
        ("Australia/Lord_Howe", "08:00", date(2026, 4, 4), [24, 24.5, 24]),
        ("Australia/Lord_Howe", "02:15", date(2026, 10, 3), [24, 23.75, 23.75]),
        ("America/St_Johns", "08:00", date(2026, 3, 7), [24, 23, 24]),
        ("America/Santiago", "00:00", date(2026, 9, 5), [24, 24, 23]),
        ("Asia/Kathmandu", "08:00", date(2026, 3, 7), [24, 24, 24]),
        (
            "Pacific/Apia",
            "08:00",
            date(2011, 12, 29),
            [24, 16, 8],
        ),  # of 30 December, which did not come, nothing is left
        ("UTC", "08:00", date(2026, 3, 7), [24, 24, 24]),
    ],
)
def test_a_shift_is_as_long_as_the_night_is(zone: str, handoff: str, day: date, hours: list[float]) -> None:
    rota = Rota(rules=(rule("ABC", every_day(handoff, handoff), zone=zone, first_week=date(2011, 1, 3)),))
    start = at(f"{day - timedelta(days=1)} {handoff}", zone)
    spans = resolve(rota, "on_call", start, start + timedelta(days=5))
    assert [(span.end - span.start) / timedelta(hours=1) for span in spans[:3]] == hours


def test_a_turn_that_lies_wholly_in_the_missing_hour_falls_out_but_keeps_its_number() -> None:
    turns = (Turn(weekday=6, start="02:10", end="02:50", days=0), Turn(weekday=6, start="12:00", end="13:00", days=0))
    rota = Rota(rules=(rule("AB", turns, first_week=date(2026, 3, 2)),))
    spans = resolve(rota, "on_call", at("2026-03-08 00:00"), at("2026-03-16 00:00"))
    assert [(span.user_id, span.start) for span in spans] == [
        ("B", at("2026-03-08 12:00")), ("A", at("2026-03-15 02:10")), ("B", at("2026-03-15 12:00")),
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["America/Denver", "Australia/Lord_Howe", "Europe/London", "Asia/Kathmandu"])
def test_the_handoff_stays_at_its_time_on_the_wall(zone: str) -> None:
    assert_handed_over_on_the_wall(rule("AB", zone=zone), time(8), utc("2024-01-10 00:00"), utc("2024-12-20 00:00"))


def _of_the_first_week(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """A resolver that keeps handoffs as instants: the offset of the rule's first day, all year round."""
    offset = datetime.combine(FIRST_MONDAY, time(), zone).utcoffset()
    assert offset is not None
    return datetime.combine(day, time(), UTC) + timedelta(minutes=minutes) - offset


def _with_fold_0_alone(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """A resolver that moves 02:30 to 03:30, past what begins at 03:15."""
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).astimezone(UTC)


def _with_fold_1(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """A resolver that hands over at the second 01:30, and at what is left out too early."""
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).replace(fold=1).astimezone(UTC)


def test_a_resolver_that_keeps_instants_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "instant_of", _of_the_first_week)
    with pytest.raises(AssertionError, match="time"):
        assert_handed_over_on_the_wall(rule("AB"), time(8), utc("2024-01-10 00:00"), utc("2024-12-20 00:00"))


@pytest.mark.parametrize(
    ("wrong", "turns", "around"),
    [
        (_with_fold_0_alone, ("02:30", "03:15"), date(2026, 3, 8)),
        (_with_fold_1, ("01:45", "02:30"), date(2026, 3, 8)),
    ],
)
def test_a_resolver_that_lets_times_on_the_wall_overtake_one_another_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[ZoneInfo, date, int], datetime],
    turns: tuple[str, str],
    around: date,
) -> None:
    monkeypatch.setattr(resolver, "instant_of", wrong)
    with pytest.raises(AssertionError):
        test_handoffs_within_the_change_itself("America/Denver", "ABC", turns, around)
