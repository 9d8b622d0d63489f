"""The shortest schedule that still fails: moves are left out, many at a time and then one by one, while the failure stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.simulation.schedule import Move

TRIES = 400
"""Schedules run at most for one shrinking."""


def shrunk(schedule: Sequence[Move], fails: Callable[[list[Move]], bool]) -> list[Move]:
    """A part of the schedule that fails, and from which (within `TRIES`) nothing can be left out."""
    kept, tries, size = list(schedule), 0, max(1, len(schedule) // 2)
    while tries < TRIES:
        start, smaller = 0, False
        while start < len(kept) and tries < TRIES:
            without = kept[:start] + kept[start + size :]
            tries += 1
            if fails(without):
                kept, smaller = without, True
            else:
                start += size
        if size == 1 and not smaller:
            break
        size = max(1, size // 2) if not smaller or size > 1 else 1
    return kept
