"""Where a program requires two factors, a passphrase alone opens nothing but the way to the second."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.program import ProgramConfig
from api.tables.people import Program
from tests.api.conftest import OTHER_PROGRAM, PASSPHRASE, Enrol, FakeClock, SignIn
from tests.api.credentials.authenticator import Authenticator
from tests.api.credentials.conftest import App, AppOf, PasskeyOf, add_passkey, enter, proof_by
from tests.api.test_routes import GUARDED, call, name_of

OPEN = {
    "GET /api/session", "DELETE /api/session", "POST /api/session/step-up", "GET /api/sessions",
    "DELETE /api/sessions/{session_id}", "GET /api/program", "GET /api/passkeys", "POST /api/passkeys/options",
    "POST /api/passkeys", "DELETE /api/passkeys/{passkey_id}", "POST /api/totp", "POST /api/totp/confirm", "DELETE /api/totp",
    "PUT /api/passphrase",
}  # fmt: skip
"""Guarded routes that one factor opens."""


def by_passphrase(client: TestClient, login: str = "officer", **more: str) -> Any:
    answer = client.post("/api/session", json={"login": login, "password": PASSPHRASE} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def needs(client: TestClient) -> bool:
    """What the session says of itself, held against what it opens."""
    said = client.get("/api/session").json()["second_factor_needed"]
    answer = client.get("/api/devices")
    refused = answer.status_code == 403
    assert not refused or answer.json()["type"] == "urn:handoff:problem:second-factor-needed"
    assert said is refused
    return bool(said)


def test_a_program_requires_two_unless_it_says_otherwise() -> None:
    config = ProgramConfig(call_number="911", call_name="On call", time_zone="UTC", pathways=["community"])
    assert config.second_factor == "required"


def test_where_one_is_enough_a_passphrase_opens_everything(browsers: Any, cast: object) -> None:
    client = browsers()
    assert by_passphrase(client)["second_factor_needed"] is False
    assert not needs(client)


@pytest.mark.usefixtures("second_factor_required")
class TestRequired:
    def test_a_passphrase_alone_opens_these_routes_and_no_others(self, browsers: Any) -> None:
        for login in ("officer", "coordinator", "supervisor", "administrator"):
            client = browsers()
            assert by_passphrase(client, login)["second_factor_needed"] is True
            opened = set()
            for route, _ in GUARDED:
                if name_of(route) == "DELETE /api/session":
                    opened.add(name_of(route))
                    continue
                answer = call(client, route)
                kind = answer.json()["type"].rpartition(":")[2] if answer.status_code == 403 else ""
                assert answer.status_code != 401, name_of(route)
                if kind not in ("second-factor-needed", "forbidden"):
                    opened.add(name_of(route))
            assert opened == OPEN

    def test_another_program_that_requires_none_goes_on_as_before(self, browsers: Any) -> None:
        assert by_passphrase(browsers(), "other_officer")["second_factor_needed"] is False

    def test_adding_the_first_passkey_opens_the_session_under_a_new_cookie(self, browsers: Any) -> None:
        client = browsers()
        by_passphrase(client)
        former = client.cookies["__Host-session"]
        assert add_passkey(client, Authenticator()).status_code == 201
        assert client.cookies["__Host-session"] != former
        assert not needs(client)
        client.cookies.set("__Host-session", former)
        assert client.get("/api/session").status_code == 401

    def test_adding_the_first_app_opens_it_when_it_is_confirmed(self, browsers: Any, clock: FakeClock) -> None:
        client = browsers()
        by_passphrase(client)
        app = App(client.post("/api/totp").json()["secret"], clock, client)
        assert needs(client)
        former = client.cookies["__Host-session"]
        assert client.post("/api/totp/confirm", json={"code": app.code()}).status_code == 204
        assert client.cookies["__Host-session"] != former
        assert not needs(client)

    def test_a_passkey_is_two_factors_and_so_is_a_passphrase_with_a_code(
        self, browsers: Any, passkey_of: PasskeyOf, app_of: AppOf
    ) -> None:
        authenticator, app = passkey_of("officer"), app_of("coordinator")
        by_key, by_code = browsers(), browsers()
        assert enter(by_key, authenticator).json()["second_factor_needed"] is False
        assert by_passphrase(by_code, "coordinator", code=app.code())["second_factor_needed"] is False
        assert not needs(by_key)
        assert not needs(by_code)

    def test_whoever_knows_the_passphrase_alone_cannot_add_or_remove_what_guards_it(
        self, browsers: Any, passkey_of: PasskeyOf
    ) -> None:
        authenticator = passkey_of("officer")
        thief = browsers()
        by_passphrase(thief)
        passkey_id = thief.get("/api/passkeys").json()["passkeys"][0]["id"]
        change = {"former": PASSPHRASE, "passphrase": "entirely other words now"}
        answers = [
            thief.post("/api/passkeys/options"),
            thief.post("/api/totp"),
            thief.delete("/api/totp"),
            thief.post("/api/totp/confirm", json={"code": "000000"}),
            thief.delete(f"/api/passkeys/{passkey_id}"),
            thief.put("/api/passphrase", json=change),
        ]
        assert {answer.status_code for answer in answers} == {403}
        assert {answer.json()["type"] for answer in answers} == {"urn:handoff:problem:second-factor-needed"}
        assert needs(thief)
        assert enter(browsers(), authenticator).status_code == 200

    def test_options_that_were_asked_for_before_do_not_help_either(self, browsers: Any, sign_in: SignIn) -> None:
        thief = browsers()
        by_passphrase(thief)
        asked = thief.post("/api/passkeys/options").json()
        secret = thief.post("/api/totp").json()["secret"]
        owner = sign_in("officer")
        assert add_passkey(owner, Authenticator()).status_code == 201
        body = {
            "challenge_id": asked["challenge_id"], "label": "Mine",
            "credential": Authenticator().create(asked["options"]),
        }  # fmt: skip
        assert thief.post("/api/passkeys", json=body).status_code == 403
        code = App(secret, FakeClock(), thief).code()
        assert thief.post("/api/totp/confirm", json={"code": code}).status_code == 403

    def test_proving_it_with_the_passkey_opens_the_session(self, browsers: Any, passkey_of: PasskeyOf) -> None:
        authenticator = passkey_of("officer")
        client = browsers()
        by_passphrase(client)
        assert needs(client)
        assert client.post("/api/session/step-up", json=proof_by(client, authenticator)).status_code == 204
        assert not needs(client)

    def test_proving_the_passphrase_again_does_not(self, browsers: Any) -> None:
        client = browsers()
        by_passphrase(client)
        assert client.post("/api/session/step-up", json={"password": PASSPHRASE}).status_code == 204
        assert needs(client)

    def test_a_phone_sends_whatever_its_session_lacks(self, browsers: Any, app: FastAPI, enrol: Enrol) -> None:
        device = enrol("other_officer")
        with app.state.database.write() as session:
            program = session.get_one(Program, OTHER_PROGRAM)
            program.config = program.config | {"second_factor": "required"}
            session.add(program)
        device.client.delete("/api/session")
        by_passphrase(device.client, "other_officer")
        assert needs(device.client)
        _, operations = device.submission()
        assert [receipt["status"] for receipt in device.push(*operations)] == ["applied"] * len(operations)
