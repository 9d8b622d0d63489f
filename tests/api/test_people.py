"""The accounts of a program: the list, roles and agencies, closing, opening again, unlocking."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.accounts import people
from api.accounts.people import NewPerson
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import Membership
from api.tables.people import SignIn as OpenSession
from tests.api.at_once import together
from tests.api.conftest import (
    AGENCY,
    JOINED,
    OTHER_AGENCY,
    PEOPLE,
    PROGRAM,
    QUICK_HASH,
    SECOND_AGENCY,
    Cast,
    Enrol,
    FakeClock,
    SignIn,
    new_client,
)


@pytest.fixture
def administrator(sign_in: SignIn) -> TestClient:
    return sign_in("administrator")


@pytest.fixture
def second(database: Database, cast: Cast) -> str:
    """Another administrator's id."""
    with database.write() as session:
        person = NewPerson("second", "Second Example", "administrator", PROGRAM)
        return people.add_person(session, person, QUICK_HASH, JOINED).id


def change(client: TestClient, user_id: str, **wanted: Any) -> Any:
    return client.patch(f"/api/people/{user_id}", json=wanted)


def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    return {entry["login"]: entry for entry in client.get("/api/people").json()["people"]}


class TestTheList:
    @pytest.mark.parametrize("reader", ["administrator", "supervisor"])
    def test_it_names_the_programs_accounts_and_nothing_else(self, sign_in: SignIn, reader: str) -> None:
        found = listed(sign_in(reader))
        assert set(found) == {login for login, _, program, _ in PEOPLE if program == PROGRAM}
        assert found["officer"].keys() == {
            "id", "login", "name", "role", "agency_id", "state", "seen_at", "locked_until",
        }  # fmt: skip
        assert (found["officer"]["role"], found["officer"]["agency_id"], found["officer"]["state"]) == (
            "officer", AGENCY, "active",
        )  # fmt: skip

    @pytest.mark.parametrize("reader", ["officer", "sergeant", "coordinator", "prosecutor", "evaluator", "partner"])
    def test_others_do_not_read_it(self, sign_in: SignIn, reader: str) -> None:
        assert sign_in(reader).get("/api/people").status_code == 403

    def test_last_seen_is_of_a_session_or_a_phone(
        self, administrator: TestClient, enrol: Enrol, clock: FakeClock
    ) -> None:
        assert listed(administrator)["officer"]["seen_at"] is None
        phone = enrol("officer")
        clock.advance(minutes=2)
        phone.post_push([])
        assert listed(administrator)["officer"]["seen_at"] == "2026-04-30T02:16:00.000Z"

    def test_whoever_is_invited_or_closed_is_called_so(self, administrator: TestClient, cast: Cast) -> None:
        new = {"login": "nadia", "name": "Nadia Example", "role": "partner"}
        administrator.post("/api/invitations", json=new)
        change(administrator, cast["officer"].user_id, active=False)
        found = listed(administrator)
        assert (found["nadia"]["state"], found["officer"]["state"]) == ("invited", "closed")
        assert found["officer"]["role"] == "officer", "what they last were"

    def test_a_locked_passphrase_shows_and_is_released(
        self, administrator: TestClient, app: FastAPI, cast: Cast, sign_in: SignIn
    ) -> None:
        for _ in range(5):
            new_client(app).post("/api/session", json={"login": "officer", "password": "wrong words here"})
        assert listed(administrator)["officer"]["locked_until"] is not None
        assert administrator.post(f"/api/people/{cast['officer'].user_id}/unlock").status_code == 204
        assert listed(administrator)["officer"]["locked_until"] is None
        sign_in("officer")


class TestRoles:
    def test_a_new_role_ends_the_sessions_and_the_former_stays_on_record(
        self, administrator: TestClient, sign_in: SignIn, cast: Cast, database: Database
    ) -> None:
        officer, user_id = sign_in("officer"), cast["officer"].user_id
        answer = change(administrator, user_id, role="coordinator")
        assert answer.status_code == 200
        assert (answer.json()["role"], answer.json()["agency_id"]) == ("coordinator", None)
        assert officer.get("/api/session").status_code == 401
        with database.read() as session:
            assert session.exec(select(OpenSession).where(OpenSession.user_id == user_id)).all() == []
        assert sign_in("officer").get("/api/session").json()["user"]["role"] == "coordinator"
        with database.read() as session:
            rows = session.exec(select(Membership).where(Membership.user_id == user_id)).all()
        assert sorted((row.role, row.until_at is None) for row in rows) == [("coordinator", True), ("officer", False)]

    def test_a_new_agency(self, administrator: TestClient, cast: Cast, sign_in: SignIn) -> None:
        assert change(administrator, cast["officer"].user_id, agency_id=SECOND_AGENCY).status_code == 200
        assert sign_in("officer").get("/api/session").json()["user"]["agency_id"] == SECOND_AGENCY

    def test_what_stays_the_same_ends_nothing(
        self, administrator: TestClient, sign_in: SignIn, cast: Cast, database: Database
    ) -> None:
        officer = sign_in("officer")
        for same in ({}, {"role": "officer"}, {"agency_id": AGENCY}, {"active": True}):
            assert change(administrator, cast["officer"].user_id, **same).status_code == 200
        assert officer.get("/api/session").status_code == 200
        with database.read() as session:
            acts = session.exec(select(AuditEvent.action).where(AuditEvent.subject == cast["officer"].user_id)).all()
        assert acts == ["person.create"]

    @pytest.mark.parametrize(
        ("wanted", "status"),
        [
            ({"role": "emperor"}, 422),
            ({"role": "server"}, 422),
            ({"role": "coordinator", "agency_id": AGENCY}, 422),
            ({"agency_id": None}, 422),
            ({"agency_id": OTHER_AGENCY}, 404),
            ({"agency_id": str(uuid4())}, 404),
            ({"active": "yes"}, 422),
            ({"active": False, "role": "sergeant"}, 422),
            ({"name": "Other"}, 422),
            ({"program_id": "dona-ana"}, 422),
            ({"password_hash": "x"}, 422),
        ],
    )
    def test_what_no_account_can_be_is_refused(
        self, administrator: TestClient, cast: Cast, wanted: dict[str, Any], status: int
    ) -> None:
        before = listed(administrator)
        assert change(administrator, cast["officer"].user_id, **wanted).status_code == status
        assert listed(administrator) == before


class TestClosing:
    def test_it_ends_sessions_devices_and_invitations(
        self, administrator: TestClient, enrol: Enrol, cast: Cast, app: FastAPI
    ) -> None:
        phone = enrol("officer")
        address = phone.client.post("/api/enrolments").json()["address"]
        assert change(administrator, phone.user_id, active=False).json()["state"] == "closed"
        assert phone.client.get("/api/session").status_code == 401
        assert phone.post_push([]).json()["wipe"] is True
        token = address.rpartition("/#/join/")[2]
        assert new_client(app).post("/api/invitations/look", json={"token": token}).status_code == 404

    def test_opened_again_they_are_what_they_were(self, administrator: TestClient, cast: Cast, sign_in: SignIn) -> None:
        user_id = cast["officer"].user_id
        change(administrator, user_id, active=False)
        assert change(administrator, user_id, role="sergeant").status_code == 409, "a closed account is opened first"
        assert change(administrator, user_id, active=True).json()["state"] == "active"
        assert sign_in("officer").get("/api/session").json()["user"]["role"] == "officer"

    def test_whoever_never_came_in_is_invited_rather_than_opened(self, administrator: TestClient) -> None:
        new = {"login": "nadia", "name": "Nadia Example", "role": "partner"}
        user_id = administrator.post("/api/invitations", json=new).json()["user_id"]
        assert change(administrator, user_id, active=True).status_code == 409
        assert change(administrator, user_id, role="coordinator").json()["role"] == "coordinator"

    def test_one_does_not_change_oneself(self, administrator: TestClient, cast: Cast, second: str) -> None:
        own = cast["administrator"].user_id
        for wanted in ({"active": False}, {"role": "coordinator"}, {"active": True}, {}):
            assert change(administrator, own, **wanted).status_code == 403

    def test_the_last_administrator_stays(self, sign_in: SignIn, cast: Cast, second: str, app: FastAPI) -> None:
        first, other = cast["administrator"].user_id, new_client(app)
        body = {"login": "second", "password": "plain words for tests"}
        assert other.post("/api/session", json=body).status_code == 200
        assert change(other, first, active=False).status_code == 200
        assert change(other, first, active=True).status_code == 200
        assert change(other, first, role="supervisor").status_code == 200
        again = sign_in("administrator")
        assert change(again, second, active=False).status_code == 403, "no longer an administrator"

    def test_two_administrators_at_once_do_not_close_each_other(
        self, sign_in: SignIn, cast: Cast, second: str, app: FastAPI, database: Database
    ) -> None:
        one, other = sign_in("administrator"), new_client(app)
        other.post("/api/session", json={"login": "second", "password": "plain words for tests"})
        statuses = [
            answer.status_code
            for answer in together(
                [
                    lambda: change(one, second, role="supervisor"),
                    lambda: change(other, cast["administrator"].user_id, role="supervisor"),
                ]
            )
        ]
        with database.read() as session:
            standing = select(Membership).where(Membership.role == "administrator", Membership.program_id == PROGRAM)
            left = [row for row in session.exec(standing) if row.until_at is None]
        assert len(left) == 1, statuses
        assert statuses.count(200) == 1


class TestWalls:
    def test_another_programs_person_is_nobody(self, administrator: TestClient, cast: Cast, sign_in: SignIn) -> None:
        theirs, nobody = cast["other_officer"].user_id, str(uuid4())
        for wanted in ({"active": False}, {"role": "coordinator"}, {}):
            answers = [change(administrator, user_id, **wanted) for user_id in (theirs, nobody)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].json() == answers[1].json()
        assert administrator.post(f"/api/people/{theirs}/unlock").status_code == 404
        sign_in("other_officer")

    @pytest.mark.parametrize("login", ["supervisor", "officer", "coordinator"])
    def test_only_administrators_change_people(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        client = sign_in(login)
        assert change(client, cast["partner"].user_id, active=False).status_code == 403
        assert client.post(f"/api/people/{cast['partner'].user_id}/unlock").status_code == 403

    def test_it_asks_for_a_fresh_proof(self, administrator: TestClient, cast: Cast, clock: FakeClock) -> None:
        clock.advance(minutes=5, seconds=1)
        answers = [
            change(administrator, cast["officer"].user_id, active=False),
            administrator.post(f"/api/people/{cast['officer'].user_id}/unlock"),
        ]
        assert [answer.json()["type"] for answer in answers] == ["urn:handoff:problem:proof-needed"] * 2

    def test_changes_are_audited_with_who_did_them(
        self, administrator: TestClient, cast: Cast, database: Database
    ) -> None:
        user_id = cast["officer"].user_id
        change(administrator, user_id, role="sergeant")
        administrator.post(f"/api/people/{user_id}/unlock")
        change(administrator, user_id, active=False)
        change(administrator, user_id, active=True)
        with database.read() as session:
            events = session.exec(select(AuditEvent).where(AuditEvent.subject == user_id)).all()
        own = [event.action for event in events if event.actor_id == cast["administrator"].user_id]
        assert own == ["person.role", "person.unlock", "person.deactivate", "person.open"]
