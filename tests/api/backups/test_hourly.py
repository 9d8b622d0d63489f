"""The copies that a server makes of its own accord, and what the doctor says of them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import doctor
from api.backups import hourly
from api.backups import manifest as manifests
from api.backups.hourly import KEPT, LOCK, made_by_server, turn
from api.backups.proof import Depth
from api.backups.service import Made, backup
from api.clock import SystemClock
from api.database import Database
from api.settings import Settings
from tests.api import exchange_world as world
from tests.api.at_once import on_postgresql
from tests.api.backups.conftest import MayCreate
from tests.api.conftest import FakeClock
from tests.api.device import TestDevice


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"snapshot_minutes": 60, "backup_dir": str(settings.data_dir / "copies")})


def test_a_copy_an_hour_is_made_and_proved(
    app: FastAPI, settings: Settings, database: Database, officer: TestDevice, clock: FakeClock
) -> None:
    officer.push(*officer.submission()[1])
    first = turn(settings, database, clock.now())
    assert first is not None
    assert first.parent == settings.backup_folder
    head = world.head(database)
    assert head.durable_position == head.position > 0
    assert turn(settings, database, clock.advance(minutes=50)) is None, "it is young"
    officer.push(*officer.submission()[1])
    second = turn(settings, database, clock.advance(minutes=10))
    assert second is not None
    assert world.head(database).durable_position == world.head(database).position > head.position
    assert all(manifests.read(each).verified_at is not None for each in (first, second))


def test_what_a_copy_makes_forgettable_is_proved_wholly_and_of_the_rest_a_sample(
    app: FastAPI,
    settings: Settings,
    database: Database,
    officer: TestDevice,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hourly, "SAMPLE", 2)
    depths: list[Depth] = []

    def noted(*arguments: Any, **options: Any) -> Made:
        made = backup(*arguments, **options)
        assert made.proof is not None
        depths.append(Depth(made.proof.operations, made.proof.states))
        return made

    monkeypatch.setattr(hourly, "backup", noted)
    for _ in range(3):
        officer.push(*officer.submission()[1])
    turn(settings, database, clock.now())
    officer.push(*officer.submission()[1])
    turn(settings, database, clock.advance(hours=1))
    assert depths == [Depth(12, 3 + 2), Depth(4 + 2, 1 + 2)], "operations, states"


def test_a_fault_in_what_is_new_is_found_although_only_a_sample_of_the_old_is_looked_at(
    app: FastAPI,
    settings: Settings,
    database: Database,
    officer: TestDevice,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hourly, "SAMPLE", 0)
    officer.push(*officer.submission()[1])
    officer.push(*officer.submission()[1])
    with database.write() as session:
        session.execute(
            text("UPDATE operation_body SET body = (SELECT b.body FROM operation_body b ORDER BY b.op_id LIMIT 1)")
        )
    with pytest.raises(manifests.BackupRefused, match="does not open"):
        turn(settings, database, clock.now())
    assert world.head(database).durable_position == 0


def test_the_newest_copies_are_kept_with_their_manifests(
    app: FastAPI, settings: Settings, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT == 24
    monkeypatch.setattr(hourly, "KEPT", 2)
    made = [turn(settings, database, clock.advance(hours=1)) for _ in range(4)]
    left = {path for path in made[2:] if path is not None}
    assert set(settings.backup_folder.iterdir()) == left | {manifests.beside(path) for path in left}


@on_postgresql
def test_of_several_servers_one_copies(app: FastAPI, settings: Settings, database: Database, clock: FakeClock) -> None:
    elsewhere = settings.model_copy(update={"backup_dir": str(settings.data_dir / "elsewhere")})
    other = Database(settings.url)
    try:
        with other.writer.connect() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            assert turn(settings, database, clock.now()) is None, "another one is at it"
        assert turn(settings, database, clock.now()) is not None
        assert turn(elsewhere, other, clock.advance(minutes=1)) is None, "another one has just done it"
    finally:
        other.close()


@on_postgresql
def test_what_cannot_be_proved_here_is_kept_counts_for_nothing_and_is_not_made_again_at_once(
    app: FastAPI, settings: Settings, database: Database, clock: FakeClock, may_create: MayCreate, officer: TestDevice
) -> None:
    officer.push(*officer.submission()[1])
    may_create(False)
    assert turn(settings, database, clock.now()) is None
    assert turn(settings, database, clock.advance(minutes=1)) is None
    assert len(list(settings.backup_folder.glob("*.dump"))) == 1
    assert world.head(database).durable_position == 0


@pytest.mark.parametrize(("url", "minutes", "folder", "made"), [
    ("", 60, "", True), ("", 0, "", False), ("postgresql+psycopg://x@/x", 60, "", False),
    ("postgresql+psycopg://x@/x", 60, "copies", True), ("postgresql+psycopg://x@/x", 0, "copies", False),
])  # fmt: skip
def test_a_server_copies_where_it_knows_where_to(
    url: str, minutes: int, folder: str, made: bool, database_kind: str
) -> None:
    assert made_by_server(Settings(database_url=url, snapshot_minutes=minutes, backup_dir=folder)) is made


def test_a_server_begins_to_copy_and_ends_with_it(app: FastAPI, settings: Settings) -> None:
    app.state.settings = settings.model_copy(update={"snapshot_minutes": 1})
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("hours", "verdict"), [(None, "look"), (4, "ok"), (5, "wrong")])
def test_the_doctor_says_when_the_last_verified_copy_is_old(
    app: FastAPI, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, clock: FakeClock,
    hours: int | None, verdict: str,
) -> None:  # fmt: skip
    if hours is not None:
        turn(settings, database, clock.now())
        clock.advance(hours=hours)
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    with database.read() as session:
        found = list(doctor._backups(session, settings))
    assert [(each.verdict, each.about) for each in found] == [(verdict, "backups")]
    assert "backup" in found[0].words or verdict == "ok"
    with database.read() as session:
        by_hand = next(doctor._backups(session, settings.model_copy(update={"snapshot_minutes": 0})))
    assert "mark-durable" in by_hand.words
