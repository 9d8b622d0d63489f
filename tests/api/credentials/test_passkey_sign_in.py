"""Signing in by passkey: one tap, two factors, and nothing that was altered, repeated or somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from api.accounts import people
from api.auth import limits
from api.credentials.challenges import OPEN_AT_MOST
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.credentials import Challenge
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.credentials.authenticator import Authenticator
from tests.api.credentials.conftest import PasskeyOf, enter, proof_by


def flipped(text: str, place: int) -> str:
    """The same bytes but for one bit."""
    raw = bytearray(base64url_to_bytes(text))
    raw[place] ^= 1
    return bytes_to_base64url(bytes(raw))


def test_one_tap_signs_in_whoever_the_passkey_is(browsers: Any, passkey_of: PasskeyOf, cast: Cast) -> None:
    authenticator = passkey_of("coordinator")
    client = browsers()
    answer = enter(client, authenticator)
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == cast["coordinator"].user_id
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert client.get("/api/session").json() == answer.json()


def test_the_options_name_nobody(browsers: Any, passkey_of: PasskeyOf) -> None:
    passkey_of("officer")
    options = browsers().post("/api/session/passkey-options", json={}).json()["options"]
    assert options | {"challenge": ""} == {
        "challenge": "", "timeout": 300_000, "rpId": "testserver", "allowCredentials": [], "userVerification": "required",
    }  # fmt: skip


def test_the_device_of_the_phone_is_bound_as_with_a_passphrase(
    browsers: Any, passkey_of: PasskeyOf, enrol: Enrol
) -> None:
    authenticator, device = passkey_of("officer"), enrol("officer")
    assert enter(browsers(), authenticator, device_id=device.device_id).json()["device_id"] == device.device_id


def test_the_last_use_is_told(browsers: Any, passkey_of: PasskeyOf, clock: FakeClock) -> None:
    authenticator = passkey_of("officer")
    clock.advance(hours=1)
    client = browsers()
    enter(client, authenticator)
    assert client.get("/api/passkeys").json()["passkeys"][0]["last_used_at"] == "2026-04-30T03:14:00.000Z"


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
def test_a_signature_covers_every_byte(browsers: Any, passkey_of: PasskeyOf, part: str) -> None:
    authenticator = passkey_of("officer")
    for place in (0, 5, 40, -1):
        client = browsers()
        body = proof_by(client, authenticator)
        if place >= len(base64url_to_bytes(body["credential"]["response"][part])):
            continue
        response = body["credential"]["response"]
        body["credential"]["response"] = response | {part: flipped(response[part], place)}
        answer = client.post("/api/session/passkey", json=body)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:passkey-refused"), place
        assert not client.cookies
    assert enter(browsers(), authenticator).status_code == 200


@pytest.mark.parametrize(
    "lie",
    [
        {"verifies": False},
        {"present": False},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver"},
        {"rp_id": "evil.example"},
        {"framed": True},
    ],
    ids=str,
)
def test_a_proof_that_is_not_the_one_asked_for_is_refused(
    browsers: Any, passkey_of: PasskeyOf, lie: dict[str, Any]
) -> None:
    authenticator = passkey_of("officer")
    for name, value in lie.items():
        setattr(authenticator, name, value)
    assert enter(browsers(), authenticator).status_code == 401


def test_a_challenge_is_answered_once(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    body = proof_by(browsers(), authenticator)
    assert [browsers().post("/api/session/passkey", json=body).status_code for _ in range(2)] == [200, 401]


def test_a_refused_answer_spends_the_challenge_too(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    client = browsers()
    asked = client.post("/api/session/passkey-options").json()
    authenticator.verifies = False
    bad = {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["options"])}
    authenticator.verifies = True
    good = {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["options"])}
    assert client.post("/api/session/passkey", json=bad).status_code == 401
    assert client.post("/api/session/passkey", json=good).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 401)])
def test_a_challenge_stands_five_minutes(
    browsers: Any, passkey_of: PasskeyOf, clock: FakeClock, seconds: int, status: int
) -> None:
    authenticator = passkey_of("officer")
    client = browsers()
    body = proof_by(client, authenticator)
    clock.advance(seconds=seconds)
    assert client.post("/api/session/passkey", json=body).status_code == status


def test_a_challenge_for_a_new_passkey_opens_nothing(browsers: Any, passkey_of: PasskeyOf, sign_in: SignIn) -> None:
    authenticator = passkey_of("officer")
    asked = sign_in("officer").post("/api/passkeys/options").json()
    body = {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["options"])}
    assert browsers().post("/api/session/passkey", json=body).status_code == 401


def test_a_challenge_nobody_gave_opens_nothing(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    body = {"challenge_id": "made-up", "credential": authenticator.get({"challenge": bytes_to_base64url(bytes(32))})}
    assert browsers().post("/api/session/passkey", json=body).status_code == 401


def test_an_unknown_passkey_and_a_handle_that_is_not_its_persons_open_nothing(
    browsers: Any, passkey_of: PasskeyOf
) -> None:
    officer, coordinator = passkey_of("officer"), passkey_of("coordinator")
    stranger = Authenticator()
    stranger.create({"user": {"id": officer.residents[0].handle}, "challenge": "AAAA"})
    assert enter(browsers(), stranger).status_code == 401
    officer.residents[0].handle = coordinator.residents[0].handle
    assert enter(browsers(), officer).status_code == 401


def test_a_closed_account_is_refused_like_an_unknown_passkey(
    browsers: Any, passkey_of: PasskeyOf, database: Database, clock: FakeClock
) -> None:
    authenticator = passkey_of("officer")
    with database.write() as session:
        people.deactivate(session, "officer", clock.now())
    stranger = Authenticator()
    stranger.create({"user": {"id": "AAAA"}, "challenge": "AAAA"})
    closed, unknown = enter(browsers(), authenticator), enter(browsers(), stranger)
    assert (closed.status_code, closed.content) == (unknown.status_code, unknown.content) == (401, unknown.content)


def test_a_counter_that_goes_back_is_written_down_and_refuses_nothing(
    browsers: Any, passkey_of: PasskeyOf, database: Database, cast: Cast
) -> None:
    authenticator = passkey_of("officer")
    authenticator.residents[0].count = 10
    assert enter(browsers(), authenticator).status_code == 200
    authenticator.residents[0].count = 3
    assert enter(browsers(), authenticator).status_code == 200
    assert enter(browsers(), authenticator).status_code == 200
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "passkey.count")).all()
    assert [(event.actor_id, event.outcome) for event in events] == [(cast["officer"].user_id, "noted")]


def test_a_passkey_that_never_counts_is_no_news(browsers: Any, passkey_of: PasskeyOf, database: Database) -> None:
    authenticator = passkey_of("officer", counts=0)
    for _ in range(3):
        assert enter(browsers(), authenticator).status_code == 200
    with database.read() as session:
        assert session.exec(select(AuditEvent).where(col(AuditEvent.action) == "passkey.count")).all() == []


def test_twenty_refusals_close_the_address_to_passkeys_as_well(
    browsers: Any, passkey_of: PasskeyOf, clock: FakeClock
) -> None:
    authenticator = passkey_of("officer")
    authenticator.verifies = False
    client = browsers()
    answers = [enter(client, authenticator).status_code for _ in range(limits.ADDRESS_FAILURES + 1)]
    assert answers == [401] * limits.ADDRESS_FAILURES + [429]
    authenticator.verifies = True
    assert enter(client, authenticator).status_code == 429
    clock.advance(minutes=61)
    assert enter(client, authenticator).status_code == 200


def test_sign_ins_that_succeed_never_close_the_address(browsers: Any, passkey_of: PasskeyOf) -> None:
    authenticator = passkey_of("officer")
    answers = {enter(browsers(), authenticator).status_code for _ in range(limits.ADDRESS_FAILURES + 5)}
    assert answers == {200}


def test_challenges_cannot_fill_the_database(browsers: Any, database: Database, clock: FakeClock) -> None:
    client = browsers()
    answers = [client.post("/api/session/passkey-options").status_code for _ in range(OPEN_AT_MOST + 1)]
    assert answers == [200] * OPEN_AT_MOST + [429]
    clock.advance(minutes=5)
    assert client.post("/api/session/passkey-options").status_code == 200
    with database.read() as session:
        assert len(session.exec(select(Challenge)).all()) == 1


def test_a_passkey_is_bound_to_the_public_address_where_there_is_one(
    app: FastAPI, browsers: Any, passkey_of: PasskeyOf
) -> None:
    authenticator = passkey_of("officer")
    app.state.settings = app.state.settings.model_copy(update={"origin": "https://handoff.example.org/"})
    client = browsers()
    assert client.post("/api/session/passkey-options").json()["options"]["rpId"] == "handoff.example.org"
    assert enter(client, authenticator).status_code == 401, "made for another name"


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:8000", "http://localhost:8000", 200),
        ("localhost:8000", "https://localhost:8000", 200),
        ("localhost:8000", "http://localhost:8001", 401),
        ("handoff.test", "http://handoff.test", 401),
        ("handoff.test", "https://handoff.test", 200),
        ("handoff.test:8443", "https://handoff.test", 401),
    ],
)
def test_without_a_public_address_the_requests_own_host_counts_and_http_only_at_home(
    browsers: Any, passkey_of: PasskeyOf, host: str, origin: str, status: int
) -> None:
    authenticator = passkey_of("officer")
    authenticator.origin, authenticator.rp_id = origin, host.partition(":")[0]
    client = browsers()
    asked = client.post("/api/session/passkey-options", headers={"Host": host}).json()
    body = {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["options"])}
    assert client.post("/api/session/passkey", json=body, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("host", ["", "[", "[::1", ":8000"])
def test_a_host_that_is_none_has_no_passkeys(browsers: Any, host: str) -> None:
    assert browsers().post("/api/session/passkey-options", headers={"Host": host}).status_code == 422
