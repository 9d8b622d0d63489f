"""Worlds on SQLite: nothing is lost, nothing doubled, nothing overwritten in silence.

A seed that fails runs again, told move by move, with `python -m tests.simulation --seed N`.
"""

from __future__ import annotations

from tests.simulation.conftest import SCHEDULES, all_hold
from tests.simulation.runner import simulation


def test_nothing_is_lost(first_seed: int) -> None:
    with simulation("sqlite") as worlds:
        all_hold(worlds, first_seed, SCHEDULES)
