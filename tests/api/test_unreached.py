"""Asking for what one does not reach: answered as if there were nothing, and written down after the answer has left."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from api.database import Database
from api.tables.audit import AuditEvent
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn

HISTORY, PAGE, TOLD = ("/api/referrals/{}/history", "/api/referrals/{}/page", "/api/referrals/{}/disclosures")


def refused(database: Database) -> list[tuple[str, str | None, str, Any]]:
    with database.read() as session:
        rows = session.exec(
            select(AuditEvent).where(col(AuditEvent.action).endswith(".refuse")).order_by(col(AuditEvent.id))
        )
        return [(row.action, row.actor_id, row.subject, row.detail) for row in rows]


@pytest.fixture
def others(enrol: Enrol) -> str:
    """A referral of another officer, whom the first one does not reach."""
    phone = enrol("officer2")
    created = phone.create()
    assert phone.push(created)[0]["status"] == "applied"
    return str(created["referral_id"])


def test_who_asked_for_it_is_written_down_and_the_answer_is_that_of_an_unknown_one(
    others: str, sign_in: SignIn, cast: Cast, database: Database
) -> None:
    client = sign_in("officer")
    unknown = client.get(HISTORY.format(uuid4()))
    assert refused(database) == []
    known = client.get(HISTORY.format(others))
    assert (known.status_code, known.content) == (404, unknown.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert refused(database) == [("referral.refuse", cast["officer"].user_id, others, {"asked": "history:R"})]


def test_the_answer_leaves_before_anything_is_looked_up_for_it(
    others: str, sign_in: SignIn, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of a refusal would tell that there is something to refuse."""
    client = sign_in("officer")
    order: list[str] = []
    look = app.state.refusals._unreached

    def looking(*given: Any) -> None:
        order.append("looked")
        look(*given)

    monkeypatch.setattr(app.state.refusals, "_unreached", looking)

    async def through(scope: Any, receive: Any, send: Any) -> None:
        async def watched(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append("answered")

        await app(scope, receive, watched)

    inside = TestClient(through, base_url="https://testserver", cookies=client.cookies)
    assert inside.get(HISTORY.format(others)).status_code == 404
    assert order == ["answered", "looked"]


def test_a_loop_is_written_down_once_a_minute_and_each_thing_by_itself(
    others: str, sign_in: SignIn, database: Database, clock: FakeClock, enrol: Enrol
) -> None:
    phone = enrol("officer2")
    created = phone.create()
    phone.push(created)
    client = sign_in("officer")
    for _ in range(3):
        for referral_id in (others, created["referral_id"]):
            assert client.get(HISTORY.format(referral_id)).status_code == 404
    assert [subject for _, _, subject, _ in refused(database)] == [others, created["referral_id"]]
    clock.advance(seconds=60)
    client.get(HISTORY.format(others))
    assert len(refused(database)) == 3


@pytest.mark.parametrize("path", [HISTORY, PAGE, TOLD])
def test_another_program_s_things_are_as_unknown_as_any(
    others: str, sign_in: SignIn, database: Database, path: str
) -> None:
    assert sign_in("other_coordinator").get(path.format(others)).status_code == 404
    assert refused(database) == []


def test_what_was_erased_is_refused_to_nobody(others: str, sign_in: SignIn, database: Database) -> None:
    supervisor, administrator = sign_in("supervisor"), sign_in("administrator")
    asked = supervisor.post(f"/api/referrals/{others}/expunge", json={"reason": "mistake"}).json()["asked_id"]
    assert administrator.post(f"/api/expunge/{asked}/approve").status_code == 204
    assert supervisor.get(HISTORY.format(others)).status_code == 404
    assert refused(database) == []


def test_other_things_than_referrals_are_written_down_too(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    device_id = enrol("officer2").device_id
    assert sign_in("officer").delete(f"/api/devices/{device_id}").status_code == 404
    [(action, _, subject, detail)] = refused(database)
    assert (action, subject, detail) == ("device.refuse", device_id, {"asked": "devices.own:D"})


def test_a_supervisor_reads_of_it_and_an_administrator_does_not(others: str, sign_in: SignIn) -> None:
    sign_in("officer").get(HISTORY.format(others))
    read = {
        login: [
            each["subject"]
            for each in sign_in(login).get("/api/audit").json()["entries"]
            if each["action"].endswith(".refuse")
        ]
        for login in ("supervisor", "administrator")
    }
    assert read == {"supervisor": [others], "administrator": []}


def test_it_is_refused_whether_or_not_it_can_be_written_down(
    others: str, sign_in: SignIn, app: FastAPI, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = sign_in("officer")

    def broken(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(app.state.refusals, "_unreached", broken)
    assert client.get(HISTORY.format(others)).status_code == 404
