"""An older copy of the embedded database takes the newer one's place, and nobody tells the phones: they send again, all heals."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.at_rest import opened
from api.backups import service
from api.database import Database
from api.settings import Settings
from sync.operations import canonical
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock

Restore = Callable[[], Database]


@pytest.fixture
def database_kind() -> str:
    """Copies of files are the embedded database's matter."""
    return "sqlite"


@pytest.fixture
def backup(settings: Settings, tmp_path: Path) -> Callable[[], None]:
    """Copy the database as it is now."""

    def copy_it() -> None:
        with (
            closing(sqlite3.connect(settings.url.removeprefix("sqlite:///"))) as source,
            closing(sqlite3.connect(tmp_path / "older.sqlite")) as copy,
        ):
            source.backup(copy)

    return copy_it


@pytest.fixture
def restore(app: FastAPI, settings: Settings, tmp_path: Path) -> Restore:
    """Stop, put the older file in place, start."""

    def put_back() -> Database:
        app.state.database.close()
        path = Path(settings.url.removeprefix("sqlite:///"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(tmp_path / "older.sqlite", path)
        app.state.database = opened(settings)
        fresh: Database = app.state.database
        return fresh

    return put_back


@pytest.mark.parametrize("first", ["officer", "coordinator"])
def test_sending_again_heals_and_a_settled_conflict_stays_settled(
    first: str, enrol: Enrol, backup: Callable[[], None], restore: Restore, app: FastAPI
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    backup()
    referral_id, submitted = officer.submission()
    officer.push(*submitted)
    coordinator.pull()
    acknowledged = coordinator.acknowledge(referral_id)
    ours = coordinator.set(referral_id, {"place": "North gate"})
    theirs = officer.set(referral_id, {"place": "South gate", "name": "Kit"}, saw=[submitted[1]["op_id"]])
    officer.push(theirs)
    conflict = coordinator.push(acknowledged, ours)[1]["conflicts"]
    assert len(conflict) == 1
    coordinator.pull()
    settled = coordinator.write(
        referral_id, "conflict.resolve", {"key": "place", "value": "North gate", "conflicts": conflict}
    )
    note = world.note(coordinator, referral_id)
    gone = world.withdraw(officer, referral_id)
    assert [one["status"] for one in coordinator.push(settled, note) + officer.push(gone)] == ["applied"] * 3
    before = world.state(app.state.database, referral_id)
    assert before["conflicts"] == {}

    database = restore()
    assert world.referral(database, referral_id) is None
    answer = officer.post_push([]).json()
    assert answer["known"] == {officer.device_id: []}, "so the phone learns that all must be sent again"
    batches = {"officer": [*submitted, theirs, gone], "coordinator": [acknowledged, ours, settled, note]}
    devices = {"officer": officer, "coordinator": coordinator}
    for name in (first, "coordinator" if first == "officer" else "officer"):
        for operation in batches[name]:
            devices[name].push(operation)
    statuses = {world_state(database, operation) for batch in batches.values() for operation in batch}
    assert statuses <= {"applied", "merged"}
    after = world.state(database, referral_id)
    assert after["conflicts"] == {}, "a person had settled it"
    for part in ("entries", "consent"):
        assert canonical(after[part]) == canonical(before[part])
    assert {key: found["value"] for key, found in after["registers"].items()} == {
        key: found["value"] for key, found in before["registers"].items()
    }
    world.check_projection(database)
    assert officer.post_push([]).json()["known"] == {officer.device_id: [[1, 6]]}


def world_state(database: Database, operation: dict[str, Any]) -> str:
    row = world.header(database, operation["op_id"])
    return "missing" if row is None else row.state


def test_what_the_copy_holds_is_a_duplicate_and_what_it_lacks_is_new(
    enrol: Enrol, backup: Callable[[], None], restore: Restore
) -> None:
    officer = enrol("officer")
    referral_id, submitted = officer.submission()
    receipts = officer.push(*submitted)
    backup()
    later = [world.note(officer, referral_id, f"note {number}") for number in range(3)]
    officer.push(*later)
    database = restore()
    again = officer.push(*submitted, *later)
    assert [one["status"] for one in again] == ["duplicate"] * 4 + ["applied"] * 3
    assert [one["first"] for one in again[:4]] == receipts
    assert len(world.state(database, referral_id)["entries"]) == 3
    world.check_projection(database)


def test_a_reader_whose_positions_were_given_out_anew_starts_anew(
    enrol: Enrol, backup: Callable[[], None], restore: Restore
) -> None:
    """The head has passed the old cursor again before this reader comes back: only the log itself can tell."""
    officer, coordinator = enrol("officer"), enrol("coordinator")
    backup()
    first, operations = officer.submission("First Street")
    officer.push(*operations)
    cursor = coordinator.pull()["cursor"]
    database = restore()
    ids = []
    for number in range(3):
        referral_id, submitted = officer.submission(f"{number} Avenue")
        officer.push(*submitted, lost=[operations[-1]["op_id"]])
        ids.append(referral_id)
    assert world.head(database).position > 0
    answer = coordinator.pull(cursor)
    assert answer["resync"] is True
    assert {item["id"] for item in answer["items"] if item["t"] == "put"} == set(ids)
    officer.push(*operations)
    assert first in {item["id"] for item in coordinator.pull(answer["cursor"])["items"] if item["t"] == "put"}


def test_what_took_the_place_of_what_was_read_is_read_and_is_in_no_backup(
    enrol: Enrol, backup: Callable[[], None], restore: Restore, app: FastAPI, settings: Settings, clock: FakeClock
) -> None:
    """After a restore somebody else sends first, and a phone behind them puts its operation back where it stood."""
    gone, back, fresh, reader = (enrol(login) for login in ("officer", "officer2", "officer", "coordinator"))
    backup()
    lost, submitted = gone.submission()
    gone.push(*submitted)
    kept, again = back.submission()
    stood = [receipt["position"] for receipt in back.push(*again)]
    read = reader.pull()
    copy = service.backup(settings, settings.backup_folder, clock.now(), depth=None).path

    restore()
    clock.advance(seconds=1)
    first, begun = fresh.submission()
    fresh.push(*begun)
    assert [receipt["position"] for receipt in back.push(*again)] == stood
    answer = reader.pull(read["cursor"])
    assert answer["resync"]
    assert {item["id"] for item in answer["items"] if item["t"] == "put"} == {first, kept}, lost
    assert service.verify(settings, copy, clock.now()).durable is None, "it holds another log"
    assert fresh.post_push([]).json()["durable"] == {fresh.device_id: []}
