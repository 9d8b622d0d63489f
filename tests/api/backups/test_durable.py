"""What phones are told of the backups: up to which position, and which of their numbers."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.backups import service
from api.database import Database, migrate
from api.operations import durable
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock
from tests.api.device import TestDevice


def test_the_durable_position_never_goes_back_nor_beyond_the_head(
    database: Database, enrol: Enrol, clock: FakeClock
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    head = world.head(database).position
    assert head > 3
    for marked, expected in ((2, 2), (1, 2), (head + 1, 2), (3, 3), (0, 3), (-5, 3), (head, head), (head - 1, head)):
        with database.write() as session:
            service.vouch(session, marked, clock.now())
        assert world.head(database).durable_position == expected


def test_phones_are_told_which_of_their_numbers_a_backup_holds(
    database: Database, enrol: Enrol, clock: FakeClock
) -> None:
    officer, other = enrol("officer"), enrol("officer")
    first = officer.push(*officer.submission()[1])
    second = other.push(*other.submission()[1])
    third = officer.push(*officer.submission()[1])

    def told(device: TestDevice) -> list[list[int]]:
        answers = device.post_push([]).json(), device.pull()
        assert answers[0]["durable"] == answers[1]["durable"]
        ranges: list[list[int]] = answers[0]["durable"][device.device_id]
        return ranges

    assert (told(officer), told(other)) == ([], [])
    for held, mine, theirs in (
        (first[-1], [[1, 4]], []), (second[1], [[1, 4]], [[1, 2]]), (third[2], [[1, 7]], [[1, 4]]),
        (third[3], [[1, 8]], [[1, 4]]), (first[1], [[1, 8]], [[1, 4]]),
    ):  # fmt: skip
        with database.write() as session:
            service.vouch(session, held["position"], clock.now())
        assert (told(officer), told(other)) == (mine, theirs)


def test_what_a_backup_holds_is_looked_at_in_parts(
    database: Database, enrol: Enrol, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "AT_ONCE", 3)
    officer = enrol("officer")
    for _ in range(3):
        receipts = officer.push(*officer.submission()[1])
    with database.write() as session:
        service.vouch(session, receipts[-1]["position"] - 1, clock.now())
    assert officer.post_push([]).json()["durable"] == {officer.device_id: [[1, 11]]}


def test_a_server_from_before_knows_the_numbers_that_its_backups_hold(
    database: Database, enrol: Enrol, clock: FakeClock
) -> None:
    officer = enrol("officer")
    receipts = officer.push(*officer.submission()[1])
    with database.write() as session:
        service.vouch(session, receipts[2]["position"], clock.now())
        session.execute(text("ALTER TABLE device DROP COLUMN durable"))
        session.execute(text("UPDATE alembic_version SET version_num = '20261124_backups'"))
    migrate(database.url)
    assert officer.pull()["durable"] == {officer.device_id: [[1, 3]]}
