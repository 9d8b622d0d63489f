"""The same on PostgreSQL: `python -m tests.simulation --database postgresql --seed N` tells one seed move by move."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.postgres import PostgresCluster
from tests.simulation.conftest import SCHEDULES, all_hold
from tests.simulation.runner import simulation

PARTS = 2
ONE_FOR = 5
"""One world here for so many on SQLite."""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost(part: int, tell: Callable[[str], None], postgres_cluster: PostgresCluster) -> None:
    with simulation("postgresql", cluster=postgres_cluster) as worlds:
        all_hold(worlds, part, max(1, SCHEDULES // ONE_FOR // PARTS), tell)
