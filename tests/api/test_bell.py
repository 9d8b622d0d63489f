"""The bell between processes (PostgreSQL): a worker apart hears of a page at once, and again after its connection broke."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from api.database import Database
from api.paging import bell, outbox
from tests.api.test_processes import refer
from tests.browser.live_server import ROOT, LiveServer
from tests.person import Person
from tests.postgres import PostgresCluster
from tests.push_service import PushService

NEVER = 600
"""Seconds between the worker's own looks: whatever comes sooner came by the bell."""
DEAF_WORKER = f"""
import sys
from api import cli
from api.paging import worker
worker.POLL_SECONDS = {NEVER}
sys.exit(cli.main(["worker"]))
"""
PATIENCE_SECONDS = 30


@contextmanager
def worker_that_never_looks(server: LiveServer) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF_WORKER], cwd=ROOT, env=server._settings(), stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_what_one_process_takes_in_another_sends_without_looking(
    postgres_cluster: PostgresCluster, tmp_path: Path
) -> None:
    with PushService() as service:
        environment = {
            "HANDOFF_DATABASE_URL": postgres_cluster.create("bell"), "HANDOFF_WORKER": "0", **service.environment()
        }  # fmt: skip
        with LiveServer(tmp_path / "data", environment) as server, worker_that_never_looks(server):
            coordinator, officer = Person(server.port), Person(server.port)
            hers, his = coordinator.enter("denver.coordinator"), officer.enter("denver.officer")
            made = service.subscribe()
            address = {"device_id": hers.device_id, "endpoint": made.endpoint, "keys": made.keys}
            coordinator.call("POST", "/api/push-subscriptions", address)
            agency_id = officer.call("GET", "/api/session")["user"]["agency_id"]
            for number in range(3):
                refer(officer, his, agency_id, server.port)
                service.wait_for(lambda _, so_many=number: len(service.received) > so_many)  # type: ignore[misc]


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    made = Database(postgresql_url)
    yield made
    made.close()


def test_a_bell_whose_connection_breaks_is_hung_up_again(
    database: Database, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "PAUSE_SECONDS", 0.01)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"

    def ring(*statements: str) -> None:
        with database.write() as session:
            for statement in statements:
                session.execute(text(statement))
            outbox.ring(session)

    async def play() -> None:
        heard: asyncio.Queue[None] = asyncio.Queue()

        async def next_ring() -> None:
            await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)

        listening = asyncio.create_task(bell.listen(postgresql_url, lambda: heard.put_nowait(None)))
        await next_ring()  # hung up
        await asyncio.to_thread(ring)
        await next_ring()
        await asyncio.to_thread(ring, others)
        await next_ring()  # hung up again: it may have rung meanwhile
        while not heard.empty():
            heard.get_nowait()
        await asyncio.to_thread(ring)
        await next_ring()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening

    asyncio.run(play())


def test_a_transaction_that_is_undone_rings_for_nobody(database: Database, postgresql_url: str) -> None:
    async def play() -> int:
        heard: list[None] = []
        listening = asyncio.create_task(bell.listen(postgresql_url, lambda: heard.append(None)))
        while not heard:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(_undone, database)
        await asyncio.to_thread(_done, database)
        while len(heard) < 2:
            await asyncio.sleep(0.01)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        return len(heard)

    assert asyncio.run(asyncio.wait_for(play(), PATIENCE_SECONDS)) == 2


def _done(database: Database) -> None:
    with database.write() as session:
        outbox.ring(session)
        outbox.ring(session)


def _undone(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as session:
        outbox.ring(session)
        raise ZeroDivisionError
