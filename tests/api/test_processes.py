"""The same program as several processes on PostgreSQL: two servers without a worker, and workers apart, one of them killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from uuid6 import uuid7

from api.clock import rfc3339
from api.demo.devices import ScriptedDevice
from tests.browser.live_server import ROOT, LiveServer
from tests.person import Person
from tests.postgres import PostgresCluster
from tests.push_service import PushService


@contextmanager
def worker(server: LiveServer) -> Iterator[subprocess.Popen[bytes]]:
    """A paging worker in a process of its own, with the server's settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    environment = inherited | server.environment | {"HANDOFF_DATA_DIR": str(server.data_dir)}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "worker"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture
def push_service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def servers(
    postgres_cluster: PostgresCluster, push_service: PushService, tmp_path: Path
) -> Iterator[tuple[LiveServer, LiveServer]]:
    empty = postgres_cluster.create("processes")
    environment = {"HANDOFF_DATABASE_URL": empty, "HANDOFF_WORKER": "0", **push_service.environment()}
    with (
        LiveServer(tmp_path / "data", environment) as first,
        LiveServer(tmp_path / "data", environment | {"HANDOFF_DEMO": "1"}, ("serve",)) as second,
    ):
        yield first, second


def refer(officer: Person, phone: ScriptedDevice, agency_id: str, port: int) -> str:
    """A referral reaches one of the servers; its id."""
    referral_id, at = str(uuid7()), rfc3339(datetime.now(UTC))
    operations = [
        phone.write(referral_id, "referral.create", {"pathway": "arrest_diversion", "agency_id": agency_id}, at),
        phone.write(referral_id, "referral.alert", {"officer_waiting": True}, at),
    ]
    answer = officer.call("POST", "/api/sync/push", phone.push_body(operations), port=port)
    assert [receipt["status"] for receipt in answer["receipts"]] == ["applied", "applied"]
    return referral_id


def test_what_one_server_takes_in_another_shows_and_a_worker_apart_pages(
    servers: tuple[LiveServer, LiveServer], push_service: PushService
) -> None:
    first, second = servers
    coordinator, officer = Person(first.port), Person(first.port)
    hers = coordinator.enter("denver.coordinator")
    subscription = push_service.subscribe()
    coordinator.call(
        "POST",
        "/api/push-subscriptions",
        {"device_id": hers.device_id, "endpoint": subscription.endpoint, "keys": subscription.keys},
    )
    his = officer.enter("denver.officer")
    agency_id = officer.call("GET", "/api/session")["user"]["agency_id"]
    with worker(first) as killed:
        refer(officer, his, agency_id, second.port)
        push_service.wait_for(lambda message: message.body["kind"] == "page")
        killed.kill()
    before = len(push_service.received)
    referral_id = refer(officer, his, agency_id, first.port)
    with worker(first):
        push_service.wait_for(lambda message: push_service.received.index(message) >= before)
    body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 500, "device_id": hers.device_id}
    shown = coordinator.call("POST", "/api/sync/pull", body, port=second.port)["items"]
    assert referral_id in {item["id"] for item in shown if item["t"] == "put"}
