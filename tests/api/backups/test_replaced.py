"""Another database takes the place of the one that a server serves: it is noticed, and nothing is acknowledged any more."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import make_url, text

from api.backups.embedded import path_of
from api.backups.restoring import restore
from api.database import Database
from api.operations.queries import standing
from api.settings import Settings
from api.watch.watchman import everything
from api.witness import Replaced, Witness
from tests.api.at_once import on_postgresql
from tests.api.backups.conftest import Copied
from tests.api.conftest import FakeClock
from tests.api.device import TestDevice

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
GROWING_SECONDS = 1.0
Replace = Callable[[Path, Path], None]


def moved(copy: Path, path: Path) -> None:
    beside = path.with_suffix(".new")
    shutil.copyfile(copy, beside)
    beside.replace(path)


def removed(_copy: Path, path: Path) -> None:
    path.unlink()


def written_over(copy: Path, path: Path) -> None:
    """The same file, with an older and shorter content."""
    shutil.copyfile(copy, path)


def refused(officer: TestDevice, client: TestClient, words: str) -> None:
    answer = officer.post_push(officer.submission()[1])
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "database-replaced")
    assert answer.headers["retry-after"]
    pulled = officer.client.post(
        "/api/sync/pull",
        json={"protocol": 1, "epoch": None, "cursor": None, "limit": 5, "device_id": officer.device_id},
    )
    assert pulled.status_code == 503, "what it would show may be nobody's any more"
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert words in ready.json()["checks"]["database_file"]
    assert client.get("/healthz").status_code == 200


@on_sqlite
@pytest.mark.parametrize(("replace", "words"), [
    (moved, "was replaced"), (removed, "was removed"), (written_over, "was written over"),
])  # fmt: skip
def test_a_file_that_was_exchanged_takes_no_more_writes(
    app: FastAPI, officer: TestDevice, client: TestClient, copied: Copied, settings: Settings, replace: Replace, words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    copy = copied()
    for _ in range(20):  # so that the file grows
        officer.push(*officer.submission()[1])
    path = path_of(settings.url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    assert client.get("/readyz").json()["checks"]["database_file"] == "ok"
    if replace is written_over:
        assert copy.path.stat().st_size < path.stat().st_size
    replace(copy.path, path)
    refused(officer, client, words)
    assert [record.message for record in caplog.records].count("database.replaced") == 1, "said once"
    if replace is not removed:
        with closing(sqlite3.connect(copy.path)) as connection:
            assert connection.execute("SELECT count(*) FROM operation_header").fetchone() == (0,)


@on_sqlite
def test_what_was_committed_into_a_file_that_was_exchanged_meanwhile_is_not_acknowledged(
    app: FastAPI, officer: TestDevice, copied: Copied, settings: Settings
) -> None:
    copy, database = copied(), app.state.database

    def write() -> None:
        with database.write() as session:
            session.execute(text("UPDATE head SET projection = projection"))
            moved(copy.path, path_of(settings.url))

    with pytest.raises(Replaced):
        write()


@on_postgresql
def test_a_database_restored_under_a_server_is_noticed_at_the_next_request(
    app: FastAPI, officer: TestDevice, client: TestClient, copied: Copied, settings: Settings, clock: FakeClock,
    postgres_cluster: Any,
) -> None:  # fmt: skip
    """As after a restart of PostgreSQL: the server's connections are cut, and what it finds afterwards has its name."""
    copy = copied()
    officer.push(*officer.submission()[1])
    officer.pull()
    name = make_url(settings.url).database
    with postgres_cluster._administer() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    restore(settings, copy.path, clock.advance(seconds=1))
    refused(officer, client, "a restored database was put in place")


def test_an_epoch_or_a_position_that_went_back_stops_the_server(
    app: FastAPI, officer: TestDevice, client: TestClient, database: Database
) -> None:
    officer.push(*officer.submission()[1])
    officer.pull()
    with database.write() as session:
        session.execute(text("UPDATE head SET position = position - 1"))
    refused(officer, client, "an older database was put in place")
    with pytest.raises(Replaced):
        everything(database, (), app.state.clock.now())


def test_positions_of_a_transaction_that_is_undone_are_not_held_against_the_database(
    officer: TestDevice, database: Database, client: TestClient
) -> None:
    officer.push(*officer.submission()[1])
    officer.pull()

    def undone() -> None:
        with database.write() as session:
            session.execute(text("UPDATE head SET position = position + 100"))
            standing(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert client.get("/readyz").json()["checks"]["database_file"] == "ok"
    assert officer.post_push(officer.submission()[1]).status_code == 200


def test_a_reader_that_began_before_a_commit_is_no_sign_of_anything() -> None:
    witness = Witness(None)
    witness.saw("epoch", 5, 0, committed=True)
    floor = witness.position
    witness.saw("epoch", 6, floor, committed=True)
    witness.saw("epoch", 5, floor, committed=True)
    assert (witness.says, witness.position) == ("", 6)
    with pytest.raises(Replaced):
        witness.saw("epoch", 5, witness.position, committed=True)


def test_a_file_that_grows_under_many_looks_at_once_is_no_sign_of_anything(tmp_path: Path) -> None:
    """A look is a size and a comparison: between the two of one thread, others must not have seen it longer."""
    path = tmp_path / "growing.db"
    path.touch()
    witness = Witness(path)
    witness.opened()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            witness.check()

    with ThreadPoolExecutor(8) as pool, path.open("ab", buffering=0) as file:
        looking = [pool.submit(look) for _ in range(8)]
        until = time.monotonic() + GROWING_SECONDS
        while time.monotonic() < until:
            file.write(b"page")
        ended.set()
        for done in looking:
            done.result()
    assert witness.says == ""
