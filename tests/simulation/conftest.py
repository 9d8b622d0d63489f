"""What tests of worlds share: their seeds, which are told, and servers that die in silence."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.simulation.runner import Simulation

SCHEDULES = int(os.environ.get("HANDOFF_SCHEDULES") or 1000)
"""Worlds on SQLite in one run of the tests, under new seeds every time; on PostgreSQL a fifth."""
PARTS = 10
"""Tests that share them, so that several processes may."""


@pytest.fixture
def first_seed() -> int:
    """Another one in every run. `python -m tests.simulation --seed N` tells one world again, move by move."""
    return secrets.randbelow(10**9)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Servers that are killed say so, thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def all_hold(worlds: Simulation, first: int, schedules: int, tell: Callable[[str], None]) -> None:
    """So many worlds in which nothing is violated, and in which people wrote."""
    account = worlds.many(first, schedules)
    tell(f"seeds from {first}: {account}")
    assert account.failure is None, str(account.failure)
    assert account.schedules == schedules
    assert account.written > schedules, "worlds in which hardly anybody writes prove nothing"
