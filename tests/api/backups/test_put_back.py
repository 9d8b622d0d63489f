"""A copy is put back by hand, without `restore`: what can be told from outside the database is told."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from api.database import Database
from api.retention.replay import replay
from api.tables.people import SignIn
from tests.api import exchange_world as world
from tests.api.backups.conftest import Copied, RestoreIt
from tests.api.conftest import Enrol, FakeClock


def of(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database


def epoch(database: Database) -> str:
    return world.head(database).epoch


def start(app: FastAPI, clock: FakeClock) -> None:
    """What a server does before it serves."""
    replay(of(app), app.state.keys.by_id, clock.now())


def put_back(database: Database, former: str) -> None:
    """As a copy from before the restore has it."""
    with database.write() as session:
        session.execute(text("UPDATE head SET epoch = :epoch"), {"epoch": former})
    database.witness.forget()


def test_a_server_does_not_go_back_to_an_epoch_that_phones_have_left(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, clock: FakeClock
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    first = epoch(of(app))
    second = restored(copied().path).epoch
    third = restored(copied().path).epoch
    for former in (first, second):
        put_back(of(app), former)
        start(app, clock)
        begun = epoch(of(app))
        assert begun not in (first, second, third), "no phone would listen to it"
        answer = officer.post_push([])
        assert (answer.status_code, answer.json()["epoch"]) == (200, begun), "and it serves"
        with of(app).read() as session:
            assert session.exec(select(SignIn)).all() == [], "nobody knows which of them had ended"
        start(app, clock)
        assert epoch(of(app)) == begun, "once is enough"


@pytest.mark.parametrize("restores", [0, 1])
def test_a_server_that_only_starts_again_goes_on(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, clock: FakeClock, restores: int
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    for _ in range(restores):
        restored(copied().path)
    present = epoch(of(app))
    start(app, clock)
    assert epoch(of(app)) == present
