"""The watchman: beside the worker, not part of it. Looks whether all is well, says aloud what is not, and tells a dead-man's
switch outside only when nothing is wrong. Every hour it writes the audit's anchors.

A task in every server process, or `watch` as a process of its own. A look that fails, or that never ends, is one at which
nothing was told: the outside service then raises the alarm. It also sends the tests with which duties begin.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from api import logs
from api.audit import anchors
from api.clock import Clock
from api.database import Database
from api.operations.queries import standing
from api.watch import queries, shift_tests
from api.watch.deadman import DeadMan
from api.watch.findings import Finding, findings, worker

TURN_SECONDS = 20.0
TURNS_PER_LOOK = 3
Key = tuple[str, str, str]
"""Which program (empty: the server), what, and about what in particular."""


def everything(database: Database, available: Collection[str], now: datetime) -> dict[Key, Finding]:
    """What is wrong on the whole server; that no worker runs is told once, not for each program. Raises Replaced."""
    with database.read() as session:
        standing(session)
        found: dict[Key, Finding] = {("", each.code, each.about): each for each in worker(session, now)}
        for program_id in queries.program_ids(session):
            for each in findings(session, program_id, available, now):
                if each.code != "no_worker":
                    found[program_id, each.code, each.about] = each
    return found


class Watchman:
    """Runs until `stop`. `tests`: whether it also sends the tests of those whose duty begins, which writes.

    `anchors_file`: where the audit's anchors go; None for a watchman that writes none.
    """

    def __init__(
        self, database: Database, clock: Clock, available: Collection[str], deadman: DeadMan | None, *,
        tests: bool = True, anchors_file: Path | None = None,
    ) -> None:  # fmt: skip
        self._database, self._clock, self._available, self._deadman = database, clock, available, deadman
        self._tests = tests
        self.anchors_file = anchors_file
        self.anchored_at: datetime | None = None
        """When it last wrote the audit's anchors, for `/readyz`."""
        self._known: frozenset[Key] = frozenset()
        self._stopping = asyncio.Event()
        self.turned_at: datetime | None = None
        """When it last finished a turn, for `/readyz`."""

    def stop(self) -> None:
        """End after the present turn."""
        self._stopping.set()

    async def run(self) -> None:
        """The loop. It begins with a pause, in which a worker that starts beside it looks for the first time."""
        turn = 0
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TURN_SECONDS)
                break
            await self.turn(look=turn % TURNS_PER_LOOK == 0)
            turn += 1
        if self._deadman is not None:
            await self._deadman.close()

    async def turn(self, *, look: bool) -> None:
        """The tests that are due, and, with `look`, whether all is well. A fault is logged and the next turn comes."""
        whole = True
        if self._tests:
            try:
                await asyncio.to_thread(shift_tests.run, self._database, self._clock.now())
            except Exception as error:  # it must not keep the watchman from looking
                whole = False
                logs.error("watch.tests_failed", error)
        if not await self._anchor(self._clock.now()):
            whole = False
        if look:
            try:
                await self._look(well=whole)
            except Exception as error:
                whole = False
                logs.error("watch.failed", error)
        if whole:
            self.turned_at = self._clock.now()

    async def _anchor(self, now: datetime) -> bool:
        """Once an hour. False if they could not be written; the next turn tries again."""
        if self.anchors_file is None or (self.anchored_at is not None and now - self.anchored_at < anchors.EVERY):
            return True
        try:
            await asyncio.to_thread(anchors.anchor, self._database, self.anchors_file, now)
        except Exception as error:  # it must not keep the watchman from looking
            logs.error("audit.anchors_failed", error)
            return False
        self.anchored_at = now
        return True

    async def _look(self, *, well: bool) -> None:
        found = await asyncio.to_thread(everything, self._database, self._available, self._clock.now())
        self._say(found)
        if well and self._deadman is not None and not any(each.alarms for each in found.values()):
            reply = await self._deadman.all_is_well()
            if not 200 <= reply.status < 300:
                logs.warning("watch.deadman_failed", outcome=reply.note)

    def _say(self, found: dict[Key, Finding]) -> None:
        """Each thing once when it begins, and once when it is over. Ids only."""
        for program_id, code, about in sorted(found.keys() - self._known):
            user_id = found[program_id, code, about].user_id
            if user_id is None:
                logs.warning("watch.found", program_id=program_id, kind=code)
            else:
                logs.warning("watch.found", program_id=program_id, kind=code, user_id=user_id)
        for program_id, code, _ in sorted(self._known - found.keys()):
            logs.info("watch.over", program_id=program_id, kind=code)
        self._known = frozenset(found)
