"""Paging's figures: from a referral's arrival to its push, under load, after a kill, beside a long past; and memory."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, insert, select, update
from sqlmodel import col
from uuid6 import uuid7

from api.clock import SystemClock, rfc3339
from api.database import Database, migrate
from api.paging import outbox, queries, reach, subscriptions
from api.paging.channels.switchboard import Channels
from api.paging.subscriptions import PushAddress
from api.paging.worker import LEASE, Worker
from api.serving import settle
from api.settings import from_environment
from api.tables.paging import Delivery, Page
from tests.api.paging_world import PagingWorld, paging_world
from tests.bench.distant_service import DistantService, distant_service
from tests.bench.world import BATCH, NOTE, PROGRAM
from tests.browser.live_server import LiveServer
from tests.person import Person
from tests.push_service import Message, PushService

REFERRALS = 200
BUSY_REFERRALS = 100
QUEUED = 1_000
HUNG_ROWS = 40
PUSHES = 1_000
IDLE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
PASTS = (1_000, 100_000)
ROWS_AT_ONCE = 2_000
TICKS = 200
LOAD_BATCHES = 20


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
            _queue(world, "ana", QUEUED)
            _print(name, f"the same, {QUEUED:,} queued and one service hung", _latencies(world, worker, BUSY_REFERRALS))
            _rest(world)
        _rate(name, world)
        _recovery(name, world, hung)
        for past in PASTS:
            _tick(name, world, hung, past)
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
def _worker(world: PagingWorld, other: PushService | DistantService) -> Iterator[Worker]:
    """A worker with connections and an event loop of its own."""
    started = threading.Event()
    holder: list[Worker] = []

    async def run() -> None:
        database = Database(world.database.url, world.database.cipher)
        holder.append(Worker(database, world.clock, _channels(world, other)))
        started.set()
        await holder[0].run()
        database.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    started.wait()
    yield holder[0]
    holder[0].stop()
    thread.join()


def _channels(world: PagingWorld, other: PushService | DistantService) -> Channels:
    """The real channels, allowed to call the world's push service and another one."""
    both = Path(world.service.ca_file).with_name("both.pem")
    both.write_text(Path(world.service.ca_file).read_text() + Path(other.ca_file).read_text())
    hosts = f"{world.service.host},{other.host}"
    environment = {"HANDOFF_PUSH_HOSTS": hosts, "HANDOFF_PRIVATE_HOSTS": hosts, "HANDOFF_PUSH_CA_FILE": str(both)}
    return Channels(from_environment(environment), ec.generate_private_key(ec.SECP256R1()), bytes(32))


def _latencies(world: PagingWorld, worker: Worker, referrals: int) -> list[float]:
    """Milliseconds from a referral's arrival at the server until its page is posted to the coordinator's phone."""
    posted: list[float] = []
    arrived = threading.Condition()

    def note(message: Message) -> None:
        if message.body["kind"] == "page":
            with arrived:
                posted.append(time.perf_counter())
                arrived.notify_all()

    world.service.on_message = note
    waits = []
    for number in range(referrals):
        _, operations = world.sealed_alert(world.people["officer"])
        began = time.perf_counter()
        world.push(world.people["officer"], operations)
        worker.wake()
        with arrived:
            if not arrived.wait_for(lambda wanted=number: len(posted) > wanted, PATIENCE_SECONDS):  # type: ignore[misc]
                raise AssertionError("a page was never posted")
        waits.append((posted[number] - began) * 1000)
        time.sleep(IDLE_SECONDS)
    world.service.on_message = None
    return waits


def _hang(world: PagingWorld, hung: PushService) -> None:
    """One more coordinator, whose push service takes connections and never answers; much waits for it already."""
    made = hung.subscribe()
    hung.behave(made, "hang")
    _coordinator(world, "dee", PushAddress(made.endpoint, made.keys["p256dh"], made.keys["auth"]))
    _queue(world, "dee", HUNG_ROWS)


def _coordinator(world: PagingWorld, name: str, address: PushAddress) -> None:
    """One more, whose phone is subscribed there."""
    person = world.add(name, "coordinator", subscribed=False)
    with world.database.write() as session:
        subscriptions.register(session, person.user_id, PROGRAM, person.phone.device_id, address, world.clock.now())


def _queue(world: PagingWorld, name: str, count: int) -> list[str]:
    """Messages without a page to one person's phone, due now; their ids."""
    user_id = world.people[name].user_id
    with world.database.write() as session:
        [address] = reach.addresses(session, [user_id])[user_id]
        now = world.clock.now()
        rungs = [outbox.at_once(address, now) for _ in range(count)]
        rows = [outbox.write(session, None, rung, "notice", "rota_changed", now, program_id=PROGRAM) for rung in rungs]
        return [row.id for row in rows]


def _rest(world: PagingWorld) -> None:
    """Everything that is under way ends."""
    with world.database.write() as session:
        session.execute(update(Delivery).where(col(Delivery.state) == "pending").values(state="cancelled"))
        session.execute(update(Page).values(state="closed", next_step_at=None))


def _rate(name: str, world: PagingWorld) -> None:
    """One worker, which shares its interpreter with nobody, until everything is accepted and written down as sent."""
    with distant_service() as service:
        _coordinator(world, "ray", service.address)
        with _worker(world, service) as worker:
            _queue(world, "ray", PUSHES)
            began = time.perf_counter()
            worker.wake()
            service.wait_for(PUSHES)
            _until(lambda: _sent(world, "ray") == PUSHES)
            rate = PUSHES / (time.perf_counter() - began)
    print(f"page  {name:10} pushes by one worker: {rate:.0f}/s ({PUSHES:,}, taken by a service in another process)")


def _sent(world: PagingWorld, name: str) -> int:
    """How many messages to this person are written down as sent."""
    with world.database.read() as session:
        these = (col(Delivery.user_id) == world.people[name].user_id) & (col(Delivery.state) == "sent")
        return int(session.execute(select(func.count()).select_from(Delivery).where(these)).scalar_one())


def _recovery(name: str, world: PagingWorld, hung: PushService) -> None:
    """A worker claims and is killed; another one takes over when the lease has run out."""
    before = len(world.service.received)
    ids = _queue(world, "ana", 1)
    with world.database.write() as session:
        assert [row.id for row in queries.claim(session, "killed", world.clock.now(), LEASE, 1)] == ids
    began = time.perf_counter()
    with _worker(world, hung):
        _until(lambda: len(world.service.received) > before)
        seconds = time.perf_counter() - began
    print(f"page  {name:10} taken over after a kill: {seconds:.1f} s (the lease is {LEASE.total_seconds():.0f} s)")


def _tick(name: str, world: PagingWorld, hung: PushService, past: int) -> None:
    """What an idle look costs beside this many pages that have ended."""
    _grow(world, past)

    async def look() -> list[float]:
        channels = _channels(world, hung)
        worker = Worker(world.database, world.clock, channels)
        await worker.tick()
        costs = []
        for _ in range(TICKS):
            began = time.perf_counter()
            assert not await worker.tick(), "something was due"
            costs.append((time.perf_counter() - began) * 1000)
        await channels.close()
        return costs

    cost = statistics.median(asyncio.run(look()))
    print(f"page  {name:10} an idle look beside {past:>7,} ended pages: {cost:.2f} ms")


def _grow(world: PagingWorld, past: int) -> None:
    """Ended pages with what they sent, until there are this many."""
    now = world.clock.now()
    page = Page(id="", program_id=PROGRAM, subject="", opened_at=now, state="closed").model_dump()
    row = Delivery(
        id="", call=1, kind="page", text="officer_waiting", user_id="x", target_id="x", state="sent", due_at=now,
        lease_until=now, created_at=now,
    ).model_dump()  # fmt: skip
    with world.database.write() as session:
        there = session.execute(select(func.count()).select_from(Page)).scalar_one()
        for start in range(there, past, ROWS_AT_ONCE):
            ids = [str(uuid7()) for _ in range(min(ROWS_AT_ONCE, past - start))]
            session.execute(insert(Page), [page | {"id": each, "subject": each} for each in ids])
            session.execute(insert(Delivery), [row | {"id": each, "page_id": each} for each in ids])
    if not world.database.embedded:
        with world.database.write() as session:
            session.connection().exec_driver_sql("ANALYZE page, delivery")


def _until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not met():
        if time.monotonic() > deadline:
            raise AssertionError("it never came to pass")
        time.sleep(0.002)


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


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kilobytes) / 1000
