"""Programs, people, the program's document, and the first administrator."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel import select

from api.accounts import first_administrator, people, queries
from api.accounts.people import NewPerson
from api.accounts.program import DEFAULT_SCRIPT, ProgramConfig, script_of
from api.audit.service import record
from api.database import Database
from api.problems import Conflict, Malformed, NotFound
from api.rules import service as rules
from api.tables.audit import AuditEvent
from api.tables.people import Membership, User
from eligibility_rules.catalog import Catalog
from sync.operations import canonical
from sync.sealing import SUITE_NAME, from_base64url
from tests.api.at_once import together
from tests.api.conftest import AGENCY, JOINED, OTHER_AGENCY, PROGRAM, START, Cast, FakeClock, SignIn, new_client


def config(**changes: Any) -> ProgramConfig:
    valid = {"call_number": "911", "call_name": "On call", "time_zone": "America/Denver", "pathways": ["community"]}
    return ProgramConfig.model_validate(valid | changes)


class TestProgramDocument:
    def test_it_holds_what_a_phone_needs_without_a_network(self, sign_in: SignIn, app: FastAPI, cast: Cast) -> None:
        document = sign_in("officer").get("/api/program").json()
        assert (document["id"], document["time_zone"], document["page_minutes"]) == (PROGRAM, "America/Denver", 5)
        assert {agency["id"] for agency in document["agencies"]} >= {AGENCY}
        assert OTHER_AGENCY not in str(document)
        assert document["sealing_key"]["key_id"] == app.state.keys.active.key_id
        assert document["sealing_key"]["suite"] == SUITE_NAME
        for key in (document["sealing_key"]["public_key"], document["vapid_public_key"]):
            assert len(from_base64url(key)) == 65

    def test_the_pack_is_the_one_in_force_and_names_its_hash(self, sign_in: SignIn, clock: FakeClock) -> None:
        pack = sign_in("officer").get("/api/program").json()["pack"]
        expected = Catalog.shipped().in_force("denver", clock.now().date())
        assert expected is not None
        assert pack["hash"] == expected.hash == hashlib.sha256(canonical(pack["document"])).hexdigest()

    def test_the_day_of_a_pack_is_the_programs_own(self, database: Database, cast: Cast) -> None:
        began = Catalog.shipped().in_force("denver", START.date())
        assert began is not None
        midnight = START.replace(
            year=began.effective_from.year, month=began.effective_from.month, day=began.effective_from.day, hour=0
        )
        with database.read() as session:
            before = rules.for_phones(session, PROGRAM, midnight + timedelta(hours=3))
            after = rules.for_phones(session, PROGRAM, midnight + timedelta(hours=8))
        assert before.pack is None, "still the day before in Denver"
        assert [pack.hash for pack in before.coming] == [began.hash]
        assert after.pack is not None

    def test_a_program_without_a_pack_says_so(self, sign_in: SignIn, database: Database) -> None:
        client = sign_in("officer")
        with database.write() as session:
            program = queries.program(session, PROGRAM)
            assert program is not None
            program.config = program.config | {"pack": None}
            session.add(program)
        assert client.get("/api/program").json()["pack"] is None

    @pytest.mark.parametrize("role", ["officer", "sergeant", "administrator", "prosecutor", "evaluator", "partner"])
    def test_names_of_staff_are_for_staff(self, sign_in: SignIn, role: str) -> None:
        assert sign_in(role).get("/api/program").json()["people"] == []

    @pytest.mark.parametrize("role", ["coordinator", "case_manager", "supervisor"])
    def test_staff_see_the_staff_of_their_own_program(self, sign_in: SignIn, cast: Cast, role: str) -> None:
        listed = {person["id"] for person in sign_in(role).get("/api/program").json()["people"]}
        logins = ("coordinator", "coordinator2", "case_manager", "supervisor")
        assert listed == {cast[login].user_id for login in logins}

    def test_the_script_hash_covers_version_and_both_texts(self) -> None:
        script = script_of(config())
        expected = canonical({"version": "default-1", "texts": DEFAULT_SCRIPT})
        assert script.hash == hashlib.sha256(expected).hexdigest()
        own = config(script={"version": "default-1", "texts": DEFAULT_SCRIPT | {"es": "Otra cosa."}})
        assert script_of(own).hash != script.hash

    @pytest.mark.parametrize(
        "changes",
        [
            {"time_zone": "Mars/Base"},
            {"time_zone": "../etc/passwd"},
            {"pathways": []},
            {"pathways": ["prison"]},
            {"page_minutes": 0},
            {"page_minutes": 121},
            {"languages": ["xx"]},
            {"script": {"version": "1", "texts": {"en": "Only English."}}},
            {"unknown": 1},
        ],
    )
    def test_a_wrong_config_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            config(**changes)


class TestPeople:
    @pytest.mark.parametrize(
        ("person", "error"),
        [
            (NewPerson("officer", "Twin", "coordinator", PROGRAM), Conflict),
            (NewPerson("OFFICER ", "Twin", "coordinator", PROGRAM), Conflict),
            (NewPerson("new", "New", "emperor", PROGRAM), Malformed),
            (NewPerson("new", "New", "server", PROGRAM), Malformed),
            (NewPerson("new", " ", "coordinator", PROGRAM), Malformed),
            (NewPerson("new", "New", "officer", PROGRAM), Malformed),
            (NewPerson("new", "New", "coordinator", PROGRAM, AGENCY), Malformed),
            (NewPerson("new", "New", "officer", PROGRAM, OTHER_AGENCY), NotFound),
            (NewPerson("new", "New", "coordinator", "nowhere"), NotFound),
        ],
    )
    def test_a_person_that_does_not_fit_is_refused(
        self, database: Database, cast: Cast, person: NewPerson, error: type[Exception]
    ) -> None:
        with pytest.raises(error), database.write() as session:
            people.add_person(session, person, "hash", JOINED)
        with database.read() as session:
            assert len(session.exec(select(User)).all()) == len(cast)

    def test_closing_an_account_ends_its_memberships_and_keeps_its_history(
        self, database: Database, cast: Cast, clock: FakeClock
    ) -> None:
        with database.write() as session:
            people.deactivate(session, "officer", clock.now())
        with database.read() as session:
            row = session.exec(select(Membership).where(Membership.user_id == cast["officer"].user_id)).one()
        assert row.until_at == clock.now()

    def test_what_changed_is_in_the_audit_and_nothing_of_it_in_words(self, database: Database, cast: Cast) -> None:
        with database.read() as session:
            events = session.exec(select(AuditEvent)).all()
        assert Counter(event.action for event in events)["person.create"] == len(cast)
        assert "Example" not in "".join(event.model_dump_json() for event in events)

    def test_an_act_whose_audit_fails_does_not_happen(
        self, database: Database, cast: Cast, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*_arguments: object, **_named: object) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(people, "record", failing)
        with pytest.raises(OSError, match="no space"), database.write() as session:
            people.deactivate(session, "officer", clock.now())
        with database.read() as session:
            assert session.get_one(User, cast["officer"].user_id).active

    @pytest.mark.parametrize("statement", ["UPDATE audit_event SET outcome = 'x'", "DELETE FROM audit_event"])
    def test_the_audit_can_only_grow(self, database: Database, cast: Cast, statement: str) -> None:
        with pytest.raises(Exception, match=r"(?i)append-only|append only|audit"), database.write() as session:
            session.connection().execute(text(statement))

    def test_an_event_is_stored_as_given(self, database: Database, clock: FakeClock) -> None:
        with database.write() as session:
            record(session, clock.now(), "test.act", "refused", actor_id="a", subject="b", source="c")
        with database.read() as session:
            event = session.exec(select(AuditEvent).where(AuditEvent.action == "test.act")).one()
        assert (event.at, event.outcome, event.actor_id, event.subject) == (clock.now(), "refused", "a", "b")


class TestFirstAdministrator:
    def issue(self, database: Database, clock: FakeClock) -> str:
        with database.write() as session:
            if queries.program(session, PROGRAM) is None:
                people.add_program(session, PROGRAM, "Denver <LEAD>", config(), clock.now())
            return first_administrator.issue(session, clock.now())

    def body(self, token: str, **changes: Any) -> dict[str, Any]:
        valid = {"token": token, "program_id": PROGRAM, "login": "ada", "name": "Ada Example"}
        return valid | {"password": "words that nobody guesses"} | changes

    def test_the_one_time_address_makes_one_administrator(
        self, client: TestClient, database: Database, clock: FakeClock
    ) -> None:
        body = self.body(self.issue(database, clock))
        assert client.post("/api/bootstrap-account", json=body).status_code == 201
        assert client.post("/api/bootstrap-account", json=body | {"login": "eve"}).status_code == 404
        answer = client.post("/api/session", json={"login": "ada", "password": body["password"]})
        assert answer.json()["user"]["role"] == "administrator"
        with pytest.raises(Conflict):
            self.issue(database, clock)

    def test_it_works_for_a_quarter_of_an_hour(self, client: TestClient, database: Database, clock: FakeClock) -> None:
        body = self.body(self.issue(database, clock))
        clock.advance(minutes=15)
        assert client.post("/api/bootstrap-account", json=body).status_code == 404
        fresh = self.body(self.issue(database, clock))
        clock.advance(minutes=14, seconds=59)
        assert client.post("/api/bootstrap-account", json=body).status_code == 404, "the former address is dead"
        assert client.post("/api/bootstrap-account", json=fresh).status_code == 201

    def test_nobody_gets_in_once_there_are_accounts(
        self, client: TestClient, database: Database, clock: FakeClock
    ) -> None:
        body = self.body(self.issue(database, clock))
        with database.write() as session:
            person = NewPerson("first", "First Example", "coordinator", PROGRAM)
            people.add_person(session, person, "hash", clock.now())
        assert client.post("/api/bootstrap-account", json=body).status_code == 404

    def test_a_wrong_token_and_a_weak_passphrase_are_refused(
        self, client: TestClient, database: Database, clock: FakeClock
    ) -> None:
        token = self.issue(database, clock)
        for changes, status in (
            ({"token": "guess"}, 404),
            ({"password": "x" * 11}, 422),
            ({"program_id": "none"}, 404),
        ):
            assert client.post("/api/bootstrap-account", json=self.body(token) | changes).status_code == status
        assert client.post("/api/bootstrap-account", json=self.body(token)).status_code == 201, (
            "failed tries cost nothing"
        )

    def test_of_two_who_open_it_at_the_same_moment_one_becomes_administrator(
        self, app: FastAPI, database: Database, clock: FakeClock
    ) -> None:
        body = self.body(self.issue(database, clock))

        def come(login: str) -> int:
            return int(new_client(app).post("/api/bootstrap-account", json=body | {"login": login}).status_code)

        assert sorted(together([lambda: come("ada"), lambda: come("eve")])) == [201, 404]
        with database.read() as session:
            assert len(session.exec(select(User)).all()) == 1

    def test_a_passphrase_that_anybody_would_try_is_refused(
        self, client: TestClient, database: Database, clock: FakeClock
    ) -> None:
        body = self.body(self.issue(database, clock), password="password1234")
        assert client.post("/api/bootstrap-account", json=body).status_code == 422

    def test_a_program_comes_first(self, database: Database, clock: FakeClock) -> None:
        with pytest.raises(Conflict, match="add-program"), database.write() as session:
            first_administrator.issue(session, clock.now())

    def test_the_page_obeys_the_policy(self, client: TestClient, database: Database, clock: FakeClock) -> None:
        self.issue(database, clock)
        page = client.get("/api/bootstrap-account")
        assert page.headers["content-type"].startswith("text/html")
        assert "Denver &lt;LEAD&gt;" in page.text
        assert 'src="/api/bootstrap-account.js"' in page.text
        for inline in ("<style", " style=", " onclick=", "<script>"):
            assert inline not in page.text
        script = client.get("/api/bootstrap-account.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert "innerHTML" not in script.text


def test_after_hours_are_told_for_the_pathways_that_one_begins(sign_in: SignIn) -> None:
    told = {
        login: sorted({entry["pathway"] for entry in sign_in(login).get("/api/program").json()["after_hours"]})
        for login in ("officer", "coordinator", "partner", "supervisor")
    }
    assert told == {
        "officer": ["arrest_diversion", "social_contact"],
        "coordinator": ["community", "social_contact"],
        "partner": ["community"],
        "supervisor": [],
    }
