"""What phones send and fetch is in the audit: one event a batch, one for each pull that shows something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import col, select

from api.audit.key import secret_in
from api.audit.verify import verify
from api.database import Database
from api.settings import Settings
from api.tables.audit import AuditEvent
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice


def events(database: Database, action: str) -> list[AuditEvent]:
    with database.read() as session:
        return list(
            session.exec(select(AuditEvent).where(col(AuditEvent.action) == action).order_by(col(AuditEvent.id)))
        )


def test_a_batch_is_one_event_with_its_counts(officer: TestDevice, database: Database, cast: Cast) -> None:
    _, operations = officer.submission()
    officer.push(*operations)
    officer.push(*operations)
    first, again = events(database, "sync.push")
    assert (first.detail, again.detail) == ({"applied": 4}, {"duplicate": 4})
    assert (first.actor_id, first.device_id, first.program_id) == (cast["officer"].user_id, officer.device_id, "denver")
    assert first.source == "testclient"


def test_a_phone_that_only_says_that_it_is_there_is_no_event(officer: TestDevice, database: Database) -> None:
    officer.push()
    assert events(database, "sync.push") == []


def test_a_pull_names_the_referrals_that_went_to_the_device(
    enrol: Enrol, refer: Callable[..., str], database: Database, cast: Cast
) -> None:
    referral_ids = {refer({"place": "Here"}), refer({"place": "There"})}
    coordinator = enrol("coordinator")
    answer = coordinator.pull()
    assert {item["id"] for item in answer["items"] if item["t"] == "put"} == referral_ids
    (event,) = events(database, "sync.pull")
    assert event.detail is not None
    assert set(str(event.detail["referrals"]).split()) == referral_ids
    assert (event.actor_id, event.device_id) == (cast["coordinator"].user_id, coordinator.device_id)


def test_an_empty_pull_writes_nothing(enrol: Enrol, refer: Callable[..., str], database: Database) -> None:
    refer({"place": "Here"})
    coordinator = enrol("coordinator")
    cursor = coordinator.pull()["cursor"]
    for _ in range(3):
        assert coordinator.pull(cursor=cursor)["items"] == []
    assert len(events(database, "sync.pull")) == 1


def test_what_cannot_be_audited_is_neither_shown_nor_taken(
    enrol: Enrol, refer: Callable[..., str], officer: TestDevice, database: Database
) -> None:
    refer({"place": "CANARY"})
    coordinator = enrol("coordinator")
    with database.write() as session:
        session.execute(text("ALTER TABLE audit_event RENAME COLUMN mac TO broken"))
    answer = coordinator.client.post("/api/sync/pull", json=pull_body(coordinator))
    assert answer.status_code == 500
    assert "items" not in answer.text
    _, operations = officer.submission()
    assert {answer["status"] for answer in officer.push(*operations)} == {"retry"}
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM operation_header")).scalar_one() == 2


def pull_body(device: TestDevice) -> dict[str, Any]:
    return {"protocol": 1, "epoch": None, "cursor": None, "limit": 100, "device_id": device.device_id}


def test_a_history_that_was_read_is_an_event(
    refer: Callable[..., str], sign_in: SignIn, database: Database, cast: Cast
) -> None:
    referral_id = refer({"place": "Here"})
    assert sign_in("supervisor").get(f"/api/referrals/{referral_id}/history").status_code == 200
    assert sign_in("other_supervisor").get(f"/api/referrals/{referral_id}/history").status_code == 404
    (event,) = events(database, "referral.history")
    assert (event.actor_id, event.subject) == (cast["supervisor"].user_id, referral_id)


def test_an_attempt_at_what_the_role_does_not_include_is_noted_once_a_minute(
    sign_in: SignIn, database: Database, cast: Cast, clock: FakeClock
) -> None:
    client = sign_in("coordinator")
    for _ in range(3):
        assert client.get("/api/audit").status_code == 403
    assert client.get("/api/queue").status_code == 403
    clock.advance(minutes=1)
    assert client.get("/api/audit").status_code == 403
    found = events(database, "access.refuse")
    assert [(each.subject, each.outcome) for each in found] == [
        ("audit:R", "refused"), ("queue:R", "refused"), ("audit:R", "refused"),
    ]  # fmt: skip
    assert {each.actor_id for each in found} == {cast["coordinator"].user_id}


def test_all_of_it_makes_one_whole_chain(
    app: FastAPI, settings: Settings, enrol: Enrol, refer: Callable[..., str], database: Database, tmp_path: Path
) -> None:
    refer({"place": "Here"})
    enrol("coordinator").pull()
    with database.read() as session:
        verdict = verify(session, secret_in(settings.keys_dir))
        assert session.exec(select(AuditEvent).where(col(AuditEvent.number).is_(None))).all() == []
    assert verdict.faults == []
    assert verdict.chains >= 2


@pytest.mark.parametrize("word", ["Here", "Example"])
def test_nothing_typed_and_nobodys_name_is_in_it(
    enrol: Enrol, refer: Callable[..., str], database: Database, word: str
) -> None:
    refer({"place": "Here"})
    enrol("coordinator").pull()
    with database.read() as session:
        rows = session.exec(select(AuditEvent)).all()
    assert rows
    assert not any(word in str(row.model_dump()) for row in rows)
