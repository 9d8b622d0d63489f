"""Worlds on SQLite: nothing is lost, nothing doubled, nothing overwritten in silence.

A seed that fails runs again, told move by move, with `python -m tests.simulation --seed N`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation.conftest import SCHEDULES, all_hold
from tests.simulation.runner import simulation

PARTS = 4
"""Tests that share the worlds, so that several processes may."""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost(part: int, tell: Callable[[str], None]) -> None:
    with simulation("sqlite") as worlds:
        all_hold(worlds, part, max(1, SCHEDULES // PARTS), tell)
