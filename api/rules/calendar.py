"""Which of a program's packs is in force on a day. Pure: days are the program's own, the caller reads its clock."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from eligibility_rules.model import Pack

HASH = re.compile(r"[0-9a-f]{64}")
COMING_DAYS = 14
"""So far ahead a phone is told, so that one without a signal changes over at midnight by itself."""

PackState = Literal["in_force", "coming", "past", "withdrawn"]


class Dated(NamedTuple):
    """A pack by its days, both included. `shipped` came with this release, the others were installed."""

    hash: str
    effective_from: date
    effective_until: date | None
    shipped: bool
    withdrawn: bool = False


def is_hash(text: str | None) -> bool:
    """True for what can name a pack at all."""
    return text is not None and HASH.fullmatch(text) is not None


def shipped(pack: Pack) -> Dated:
    """A shipped pack by its days."""
    return Dated(pack.hash, pack.effective_from, pack.effective_until, shipped=True)


def in_force(packs: Iterable[Dated], day: date) -> Dated | None:
    """The one that began last among those that hold on the day; of two of the same day, the one that was installed."""
    held = [
        pack
        for pack in packs
        if not pack.withdrawn
        and pack.effective_from <= day
        and (pack.effective_until is None or day <= pack.effective_until)
    ]
    return max(held, key=lambda pack: (pack.effective_from, not pack.shipped), default=None)


def coming(packs: Iterable[Dated], today: date) -> list[Dated]:
    """Those that begin within `COMING_DAYS`, the earliest first."""
    ahead = today + timedelta(days=COMING_DAYS)
    found = [pack for pack in packs if not pack.withdrawn and today < pack.effective_from <= ahead]
    return sorted(found, key=lambda pack: (pack.effective_from, not pack.shipped))


def state_of(pack: Dated, standing: Dated | None, today: date) -> PackState:
    """What a list says of a pack. One that another has overtaken is past."""
    if pack.withdrawn:
        return "withdrawn"
    if standing is not None and pack.hash == standing.hash:
        return "in_force"
    return "coming" if pack.effective_from > today else "past"


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The program's day of an aware instant; at the very ends of the calendar, where zones cannot be told, the UTC day."""
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        return instant.astimezone(UTC).date()
