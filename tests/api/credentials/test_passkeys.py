"""Adding, listing and removing passkeys: what the server asks of an authenticator and what it refuses."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from fastapi import FastAPI
from sqlmodel import col, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from api.credentials.passkeys import PASSKEYS_PER_PERSON
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.credentials import Challenge, Passkey, UserHandle
from api.tables.people import User
from tests.api.conftest import Cast, FakeClock, SignIn
from tests.api.credentials.authenticator import Authenticator
from tests.api.credentials.conftest import PasskeyOf, add_passkey, enter

ADDED = 201
REFUSED = 409


class TestTheOptions:
    def test_ask_for_a_discoverable_passkey_with_verification_and_prf(self, sign_in: SignIn, cast: Cast) -> None:
        options = sign_in("officer").post("/api/passkeys/options").json()["options"]
        assert options["rp"] == {"id": "testserver", "name": "Warm Handoff"}
        assert options["authenticatorSelection"] == {
            "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
        }  # fmt: skip
        assert options["extensions"] == {"prf": {}}
        assert options["attestation"] == "none"
        assert options["excludeCredentials"] == []
        assert {entry["alg"] for entry in options["pubKeyCredParams"]} == {-8, -7, -257}
        assert len(base64url_to_bytes(options["challenge"])) == 32

    def test_the_handle_is_random_and_the_same_for_every_passkey_of_a_person(
        self, sign_in: SignIn, cast: Cast, database: Database
    ) -> None:
        handles = [
            sign_in(login).post("/api/passkeys/options").json()["options"]["user"]["id"]
            for login in ("officer", "officer", "coordinator")
        ]
        assert handles[0] == handles[1] != handles[2]
        assert len(base64url_to_bytes(handles[0])) == 32
        with database.read() as session:
            assert session.get_one(UserHandle, cast["officer"].user_id).handle == handles[0]

    def test_leave_out_authenticators_that_hold_one_already(self, sign_in: SignIn, passkey_of: PasskeyOf) -> None:
        passkey_of("officer")
        client = sign_in("officer")
        listed = client.get("/api/passkeys").json()["passkeys"]
        excluded = client.post("/api/passkeys/options").json()["options"]["excludeCredentials"]
        assert excluded == [{"id": listed[0]["credential_id"], "type": "public-key"}]

    def test_challenges_differ_and_neither_they_nor_their_ids_lie_in_the_open(
        self, sign_in: SignIn, database: Database
    ) -> None:
        client = sign_in("officer")
        asked = [client.post("/api/passkeys/options").json() for _ in range(3)]
        assert len({each["options"]["challenge"] for each in asked}) == 3
        with database.read() as session:
            stored = {row.id_hash for row in session.exec(select(Challenge))}
        assert len(stored) == 3
        assert not stored & {each["challenge_id"] for each in asked}


class TestAdding:
    @pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
    def test_a_passkey_of_every_kind_that_is_asked_for_is_kept_and_signs_in(
        self, sign_in: SignIn, browsers: Any, algorithm: Any
    ) -> None:
        authenticator = Authenticator(algorithm=algorithm)
        answer = add_passkey(sign_in("officer"), authenticator, " Phone in car 12 ")
        assert answer.status_code == ADDED
        assert answer.json() | {"id": "", "credential_id": ""} == {
            "id": "", "credential_id": "", "label": "Phone in car 12", "created_at": "2026-04-30T02:14:00.000Z",
            "last_used_at": None, "prf": False, "device_bound": True,
        }  # fmt: skip
        assert enter(browsers(), authenticator).status_code == 200

    @pytest.mark.parametrize(
        ("nature", "prf", "device_bound"),
        [({"prf": True}, True, True), ({"prf": False}, False, True), ({"copied": True}, False, False)],
    )
    def test_what_it_can_do_is_remembered(
        self, sign_in: SignIn, nature: dict[str, bool], prf: bool, device_bound: bool
    ) -> None:
        document = add_passkey(sign_in("officer"), Authenticator(**nature)).json()  # type: ignore[arg-type]
        assert (document["prf"], document["device_bound"]) == (prf, device_bound)

    @pytest.mark.parametrize(
        "nature",
        [
            {"verifies": False},
            {"present": False},
            {"origin": "https://evil.example"},
            {"origin": "http://testserver"},
            {"origin": "https://testserver:444"},
            {"rp_id": "evil.example"},
            {"framed": True},
        ],
        ids=str,
    )
    def test_an_authenticator_that_did_not_do_what_was_asked_is_refused(
        self, sign_in: SignIn, nature: dict[str, Any]
    ) -> None:
        client = sign_in("officer")
        answer = add_passkey(client, Authenticator(**nature))
        assert answer.status_code == REFUSED
        assert client.get("/api/passkeys").json()["passkeys"] == []

    def test_a_challenge_is_answered_once(self, sign_in: SignIn) -> None:
        client = sign_in("officer")
        asked = client.post("/api/passkeys/options").json()
        answers = [
            client.post(
                "/api/passkeys",
                json={
                    "challenge_id": asked["challenge_id"], "label": "Key",
                    "credential": Authenticator().create(asked["options"]),
                },
            ).status_code
            for _ in range(2)
        ]  # fmt: skip
        assert answers == [ADDED, REFUSED]

    @pytest.mark.parametrize(("seconds", "status"), [(299, ADDED), (300, REFUSED)])
    def test_a_challenge_stands_five_minutes(
        self, sign_in: SignIn, clock: FakeClock, seconds: int, status: int
    ) -> None:
        client = sign_in("officer")
        asked = client.post("/api/passkeys/options").json()
        clock.advance(seconds=seconds)
        credential = Authenticator().create(asked["options"])
        body = {"challenge_id": asked["challenge_id"], "label": "Key", "credential": credential}
        assert client.post("/api/passkeys", json=body).status_code == status

    def test_a_challenge_is_its_askers_own_and_for_its_own_purpose(self, sign_in: SignIn) -> None:
        client, other = sign_in("officer"), sign_in("coordinator")
        theirs = other.post("/api/passkeys/options").json()
        to_enter = client.post("/api/session/passkey-options").json()
        options = client.post("/api/passkeys/options").json()["options"]
        for asked in (theirs, to_enter):
            credential = Authenticator().create(options | {"challenge": asked["options"]["challenge"]})
            body = {"challenge_id": asked["challenge_id"], "label": "Key", "credential": credential}
            assert client.post("/api/passkeys", json=body).status_code == REFUSED

    def test_the_answer_to_another_challenge_is_refused(self, sign_in: SignIn) -> None:
        client = sign_in("officer")
        first, second = (client.post("/api/passkeys/options").json() for _ in range(2))
        body = {"challenge_id": first["challenge_id"], "label": "Key"}
        answer = client.post("/api/passkeys", json=body | {"credential": Authenticator().create(second["options"])})
        assert answer.status_code == REFUSED

    def test_nobody_takes_over_a_passkey_that_is_here(self, sign_in: SignIn, passkey_of: PasskeyOf) -> None:
        taken = passkey_of("officer").residents[0]
        client = sign_in("coordinator")
        asked = client.post("/api/passkeys/options").json()
        copy = Authenticator()
        credential = copy.create(asked["options"])
        again = Authenticator()
        again.residents = [taken]
        forged = _with_id(credential, copy, taken.id)
        body = {"challenge_id": asked["challenge_id"], "label": "Key", "credential": forged}
        assert client.post("/api/passkeys", json=body).status_code == REFUSED
        assert enter(client, again).json()["user"]["login"] == "officer"

    def test_ten_are_enough(self, sign_in: SignIn) -> None:
        client = sign_in("officer")
        answers = [add_passkey(client, Authenticator()).status_code for _ in range(PASSKEYS_PER_PERSON + 1)]
        assert answers == [ADDED] * PASSKEYS_PER_PERSON + [REFUSED]

    def test_a_proof_of_more_than_five_minutes_ago_does_not_add_one(self, sign_in: SignIn, clock: FakeClock) -> None:
        client = sign_in("officer")
        clock.advance(minutes=5, seconds=1)
        answer = add_passkey(client, Authenticator())
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:handoff:problem:proof-needed")

    def test_the_secret_of_the_vault_is_never_taken(self, sign_in: SignIn) -> None:
        client = sign_in("officer")
        asked = client.post("/api/passkeys/options").json()
        credential = Authenticator().create(asked["options"])
        credential["clientExtensionResults"] = {"prf": {"enabled": True, "results": {"first": "c2VjcmV0"}}}
        body = {"challenge_id": asked["challenge_id"], "label": "Key", "credential": credential}
        assert client.post("/api/passkeys", json=body).status_code == 422

    def test_where_keys_must_stay_on_one_device_copied_ones_are_refused(self, app: FastAPI, sign_in: SignIn) -> None:
        app.state.settings = app.state.settings.model_copy(update={"device_bound_passkeys": True})
        client = sign_in("officer")
        assert add_passkey(client, Authenticator(copied=True)).status_code == REFUSED
        assert add_passkey(client, Authenticator()).status_code == ADDED


class TestRemoving:
    def test_a_removed_passkey_opens_nothing(
        self, sign_in: SignIn, passkey_of: PasskeyOf, browsers: Any, database: Database, cast: Cast
    ) -> None:
        authenticator = passkey_of("officer")
        client = sign_in("officer")
        passkey_id = client.get("/api/passkeys").json()["passkeys"][0]["id"]
        assert client.delete(f"/api/passkeys/{passkey_id}").status_code == 204
        assert client.delete(f"/api/passkeys/{passkey_id}").status_code == 404
        assert enter(browsers(), authenticator).status_code == 401
        with database.read() as session:
            query = select(AuditEvent).where(col(AuditEvent.action).like("passkey.%")).order_by(col(AuditEvent.id))
            events = session.exec(query).all()
        assert [event.action for event in events] == ["passkey.add", "passkey.remove"]
        assert {(event.actor_id, event.subject) for event in events} == {(cast["officer"].user_id, passkey_id)}

    def test_another_persons_passkey_is_not_found(self, sign_in: SignIn, passkey_of: PasskeyOf, browsers: Any) -> None:
        authenticator = passkey_of("officer")
        passkey_id = sign_in("officer").get("/api/passkeys").json()["passkeys"][0]["id"]
        assert sign_in("administrator").delete(f"/api/passkeys/{passkey_id}").status_code == 404
        assert sign_in("administrator").get("/api/passkeys").json()["passkeys"] == []
        assert enter(browsers(), authenticator).status_code == 200

    def test_the_only_way_in_stays(self, browsers: Any, passkey_of: PasskeyOf, database: Database, cast: Cast) -> None:
        authenticator = passkey_of("officer")
        with database.write() as session:
            user = session.get_one(User, cast["officer"].user_id)
            user.password_hash = ""
            session.add(user)
        client = browsers()
        assert enter(client, authenticator).status_code == 200
        listed = client.get("/api/passkeys").json()
        assert listed["passphrase"] is False
        only = f"/api/passkeys/{listed['passkeys'][0]['id']}"
        assert client.delete(only).status_code == REFUSED
        assert add_passkey(client, Authenticator()).status_code == ADDED
        assert client.delete(only).status_code == 204

    def test_it_takes_a_fresh_proof(self, sign_in: SignIn, passkey_of: PasskeyOf, clock: FakeClock) -> None:
        passkey_of("officer")
        client = sign_in("officer")
        passkey_id = client.get("/api/passkeys").json()["passkeys"][0]["id"]
        clock.advance(minutes=6)
        assert client.delete(f"/api/passkeys/{passkey_id}").status_code == 403


def test_only_public_keys_are_stored(passkey_of: PasskeyOf, database: Database) -> None:
    passkey_of("officer", prf=True)
    with database.read() as session:
        stored = session.exec(select(Passkey)).one()
    assert base64url_to_bytes(stored.public_key)[:1] == b"\xa5", "a COSE map of five: type, algorithm, curve, x, y"


def _with_id(credential: dict[str, Any], maker: Authenticator, credential_id: bytes) -> dict[str, Any]:
    """What a lying authenticator says: its own key under the id of somebody else's passkey."""
    response = credential["response"]
    attestation = cbor2.loads(base64url_to_bytes(response["attestationObject"]))
    attestation["authData"] = attestation["authData"].replace(maker.residents[-1].id, credential_id)
    forged = bytes_to_base64url(cbor2.dumps(attestation))
    name = bytes_to_base64url(credential_id)
    return credential | {"id": name, "rawId": name, "response": response | {"attestationObject": forged}}
