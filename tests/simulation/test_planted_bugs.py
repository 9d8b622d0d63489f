"""It can fail: every planted bug is caught, and after how many schedules is printed."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from tests.simulation.host import HostCrashed, Replacement, build
from tests.simulation.plants import PLANTS
from tests.simulation.runner import simulation

AT_MOST = 300
"""Schedules within which each must be caught."""


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_caught(name: str, tell: Callable[[str], None]) -> None:
    plant, seed = PLANTS[name], secrets.randbelow(10**9)
    with simulation("sqlite", plant.on_phone) as worlds, plant.planted():
        account = worlds.many(seed, AT_MOST, shrink=False)
    found = f"caught as {account.failure.violation.invariant}" if account.failure else "NOT caught"
    tell(f"{found} after {account.schedules} schedules, from seed {seed}")
    assert account.failure is not None


def test_a_plant_whose_text_is_no_longer_in_the_code_fails_the_build(tmp_path_factory: pytest.TempPathFactory) -> None:
    stale = Replacement("storage/outbox.ts", "a line that nobody has written", "")
    with pytest.raises(HostCrashed, match="Not in the code"):
        build(tmp_path_factory.mktemp("phones"), [stale])
