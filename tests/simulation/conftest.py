"""What tests of worlds share: their seeds, which are printed, and servers that die in silence."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from tests.simulation.runner import Simulation

SCHEDULES = int(os.environ.get("HANDOFF_SCHEDULES") or 100)
"""Worlds on SQLite in one run of the tests; on PostgreSQL a fifth. `python -m tests.simulation` runs as many as one likes, under
new seeds; what fails there is to be mended before this number is raised."""
FIRST_SEED = 1


@pytest.fixture
def first_seed() -> int:
    """HANDOFF_SEED chooses other worlds; the seed is shown where a test fails."""
    seed = int(os.environ.get("HANDOFF_SEED") or FIRST_SEED)
    print(f"HANDOFF_SEED={seed}")
    return seed


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Servers that are killed say so, thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def all_hold(worlds: Simulation, first: int, schedules: int) -> None:
    """So many worlds in which nothing is violated, and in which people wrote."""
    account = worlds.many(first, schedules)
    print(account)
    assert account.failure is None, str(account.failure)
    assert account.schedules == schedules
    assert account.written > schedules, "worlds in which hardly anybody writes prove nothing"
