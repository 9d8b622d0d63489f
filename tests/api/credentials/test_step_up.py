"""Proving again who one is: what it opens, for how long, and that the former cookie dies of it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth import limits
from api.database import Database
from api.tables.audit import AuditEvent
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, Cast, FakeClock, SignIn, new_client
from tests.api.credentials.authenticator import Authenticator
from tests.api.credentials.conftest import AppOf, PasskeyOf, add_passkey, enter, proof_by

STEP_UP = "/api/session/step-up"
WRONG = {"password": "not the right words"}
RIGHT = {"password": PASSPHRASE}


def may_add(client: TestClient) -> bool:
    """True while the proof is fresh; asking for a secret changes nothing."""
    status = client.post("/api/totp").status_code
    assert status in (200, 403)
    return bool(status == 200)


@pytest.mark.parametrize(("seconds", "fresh"), [(300, True), (301, False)])
def test_a_proof_is_fresh_for_five_minutes(sign_in: SignIn, clock: FakeClock, seconds: int, fresh: bool) -> None:
    client = sign_in("officer")
    clock.advance(hours=0, minutes=20)
    assert not may_add(client)
    assert client.post(STEP_UP, json=RIGHT).status_code == 204
    clock.advance(seconds=seconds)
    assert may_add(client) is fresh


def test_a_passkey_proves_it_too(browsers: Any, passkey_of: PasskeyOf, clock: FakeClock) -> None:
    authenticator = passkey_of("officer")
    client = browsers()
    enter(client, authenticator)
    clock.advance(minutes=20)
    assert not may_add(client)
    assert client.post(STEP_UP, json=proof_by(client, authenticator)).status_code == 204
    assert may_add(client)


def test_the_cookie_changes_and_the_former_opens_nothing(sign_in: SignIn, clock: FakeClock) -> None:
    client = sign_in("officer")
    former, listed = client.cookies["__Host-session"], client.get("/api/sessions").json()["sessions"]
    clock.advance(hours=0, minutes=20)
    answer = client.post(STEP_UP, json=RIGHT)
    cookie = answer.headers["set-cookie"].lower()
    for attribute in ("httponly", "secure", "samesite=strict", "path=/", f"max-age={12 * 3600 - 20 * 60}"):
        assert attribute in cookie
    assert client.cookies["__Host-session"] != former
    assert [each["id"] for each in client.get("/api/sessions").json()["sessions"]] == [listed[0]["id"]]
    client.cookies.set("__Host-session", former)
    assert client.get("/api/session").status_code == 401


def test_the_session_ends_when_it_would_have_ended(sign_in: SignIn, clock: FakeClock) -> None:
    client = sign_in("officer")
    until = client.get("/api/session").json()["expires_at"]
    clock.advance(minutes=25)
    client.post(STEP_UP, json=RIGHT)
    assert client.get("/api/session").json()["expires_at"] == until


def test_a_refused_proof_changes_nothing(sign_in: SignIn, clock: FakeClock) -> None:
    client = sign_in("officer")
    clock.advance(minutes=20)
    answer = client.post(STEP_UP, json=WRONG)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:sign-in-refused")
    assert "set-cookie" not in answer.headers
    assert client.get("/api/session").status_code == 200
    assert not may_add(client)


def test_failures_count_with_those_of_signing_in(sign_in: SignIn, cast: Cast) -> None:
    client, stranger = sign_in("officer"), sign_in("coordinator")
    for _ in range(limits.ACCOUNT_FAILURES - 1):
        assert client.post(STEP_UP, json=WRONG).status_code == 401
    body = {"login": "officer", **WRONG}
    assert stranger.post("/api/session", json=body).status_code == 401
    assert client.post(STEP_UP, json=RIGHT).status_code == 429


def test_where_there_is_an_app_its_code_is_asked_for(app_of: AppOf) -> None:
    app = app_of("officer")
    answer = app.client.post(STEP_UP, json=RIGHT)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:code-needed")
    assert app.client.post(STEP_UP, json=RIGHT | {"code": app.wrong()}).status_code == 401
    assert app.client.post(STEP_UP, json=RIGHT | {"code": app.code()}).status_code == 204
    assert app.client.post(STEP_UP, json=RIGHT | {"code": app.code()}).status_code == 401, "a code is used once"


def test_another_persons_passkey_proves_nothing(sign_in: SignIn, passkey_of: PasskeyOf, clock: FakeClock) -> None:
    theirs = passkey_of("coordinator")
    client = sign_in("officer")
    clock.advance(minutes=20)
    answer = client.post(STEP_UP, json=proof_by(client, theirs))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:passkey-refused")
    assert not may_add(client)


def test_a_proof_is_given_once(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    client = browsers()
    enter(client, authenticator)
    body = proof_by(client, authenticator)
    assert [client.post(STEP_UP, json=body).status_code for _ in range(2)] == [204, 401]


def test_a_proof_without_verification_proves_nothing(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    client = browsers()
    enter(client, authenticator)
    authenticator.verifies = False
    assert client.post(STEP_UP, json=proof_by(client, authenticator)).status_code == 401


def test_two_proofs_at_once_leave_one_cookie(app: Any, sign_in: SignIn) -> None:
    client = sign_in("officer")
    twins = [new_client(app) for _ in range(2)]
    for twin in twins:
        twin.cookies.set("__Host-session", client.cookies["__Host-session"])
    answers = together([lambda twin=twin: twin.post(STEP_UP, json=RIGHT).status_code for twin in twins])  # type: ignore[misc]
    assert sorted(answers) == [204, 401]


def test_a_stranger_steps_nowhere(client: TestClient, cast: Cast) -> None:
    answer = client.post(STEP_UP, json=RIGHT)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:sign-in-needed")


@pytest.mark.parametrize(
    "body", [{}, [], {"password": ""}, {"password": 5}, {"challenge_id": "x"}, {"password": PASSPHRASE, "fresh": True}]
)
def test_what_is_no_proof_is_malformed(sign_in: SignIn, body: Any) -> None:
    answer = sign_in("officer").post(STEP_UP, json=body)
    assert answer.status_code == 422
    assert PASSPHRASE not in answer.text


def test_both_outcomes_are_audited(sign_in: SignIn, database: Database, cast: Cast) -> None:
    client = sign_in("officer")
    add_passkey(client, authenticator := Authenticator())
    for body in (WRONG, RIGHT, proof_by(client, authenticator)):
        client.post(STEP_UP, json=body)
    authenticator.verifies = False
    client.post(STEP_UP, json=proof_by(client, authenticator))
    with database.read() as session:
        query = select(AuditEvent).where(col(AuditEvent.action) == "session.step-up").order_by(col(AuditEvent.id))
        events = session.exec(query).all()
    assert [event.outcome for event in events] == ["refused", "done", "done", "refused"]
    assert {event.actor_id for event in events} == {cast["officer"].user_id}
