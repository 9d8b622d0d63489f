"""Inviting somebody, the address and the code they get, and coming in by either."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.invitations import Invitation
from api.tables.people import Membership, User
from tests.api.conftest import AGENCY, OTHER_AGENCY, PASSPHRASE, PROGRAM, Cast, FakeClock, SignIn, new_client

OWN_WORDS = "lantern gravel teapot window"
NEW = {"login": "nadia", "name": "Nadia Example", "role": "officer", "agency_id": AGENCY, "callback": "303-555-0122"}
LOOK, ACCEPT = "/api/invitations/look", "/api/invitations/accept"


@pytest.fixture
def administrator(sign_in: SignIn) -> TestClient:
    return sign_in("administrator")


def invited(administrator: TestClient, **changes: Any) -> dict[str, Any]:
    answer = administrator.post("/api/invitations", json=NEW | changes)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def token_of(document: dict[str, Any]) -> str:
    return str(document["address"]).rpartition("/#/join/")[2]


class TestInviting:
    def test_it_gives_an_address_a_code_and_a_square_once(self, administrator: TestClient, database: Database) -> None:
        document = invited(administrator)
        assert document.keys() == {"id", "user_id", "purpose", "address", "code", "qr", "expires_at"}
        assert document["address"].startswith("https://testserver/#/join/"), "the secret is in the fragment"
        assert len(token_of(document)) == 22, "128 bits"
        assert document["expires_at"] == "2026-04-30T02:24:00.000Z"
        with database.read() as session:
            stored = session.exec(select(Invitation)).one().model_dump_json()
            rows = "".join(str(row) for row in session.execute(text("SELECT * FROM invitation")))
        for secret in (token_of(document), document["code"], document["code"].replace("-", "")):
            assert secret not in stored + rows

    def test_the_account_opens_only_when_it_is_taken_up(self, administrator: TestClient, app: FastAPI) -> None:
        document = invited(administrator)
        for guess in (OWN_WORDS, "", " " * 12):
            answer = new_client(app).post("/api/session", json={"login": "nadia", "password": guess or "x"})
            assert answer.status_code == 401
        accepted = new_client(app).post(ACCEPT, json={"token": token_of(document), "passphrase": OWN_WORDS})
        assert accepted.status_code == 200, accepted.text
        assert new_client(app).post("/api/session", json={"login": "nadia", "password": OWN_WORDS}).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"login": "officer"}, 409),
            ({"login": " OFFICER"}, 409),
            ({"role": "server"}, 422),
            ({"role": "emperor"}, 422),
            ({"agency_id": None}, 422),
            ({"agency_id": OTHER_AGENCY}, 404),
            ({"role": "coordinator"}, 422),
            ({"name": " "}, 422),
            ({"name": "two\nlines"}, 422),
            ({"login": ""}, 422),
            ({"program_id": "dona-ana"}, 422),
            ({"password": OWN_WORDS}, 422),
            ({"active": True}, 422),
            ({"callback": "x" * 41}, 422),
        ],
    )
    def test_what_is_no_account_is_refused(
        self, administrator: TestClient, database: Database, changes: dict[str, Any], status: int
    ) -> None:
        assert administrator.post("/api/invitations", json=NEW | changes).status_code == status
        with database.read() as session:
            assert session.exec(select(Invitation)).all() == []

    def test_it_asks_for_a_fresh_proof(self, administrator: TestClient, clock: FakeClock) -> None:
        clock.advance(minutes=5, seconds=1)
        answer = administrator.post("/api/invitations", json=NEW)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:handoff:problem:proof-needed")

    @pytest.mark.parametrize("login", ["officer", "sergeant", "coordinator", "supervisor", "partner"])
    def test_others_invite_nobody(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).post("/api/invitations", json=NEW).status_code == 403

    def test_inviting_again_replaces_the_former_and_what_was_wrong_in_it(
        self, administrator: TestClient, app: FastAPI, database: Database
    ) -> None:
        former = invited(administrator, name="Nadja Exampel")
        latter = invited(administrator, role="coordinator", agency_id=None)
        assert former["user_id"] == latter["user_id"]
        client = new_client(app)
        assert client.post(LOOK, json={"token": token_of(former)}).status_code == 404
        guest = client.post(LOOK, json={"token": token_of(latter)}).json()
        assert (guest["name"], guest["role"]) == ("Nadia Example", "coordinator")
        accepted = client.post(ACCEPT, json={"token": token_of(latter), "passphrase": OWN_WORDS}).json()
        assert accepted["user"]["role"] == "coordinator"
        with database.read() as session:
            rows = session.exec(select(Membership).where(Membership.user_id == latter["user_id"])).all()
        assert sorted((row.role, row.until_at is None) for row in rows) == [("coordinator", True), ("officer", False)]

    def test_whoever_came_in_is_not_invited_over(self, administrator: TestClient, app: FastAPI) -> None:
        document = invited(administrator)
        new_client(app).post(ACCEPT, json={"token": token_of(document), "passphrase": OWN_WORDS})
        assert administrator.post("/api/invitations", json=NEW).status_code == 409
        administrator.patch(f"/api/people/{document['user_id']}", json={"active": False})
        assert administrator.post("/api/invitations", json=NEW).status_code == 409, "nor after their account was closed"

    def test_an_invited_login_of_another_program_is_taken(
        self, sign_in: SignIn, administrator: TestClient, client: TestClient
    ) -> None:
        document = invited(administrator)
        other = {"login": "nadia", "name": "Mine Now", "role": "coordinator"}
        assert sign_in("other_administrator").post("/api/invitations", json=other).status_code == 409
        assert client.post(LOOK, json={"token": token_of(document)}).json()["name"] == NEW["name"]

    def test_an_administrator_makes_sixty_in_an_hour(
        self, administrator: TestClient, sign_in: SignIn, clock: FakeClock
    ) -> None:
        for number in range(60):
            invited(administrator, login=f"n{number}")
        assert administrator.post("/api/invitations", json=NEW).status_code == 429
        clock.advance(hours=1)
        invited(sign_in("administrator"))


class TestTheList:
    def test_it_shows_what_still_holds_and_no_secret(
        self, administrator: TestClient, clock: FakeClock, sign_in: SignIn
    ) -> None:
        document = invited(administrator)
        listed = administrator.get("/api/invitations").json()["invitations"]
        assert [(entry["login"], entry["purpose"], entry["code_tries_left"]) for entry in listed] == [
            ("nadia", "join", 5)
        ]
        assert token_of(document) not in str(listed)
        assert document["code"] not in str(listed)
        assert sign_in("other_administrator").get("/api/invitations").json() == {"invitations": []}
        clock.advance(minutes=10)
        assert administrator.get("/api/invitations").json() == {"invitations": []}

    def test_one_that_was_taken_back_lets_nobody_in(
        self, administrator: TestClient, sign_in: SignIn, app: FastAPI
    ) -> None:
        document = invited(administrator)
        path = f"/api/invitations/{document['id']}"
        unknown = administrator.delete(f"/api/invitations/{uuid4()}")
        theirs = sign_in("other_administrator").delete(path)
        assert (theirs.status_code, theirs.json()) == (404, unknown.json())
        assert administrator.delete(path).status_code == 204
        answer = new_client(app).post(ACCEPT, json={"token": token_of(document), "passphrase": OWN_WORDS})
        assert answer.status_code == 404


class TestLooking:
    def test_it_names_the_person_and_the_program(self, administrator: TestClient, client: TestClient) -> None:
        document = invited(administrator)
        expected = {
            "login": "nadia", "name": "Nadia Example", "role": "officer", "program": PROGRAM.title(), "purpose": "join",
            "expires_at": document["expires_at"],
        }  # fmt: skip
        assert client.post(LOOK, json={"token": token_of(document)}).json() == expected
        for code in (document["code"], document["code"].lower(), document["code"].replace("-", " ")):
            assert client.post(LOOK, json={"code": code, "login": "NADIA "}).json() == expected

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"token": None}, {"code": "ABCD-EFGH"}, {"login": "nadia"}, {"token": "x", "login": "nadia"},
            {"token": "x", "code": "ABCD-EFGH", "login": "nadia"}, {"token": "é"}, {"token": "x" * 65}, {"token": 5},
            {"code": "ABCD_EFGH", "login": "nadia"}, {"token": "x", "more": 1},
        ],
    )  # fmt: skip
    def test_a_malformed_one_is_refused(self, client: TestClient, body: dict[str, Any]) -> None:
        assert client.post(LOOK, json=body).status_code == 422

    def test_unknown_ones_look_like_used_and_late_ones(
        self, administrator: TestClient, app: FastAPI, clock: FakeClock
    ) -> None:
        used, late = invited(administrator), None
        new_client(app).post(ACCEPT, json={"token": token_of(used), "passphrase": OWN_WORDS})
        late = invited(administrator, login="later")
        clock.advance(minutes=10)
        bodies = [
            {"token": "A" * 22}, {"token": token_of(used)}, {"token": token_of(late)},
            {"code": late["code"], "login": "later"}, {"code": used["code"], "login": "nadia"},
            {"code": "0000-0000", "login": "officer"}, {"code": "0000-0000", "login": "nobody"},
        ]  # fmt: skip
        answers = [new_client(app).post(LOOK, json=body) for body in bodies]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}

    def test_an_address_that_guesses_is_stopped(self, client: TestClient, clock: FakeClock) -> None:
        statuses = [client.post(LOOK, json={"token": f"guess{number}"}).status_code for number in range(22)]
        assert statuses == [404] * 20 + [429] * 2
        clock.advance(hours=1)
        assert client.post(LOOK, json={"token": "guess"}).status_code == 404

    def test_right_ones_count_against_nobody(self, administrator: TestClient, client: TestClient) -> None:
        document = invited(administrator)
        for _ in range(25):
            assert client.post(LOOK, json={"token": token_of(document)}).status_code == 200
        for _ in range(6):
            assert client.post(LOOK, json={"code": document["code"], "login": "nadia"}).status_code == 200


class TestTheCode:
    def test_five_wrong_ones_kill_it_and_leave_the_address(self, administrator: TestClient, app: FastAPI) -> None:
        document = invited(administrator)
        client = new_client(app)
        for number in range(5):
            wrong = {"code": f"0000-000{number}", "login": "nadia"}
            assert client.post(LOOK, json=wrong).status_code == 404
        assert administrator.get("/api/invitations").json()["invitations"][0]["code_tries_left"] == 0
        assert client.post(LOOK, json={"code": document["code"], "login": "nadia"}).status_code == 404
        assert client.post(LOOK, json={"token": token_of(document)}).status_code == 200

    def test_the_fifth_may_still_be_right(self, administrator: TestClient, client: TestClient) -> None:
        document = invited(administrator)
        for number in range(4):
            client.post(LOOK, json={"code": f"0000-000{number}", "login": "nadia"})
        assert client.post(LOOK, json={"code": document["code"], "login": "nadia"}).status_code == 200

    def test_it_is_bound_to_its_person(self, administrator: TestClient, client: TestClient) -> None:
        document = invited(administrator)
        invited(administrator, login="other")
        assert client.post(LOOK, json={"code": document["code"], "login": "other"}).status_code == 404
        assert client.post(LOOK, json={"code": document["code"], "login": "nadia"}).status_code == 200


class TestComingIn:
    def test_it_opens_a_session_as_a_sign_in_does(self, administrator: TestClient, client: TestClient) -> None:
        document = invited(administrator)
        answer = client.post(ACCEPT, json={"code": document["code"], "login": "nadia", "passphrase": OWN_WORDS})
        assert answer.status_code == 200
        assert answer.json()["user"]["id"] == document["user_id"]
        assert (answer.json()["user"]["role"], answer.json()["user"]["agency_id"]) == ("officer", AGENCY)
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("__host-session=", "httponly", "secure", "samesite=strict"))
        assert client.get("/api/session").json()["user"]["login"] == "nadia"

    def test_it_works_once(self, administrator: TestClient, app: FastAPI) -> None:
        body = {"token": token_of(invited(administrator)), "passphrase": OWN_WORDS}
        assert [new_client(app).post(ACCEPT, json=body).status_code for _ in range(3)] == [200, 404, 404]

    def test_it_works_for_ten_minutes(self, administrator: TestClient, app: FastAPI, clock: FakeClock) -> None:
        late, timely = invited(administrator), invited(administrator, login="timely")
        clock.advance(minutes=9, seconds=59)
        body = {"token": token_of(timely), "passphrase": OWN_WORDS}
        assert new_client(app).post(ACCEPT, json=body).status_code == 200
        clock.advance(seconds=1)
        body = {"token": token_of(late), "passphrase": OWN_WORDS}
        assert new_client(app).post(ACCEPT, json=body).status_code == 404

    @pytest.mark.parametrize("passphrase", ["x", "x" * 11, "password1234", "nadia example", "x" * 129])
    def test_a_poor_passphrase_uses_nothing_up(
        self, administrator: TestClient, client: TestClient, passphrase: str
    ) -> None:
        token = token_of(invited(administrator))
        assert client.post(ACCEPT, json={"token": token, "passphrase": passphrase}).status_code == 422
        assert client.post(ACCEPT, json={"token": token, "passphrase": OWN_WORDS}).status_code == 200

    def test_a_closed_account_is_not_opened_by_it(self, administrator: TestClient, app: FastAPI) -> None:
        document = invited(administrator)
        assert administrator.patch(f"/api/people/{document['user_id']}", json={"active": False}).status_code == 200
        body = {"token": token_of(document), "passphrase": OWN_WORDS}
        assert new_client(app).post(ACCEPT, json=body).status_code == 404

    def test_every_step_is_audited_by_ids_alone(
        self, administrator: TestClient, client: TestClient, database: Database, cast: Cast
    ) -> None:
        document = invited(administrator)
        client.post(LOOK, json={"token": "wrong"})
        client.post(ACCEPT, json={"token": token_of(document), "passphrase": OWN_WORDS})
        with database.read() as session:
            events = session.exec(select(AuditEvent).where(AuditEvent.action.like("invitation.%"))).all()  # type: ignore[attr-defined]
        assert [(event.action, event.outcome, event.actor_id) for event in events] == [
            ("invitation.join", "done", cast["administrator"].user_id),
            ("invitation.open", "refused", None),
            ("invitation.accept", "done", document["user_id"]),
        ]
        said = "".join(event.model_dump_json() for event in events)
        for secret in ("nadia", "Nadia", token_of(document), document["code"], OWN_WORDS):
            assert secret not in said

    def test_the_passphrase_is_the_persons_own(
        self, administrator: TestClient, client: TestClient, database: Database
    ) -> None:
        document = invited(administrator)
        with database.read() as session:
            before = session.get_one(User, document["user_id"])
        assert (before.password_hash, before.active) == ("", False)
        client.post(ACCEPT, json={"token": token_of(document), "passphrase": OWN_WORDS})
        with database.read() as session:
            after = session.get_one(User, document["user_id"])
        assert after.active
        assert after.password_hash.startswith("$argon2id$")
        assert PASSPHRASE not in after.password_hash
