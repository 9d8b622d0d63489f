"""Signing in through a real provider, the happy way and its edges."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.accounts import people
from api.auth.cookies import token_hash
from api.database import Database
from api.openid.attempt import COOKIE, challenge, drawn
from api.tables.audit import AuditEvent
from api.tables.openid import OpenidAttempt, OpenidProvider
from api.tables.people import Membership, Program
from tests.api.conftest import SECOND_AGENCY, Cast, Enrol, FakeClock, SignIn, new_client
from tests.api.openid.conftest import SUBJECT, Begin, Enter, Go, come_back, link_directly
from tests.api.openid.provider_process import CLIENT_SECRET, ProviderProcess

REFUSED = "/#/openid/refused/"


def events(database: Database) -> list[tuple[str, str, str | None]]:
    """What the audit trail says of signing in, in order."""
    with database.read() as session:
        found = session.exec(
            select(AuditEvent)
            .where(col(AuditEvent.action).in_(("session.start", "openid.link")))
            .order_by(col(AuditEvent.id))
        )
        return [(each.action, each.outcome, each.actor_id) for each in found]


def test_a_linked_person_signs_in_and_has_a_session(
    client: TestClient, linked: str, go: Go, cast: Cast, database: Database
) -> None:
    assert client.get("/api/session").status_code == 401
    assert go() == "/#/openid/in"
    assert client.get("/api/session").json()["user"]["id"] == cast["officer"].user_id
    assert COOKIE not in client.cookies
    assert events(database) == [("session.start", "done", cast["officer"].user_id)]


def test_the_first_screen_shows_the_providers_and_nothing_about_them(client: TestClient, provider_id: str) -> None:
    assert client.get("/api/openid/providers").json() == [{"id": provider_id, "label": "Police department"}]


def test_the_way_out_asks_for_all_that_makes_it_safe(begin: Begin, client: TestClient, provider_id: str) -> None:
    asked = {name: value[0] for name, value in parse_qs(urlsplit(begin().address).query).items()}
    handle = client.cookies[COOKIE]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] == challenge(drawn(handle, "verifier"))
    assert (asked["state"], asked["nonce"]) == (drawn(handle, "state"), drawn(handle, "nonce"))
    assert (asked["prompt"], asked["max_age"]) == ("login", "300")
    assert asked["redirect_uri"] == f"https://testserver/api/openid/{provider_id}/return"
    assert len({handle, asked["state"], asked["nonce"], asked["code_challenge"]}) == 4


def test_the_cookie_of_the_way_is_lax_short_and_out_of_reach(client: TestClient, provider_id: str) -> None:
    answer = client.post(f"/api/openid/{provider_id}/begin", json={})
    cookie = answer.headers["set-cookie"].lower()
    for attribute in ("__host-openid=", "httponly", "secure", "samesite=lax", "path=/", "max-age=600"):
        assert attribute in cookie
    assert "domain" not in cookie
    assert client.cookies[COOKIE] not in answer.text


def test_the_session_cookie_is_strict_here_too(
    client: TestClient, linked: str, begin: Begin, real: ProviderProcess
) -> None:
    answer = client.get(real.visit(begin().address), follow_redirects=False)
    own = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-session="))
    assert "samesite=strict" in own.lower()
    assert "httponly" in own.lower()
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_nothing_that_opens_is_stored_in_clear(
    client: TestClient, begin: Begin, database: Database, provider_id: str
) -> None:
    begin()
    handle = client.cookies[COOKIE]
    with database.read() as session:
        attempt = session.exec(select(OpenidAttempt)).one()
        stored = session.connection().exec_driver_sql("SELECT client_secret FROM openid_provider").scalar()
        opened = session.exec(select(OpenidProvider)).one().client_secret
    assert attempt.handle_hash == token_hash(handle)
    for secret in (handle, drawn(handle, "state"), drawn(handle, "nonce"), drawn(handle, "verifier")):
        assert secret not in str(attempt.model_dump())
    assert CLIENT_SECRET.encode() not in bytes(stored or b"")
    assert opened == CLIENT_SECRET


def test_a_subject_that_nobody_linked_gets_nothing(
    client: TestClient, provider_id: str, go: Go, database: Database
) -> None:
    assert go() == REFUSED + "not_linked"
    assert client.get("/api/session").status_code == 401
    assert events(database) == [("session.start", "refused", None)]


def test_a_subject_with_somebodys_login_or_mail_is_nobody(
    client: TestClient, provider_id: str, go: Go, real: ProviderProcess, cast: Cast
) -> None:
    real.control(
        account="officer", claims={"preferred_username": "officer", "email": "officer", "email_verified": True}
    )
    assert go() == REFUSED + "not_linked"


def test_a_closed_account_is_refused(linked: str, go: Go, database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        people.deactivate(session, "officer", clock.now())
    assert go() == REFUSED + "not_linked"


def test_an_ended_membership_is_refused(linked: str, go: Go, database: Database, cast: Cast, clock: FakeClock) -> None:
    with database.write() as session:
        membership = session.exec(select(Membership).where(Membership.user_id == cast["officer"].user_id)).one()
        membership.until_at = clock.now()
        session.add(membership)
    assert go() == REFUSED + "not_linked"


class TestWhereAProviderSpeaks:
    def test_not_for_people_of_another_program(
        self, enter: Enter, real: ProviderProcess, client: TestClient, database: Database, cast: Cast
    ) -> None:
        provider = enter(program_id="dona-ana")
        link_directly(database, real.issuer, cast["officer"].user_id)
        address = client.post(f"/api/openid/{provider}/begin", json={}).json()["address"]
        assert come_back(client, real.visit(address)) == REFUSED + "not_linked"

    def test_an_agencys_only_for_its_own_members(
        self, enter: Enter, real: ProviderProcess, client: TestClient, database: Database, cast: Cast
    ) -> None:
        provider = enter(agency=SECOND_AGENCY)
        for login, subject in (("officer", "a"), ("officer2", "b"), ("coordinator", "c")):
            link_directly(database, real.issuer, cast[login].user_id, subject)
        came = []
        for subject in "abc":
            real.control(account=subject)
            address = client.post(f"/api/openid/{provider}/begin", json={}).json()["address"]
            came.append(come_back(client, real.visit(address)))
        assert came == [REFUSED + "not_linked", "/#/openid/in", REFUSED + "not_linked"]


class TestFactors:
    def test_one_factor_opens_nothing_where_the_program_asks_for_two(
        self, linked: str, go: Go, client: TestClient, database: Database
    ) -> None:
        ask_for_two(database)
        assert go() == "/#/openid/in"
        assert client.get("/api/session").status_code == 200
        assert client.get("/api/devices").status_code == 403

    def test_two_that_the_provider_vouches_for_are_two(
        self, enter: Enter, real: ProviderProcess, client: TestClient, database: Database, cast: Cast
    ) -> None:
        ask_for_two(database)
        provider = enter(accepted_acr=["urn:two"], accepted_amr=["hwk", "otp"])
        link_directly(database, real.issuer, cast["officer"].user_id)
        real.control(account=SUBJECT, acr="urn:two", amr=["pwd", "otp"])
        address = client.post(f"/api/openid/{provider}/begin", json={}).json()["address"]
        assert parse_qs(urlsplit(address).query)["acr_values"] == ["urn:two"]
        assert come_back(client, real.visit(address)) == "/#/openid/in"
        assert client.get("/api/devices").status_code == 200

    def test_a_weaker_sign_in_than_asked_for_is_refused(
        self, enter: Enter, real: ProviderProcess, client: TestClient, database: Database, cast: Cast
    ) -> None:
        provider = enter(accepted_acr=["urn:two"], accepted_amr=["hwk"])
        link_directly(database, real.issuer, cast["officer"].user_id)
        for how in ({"acr": "urn:one", "amr": ["hwk"]}, {"acr": "urn:two", "amr": ["pwd"]}, {"acr": "urn:two"}, {}):
            real.control(account=SUBJECT, **how)
            address = client.post(f"/api/openid/{provider}/begin", json={}).json()["address"]
            assert come_back(client, real.visit(address)) == REFUSED + "weak", how


def ask_for_two(database: Database) -> None:
    """The program asks for a second factor."""
    with database.write() as session:
        program = session.get_one(Program, "denver")
        program.config = program.config | {"second_factor": "required"}
        session.add(program)


def test_the_session_of_before_ends(linked: str, go: Go, sign_in: SignIn, app: FastAPI) -> None:
    browser = sign_in("coordinator")
    former = browser.cookies["__Host-session"]
    assert go(browser) == "/#/openid/in"
    assert browser.get("/api/session").json()["user"]["role"] == "officer"
    assert new_client(app).get("/api/session", headers={"Cookie": f"__Host-session={former}"}).status_code == 401


def test_a_device_speaks_only_for_its_own_person(linked: str, go: Go, enrol: Enrol, client: TestClient) -> None:
    own, foreign = enrol("officer"), enrol("coordinator")
    assert go(device_id=own.device_id) == "/#/openid/in"
    assert client.get("/api/session").json()["device_id"] == own.device_id
    assert go(device_id=foreign.device_id) == "/#/openid/in"
    assert client.get("/api/session").json()["device_id"] is None


def test_an_address_may_begin_only_so_often(
    client: TestClient, provider_id: str, begin: Begin, clock: FakeClock
) -> None:
    for _ in range(30):
        begin()
    assert client.post(f"/api/openid/{provider_id}/begin", json={}).status_code == 429
    clock.advance(minutes=61)
    begin()


def test_sign_ins_that_succeed_do_not_count(linked: str, go: Go, database: Database) -> None:
    assert [go(), go()] == ["/#/openid/in", "/#/openid/in"]
    with database.read() as session:
        assert session.exec(select(OpenidAttempt)).all() == []
