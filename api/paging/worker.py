"""The worker: sends what is due, moves pages on, and beats. A task inside the server, or a process of its own.

Everything it knows lies in rows, so it may be killed at any moment: a lease runs out and another takes over. A delivery
is posted at least once; duplicates collapse on the phone by topic and tag.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session
from uuid6 import uuid7

from api.clock import Clock
from api.database import Database
from api.paging import queries, service
from api.paging.web_push import CONNECTIONS_PER_ORIGIN, Answer, PushSender, payload
from api.tables.paging import Delivery, PageEvent, PushSubscription

POLL_SECONDS = 1.0
LEASE = timedelta(seconds=15)
CLAIM_LIMIT = 64
PAGES_PER_TICK = 50
BEAT_EVERY = timedelta(seconds=5)
BEATS_KEPT = timedelta(days=1)
BACKOFF_FIRST_SECONDS = 0.5
BACKOFF_LIMIT_SECONDS = 30.0
ATTEMPTS_LIMIT = 200
FAULT_PAUSE_SECONDS = 1.0
GONE = (404, 410)
REFUSED = (401, 403)
ACCEPTED = range(200, 300)
log = logging.getLogger("handoff.paging")


class Worker:
    """Runs until `stop`. `wake` may be called from any thread: a hint, the poll is the truth."""

    def __init__(self, database: Database, clock: Clock, sender: PushSender) -> None:
        self.id = str(uuid7())
        self._database, self._clock, self._sender = database, clock, sender
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONNECTIONS_PER_ORIGIN))
        self._sending: set[asyncio.Task[None]] = set()
        self._beaten: datetime | None = None

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
            except Exception:  # whatever it was, the next tick must come
                log.exception("worker tick failed")
                await asyncio.sleep(FAULT_PAUSE_SECONDS)
                continue
            if not busy:
                await self._pause()
        await self.drain()
        await self._sender.close()

    async def drain(self) -> None:
        """Wait for what is being sent."""
        if self._sending:
            await asyncio.wait(self._sending)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)

    async def tick(self) -> bool:
        """One look: claim and start sending, move due pages on. True if there may be more at once."""
        free = CLAIM_LIMIT - len(self._sending)
        claimed = await asyncio.to_thread(self._claim, free) if free > 0 else []
        for delivery, subscription in claimed:
            task = asyncio.create_task(self._send(delivery, subscription))
            self._sending.add(task)
            task.add_done_callback(self._done)
        moved = await asyncio.to_thread(self._move_pages)
        return bool(moved) or (free > 0 and len(claimed) == free)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("delivery failed", exc_info=task.exception())

    def _claim(self, limit: int) -> list[tuple[Delivery, PushSubscription | None]]:
        now = self._clock.now()
        beat_due = self._beaten is None or now - self._beaten >= BEAT_EVERY
        with self._database.read() as session:
            if not beat_due and not queries.anything_due(session, now):
                return []
        with self._database.write() as session:
            if beat_due:
                queries.beat(session, self.id, now, BEATS_KEPT)
                self._beaten = now
            claimed = queries.claim(session, self.id, now, LEASE, limit)
            return [(delivery, session.get(PushSubscription, delivery.subscription_id)) for delivery in claimed]

    async def _send(self, delivery: Delivery, subscription: PushSubscription | None) -> None:
        if subscription is None or subscription.disabled_at is not None:
            answer = Answer(410, None, "no such subscription")
        else:
            parts = urlsplit(subscription.endpoint)
            async with self._slots[parts.netloc]:
                body = payload(delivery.kind, delivery.text, delivery.page_id, delivery.token)
                topic = (delivery.page_id or delivery.id).replace("-", "")
                answer = await self._sender.post(
                    subscription.endpoint, subscription.p256dh, subscription.auth, body, topic
                )
        await asyncio.to_thread(self._settle, delivery.id, answer)

    def _settle(self, delivery_id: str, answer: Answer) -> None:
        now = self._clock.now()
        with self._database.write() as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None or delivery.lease_by != self.id:
                return
            settle(session, delivery, answer, now)

    def _move_pages(self) -> int:
        now = self._clock.now()
        with self._database.read() as session:
            due = [page.id for page in queries.due_pages(session, now, PAGES_PER_TICK)]
        for page_id in due:
            with self._database.write() as session:
                service.advance(session, page_id, now)
        return len(due)


def settle(
    session: Session, delivery: Delivery, answer: Answer, now: datetime, jitter: Callable[[], float] = random.random
) -> None:
    """Write down what became of a delivery: sent, dead, or due again after a while."""
    subscription = session.get(PushSubscription, delivery.subscription_id)
    delivery.outcome = f"{answer.status} {answer.note}".strip()
    if answer.status in ACCEPTED:
        delivery.sent_at = now
        if delivery.state == "pending":
            delivery.state, delivery.token = "sent", ""
        if subscription is not None:
            subscription.last_ok_at, subscription.failures = now, 0
        return
    log.warning("push refused", extra={"delivery_id": delivery.id, "status": answer.status})
    if subscription is not None:
        subscription.failures += 1
    if answer.status in GONE:
        if subscription is not None and subscription.disabled_at is None:
            subscription.disabled_at, subscription.reason = now, "gone"
        _give_up(session, delivery, now)
    elif delivery.attempts >= ATTEMPTS_LIMIT or (
        answer.status in range(400, 500) and answer.status not in (*REFUSED, 429)
    ):
        _give_up(session, delivery, now)
    elif delivery.state == "pending":
        delay = min(BACKOFF_LIMIT_SECONDS, BACKOFF_FIRST_SECONDS * 2 ** min(delivery.attempts, 10))
        wait = float(answer.retry_after_seconds or 0) or delay * (0.5 + jitter() / 2)
        delivery.due_at = delivery.lease_until = now + timedelta(seconds=wait)


def _give_up(session: Session, delivery: Delivery, now: datetime) -> None:
    if delivery.state == "pending":
        delivery.state, delivery.token = "dead", ""
    if delivery.page_id is not None:
        session.add(
            PageEvent(
                page_id=delivery.page_id,
                at=now,
                what="undeliverable",
                user_id=delivery.user_id,
                detail=delivery.outcome,
            )
        )
