"""Days as text, and days counted back from a day.

Answers for which text names a day and for the calendar of look-backs; `pwa/src/rules/days.ts` is its twin. No clock and
no zone: a day is YYYY-MM-DD in the proleptic Gregorian calendar, from 1000 to 2999, so that text sorts as days do.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeGuard

from eligibility_rules.model import DaysBefore, LookBack, MonthsBefore

ISO_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
#: The first day there is; a look-back that would end earlier ends here.
FIRST_DAY = "1000-01-01"
MAX_REMEMBERED = 4096


def is_iso_date(value: object) -> TypeGuard[str]:
    """Whether `value` is text of the form YYYY-MM-DD that names a day which exists."""
    return isinstance(value, str) and _names_a_day(value)


def day_before(anchor: str, back: LookBack) -> str:
    """The day that lies `back` before the day `anchor`, never before `FIRST_DAY`.

    Months and years are those of the calendar: where the month has no such day, its last day.
    """
    if isinstance(back, DaysBefore):
        return _days_before(anchor, back.days)
    return _months_before(anchor, back.months if isinstance(back, MonthsBefore) else back.years * 12)


@lru_cache(MAX_REMEMBERED)
def _names_a_day(text: str) -> bool:
    if ISO_DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(MAX_REMEMBERED)
def _days_before(anchor: str, days: int) -> str:
    return max(FIRST_DAY, (date.fromisoformat(anchor) - timedelta(days)).isoformat())


@lru_cache(MAX_REMEMBERED)
def _months_before(anchor: str, months: int) -> str:
    day = date.fromisoformat(anchor)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return max(FIRST_DAY, date(year, month + 1, min(day.day, last)).isoformat())
