"""/healthz and /readyz: ready only when a referral could really be taken in and paged for."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from api import health
from api.database import Database
from api.devices.keys import SealingKeys
from api.tables.paging import WorkerBeat
from api.watch.watchman import Watchman
from tests.api.conftest import FakeClock


def test_a_sound_server_is_ready(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_the_probe_leaves_no_trace(client: TestClient, database: Database) -> None:
    client.get("/readyz")
    with database.read() as session:
        assert session.exec(select(WorkerBeat)).all() == []


def test_a_schema_of_another_version_is_not_ready(client: TestClient, database: Database) -> None:
    with database.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "run migrate" in answer.json()["checks"]["migrations"]
    assert answer.headers["retry-after"]


def test_a_missing_key_is_not_ready(client: TestClient, app: FastAPI) -> None:
    app.state.keys = SealingKeys(app.state.keys.active, {})
    assert client.get("/readyz").status_code == 503


def test_a_full_disk_is_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, status in ((health.FREE_BYTES_MIN, 200), (health.FREE_BYTES_MIN - 1, 503)):
        monkeypatch.setattr(health, "free_bytes", lambda _folder, free=free: free)
        assert client.get("/readyz").status_code == status


def test_a_silent_worker_is_not_ready(app: FastAPI, client: TestClient, clock: FakeClock) -> None:
    app.state.settings = app.state.settings.model_copy(update={"worker": True})
    clock.advance(minutes=2)
    assert client.get("/readyz").status_code == 200, "it may still be starting"
    clock.advance(seconds=1)
    assert client.get("/readyz").status_code == 503
    with app.state.database.write() as session:
        session.add(WorkerBeat(worker_id="w", at=clock.now()))
    assert client.get("/readyz").status_code == 200


def test_a_watchman_that_stopped_is_not_ready(app: FastAPI, client: TestClient, clock: FakeClock) -> None:
    app.state.watchman = watchman = Watchman(app.state.database, clock, frozenset(), None)
    clock.advance(minutes=2)
    assert client.get("/readyz").status_code == 200, "it may still be starting"
    watchman.turned_at = clock.now()
    clock.advance(minutes=2)
    assert client.get("/readyz").status_code == 200
    clock.advance(seconds=1)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["watchman"] == "the watchman has stopped (last looked 121 s ago): restart the server"


def test_it_says_how_long_ago_worker_and_watchman_looked(app: FastAPI, client: TestClient, clock: FakeClock) -> None:
    assert client.get("/readyz").json()["ages_seconds"] == {"worker": None, "watchman": None}
    app.state.watchman = Watchman(app.state.database, clock, frozenset(), None)
    app.state.watchman.turned_at = clock.now()
    with app.state.database.write() as session:
        session.add(WorkerBeat(worker_id="w", at=clock.now()))
    clock.advance(seconds=7)
    assert client.get("/readyz").json()["ages_seconds"] == {"worker": 7, "watchman": 7}


def test_the_watchman_runs_in_every_server_with_or_without_a_worker(app: FastAPI) -> None:
    with TestClient(app):
        assert app.state.watchman is not None
        assert app.state.settings.worker is False


def test_alive_does_not_ask_the_database(client: TestClient, app: FastAPI) -> None:
    database, app.state.database = app.state.database, None
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 500
    app.state.database = database
