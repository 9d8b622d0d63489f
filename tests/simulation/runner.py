"""Many schedules, one after another; the first that fails is shrunk and told."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.programs import find_postgresql
from tests.memory import memory_folder
from tests.postgres import PostgresCluster
from tests.simulation.host import Host, Replacement, build
from tests.simulation.oracle import Violation
from tests.simulation.rest import at_rest, come_to_rest
from tests.simulation.schedule import Move, drawn
from tests.simulation.server import Server
from tests.simulation.shrinking import shrunk
from tests.simulation.world import Beginning, World


@dataclass(frozen=True)
class Failure:
    """A seed that fails, what it violates, and the shortest schedule found that does the same."""

    seed: int
    violation: Violation
    schedule: list[Move]

    def __str__(self) -> str:
        moves = "\n".join(f"  {number:3} {move}" for number, move in enumerate(self.schedule, start=1))
        return f"seed {self.seed}: {self.violation}\nThe shortest schedule found:\n{moves}"


@dataclass
class Account:
    """What came of many schedules."""

    schedules: int = 0
    moves: int = 0
    written: int = 0
    seconds: float = 0.0
    failure: Failure | None = None

    def __add__(self, other: Account) -> Account:
        """Both together, run one after another; the first failure is told."""
        return Account(
            self.schedules + other.schedules, self.moves + other.moves, self.written + other.written,
            self.seconds + other.seconds, self.failure or other.failure,
        )  # fmt: skip

    def __str__(self) -> str:
        rate = self.schedules / self.seconds if self.seconds else 0.0
        told = (
            f"{self.schedules} schedules, {self.moves} moves, {self.written} operations written, {rate:.1f} schedules/s"
        )
        return f"{told}\n{self.failure}" if self.failure else f"{told}: 0 lost, 0 doubled, 0 silently overwritten"


class Simulation:
    """A host and a server that live for many worlds."""

    def __init__(self, host: Host, server: Server) -> None:
        self._host, self._server = host, server
        self._beginning = Beginning(host, server)

    def run(self, schedule: Sequence[Move], said: Callable[[World, Move], None] = lambda *_: None) -> World:
        """A world in which all this happens, brought to rest. Raises Violation."""
        world = World(self._host, self._server, self._beginning)
        for move in schedule:
            world.make(move)
            said(world, move)
        come_to_rest(world)
        at_rest(world)
        return world

    def violation(self, schedule: Sequence[Move]) -> Violation | None:
        """What this schedule violates."""
        try:
            self.run(schedule)
        except Violation as violation:
            return violation
        return None

    def many(self, first: int, schedules: int, *, shrink: bool = True) -> Account:
        """The schedules of so many seeds from the first on, until one fails."""
        began = time.monotonic()
        account = Account()
        for seed in range(first, first + schedules):
            schedule = drawn(seed)
            account.schedules += 1
            account.moves += len(schedule)
            try:
                account.written += len(self.run(schedule).oracle.authored)
            except Violation as violation:
                shortest = self._shortest(schedule, violation) if shrink else schedule
                account.failure = Failure(seed, violation, shortest)
                break
        account.seconds = time.monotonic() - began
        return account

    def _shortest(self, schedule: list[Move], violation: Violation) -> list[Move]:
        def fails(shorter: list[Move]) -> bool:
            found = self.violation(shorter)
            return found is not None and found.invariant == violation.invariant

        return shrunk(schedule, fails)


@contextmanager
def simulation(
    kind: str, plants: Sequence[Replacement] = (), cluster: PostgresCluster | None = None
) -> Iterator[Simulation]:
    """Everything built and started, on SQLite or PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-simulation-", dir=memory_folder())))
        if kind == "postgresql" and cluster is None:
            binaries = find_postgresql()
            assert binaries is not None, "PostgreSQL is not installed: choose sqlite"
            cluster = stack.enter_context(PostgresCluster(binaries, memory_folder()))
        server = Server(kind, folder, cluster if kind == "postgresql" else None)
        stack.callback(server.close)
        host = stack.enter_context(Host(build(folder / "phones", plants)))
        yield Simulation(host, server)


def part(database: str, first: int, schedules: int) -> Account:
    """Some of the schedules, in a process of their own: it imports this module, and could not import what `python -m` runs."""
    logging.disable(logging.CRITICAL)
    with simulation(database) as worlds:
        return worlds.many(first, schedules)
