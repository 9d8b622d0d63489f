"""An older copy takes the database's place: what was expunged and revoked since then is so again before anybody is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.at_rest.key_files import KeyFileError
from api.ledger.file import KEY_FILE, LOG_FILE, key_in
from api.retention.replay import replay
from api.settings import Settings
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.records import OperationBody
from api.tables.retention import Expunged, LedgerMark
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.retention.conftest import CANARIES, Backup, Restore, Told, Two, started


def lines(settings: Settings) -> list[str]:
    return (settings.data_dir / LOG_FILE).read_text().splitlines()


def device(app: FastAPI, device_id: str) -> Device:
    with app.state.database.read() as session:
        found: Device = session.get_one(Device, device_id)
        return found


def test_a_restore_brings_neither_back(
    app: FastAPI, settings: Settings, two: Two, told: Callable[[], Told], enrol: Enrol, sign_in: SignIn, backup: Backup,
    restore: Restore,
) -> None:  # fmt: skip
    subject, other, lost = told(), told(), enrol("coordinator")
    backup()
    two.expunge(subject.referral_id)
    assert sign_in("supervisor").delete(f"/api/devices/{lost.device_id}").status_code == 204
    noted = lines(settings)
    assert len(noted) == 2
    assert not any(word in "".join(noted) for word in (*CANARIES, subject.referral_id, lost.device_id))
    restore()
    assert world.state(app.state.database, subject.referral_id)["registers"], "the copy had it all"
    assert device(app, lost.device_id).state == "active"
    with started(app):
        database = app.state.database
        assert world.state(database, subject.referral_id)["expunged"] is True
        assert world.state(database, other.referral_id)["registers"]
        again = device(app, lost.device_id)
        assert (again.state, again.revoked_why) == ("revoked", "removed")
        with database.read() as session:
            bodies = set(session.exec(select(OperationBody.op_id)))
            row = session.get_one(Expunged, subject.referral_id)
            events = session.exec(select(AuditEvent).where(AuditEvent.source == "ledger")).all()
        assert bodies.isdisjoint(operation["op_id"] for operation in subject.operations)
        assert row.reason == "court_order"
        assert [event.action for event in events] == ["referral.expunge", "device.revoke"]
        assert lost.post_push([]).json()["wipe"] is True
        assert replay(database, app.state.keys.by_id, app.state.clock.now()) == 0, "once is enough"
    assert lines(settings) == noted, "no line is written twice"


def test_a_referral_that_the_copy_never_knew_does_not_come_back_from_a_phone(
    app: FastAPI, two: Two, told: Callable[[], Told], officer: TestDevice, backup: Backup, restore: Restore
) -> None:
    backup()
    subject = told()
    two.expunge(subject.referral_id)
    restore()
    with started(app):
        answers = officer.push(*subject.operations)
        assert {(one["status"], one["reason"]) for one in answers} == {("rejected", "expunged")}
        database = app.state.database
        assert world.referral(database, subject.referral_id) is None
        with database.read() as session:
            assert session.exec(select(OperationBody)).all() == []
        assert world.quarantined(database) == []


def test_a_phone_that_the_copy_never_knew_stays_revoked(
    app: FastAPI, enrol: Enrol, sign_in: SignIn, backup: Backup, restore: Restore
) -> None:
    backup()
    lost = enrol("officer")
    assert sign_in("supervisor").delete(f"/api/devices/{lost.device_id}").status_code == 204
    restore()
    with started(app):
        body = {"device_id": lost.device_id, "public_key": lost.phone.public_key, "label": ""}
        answer = sign_in("officer").post("/api/devices", json=body)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "device-revoked")


def test_a_hold_in_the_copy_does_not_undo_what_was_done(
    app: FastAPI, two: Two, told: Callable[[], Told], backup: Backup, restore: Restore
) -> None:
    subject = told()
    hold = two.hold(subject.referral_id)
    backup()
    two.end(hold)
    two.expunge(subject.referral_id)
    restore()
    with started(app):
        assert world.state(app.state.database, subject.referral_id)["expunged"] is True


def test_a_lost_ledger_is_written_anew(
    app: FastAPI, settings: Settings, two: Two, told: Callable[[], Told]
) -> None:  # fmt: skip
    two.expunge(told().referral_id)
    noted = lines(settings)
    (settings.data_dir / LOG_FILE).unlink()
    with started(app):
        assert lines(settings) == noted


def test_without_its_key_the_server_does_not_start(
    app: FastAPI, settings: Settings, two: Two, told: Callable[[], Told], clock: FakeClock
) -> None:
    two.expunge(told().referral_id)
    (settings.keys_dir / KEY_FILE).unlink()
    key_in.cache_clear()
    with pytest.raises(KeyFileError, match=KEY_FILE), started(app):
        pass


def test_the_ledger_may_be_elsewhere(settings: Settings, tmp_path: Path) -> None:
    assert settings.ledger_folder == settings.data_dir
    elsewhere = settings.model_copy(update={"ledger_dir": str(tmp_path / "other")})
    assert elsewhere.ledger_folder == tmp_path / "other"


def test_the_database_remembers_every_line(
    app: FastAPI, two: Two, told: Callable[[], Told], settings: Settings
) -> None:
    two.expunge(told().referral_id, "participant")
    with app.state.database.read() as session:
        [mark] = session.exec(select(LedgerMark)).all()
    assert (mark.kind, mark.reason) == ("expunged", "participant")
    assert mark.mark in lines(settings)[0]
