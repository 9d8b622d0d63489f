"""Service hours: when the service is open, and when it opens next."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.rota.hours import MAX_WINDOWS, ServiceHours, WeeklyWindow, next_opening, open_at
from tests.api.rota.rotas import DENVER, at, minutes_from, utc, zones

OFFICE = tuple(WeeklyWindow(weekday=weekday, start="08:00", end="18:00") for weekday in range(5))
ALWAYS = tuple(WeeklyWindow(weekday=weekday, start="00:00", end="24:00") for weekday in range(7))


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-01-05 07:59", "2026-01-05 08:00"),
        ("2026-01-05 08:00", "2026-01-05 08:00"),
        ("2026-01-05 17:59", "2026-01-05 17:59"),
        ("2026-01-05 18:00", "2026-01-06 08:00"),
        ("2026-01-09 18:00", "2026-01-12 08:00"),
        ("2026-01-11 23:59", "2026-01-12 08:00"),
        ("2025-12-31 20:00", "2026-01-01 08:00"),
        ("2024-02-28 20:00", "2024-02-29 08:00"),
        ("2026-03-06 18:00", "2026-03-09 08:00"),  # a clock change lies in between
    ],
)
def test_the_next_opening_is_now_or_the_next_window(instant: str, opens: str) -> None:
    assert next_opening(OFFICE, DENVER, at(instant)) == at(opens)
    assert open_at(OFFICE, DENVER, at(instant)) == (instant == opens)


def test_a_program_without_hours_is_always_open_and_never_opens() -> None:
    assert open_at((), DENVER, at("2026-01-05 03:00"))
    assert next_opening((), DENVER, at("2026-01-05 03:00")) is None


def test_one_window_a_week_is_waited_for() -> None:
    sunday = (WeeklyWindow(weekday=6, start="23:00", end="24:00"),)
    assert next_opening(sunday, DENVER, at("2026-01-05 00:00")) == at("2026-01-11 23:00")
    assert open_at(sunday, DENVER, at("2026-01-11 23:59"))
    assert not open_at(sunday, DENVER, at("2026-01-12 00:00"))


def test_a_window_that_the_clock_jumps_over_falls_out_that_week() -> None:
    night = (WeeklyWindow(weekday=6, start="02:10", end="02:50"),)
    assert next_opening(night, DENVER, at("2026-03-07 12:00")) == at("2026-03-15 02:10")
    assert next_opening(night, DENVER, at("2026-03-01 02:50")) == at("2026-03-15 02:10")
    assert not open_at(night, DENVER, at("2026-03-08 03:00"))


def test_a_window_in_the_hour_that_comes_twice_is_open_both_times() -> None:
    night = (WeeklyWindow(weekday=6, start="01:00", end="02:00"),)
    assert next_opening(night, DENVER, at("2026-11-01 00:30")) == utc("2026-11-01 07:00")
    assert open_at(night, DENVER, at("2026-11-01 01:30"))
    assert open_at(night, DENVER, at("2026-11-01 01:30", fold=1))
    assert not open_at(night, DENVER, at("2026-11-01 02:00"))


def test_a_window_whose_start_is_left_out_opens_as_the_clock_jumps() -> None:
    morning = (WeeklyWindow(weekday=6, start="02:15", end="12:00"),)
    assert next_opening(morning, "Australia/Lord_Howe", utc("2026-10-03 15:00")) == utc("2026-10-03 15:30")


def test_an_instant_may_come_in_any_zone() -> None:
    opens = next_opening(OFFICE, DENVER, datetime(2026, 1, 5, 9, 30, tzinfo=ZoneInfo("Europe/London")))
    assert opens == at("2026-01-05 08:00")
    assert opens is not None
    assert opens.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("window", "word"),
    [
        ({"weekday": 0, "start": "08:00", "end": "08:00"}, "ends after it starts"),
        ({"weekday": 0, "start": "22:00", "end": "06:00"}, "window of the next day"),
        ({"weekday": 0, "start": "24:00", "end": "24:00"}, "match pattern"),
        ({"weekday": 0, "start": "08:00", "end": "24:01"}, "match pattern"),
        ({"weekday": 7, "start": "08:00", "end": "09:00"}, "less than or equal to 6"),
        ({"weekday": 0, "start": "08:00", "end": "09:00", "zone": "UTC"}, "Extra inputs"),
    ],
)
def test_a_window_that_cannot_be_is_refused(window: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        WeeklyWindow.model_validate(window)


def test_hours_have_a_bound() -> None:
    read = TypeAdapter(ServiceHours).validate_python
    assert len(read([OFFICE[0]] * MAX_WINDOWS)) == MAX_WINDOWS
    with pytest.raises(ValidationError, match=f"at most {MAX_WINDOWS}"):
        read([OFFICE[0]] * (MAX_WINDOWS + 1))


@given(zones, minutes_from(date(2023, 1, 2), 700))
def test_windows_that_fill_the_week_never_close(zone: str, instant: datetime) -> None:
    assert open_at(ALWAYS, zone, instant)
    assert next_opening(ALWAYS, zone, instant) == instant


minutes = st.integers(0, 24 * 60 - 1)
windows = st.lists(
    st.tuples(st.integers(0, 6), minutes, minutes)
    .filter(lambda w: w[1] < w[2])
    .map(
        lambda w: WeeklyWindow(
            weekday=w[0], start=f"{w[1] // 60:02}:{w[1] % 60:02}", end=f"{w[2] // 60:02}:{w[2] % 60:02}"
        )
    ),
    min_size=1,
    max_size=6,
)


@given(zones, windows, minutes_from(date(2023, 1, 2), 700))
def test_it_is_open_at_the_next_opening_and_closed_until_then(
    zone: str, hours: list[WeeklyWindow], instant: datetime
) -> None:
    opens = next_opening(hours, zone, instant)
    assert opens is not None
    assert instant <= opens <= instant + timedelta(days=14, hours=2)
    assert open_at(hours, zone, opens)
    assert open_at(hours, zone, instant) == (opens == instant)
    if opens > instant:
        for part in range(32):
            assert not open_at(hours, zone, instant + (opens - instant) * part / 32)
