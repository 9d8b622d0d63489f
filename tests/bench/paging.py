"""Paging's figures: from a referral's arrival to its push, under load, after a kill, beside a long past; and memory."""

import asyncio
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from uuid6 import uuid7

from api.clock import SystemClock, rfc3339
from api.database import Database, migrate
from api.paging import outbox, queries
from api.paging.worker import LEASE, Worker
from api.serving import settle
from api.tables.paging import Delivery, Page
from tests.api.paging_world import PagingWorld, paging_world
from tests.bench.world import BATCH, NOTE, PROGRAM
from tests.browser.live_server import LiveServer
from tests.person import Person
from tests.push_service import PushService

REFERRALS = 200
BUSY_REFERRALS = 40
QUEUED = 1_000
PUSHES = 2_000
IDLE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
PASTS = (1_000, 100_000)
TICKS = 300
LOAD_BATCHES = 20
EMPTY_PLACE = "https://localhost:9/none"


def measure(name: str, url: str) -> None:
    """Print the figures for the database at `url`, which must be empty."""
    migrate(url)
    with PushService() as service, PushService() as hung:
        world = paging_world(url, service)
        world.clock = SystemClock()  # type: ignore[assignment]
        world.officer()
        world.add("ana", "coordinator")
        settle()
        with _worker(world, hung) as worker:
            _print(name, "received to posted, idle", _latencies(world, worker, REFERRALS))
            _hang(world, hung)
            _queue(world, service, QUEUED, "repage")
            _print(name, f"the same, {QUEUED:,} queued and one service hung", _latencies(world, worker, BUSY_REFERRALS))
            _rest(world)
            _rate(name, world, service, worker)
        _recovery(name, world, hung)
        for past in PASTS:
            _tick(name, world, past)
        world.database.close()


def measure_memory() -> None:
    """Print the memory of a demo server, at rest and after work."""
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as live:
        at_rest = _memory_mb(live.pid)
        _load(live)
        loaded = _memory_mb(live.pid)
    print(f"memory of a server: at rest {at_rest:.0f} MB, after {LOAD_BATCHES * BATCH:,} operations {loaded:.0f} MB")


def _print(name: str, what: str, waits: list[float]) -> None:
    waits = sorted(waits)
    p99 = waits[int(len(waits) * 0.99)]
    print(f"page  {name:10} {what}: p50 {statistics.median(waits):.0f} ms, p99 {p99:.0f} ms ({len(waits)} pages)")


@contextmanager
def _worker(world: PagingWorld, hung: PushService) -> Iterator[Worker]:
    """A worker of its own connections, on an event loop of its own."""
    started = threading.Event()
    holder: list[Worker] = []

    async def run() -> None:
        database = Database(world.database.url)
        holder.append(Worker(database, world.clock, _channels(world, hung)))
        started.set()
        await holder[0].run()
        database.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    started.wait()
    yield holder[0]
    holder[0].stop()
    thread.join()
