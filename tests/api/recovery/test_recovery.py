"""Recovery: two people, neither of them the person recovered; every former way in is gone; a fresh invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.credentials import OneTimeCode, Passkey
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, START, Cast, Enrol, FakeClock, SignIn, new_client

OWN_WORDS = "lantern gravel teapot window"
ACCEPT = "/api/invitations/accept"


@pytest.fixture
def supervisor(sign_in: SignIn) -> TestClient:
    return sign_in("supervisor")


@pytest.fixture
def administrator(sign_in: SignIn) -> TestClient:
    return sign_in("administrator")


def ask(client: TestClient, user_id: str, reason: str = "Phone lost, passphrase forgotten.") -> Any:
    return client.post("/api/recovery", json={"user_id": user_id, "reason": reason})


def asked_by(client: TestClient, user_id: str) -> str:
    answer = ask(client, user_id)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def token_of(answer: Any) -> str:
    return str(answer.json()["address"]).rpartition("/#/join/")[2]


@pytest.mark.parametrize(("asker", "approver"), [("supervisor", "administrator"), ("administrator", "supervisor")])
def test_two_people_give_somebody_a_new_way_in(
    sign_in: SignIn, enrol: Enrol, cast: Cast, app: FastAPI, database: Database, asker: str, approver: str
) -> None:
    officer = enrol("officer")
    with database.write() as session:
        session.add(
            Passkey(
                id=str(uuid4()), user_id=officer.user_id, credential_id="lost", public_key="", sign_count=0, label="",
                prf=False, device_bound=False, created_at=START,
            )
        )  # fmt: skip
        session.add(OneTimeCode(user_id=officer.user_id, secret="SECRET", created_at=START))
    asked = asked_by(sign_in(asker), officer.user_id)
    assert officer.client.get("/api/session").status_code == 200, "asking changes nothing"
    answer = sign_in(approver).post(f"/api/recovery/{asked}/approve")
    assert answer.status_code == 200, answer.text
    assert answer.json()["purpose"] == "recover"
    assert officer.client.get("/api/session").status_code == 401
    assert new_client(app).post("/api/session", json={"login": "officer", "password": PASSPHRASE}).status_code == 401
    with database.read() as session:
        assert session.exec(select(Passkey)).all() == []
        assert session.exec(select(OneTimeCode)).all() == []
    came = new_client(app)
    assert came.post(ACCEPT, json={"token": token_of(answer), "passphrase": OWN_WORDS}).status_code == 200
    assert new_client(app).post("/api/session", json={"login": "officer", "password": OWN_WORDS}).status_code == 200


def test_what_waits_on_the_phone_is_still_accepted(
    supervisor: TestClient, administrator: TestClient, enrol: Enrol
) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    asked = asked_by(supervisor, officer.user_id)
    administrator.post(f"/api/recovery/{asked}/approve")
    assert {receipt["status"] for receipt in officer.push(*operations)} == {"applied"}


def test_nobody_approves_what_they_asked_for(supervisor: TestClient, cast: Cast, sign_in: SignIn) -> None:
    asked = asked_by(supervisor, cast["officer"].user_id)
    assert supervisor.post(f"/api/recovery/{asked}/approve").status_code == 403
    assert sign_in("supervisor").post(f"/api/recovery/{asked}/approve").status_code == 403, "nor from another session"
    sign_in("officer")


def test_nobody_asks_for_or_approves_their_own(supervisor: TestClient, administrator: TestClient, cast: Cast) -> None:
    assert ask(supervisor, cast["supervisor"].user_id).status_code == 403
    asked = asked_by(supervisor, cast["administrator"].user_id)
    assert administrator.post(f"/api/recovery/{asked}/approve").status_code == 403


@pytest.mark.parametrize("login", ["officer", "sergeant", "coordinator", "case_manager", "prosecutor", "partner"])
def test_other_roles_neither_ask_nor_approve(sign_in: SignIn, supervisor: TestClient, cast: Cast, login: str) -> None:
    asked = asked_by(supervisor, cast["officer2"].user_id)
    client = sign_in(login)
    assert ask(client, cast["officer2"].user_id).status_code == 403
    for act in ("approve", "decline"):
        assert client.post(f"/api/recovery/{asked}/{act}").status_code == 403


def test_the_wall_between_programs_holds(
    supervisor: TestClient, administrator: TestClient, sign_in: SignIn, cast: Cast
) -> None:
    unknown = ask(supervisor, str(uuid4()))
    theirs = ask(supervisor, cast["other_officer"].user_id)
    assert (theirs.status_code, theirs.json()) == (404, unknown.json())
    asked = asked_by(supervisor, cast["officer"].user_id)
    stranger = sign_in("other_administrator")
    for act in ("approve", "decline"):
        missing = stranger.post(f"/api/recovery/{uuid4()}/{act}")
        answer = stranger.post(f"/api/recovery/{asked}/{act}")
        assert (answer.status_code, answer.json()) == (404, missing.json())
    assert administrator.post(f"/api/recovery/{asked}/approve").status_code == 200


def test_every_step_asks_for_a_fresh_proof(
    supervisor: TestClient, administrator: TestClient, cast: Cast, clock: FakeClock
) -> None:
    asked = asked_by(supervisor, cast["officer"].user_id)
    clock.advance(minutes=5, seconds=1)
    answers = [
        ask(supervisor, cast["officer2"].user_id),
        administrator.post(f"/api/recovery/{asked}/approve"),
        administrator.post(f"/api/recovery/{asked}/decline"),
    ]
    assert [answer.json()["type"] for answer in answers] == ["urn:handoff:problem:proof-needed"] * 3


def test_it_is_good_for_two_days(supervisor: TestClient, sign_in: SignIn, cast: Cast, clock: FakeClock) -> None:
    late = asked_by(supervisor, cast["officer"].user_id)
    clock.advance(hours=47, minutes=59)
    administrator = sign_in("administrator")
    assert ask(administrator, cast["officer"].user_id).status_code == 409, "it still waits"
    clock.advance(minutes=1)
    assert administrator.post(f"/api/recovery/{late}/approve").status_code == 409
    sign_in("officer")
    assert ask(administrator, cast["officer"].user_id).status_code == 201


def test_it_happens_once(supervisor: TestClient, administrator: TestClient, cast: Cast, app: FastAPI) -> None:
    asked = asked_by(supervisor, cast["officer"].user_id)
    first = administrator.post(f"/api/recovery/{asked}/approve")
    assert administrator.post(f"/api/recovery/{asked}/approve").status_code == 409
    assert administrator.post(f"/api/recovery/{asked}/decline").status_code == 409
    answer = new_client(app).post(ACCEPT, json={"token": token_of(first), "passphrase": OWN_WORDS})
    assert answer.status_code == 200, "the second try has not spoilt the invitation"


def test_declined_or_taken_back_it_changes_nothing(
    supervisor: TestClient, administrator: TestClient, sign_in: SignIn, cast: Cast
) -> None:
    for decider in (administrator, supervisor):
        asked = asked_by(supervisor, cast["officer"].user_id)
        assert decider.post(f"/api/recovery/{asked}/decline").status_code == 204
        assert administrator.post(f"/api/recovery/{asked}/approve").status_code == 409
    sign_in("officer")


def test_an_account_that_was_closed_meanwhile_stays_closed(
    supervisor: TestClient, administrator: TestClient, cast: Cast
) -> None:
    asked = asked_by(supervisor, cast["officer"].user_id)
    administrator.patch(f"/api/people/{cast['officer'].user_id}", json={"active": False})
    assert administrator.post(f"/api/recovery/{asked}/approve").status_code == 409
    assert ask(supervisor, cast["officer"].user_id).status_code == 404


def test_a_request_of_another_kind_is_none_of_its_business(
    sign_in: SignIn, cast: Cast, database: Database, administrator: TestClient
) -> None:
    from api.auth.sessions import Principal
    from api.second_person import service

    member = cast["supervisor"]
    principal = Principal(member.user_id, member.program_id, "supervisor", None, "", None, START, START, START)
    with database.write() as session:
        hold = service.ask(session, principal, "hold", cast["officer"].user_id, "Why.", START)
    assert administrator.post(f"/api/recovery/{hold.id}/approve").status_code == 404
    assert administrator.post(f"/api/recovery/{hold.id}/decline").status_code == 404


def test_of_two_approvals_at_once_one_counts(supervisor: TestClient, sign_in: SignIn, cast: Cast, app: FastAPI) -> None:
    clients = [sign_in("administrator"), sign_in("administrator")]
    asked = asked_by(supervisor, cast["officer"].user_id)
    answers = together([lambda client=client: client.post(f"/api/recovery/{asked}/approve") for client in clients])  # type: ignore[misc]
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    good = next(answer for answer in answers if answer.status_code == 200)
    came = new_client(app).post(ACCEPT, json={"token": token_of(good), "passphrase": OWN_WORDS})
    assert came.status_code == 200


@pytest.mark.parametrize("body", [{}, {"user_id": "x", "reason": "Why."}, {"reason": "", "user_id": str(uuid4())}])
def test_a_malformed_request_is_refused(supervisor: TestClient, body: dict[str, Any]) -> None:
    assert supervisor.post("/api/recovery", json=body).status_code == 422


def test_it_is_audited_by_ids_alone(
    supervisor: TestClient, administrator: TestClient, cast: Cast, database: Database
) -> None:
    asked = asked_by(supervisor, cast["officer"].user_id)
    administrator.post(f"/api/recovery/{asked}/approve")
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.subject == cast["officer"].user_id)).all()
    actions = [event.action for event in events if event.at >= START - timedelta(seconds=1)]
    assert actions == ["recovery.ask", "recovery.approve", "invitation.recover", "person.recover"]
    assert "forgotten" not in "".join(event.model_dump_json() for event in events)
