"""`backup`: what a copy is, what it publishes, and when it is refused."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from api.at_rest import seal, unseal
from api.at_rest.columns import TABLES
from api.backups import manifest as manifests
from api.backups import postgresql, service
from api.backups.manifest import BackupRefused
from api.backups.postgresql import CannotProve
from api.backups.service import Faulty
from api.database import Database, code_head
from api.settings import Settings
from api.tables.backups import Backup
from tests.api import exchange_world as world
from tests.api.at_once import on_postgresql, pusher
from tests.api.backups.conftest import Copied, MayCreate
from tests.api.conftest import Enrol, FakeClock

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def records(database: Database) -> list[Backup]:
    with database.read() as session:
        return list(session.exec(select(Backup).order_by(Backup.name)))


def test_a_copy_is_proved_and_publishes_what_it_holds(
    database: Database, enrol: Enrol, copied: Copied, database_kind: str, clock: FakeClock
) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    receipts = officer.push(*operations)
    assert officer.post_push([]).json()["durable_position"] == 0
    made = copied()
    head = world.head(database)
    assert made.durable == head.durable_position == head.position >= max(each["position"] for each in receipts)
    assert officer.post_push([]).json()["durable_position"] == officer.pull()["durable_position"] == made.durable
    assert made.proof is not None
    assert (made.proof.operations, made.proof.states, made.proof.faults) == (4, 1, [])
    assert made.proof.events > 0
    found = manifests.read(made.path)
    assert found == made.manifest
    assert (found.kind, found.revision, found.epoch, found.position) == (
        database_kind, code_head(), head.epoch, head.position,
    )  # fmt: skip
    assert found.last_operation == (max(each["position"] for each in receipts), operations[-1]["op_id"])
    assert (found.bytes, found.made_at, found.verified_at) == (made.path.stat().st_size, clock.now(), clock.now())
    assert [(each.name, each.position) for each in records(database)] == [(made.path.name, made.durable)]


def test_only_the_copy_and_its_manifest_are_left_and_nobody_else_may_read_them(
    copied: Copied, settings: Settings
) -> None:
    made = copied()
    files = sorted(settings.backup_folder.iterdir())
    assert files == [made.path, manifests.beside(made.path)]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]
    assert settings.backup_folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in settings.data_dir.parent.rglob("*unpacked*")] == []


def test_the_manifest_names_the_keys_and_holds_none(copied: Copied, settings: Settings) -> None:
    made = copied()
    content = manifests.beside(made.path).read_text()
    secrets = [path.read_text().strip() for path in settings.keys_dir.iterdir()]
    assert len(secrets) > 3
    assert not any(secret in content for secret in secrets)
    assert all(name in content for name in ("audit.key", "ledger.key"))
    assert [(settings.keys_dir / name).exists() for name in made.manifest.keys if name.startswith("data-")] == [True]


def test_what_comes_after_a_copy_is_not_durable(enrol: Enrol, copied: Copied) -> None:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    copied()
    [receipt] = officer.push(world.note(officer, referral_id))
    assert receipt["position"] > officer.post_push([]).json()["durable_position"]


def test_an_unverified_copy_publishes_nothing_until_it_is_verified(
    database: Database, enrol: Enrol, settings: Settings, clock: FakeClock
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    made = service.backup(settings, settings.backup_folder, clock.now(), depth=None)
    assert manifests.read(made.path).verified_at is None
    assert (world.head(database).durable_position, records(database)) == (0, [])
    officer.push(*officer.submission()[1])
    proved = service.verify(settings, made.path, clock.advance(hours=1))
    assert manifests.read(made.path).verified_at == clock.now()
    assert world.head(database).durable_position == proved.durable == made.manifest.position
    assert len(records(database)) == 1


def test_copies_made_while_phones_push_are_whole_and_lose_nothing(
    app: FastAPI, database: Database, enrol: Enrol, settings: Settings, clock: FakeClock
) -> None:
    push = pusher(database, app)
    officers = [enrol("officer"), enrol("officer2")]
    stop = threading.Event()
    sent: list[int] = []

    def write_on(officer: object) -> None:
        while not stop.is_set():
            receipts = push(officer, officer.submission()[1])  # type: ignore[arg-type, attr-defined]
            sent.append(max(each["position"] for each in receipts))

    threads = [threading.Thread(target=write_on, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    try:
        copies = [service.backup(settings, settings.backup_folder, clock.advance(seconds=1)) for _ in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    positions = [made.manifest.position for made in copies]
    assert positions == sorted(positions)
    assert [made.durable for made in copies] == positions
    assert max(sent) > positions[0], "the phones did push meanwhile"
    for made in copies:
        with database.read() as session:
            held = session.execute(
                text("SELECT count(*) FROM operation_header WHERE position <= :p"), {"p": made.manifest.position}
            ).scalar_one()
        assert made.proof is not None
        assert made.proof.operations == held


def test_a_second_copy_in_the_same_second_does_not_replace_the_first(
    settings: Settings, copied: Copied, clock: FakeClock
) -> None:
    made = copied()
    before = made.path.read_bytes()
    with pytest.raises(BackupRefused, match="there already"):
        service.backup(settings, settings.backup_folder, clock.now())
    assert made.path.read_bytes() == before


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
def test_a_damaged_database_gives_no_copy(database: Database, enrol: Enrol, copied: Copied, settings: Settings) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    good = copied()
    officer.push(*officer.submission()[1])
    database.close()
    damage(database)
    with pytest.raises(BackupRefused, match=r"whole|malformed"):
        copied()
    assert world.head(database).durable_position == good.durable
    assert [path.name for path in settings.backup_folder.glob("*.sqlite")] == [good.path.name]


FAULTS: tuple[tuple[str, str], ...] = (
    ("UPDATE head SET position = 1", "head"),
    ("UPDATE audit_head SET number = number + 1 WHERE program_id = 'denver'", "missing"),
    ("DELETE FROM operation_body", "lost their content"),
)


@pytest.mark.parametrize(("statement", "words"), FAULTS)
def test_a_database_that_contradicts_itself_gives_no_copy(
    database: Database, enrol: Enrol, copied: Copied, settings: Settings, statement: str, words: str
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    with database.write() as session:
        session.connection().execute(text(statement))
    with pytest.raises(Faulty, match=words):
        copied()
    assert list(settings.backup_folder.iterdir()) == []
    assert world.head(database).durable_position == 0


def test_an_operation_that_was_rewritten_by_somebody_with_the_keys_gives_no_copy(
    database: Database, enrol: Enrol, copied: Copied
) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    officer.push(*operations)
    op_id = operations[2]["op_id"]
    place = TABLES["operation_body"].place("body")
    with database.write() as session:
        body = (
            session.connection()
            .execute(text("SELECT body FROM operation_body WHERE op_id = :id"), {"id": op_id})
            .scalar_one()
        )
        clear = unseal(session, place, op_id, body)
        assert b"Sample Street" in clear
        forged = seal(session, place, op_id, clear.replace(b"Sample Street", b"Canary Street"))
        session.connection().execute(
            text("UPDATE operation_body SET body = :b WHERE op_id = :id"), {"b": forged, "id": op_id}
        )
    with pytest.raises(Faulty, match="is not the one that was received"):
        copied()


def test_a_folder_that_cannot_be_written_is_said_so(settings: Settings, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        service.backup(settings, tmp_path / "file", clock.now())


@on_postgresql
def test_without_the_right_to_create_databases_nothing_is_claimed(
    database: Database, enrol: Enrol, may_create: MayCreate, copied: Copied, settings: Settings
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    may_create(False)
    with pytest.raises(CannotProve, match=r"NOT verified.*CREATEDB"):
        copied()
    [copy] = settings.backup_folder.glob("*.dump")
    assert manifests.read(copy).verified_at is None
    assert (world.head(database).durable_position, records(database)) == (0, [])


@on_postgresql
@pytest.mark.parametrize(("found", "words"), [
    ([], "pg_dump was not found. Install PostgreSQL's client programs, version"),
    (["/old/pg_dump"], "pg_dump is of version 9, the server of"),
])  # fmt: skip
def test_a_missing_or_older_pg_dump_is_said_with_what_to_do(
    app: FastAPI, copied: Copied, settings: Settings, monkeypatch: pytest.MonkeyPatch, found: list[str], words: str
) -> None:
    monkeypatch.setattr(postgresql, "_candidates", lambda _name: found)
    monkeypatch.setattr(postgresql, "_major", lambda _path: 9)
    with pytest.raises(BackupRefused, match=words):
        copied()
    assert list(settings.backup_folder.iterdir()) == []


@on_postgresql
def test_the_password_is_in_no_command_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_: object) -> object:
        told.append((command, env))
        return type("Ended", (), {"returncode": 0, "stderr": ""})

    url = settings.url.replace("handoff_application@", "handoff_application:CANARYWORD@")
    monkeypatch.setattr(subprocess, "run", run)
    postgresql.PostgreSQL(url)._run("pg_dump", "some", "--format=custom")
    [(command, environment)] = told
    assert "CANARYWORD" not in " ".join(command)
    assert environment["PGPASSWORD"] == "CANARYWORD"
