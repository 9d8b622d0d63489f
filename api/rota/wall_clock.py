"""How a time on the wall becomes an instant, where clocks are put forward and back.

One sentence decides every case: a time on the wall is the first instant at which the clock shows that time or a later
one. A time that comes twice is its first coming; a time that is left out is the moment at which the clock jumps over
it. So a later time on the wall is never an earlier instant, and two turns that share a handoff can neither leave a gap
nor overlap. (`fold=0` alone would move 02:30 to 03:30 and so past a handoff at 03:15 in that night.)
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant_of(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The instant (UTC) at which the wall shows `minutes` after the midnight before `day`, counted on a plain day of 24 hours."""
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(zone, wall.replace(fold=1).astimezone(UTC), instant)


def day_at(zone: ZoneInfo, instant: datetime) -> date:
    """The day that the calendar on the wall shows."""
    return instant.astimezone(zone).date()


def _end_of_gap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the clock is put forward, between one instant before it and one at it or after it."""
    then = after.astimezone(zone).utcoffset()
    seconds = range(int((after - before).total_seconds()) + 1)
    jump = bisect_left(
        seconds, True, key=lambda s: (before + timedelta(seconds=s)).astimezone(zone).utcoffset() == then
    )
    return before + timedelta(seconds=jump)
