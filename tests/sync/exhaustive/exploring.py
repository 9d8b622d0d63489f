"""Breadth first through all worlds of a scope, and from each of them to rest."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from tests.simulation.oracle import Violation
from tests.sync.exhaustive import invariants
from tests.sync.exhaustive.acts import Written
from tests.sync.exhaustive.phones import converged, let_go_of_backed_up, nothing_waits, shows_its_own
from tests.sync.exhaustive.rules import PROTOCOL, Rules
from tests.sync.exhaustive.worlds import Rest, Scope, World, Worlds

ROUNDS = 8
"""After so many rounds of a network that works, nobody has anything more to say."""


@dataclass
class Account:
    """How far an exploration went. `moves` lead to the violation by the shortest way."""

    worlds: int = 0
    logs: int = 0
    rests: int = 0
    complete: bool = False
    seconds: float = 0.0
    violation: Violation | None = None
    moves: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        extent = "all" if self.complete else "capped" if self.violation is None else "until found"
        told = f"{self.worlds:,} worlds ({extent}), {self.logs:,} logs, {self.rests:,} rests, {self.seconds:.1f} s"
        return told if self.violation is None else "\n  ".join([f"{told}: {self.violation}", *self.moves])


def explore(scope: Scope, rules: Rules = PROTOCOL, at_most: int = 10**9) -> Account:
    """Meet the scope's worlds, nearest first, until none is new, one violates an invariant, or `at_most` were met."""
    begun, account = time.perf_counter(), Account()
    _Exploration(Worlds(scope, rules), account).run(at_most)
    account.seconds = time.perf_counter() - begun
    return account


class _Exploration:
    def __init__(self, worlds: Worlds, account: Account) -> None:
        self._worlds, self._account = worlds, account
        self._came_from: dict[World, World | None] = {}
        self._calm: set[tuple[Rest, frozenset[Written]]] = set()
        """From these the way to rest is known to end well."""

    def run(self, at_most: int) -> None:
        waiting: deque[World] = deque()
        world, last = None, "the beginning"
        try:
            self._meet(self._worlds.first(), None, waiting)
            while waiting:
                world = waiting.popleft()
                last = "a fair network"
                self._look_at(world)
                last = "the next move"
                for _, after in self._worlds.steps(world):
                    if after not in self._came_from and len(self._came_from) < at_most:
                        self._meet(after, world, waiting)
        except Violation as violation:
            self._account.violation = violation
            self._account.moves = [*self._way_to(world), last]
        self._account.worlds, self._account.logs = len(self._came_from), self._worlds.server.logs
        self._account.complete = self._account.violation is None and len(self._came_from) < at_most

    def _meet(self, world: World, before: World | None, waiting: deque[World]) -> None:
        self._came_from[world] = before
        waiting.append(world)

    def _look_at(self, world: World) -> None:
        if world.restores == self._worlds.scope.restores:
            for kept in world.phones:
                shows_its_own(kept.phone)
        for kept in world.phones:
            let_go_of_backed_up(kept.phone, world.published)
        excused = world.published if self._worlds.scope.older else frozenset()
        self._come_to_rest((world.phones, world.log, world.durable, world.epoch), excused)

    def _come_to_rest(self, rest: Rest, excused: frozenset[Written]) -> None:
        """The faults stop. Raises Violation where phones and server go on changing, or come to a bad end."""
        path: list[Rest] = []
        while (rest, excused) not in self._calm:
            if path and rest == path[-1]:
                self._at_rest(rest, excused)
                break
            path.append(rest)
            if len(path) > ROUNDS:
                raise Violation("progress", f"after {ROUNDS} rounds phones and server still change")
            rest = self._worlds.round(rest)
        self._calm.update((each, excused) for each in path)

    def _at_rest(self, rest: Rest, excused: frozenset[Written]) -> None:
        """`excused` may be nowhere: a backup that held it was passed over for an older one."""
        self._account.rests += 1
        phones, log, _, _ = rest
        written = [one for kept in phones for one in kept.phone.written]
        whole = invariants.nothing_lost(written, log.operations, excused)
        for kept in phones:
            nothing_waits(kept.phone)
            if whole:
                converged(kept.phone, log)
        if whole:
            invariants.all_counts(log.operations, log.verdicts)

    def _way_to(self, world: World | None) -> list[str]:
        """The moves from the first world to this one, by name."""
        moves: list[str] = []
        while world is not None and (before := self._came_from[world]) is not None:
            moves.append(next(name for name, after in self._worlds.steps(before) if after == world))
            world = before
        return moves[::-1]
