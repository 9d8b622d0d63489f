"""Service hours: weekly windows by the clock on the wall of the program's zone, with the rota's rules for clock changes.

No windows at all means always open: a program that never said its hours is never closed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from api.rota.model import Frozen, WallTime, Weekday, minutes_of
from api.rota.wall_clock import day_at, instant_of

MAX_WINDOWS = 50
#: This week's window may be over, and the next week's fall out where the clock jumps over it; then the third's is there.
_WEEKS = 3

WindowEnd = Annotated[
    str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="HH:MM on the wall; 24:00 is midnight.")
]


class WeeklyWindow(Frozen):
    """Open from `start` until just before `end` on one day of every week. Hours past midnight are a second window."""

    weekday: Weekday
    start: WallTime
    end: WindowEnd

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if minutes_of(self.end) <= minutes_of(self.start):
            raise ValueError("a window ends after it starts: give hours past midnight as a window of the next day")
        return self


ServiceHours = Annotated[tuple[WeeklyWindow, ...], Field(max_length=MAX_WINDOWS)]


Stretch = tuple[datetime, datetime]
"""From the first instant until just before the second (UTC)."""


def open_at(windows: Sequence[WeeklyWindow], zone: str, at: datetime) -> bool:
    """Whether the service is open at an instant; always, where there are no windows."""
    at = at.astimezone(UTC)
    return not windows or any(start <= at < end for start, end in _stretches(windows, zone, at))


def next_opening(windows: Sequence[WeeklyWindow], zone: str, at: datetime) -> datetime | None:
    """The first instant (UTC), not before `at`, at which the service is open: `at` itself while it is.

    None where there are no windows: nothing ever closes, so there is no opening to wait for.
    """
    if not windows:
        return None
    at = at.astimezone(UTC)
    return min(max(start, at) for start, end in _stretches(windows, zone, at) if at < end)


def open_between(windows: Sequence[WeeklyWindow], zone: str, start: datetime, end: datetime) -> list[Stretch]:
    """The stretches of [start, end), a week at most, in which the service is open, sorted and joined."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    asked = sorted(_stretches(windows, zone, start)) if windows else [(start, end)]
    found: list[Stretch] = []
    for begins, until in asked:
        opens, closes = max(begins, start), min(until, end)
        if opens >= closes:
            continue
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found


def _stretches(windows: Sequence[WeeklyWindow], zone: str, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """What the windows are in the week of `at` and those after it; without those that the clock jumps over."""
    where = ZoneInfo(zone)
    day = day_at(where, at)
    monday = day - timedelta(day.weekday())
    for week in range(_WEEKS):
        for window in windows:
            that_day = monday + timedelta(weeks=week, days=window.weekday)
            start = instant_of(where, that_day, minutes_of(window.start))
            end = instant_of(where, that_day, minutes_of(window.end))
            if start < end:
                yield start, end
