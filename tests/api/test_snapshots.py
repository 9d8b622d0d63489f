"""Verified copies of the embedded database, and the durable position that they prove."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api.database import Database
from api.operations.snapshots import SNAPSHOTS_KEPT, SnapshotFailed, mark_durable, snapshot
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
on_postgresql = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])


@on_sqlite
def test_a_snapshot_is_a_whole_database_and_publishes_what_it_holds(
    database: Database, enrol: Enrol, clock: FakeClock, tmp_path: Path
) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    receipts = officer.push(*operations)
    assert officer.post_push([]).json()["durable_position"] == 0
    path = snapshot(database, tmp_path / "snapshots", clock.now())
    head = world.head(database)
    assert head.durable_position == head.position >= max(receipt["position"] for receipt in receipts)
    assert officer.post_push([]).json()["durable_position"] == head.durable_position
    assert officer.pull()["durable_position"] == head.durable_position
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == [path.name], "one file, nothing beside it"
    copy = Database(f"sqlite:///{path}", database.cipher)
    try:
        world.check_projection(copy)
        assert world.log_size(copy) == 4
        assert world.body(copy, operations[0]["op_id"]) == world.body(database, operations[0]["op_id"])
    finally:
        copy.close()


@on_sqlite
def test_what_comes_after_a_snapshot_is_not_durable(
    database: Database, enrol: Enrol, clock: FakeClock, tmp_path: Path
) -> None:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    snapshot(database, tmp_path, clock.now())
    [receipt] = officer.push(world.note(officer, referral_id))
    assert receipt["position"] > officer.post_push([]).json()["durable_position"]


@on_sqlite
def test_the_newest_snapshots_are_kept(database: Database, tmp_path: Path, clock: FakeClock) -> None:
    paths = [snapshot(database, tmp_path, clock.advance(hours=1)) for _ in range(SNAPSHOTS_KEPT + 3)]
    assert sorted(tmp_path.glob("*.sqlite")) == paths[3:]


def damage(database: Database) -> None:
    """Write noise over an index, as a failing disk does."""
    path = Path(database.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_operation_referral'"
        root = connection.execute(query).fetchone()[0]
    with path.open("rb+") as file:
        file.seek((root - 1) * page_bytes + 8)
        file.write(b"\xaa" * 200)


@on_sqlite
def test_a_damaged_copy_counts_for_nothing(database: Database, enrol: Enrol, clock: FakeClock, tmp_path: Path) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    officer.push(*operations)
    good = snapshot(database, tmp_path / "snapshots", clock.now())
    durable = world.head(database).durable_position
    officer.push(*officer.submission()[1])
    database.close()
    damage(database)
    reopened = Database(database.url, database.cipher)
    try:
        with pytest.raises(SnapshotFailed, match=r"whole|malformed"):
            snapshot(reopened, good.parent, clock.advance(hours=1))
        assert world.head(reopened).durable_position == durable
        assert list(good.parent.iterdir()) == [good], "nothing half-made is left, and the good one stays"
    finally:
        reopened.close()


@on_sqlite
def test_a_copy_whose_head_is_behind_its_log_counts_for_nothing(
    database: Database, enrol: Enrol, clock: FakeClock, tmp_path: Path
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE head SET position = 1")
        connection.commit()
    with pytest.raises(SnapshotFailed, match="head"):
        snapshot(database, tmp_path / "snapshots", clock.now())
    assert world.head(database).durable_position == 0


@on_sqlite
def test_a_folder_that_cannot_be_written_is_said_so(database: Database, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((SnapshotFailed, OSError)):
        snapshot(database, tmp_path / "file", clock.now())


@on_postgresql
def test_postgresql_is_backed_up_by_its_own_tools(database: Database, tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(SnapshotFailed, match="mark-durable"):
        snapshot(database, tmp_path, clock.now())


def test_the_durable_position_never_goes_back_nor_beyond_the_head(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    head = world.head(database).position
    assert head > 3
    for marked, expected in ((2, 2), (1, 2), (head + 1, 2), (3, 3), (0, 3), (-5, 3), (head, head), (head - 1, head)):
        mark_durable(database, marked)
        assert world.head(database).durable_position == expected
