"""`python -m tests.simulation`: many worlds under new seeds, or one seed again, told move by move."""

import argparse
import logging
import multiprocessing
import secrets
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import reduce

from tests.simulation.oracle import Violation
from tests.simulation.runner import Account, Simulation, part, simulation
from tests.simulation.schedule import Move, drawn
from tests.simulation.world import World

SCHEDULES = 1000
AT_A_TIME = 500
"""Schedules after which a process says how it stands, and begins with a host and a server of its own."""


def main() -> int:
    """0 if no schedule failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed; those after it follow")
    parser.add_argument("--schedules", type=int, help=f"how many ({SCHEDULES}; with --seed one, told move by move)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="how many side by side (1)")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**9) if asked.seed is None else asked.seed
    schedules = asked.schedules or (SCHEDULES if asked.seed is None else 1)
    print(f"{asked.database}, seeds from {seed}", flush=True)
    if asked.seed is not None and schedules == 1:
        account = _one(asked.database, seed)
    else:
        account = _many(asked.database, seed, schedules, asked.processes)
    print(account, flush=True)
    return 1 if account.failure else 0


def _many(database: str, first: int, schedules: int, processes: int) -> Account:
    starts = range(first, first + schedules, AT_A_TIME)
    accounts: list[Account] = []
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(part, database, start, min(AT_A_TIME, first + schedules - start)) for start in starts]
        for done in as_completed(parts):
            accounts.append(done.result())
            print(f"  {accounts[-1]}", flush=True)
            if accounts[-1].failure is not None:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return reduce(Account.__add__, accounts)


def _one(database: str, seed: int) -> Account:
    """One seed; its schedule, or the shortest that fails as it does, is told with where everything stands after each move."""
    logging.disable(logging.CRITICAL)

    def said(world: World, move: Move) -> None:
        print(f"{move}\n{world.standing()}", flush=True)

    def tell(worlds: Simulation, schedule: list[Move]) -> None:
        try:
            worlds.run(schedule, said)
        except Violation as violation:
            print(violation)

    with simulation(database) as worlds:
        account = worlds.many(seed, 1)
        tell(worlds, account.failure.schedule if account.failure else drawn(seed))
    return account


if __name__ == "__main__":
    raise SystemExit(main())
