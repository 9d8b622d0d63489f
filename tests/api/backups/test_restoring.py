"""`restore`: what a restored database is, what it does not bring back, and how phones heal by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, make_url, text
from sqlmodel import select

from api.accounts import people
from api.audit import anchors
from api.audit.key import secret_in
from api.audit.verify import Verdict, verify
from api.backups import embedded, manifest, restoring, service
from api.backups.manifest import BackupRefused
from api.backups.postgresql import PostgreSQL
from api.database import Database
from api.devices import service as devices
from api.retention.replay import replay
from api.settings import Settings
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.people import SignIn as OpenSession
from api.tables.people import User
from api.tables.records import OperationBody
from tests.api import exchange_world as world
from tests.api.at_once import on_postgresql
from tests.api.backups.conftest import Copied, RestoreIt
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.retention.conftest import Two

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def two(sign_in: SignIn) -> Two:
    return Two(sign_in)


def database_of(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


def audited(settings: Settings, database: Database) -> Verdict:
    with database.read() as session:
        return verify(session, secret_in(settings.keys_dir), anchors.read(settings.audit_anchors_file))


def test_phones_notice_send_again_and_all_is_as_it_was(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, sign_in: SignIn
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    first, early = officer.submission("North gate")
    receipts = officer.push(*early)
    copy = copied()
    later = [world.note(officer, first, f"note {number}") for number in range(3)]
    second, more = officer.submission("South gate")
    officer.push(*later, *more)
    coordinator.pull()
    answered = coordinator.acknowledge(second)
    coordinator.push(answered)
    before = {key: world.state(database_of(app), key) for key in (first, second)}
    former = world.head(database_of(app))

    done = restored(copy.path)
    database = database_of(app)
    head = world.head(database)
    assert head.epoch == done.epoch != former.epoch
    assert world.referral(database, second) is None
    answer = officer.post_push([]).json()
    assert (answer["epoch"], answer["known"]) == (done.epoch, {officer.device_id: [[1, 4]]})
    again = officer.push(*early, *later, *more)
    assert [one["status"] for one in again] == ["duplicate"] * 4 + ["applied"] * 7
    assert {one["epoch"] for one in again} == {done.epoch}, "a receipt counts only with the present epoch"
    assert [one["first"] for one in again[:4]] == receipts
    assert {one["epoch"] for one in receipts} == {former.epoch}, "so that those from before do not count"
    assert [one["status"] for one in coordinator.push(answered)] == ["applied"]
    for key, state in before.items():
        after = world.state(database, key)
        assert {name: part["value"] for name, part in after["registers"].items()} == {
            name: part["value"] for name, part in state["registers"].items()
        }
        assert set(after["entries"]) == set(state["entries"])
        assert after["conflicts"] == {}
    world.check_projection(database)
    coordinator.client = sign_in("coordinator")
    assert set(coordinator.views()) == {first, second}


def test_a_reader_starts_anew_and_everybody_signs_in_once_more(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, sign_in: SignIn
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    cursor = coordinator.pull()["cursor"]
    restored(copied().path)
    body = {"protocol": 1, "epoch": None, "cursor": cursor, "limit": 500, "device_id": coordinator.device_id}
    assert coordinator.client.post("/api/sync/pull", json=body).status_code == 401
    assert officer.post_push([]).status_code == 200, "what waits on a phone leaves without a sign-in"
    with database_of(app).read() as session:
        assert session.exec(select(OpenSession)).all() == []
    coordinator.client = sign_in("coordinator")
    answer = coordinator.pull(cursor)
    assert answer["resync"] is True
    assert [item["id"] for item in answer["items"] if item["t"] == "put"] == [referral_id]


def test_neither_the_revoked_nor_the_expunged_nor_the_closed_come_back(
    app: FastAPI,
    enrol: Enrol,
    two: Two,
    sign_in: SignIn,
    copied: Copied,
    restored: RestoreIt,
    cast: Cast,
    clock: FakeClock,
) -> None:
    officer, lost, closed = enrol("officer"), enrol("coordinator"), enrol("officer2")
    subject, operations = officer.submission()
    other, kept = officer.submission()
    officer.push(*operations, *kept)
    copy = copied()
    two.expunge(subject)
    assert sign_in("supervisor").delete(f"/api/devices/{lost.device_id}").status_code == 204
    with database_of(app).write() as session:
        for device in people.deactivate(session, "officer2", clock.now()):
            devices.revoke(session, device, clock.now(), actor_id=None, source="test")
    done = restored(copy.path)
    database = database_of(app)
    assert (done.replayed, done.closed) == (3, ["officer2"])
    assert world.state(database, subject)["expunged"] is True
    assert world.state(database, other)["registers"]
    with database.read() as session:
        assert [session.get_one(Device, phone.device_id).state for phone in (officer, lost, closed)] == [
            "active", "revoked", "revoked",
        ]  # fmt: skip
        assert session.get_one(User, cast["officer2"].user_id).active is False
        bodies = set(session.exec(select(OperationBody.op_id)))
    assert bodies.isdisjoint(operation["op_id"] for operation in operations)
    assert lost.post_push([]).json()["wipe"] is True
    again = officer.push(*operations)
    assert {one["status"] for one in again} == {"duplicate"}, (
        "the headers are known, and nothing of the content is back"
    )
    assert world.state(database, subject)["expunged"] is True


def test_the_audit_tells_what_was_lost_and_has_no_fault(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, settings: Settings, clock: FakeClock
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    anchors.anchor(database_of(app), settings.audit_anchors_file, clock.now())
    copy = copied()
    for _ in range(3):  # an anchor of every number that will be lost
        officer.push(*officer.submission()[1])
        anchors.anchor(database_of(app), settings.audit_anchors_file, clock.advance(minutes=1))
    officer.push(*officer.submission()[1])
    assert audited(settings, database_of(app)).restored == []
    done = restored(copy.path)
    assert done.lost == ["denver"]
    verdict = audited(settings, database_of(app))
    assert verdict.faults == []
    [said] = verdict.restored
    assert "were lost when a backup was restored" in said
    with database_of(app).read() as session:
        [event] = session.exec(select(AuditEvent).where(AuditEvent.action == "database.restore")).all()
    assert (event.subject, event.detail) == (
        done.epoch, {"position": copy.manifest.position, "from_epoch": copy.manifest.epoch},
    )  # fmt: skip
    officer.push(*officer.submission()[1])
    anchors.anchor(database_of(app), settings.audit_anchors_file, clock.advance(hours=1))
    assert audited(settings, database_of(app)).faults == []


def test_restoring_twice_from_copies_of_either_side_leaves_the_audit_sound(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, settings: Settings, clock: FakeClock
) -> None:
    officer = enrol("officer")
    early = copied()
    for _ in range(4):
        officer.push(*officer.submission()[1])
    anchors.anchor(database_of(app), settings.audit_anchors_file, clock.advance(minutes=1))
    epochs = {restored(early.path).epoch, early.manifest.epoch}
    officer.push(*officer.submission()[1])
    anchors.anchor(database_of(app), settings.audit_anchors_file, clock.advance(minutes=1))
    with pytest.raises(BackupRefused, match="before the last restore"):
        restored(early.path)
    epochs.add(restored(early.path, anyway=True).epoch)
    assert len(epochs) == 3, "never a former epoch"
    verdict = audited(settings, database_of(app))
    assert (verdict.faults, len(verdict.restored)) == ([], 2), (
        "the program's chain, and the one that told of the first restore"
    )
    later = copied()
    assert later.proof is not None
    assert later.proof.faults == []


def test_an_older_copy_than_phones_rely_on_needs_a_word_more(
    app: FastAPI, enrol: Enrol, copied: Copied, restored: RestoreIt, settings: Settings, clock: FakeClock
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    older = copied()
    referral_id, operations = officer.submission()
    officer.push(*operations)
    newer = copied()
    with pytest.raises(
        BackupRefused, match=rf"position {older.manifest.position}, .*up to {newer.manifest.position} is safe"
    ):
        restored(older.path)
    assert world.referral(database_of(app), referral_id) is not None, "nothing was touched"
    assert restored(newer.path).manifest == newer.manifest
    assert world.referral(database_of(app), referral_id) is not None


@pytest.fixture
def orphans(
    app: FastAPI, enrol: Enrol, copied: Copied, settings: Settings, request: pytest.FixtureRequest, database_kind: str
) -> list[Path]:
    """Two copies, the older first, and no database any more."""
    officer = enrol("officer")
    copies = []
    for _ in range(2):
        officer.push(*officer.submission()[1])
        copies.append(copied().path)
    app.state.database.close()
    if database_kind == "sqlite":
        embedded._remove(embedded.path_of(settings.url))
    else:
        request.getfixturevalue("postgres_cluster").drop(make_url(settings.url).database)
    return copies


def test_where_the_database_is_gone_the_copies_tell_which_is_the_newest(
    app: FastAPI, orphans: list[Path], restored: RestoreIt, settings: Settings, clock: FakeClock
) -> None:
    older, newer = orphans
    with pytest.raises(BackupRefused, match="beside it, is newer"):
        restoring.restore(settings, older, clock.now())
    done = restored(newer)
    assert (done.present, done.aside) == (None, None)
    assert world.log_size(database_of(app)) == 8


def test_the_former_database_is_kept_whole(
    app: FastAPI, officer: TestDevice, copied: Copied, restored: RestoreIt, settings: Settings, database_kind: str
) -> None:
    copy = copied()
    referral_id, operations = officer.submission()
    officer.push(*operations)
    done = restored(copy.path)
    assert done.aside is not None
    address = make_url(settings.url).set(database=done.aside)
    engine = create_engine(address)
    with engine.connect() as connection:
        if database_kind == "postgresql":
            connection.execute(text("SELECT set_config('handoff.program', '*', false)"))
        found = connection.execute(
            text("SELECT count(*) FROM referral WHERE id = :id"), {"id": referral_id}
        ).scalar_one()
    engine.dispose()
    assert found == 1


@on_postgresql
def test_nobody_may_be_connected(app: FastAPI, copied: Copied, settings: Settings, clock: FakeClock) -> None:
    copy = copied()
    with pytest.raises(BackupRefused, match=r"in use by .* Stop every server and worker"):
        restoring.restore(settings, copy.path, clock.now())


@on_postgresql
def test_a_server_that_starts_meanwhile_keeps_its_database(
    app: FastAPI, copied: Copied, settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copied()
    before = world.head(database_of(app)).epoch
    monkeypatch.setattr(PostgreSQL, "users", lambda _self: [])
    with pytest.raises(BackupRefused, match=r"connected to .* meanwhile"):
        restoring.restore(settings, copy.path, clock.now())
    assert world.head(database_of(app)).epoch == before
    replay(database_of(app), app.state.keys.by_id, clock.now())
    assert world.head(database_of(app)).epoch == before, "nobody has left it: another server may start on it"
    with database_of(app).read() as session:
        names = (
            session.connection().execute(text("SELECT datname FROM pg_database WHERE datname LIKE '%unpacked%'")).all()
        )
    assert names == []


@on_sqlite
def test_the_write_ahead_log_of_a_broken_database_is_not_played_into_the_restored_one(
    app: FastAPI, officer: TestDevice, copied: Copied, restored: RestoreIt, settings: Settings
) -> None:
    officer.push(*officer.submission()[1])
    copy = copied()
    officer.push(*officer.submission()[1])
    path = embedded.path_of(settings.url)
    log = path.with_name(path.name + "-wal")
    left = log.read_bytes()
    assert left, "as a killed server leaves it"
    app.state.database.close()
    path.write_bytes(b"noise" * 10_000)
    log.write_bytes(left)
    done = restored(copy.path)
    assert world.log_size(database_of(app)) == 4
    world.check_projection(database_of(app))
    assert done.aside is not None
    assert Path(done.aside + "-wal").read_bytes() == left


@on_sqlite
def test_a_restore_that_was_broken_off_lets_no_server_start_and_is_run_again(
    app: FastAPI, officer: TestDevice, copied: Copied, restored: RestoreIt, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    clock: FakeClock,
) -> None:  # fmt: skip
    officer.push(*officer.submission()[1])
    copy = copied()
    app.state.database.close()
    path = embedded.path_of(settings.url)
    rename = Path.rename

    def power_cut(self: Path, target: Path) -> Path:
        if target == path:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", power_cut)
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(settings, copy.path, clock.now())
    assert not path.exists()
    with pytest.raises(BackupRefused, match="Run it again"):
        embedded.refuse_half_restored(settings.url)
    restored(copy.path)
    embedded.refuse_half_restored(settings.url)
    assert world.log_size(database_of(app)) == 4


def test_a_copy_that_is_not_whole_is_put_back_only_for_somebody_who_says_so(
    app: FastAPI, officer: TestDevice, restored: RestoreIt, settings: Settings, clock: FakeClock, copied: Copied
) -> None:
    referral_id, operations = officer.submission()
    officer.push(*operations)
    with database_of(app).write() as session:
        session.connection().execute(
            text("DELETE FROM operation_body WHERE op_id = :id"), {"id": operations[2]["op_id"]}
        )
    made = service.backup(settings, settings.backup_folder, clock.now(), depth=None)
    with pytest.raises(BackupRefused, match="not whole"):
        restored(made.path)
    done = restored(made.path, anyway=True)
    assert ["lost their content" in fault for fault in done.proof.faults][:1] == [True]
    assert world.referral(database_of(app), referral_id) is not None


def test_without_the_sealing_keys_nothing_is_restored(
    app: FastAPI, copied: Copied, settings: Settings, restored: RestoreIt
) -> None:
    copy = copied()
    before = world.head(database_of(app)).epoch
    for path in settings.keys_dir.glob("sealing-*.pem"):
        path.rename(path.with_suffix(".elsewhere"))
    for path in settings.keys_dir.glob("sealing-*.elsewhere"):
        path.rename(settings.data_dir / path.name)
    with pytest.raises(BackupRefused, match="key backup"):
        restored(copy.path)
    assert world.head(database_of(app)).epoch == before


def test_the_manifest_of_a_restored_copy_stays_what_it_was(copied: Copied, restored: RestoreIt) -> None:
    copy = copied()
    content = manifest.beside(copy.path).read_bytes()
    restored(copy.path)
    assert manifest.beside(copy.path).read_bytes() == content
