"""The same on PostgreSQL: `python -m tests.simulation --database postgresql --seed N` tells one seed move by move."""

from __future__ import annotations

from tests.postgres import PostgresCluster
from tests.simulation.conftest import SCHEDULES, all_hold
from tests.simulation.runner import simulation

ONE_FOR = 5
"""One world here for so many on SQLite."""


def test_nothing_is_lost(first_seed: int, postgres_cluster: PostgresCluster) -> None:
    with simulation("postgresql", cluster=postgres_cluster) as worlds:
        all_hold(worlds, first_seed, max(1, SCHEDULES // ONE_FOR))
