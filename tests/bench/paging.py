"""Paging's figures: from a referral's arrival to its push being posted, and the server's memory."""

import asyncio
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from uuid6 import uuid7

from api.clock import rfc3339
from api.database import Database, migrate
from api.paging.worker import Worker
from api.serving import settle
from tests.api.paging_world import PagingWorld, paging_world
from tests.bench.world import BATCH, NOTE
from tests.browser.live_server import LiveServer
from tests.person import Person
from tests.push_service import PushService

REFERRALS = 200
IDLE_SECONDS = 0.02
LOAD_BATCHES = 20


def measure() -> None:
    """Print the latency on an idle server (SQLite, full fsync) and the memory of a demo server."""
    with tempfile.TemporaryDirectory() as folder, PushService() as push_service:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        migrate(url)
        world = paging_world(url, push_service)
        settle()
        waits = sorted(_latencies(world))
        world.database.close()
    p99 = waits[int(len(waits) * 0.99)]
    print(
        f"page  received to posted, idle: p50 {statistics.median(waits):.0f} ms, p99 {p99:.0f} ms ({len(waits)} pages)"
    )
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as live:
        at_rest = _memory_mb(live.pid)
        _load(live)
        loaded = _memory_mb(live.pid)
    print(f"memory of a server: at rest {at_rest:.0f} MB, after {LOAD_BATCHES * BATCH:,} operations {loaded:.0f} MB")


def _load(live: LiveServer) -> None:
    """Push whole batches over HTTP, one after another."""
    officer = Person(live.port)
    phone = officer.enter("denver.officer")
    agency_id = officer.call("GET", "/api/session")["user"]["agency_id"]
    for _ in range(LOAD_BATCHES):
        operations = []
        for _ in range(BATCH // 2):
            referral_id, at = str(uuid7()), rfc3339(datetime.now(UTC))
            created = {"pathway": "arrest_diversion", "agency_id": agency_id}
            operations.append(phone.write(referral_id, "referral.create", created, at))
            operations.append(phone.write(referral_id, "note.add", {"text": NOTE}, at))
        officer.call("POST", "/api/sync/push", phone.push_body(operations))


def _latencies(world: PagingWorld) -> list[float]:
    officer = world.officer()
    world.add("ana", "coordinator")
    posted: dict[str, float] = {}
    arrived = threading.Condition()

    def note(message: object) -> None:
        with arrived:
            posted[str(len(posted))] = time.perf_counter()
            arrived.notify_all()

    world.service.on_message = note
    started = threading.Event()
    holder: list[Worker] = []

    async def run() -> None:
        holder.append(Worker(Database(world.database.url), world.clock, world.sender()))
        started.set()
        await holder[0].run()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    started.wait()
    waits = []
    for number in range(REFERRALS):
        _, operations = world.sealed_alert(officer)
        began = time.perf_counter()
        world.push(officer, operations)
        holder[0].wake()
        with arrived:
            if not arrived.wait_for(lambda wanted=number: len(posted) > wanted, timeout=30):  # type: ignore[misc]
                raise AssertionError("a page was never posted")
        waits.append((posted[str(number)] - began) * 1000)
        time.sleep(IDLE_SECONDS)
    holder[0].stop()
    thread.join()
    return waits


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kilobytes) / 1000
