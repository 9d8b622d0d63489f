"""The worker: sends what is due, moves pages on, and beats. A task inside the server, or a process of its own.

Everything it knows lies in rows, so it may be killed at any moment: a lease runs out and another takes over. A delivery
is sent at least once; duplicates collapse on the phone by topic and tag.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel import Session
from uuid6 import uuid7

from api import logs
from api.clock import Clock
from api.database import Database
from api.paging import outbox, queries, service
from api.paging.channels.answers import Answer, Message
from api.paging.channels.switchboard import Channels
from api.paging.settling import address_of, settle
from api.tables.paging import ContactPoint, Delivery, PushSubscription

POLL_SECONDS = 1.0
LEASE = timedelta(seconds=15)
"""Longer than any channel takes, so that nobody else sends what is still being sent."""
UNDER_WAY_LIMIT = 256
CLAIM_AT_ONCE = 16
"""Rows taken by one claim: more would only be given back where they all go to one service."""
PER_ORIGIN = 16
"""Messages under way to one push service or provider: one that hangs delays nobody else."""
PAGES_PER_TICK = 50
BEAT_EVERY = timedelta(seconds=5)
BEATS_KEPT = timedelta(days=1)
FAULT_PAUSE_SECONDS = 1.0

Letter = tuple[Delivery, Message | None]
"""A claimed row with what is to be sent; None where its address has gone meanwhile."""


class Worker:
    """Runs until `stop`. `wake` may be called from any thread: a hint, the poll is the truth."""

    def __init__(self, database: Database, clock: Clock, channels: Channels, origin: str = "") -> None:
        self.id = str(uuid7())
        self._database, self._clock, self._channels, self._origin = database, clock, channels, origin
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._under_way: Counter[str] = Counter()
        self._sending: set[asyncio.Task[None]] = set()
        self._answers: list[tuple[str, Answer]] = []
        self._settling = asyncio.Lock()
        self._beaten: datetime | None = None
        self._look_back = False

    def wake(self) -> None:
        """Something may be due."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """Finish what is being sent and end."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """The loop. A fault is logged and the loop goes on: nothing may silence the pages."""
        self._loop = asyncio.get_running_loop()
        while not self._stopping:
            self._woken.clear()
            try:
                busy = await self.tick()
            except Exception as error:  # whatever it was, the next tick must come
                logs.error("worker.tick_failed", error, worker_id=self.id)
                await asyncio.sleep(FAULT_PAUSE_SECONDS)
                continue
            if not busy:
                await self._pause()
        await self.drain()
        await self._channels.close()

    async def drain(self) -> None:
        """Wait for what is being sent."""
        while self._sending:
            await asyncio.wait(self._sending)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)

    async def tick(self) -> bool:
        """One look: claim and start sending, move due pages on. True if there may be more at once."""
        free = min(CLAIM_AT_ONCE, UNDER_WAY_LIMIT - len(self._sending))
        letters = await asyncio.to_thread(self._claim, free) if free > 0 else []
        for delivery, message in letters:
            self._under_way[delivery.origin] += 1
            task = asyncio.create_task(self._send(delivery, message))
            self._sending.add(task)
            task.add_done_callback(self._done)
        moved = await asyncio.to_thread(self._move_pages)
        return bool(moved) or bool(letters)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logs.error("worker.send_failed", error, worker_id=self.id)
        self._woken.set()  # its place is free, and something may have waited for it

    def _claim(self, limit: int) -> list[Letter]:
        now = self._clock.now()
        beat_due = self._beaten is None or not timedelta() <= now - self._beaten < BEAT_EVERY
        full = [origin for origin, count in self._under_way.items() if count >= PER_ORIGIN]
        with self._database.read() as session:
            if not beat_due and not queries.anything_due(session, now, full):
                return []
        with self._database.write() as session:
            if beat_due:
                queries.beat(session, self.id, now, BEATS_KEPT)
                outbox.mend_clock(session, now, LEASE)
                session.flush()
                self._beaten, self._look_back = now, True
            claimed = self._within_cap(queries.claim(session, self.id, now, LEASE, limit, full))
            return [(delivery, _message(session, delivery, self._origin)) for delivery in claimed]

    def _within_cap(self, claimed: Sequence[Delivery]) -> list[Delivery]:
        """Those that may go now. The rest is given back as if it had never been taken: the next claim passes over its origin."""
        taken = self._under_way.copy()
        kept = []
        for delivery in claimed:
            taken[delivery.origin] += 1
            if taken[delivery.origin] <= PER_ORIGIN:
                kept.append(delivery)
            else:
                delivery.lease_until, delivery.lease_by = outbox.LONG_AGO, ""
                delivery.attempts -= 1
        return kept

    async def _send(self, delivery: Delivery, message: Message | None) -> None:
        try:
            answer = Answer("gone", note="NoSuchAddress")
            if message is not None:
                answer = await self._channels.send(delivery.channel, message)
        finally:
            self._under_way[delivery.origin] -= 1
        self._answers.append((delivery.id, answer))
        async with self._settling:  # whoever comes first settles for all who wait behind it: one commit, not many
            answers, self._answers = self._answers, []
            if answers:
                await asyncio.to_thread(self._settle, answers)

    def _settle(self, answers: Sequence[tuple[str, Answer]]) -> None:
        now = self._clock.now()
        by_id = dict(answers)
        with self._database.write() as session, session.no_autoflush:  # written once at the end, in the order of keys
            for delivery in queries.lock_deliveries(session, by_id):
                if delivery.lease_by == self.id:
                    settle(session, delivery, by_id[delivery.id], now)

    def _move_pages(self) -> int:
        now = self._clock.now()
        with self._database.read() as session:
            due = [page.id for page in queries.due_pages(session, now, PAGES_PER_TICK)]
            ahead = queries.pages_from_the_future(session, now) if self._look_back else []
        self._look_back = False
        steps = [(service.mend_clock, page_id) for page_id in ahead] + [(service.advance, page_id) for page_id in due]
        return sum(self._moved(step, page_id, now) for step, page_id in steps)

    def _moved(self, step: Callable[[Session, str, datetime], None], page_id: str, now: datetime) -> bool:
        """One page, in a transaction of its own: one that cannot be moved holds up no other."""
        try:
            with self._database.write() as session:
                step(session, page_id, now)
        except Exception as error:
            logs.error("worker.page_failed", error, worker_id=self.id, page_id=page_id)
            return False
        return True


def _message(session: Session, delivery: Delivery, origin: str) -> Message | None:
    address = address_of(session, delivery)
    where = _where(session, delivery, address)
    if where is None:
        return None
    keys = (address.p256dh, address.auth) if isinstance(address, PushSubscription) else ("", "")
    code = delivery.token if delivery.kind == "code" else ""
    page = queries.look_at_page(session, delivery.page_id) if delivery.page_id else None
    return Message(
        delivery_id=delivery.id, kind=delivery.kind, text=delivery.text, address=where,
        page_id=delivery.page_id or delivery.id, token="" if code else delivery.token, code=code, p256dh=keys[0], auth=keys[1],
        language="es" if address is not None and address.language == "es" else "en", by=delivery.answered_by,
        eta_minutes=delivery.eta_minutes, program_id=delivery.program_id, origin=origin,
        step=page.step if page is not None else 0, call=delivery.call,
    )  # fmt: skip


def _where(session: Session, delivery: Delivery, address: PushSubscription | ContactPoint | None) -> str | None:
    if delivery.channel == "webhook":
        return queries.practice(session, delivery.program_id).webhook_url
    if address is None or address.disabled_at is not None:
        return None
    return address.endpoint if isinstance(address, PushSubscription) else address.address
