"""A time on the wall is the first instant at which the clock shows that time or a later one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rota.wall_clock import day_at, instant_of
from tests.api.rota.rotas import FIRST_MONDAY, MINUTES_PER_WEEK, ZONES, utc


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("America/Denver", "2026-07-01 08:00", "2026-07-01 14:00"),
        # 01:59 is followed by 03:00: what is left out is the jump itself, at 09:00 UTC.
        ("America/Denver", "2026-03-08 01:59", "2026-03-08 08:59"),
        ("America/Denver", "2026-03-08 02:00", "2026-03-08 09:00"),
        ("America/Denver", "2026-03-08 02:30", "2026-03-08 09:00"),
        ("America/Denver", "2026-03-08 03:00", "2026-03-08 09:00"),
        ("America/Denver", "2026-03-08 03:15", "2026-03-08 09:15"),
        # 01:00 to 02:00 comes twice: the first coming counts.
        ("America/Denver", "2026-11-01 01:00", "2026-11-01 07:00"),
        ("America/Denver", "2026-11-01 01:59", "2026-11-01 07:59"),
        ("America/Denver", "2026-11-01 02:00", "2026-11-01 09:00"),
        # Half an hour.
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30"),
        # Midnight is left out.
        ("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00"),
        ("America/Santiago", "2026-09-06 01:00", "2026-09-06 04:00"),
        # A whole day was left out.
        ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
        ("Pacific/Apia", "2011-12-30 15:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
        ("Asia/Kathmandu", "2026-01-01 00:00", "2025-12-31 18:15"),
    ],
)
def test_times_on_the_wall(zone: str, wall: str, instant: str) -> None:
    read = datetime.fromisoformat(wall)
    assert instant_of(ZoneInfo(zone), read.date(), read.hour * 60 + read.minute) == utc(instant)


def test_minutes_may_go_on_into_later_days() -> None:
    denver = ZoneInfo("America/Denver")
    assert instant_of(denver, date(2026, 3, 2), 7 * 24 * 60 + 8 * 60) == utc("2026-03-09 14:00")
    assert instant_of(denver, date(2026, 2, 23), 7 * 24 * 60 + 8 * 60) == utc("2026-03-02 15:00")


def test_the_day_is_the_one_of_the_wall() -> None:
    assert day_at(ZoneInfo("America/Denver"), utc("2026-03-01 06:59")) == date(2026, 2, 28)
    assert day_at(ZoneInfo("America/Denver"), utc("2024-03-01 06:59")) == date(2024, 2, 29)


@given(
    st.sampled_from([*ZONES, "Pacific/Apia"]),
    st.integers(0, 104),
    st.integers(0, 2 * MINUTES_PER_WEEK),
    st.integers(1, 90),
)
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(zone: str, week: int, minutes: int, later: int) -> None:
    first = date(2011, 1, 3) if zone == "Pacific/Apia" else FIRST_MONDAY
    where, monday = ZoneInfo(zone), first + timedelta(weeks=week)
    instant = instant_of(where, monday, minutes)
    assert instant <= instant_of(where, monday, minutes + later)
    # The definition itself: shown now, and by no instant shortly before.
    asked = datetime.combine(monday, time()) + timedelta(minutes=minutes)
    assert instant.astimezone(where).replace(tzinfo=None) >= asked
    for back in range(1, 130):
        assert (instant - timedelta(minutes=back)).astimezone(where).replace(tzinfo=None) < asked
    assert instant.tzinfo is UTC
