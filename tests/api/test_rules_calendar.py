"""Which pack is in force on a day: both ends of every pack, and packs that stand beside one another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.rules.calendar import Dated, coming, day_of, in_force, is_hash, state_of

DENVER = ZoneInfo("America/Denver")


def pack(name: str, begins: str, ends: str | None = None, *, shipped: bool = False, withdrawn: bool = False) -> Dated:
    return Dated(
        name, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends), shipped, withdrawn
    )


OLD = pack("old", "2025-01-01", shipped=True)
SPRING = pack("spring", "2026-03-01", "2026-05-31")
BACK = pack("back", "2026-05-01", withdrawn=True)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-12-31", None), ("2025-01-01", "old"), ("2026-02-28", "old"), ("2026-03-01", "spring"), ("2026-05-01", "spring"),
        ("2026-05-31", "spring"), ("2026-06-01", "old"),
    ],
)  # fmt: skip
def test_the_latest_begun_that_has_not_ended_is_in_force(day: str, name: str | None) -> None:
    for order in ([OLD, SPRING, BACK], [BACK, SPRING, OLD]):
        found = in_force(order, date.fromisoformat(day))
        assert (found.hash if found else None) == name


def test_of_one_day_the_installed_pack_goes_before_a_shipped_one() -> None:
    own = pack("own", "2025-01-01")
    for order in ([OLD, own], [own, OLD]):
        found = in_force(order, date(2025, 6, 1))
        assert found is not None
        assert found.hash == "own"


def test_two_weeks_ahead_are_told_and_no_day_more() -> None:
    packs = [pack(begins, begins) for begins in ("2026-05-15", "2026-05-01", "2026-05-14", "2026-04-30", "2026-05-02")]
    packs.append(pack("withdrawn", "2026-05-03", withdrawn=True))
    assert [one.hash for one in coming(packs, date(2026, 4, 30))] == ["2026-05-01", "2026-05-02", "2026-05-14"]


def test_every_pack_has_one_state() -> None:
    today = date(2026, 6, 1)
    later = pack("later", "2026-06-02")
    packs = [OLD, SPRING, BACK, later]
    standing = in_force(packs, today)
    assert [state_of(one, standing, today) for one in packs] == ["in_force", "past", "withdrawn", "coming"]
    assert state_of(later, None, today) == "coming"


def test_the_day_is_the_programs_own() -> None:
    assert day_of(datetime(2026, 5, 1, 5, 59, tzinfo=UTC), DENVER) == date(2026, 4, 30)
    assert day_of(datetime(2026, 5, 1, 6, 0, tzinfo=UTC), DENVER) == date(2026, 5, 1)


def test_the_ends_of_the_calendar_have_a_day_too() -> None:
    assert day_of(datetime(1, 1, 1, tzinfo=UTC), DENVER) == date(1, 1, 1)
    assert day_of(datetime(9999, 12, 31, 23, tzinfo=UTC), ZoneInfo("Pacific/Auckland")) == date(9999, 12, 31)


def test_a_hash_is_sixty_four_small_digits() -> None:
    assert is_hash("a" * 64)
    for text in ("a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "", None):
        assert not is_hash(text)
