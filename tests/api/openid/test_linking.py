"""Whose a subject is: said by that person, signed in and freshly proved, and by nobody else."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.accounts import people
from api.auth.cookies import SESSION_COOKIE
from api.database import Database
from api.openid.attempt import COOKIE
from api.tables.audit import AuditEvent
from api.tables.openid import OpenidIdentity
from api.tables.people import SignIn as SessionRow
from tests.api.conftest import SECOND_AGENCY, Cast, FakeClock, SignIn, new_client
from tests.api.openid.conftest import SUBJECT, Enter, Go, come_back, link_directly
from tests.api.openid.provider_process import ProviderProcess

LINKED, REFUSED = "/#/openid/linked", "/#/openid/refused/"


def depart(browser: TestClient, provider_id: str) -> str:
    answer = browser.post(f"/api/openid/link/{provider_id}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"])


def link(browser: TestClient, provider_id: str, real: ProviderProcess) -> str:
    """Go and come back as a real browser does: the Strict session cookie stays behind on the way back."""
    back = real.visit(depart(browser, provider_id))
    carried = {"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    without_session = browser.get(back, headers=carried, follow_redirects=False)
    assert without_session.status_code == 303
    assert not any(each.startswith(SESSION_COOKIE) for each in without_session.headers.get_list("set-cookie"))
    return str(without_session.headers["location"])


def identities(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {each.subject: each.user_id for each in session.exec(select(OpenidIdentity))}


def test_a_person_links_and_then_signs_in_so(
    sign_in: SignIn, provider_id: str, real: ProviderProcess, go: Go, client: TestClient, cast: Cast, database: Database
) -> None:
    browser = sign_in("coordinator")
    assert browser.get("/api/openid/links").json() == [
        {"id": provider_id, "label": "Police department", "linked_at": None}
    ]
    assert link(browser, provider_id, real) == LINKED
    assert browser.get("/api/openid/links").json()[0]["linked_at"] is not None
    assert browser.get("/api/session").json()["user"]["role"] == "coordinator", "the session is the same"
    assert go() == "/#/openid/in"
    assert client.get("/api/session").json()["user"]["id"] == cast["coordinator"].user_id
    with database.read() as session:
        [event] = session.exec(select(AuditEvent).where(AuditEvent.action == "openid.link")).all()
    assert (event.outcome, event.actor_id, event.subject) == ("done", cast["coordinator"].user_id, provider_id)


def test_a_link_asks_for_a_fresh_proof(sign_in: SignIn, provider_id: str, clock: FakeClock) -> None:
    browser = sign_in("officer")
    clock.advance(minutes=5, seconds=1)
    for answer in (
        browser.post(f"/api/openid/link/{provider_id}"), browser.delete(f"/api/openid/link/{provider_id}"),
    ):  # fmt: skip
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("proof-needed")


def test_linking_twice_is_one_link(
    sign_in: SignIn, provider_id: str, real: ProviderProcess, database: Database
) -> None:
    browser = sign_in("officer")
    assert [link(browser, provider_id, real) for _ in range(2)] == [LINKED, LINKED]
    assert list(identities(database)) == [SUBJECT]


def test_a_subject_is_one_persons_and_a_person_one_subject(
    sign_in: SignIn, provider_id: str, real: ProviderProcess, database: Database, cast: Cast
) -> None:
    assert link(sign_in("officer"), provider_id, real) == LINKED
    assert link(sign_in("coordinator"), provider_id, real) == REFUSED + "taken"
    real.control(account="another")
    assert link(sign_in("officer"), provider_id, real) == REFUSED + "taken"
    assert identities(database) == {SUBJECT: cast["officer"].user_id}


@pytest.mark.parametrize("how", ["signed out", "closed", "run out"])
def test_a_session_that_has_ended_links_nothing(
    sign_in: SignIn, provider_id: str, real: ProviderProcess, database: Database, clock: FakeClock, how: str
) -> None:
    browser = sign_in("officer")
    back = real.visit(depart(browser, provider_id))
    if how == "signed out":
        browser.delete("/api/session")
    elif how == "closed":
        with database.write() as session:
            people.deactivate(session, "officer", clock.now())
    else:
        with database.write() as session:
            row = session.exec(select(SessionRow)).one()
            row.expires_at = clock.now()
            session.add(row)
    assert come_back(browser, back) == REFUSED + "again"
    assert identities(database) == {}


def test_anothers_way_does_not_link_to_me(
    app: FastAPI, sign_in: SignIn, provider_id: str, real: ProviderProcess, database: Database
) -> None:
    """The attacker's subject would open the victim's account."""
    attacker, victim = sign_in("officer2"), sign_in("supervisor")
    back = real.visit(depart(attacker, provider_id))
    assert come_back(victim, back) == REFUSED + "again"
    depart(victim, provider_id)
    assert come_back(victim, back) == REFUSED + "again"
    assert identities(database) == {}


def test_only_where_the_provider_speaks(sign_in: SignIn, enter: Enter) -> None:
    provider = enter(agency=SECOND_AGENCY)
    statuses = {}
    for login in ("officer", "officer2", "coordinator", "other_officer"):
        browser = sign_in(login)
        assert bool(browser.get("/api/openid/links").json()) == (login == "officer2")
        statuses[login] = browser.post(f"/api/openid/link/{provider}").status_code
    assert statuses == {"officer": 404, "officer2": 200, "coordinator": 404, "other_officer": 404}


def test_unlinked_is_no_longer_anybody(
    sign_in: SignIn, linked: str, go: Go, database: Database, real: ProviderProcess, cast: Cast
) -> None:
    link_directly(database, real.issuer, cast["coordinator"].user_id, "hers")
    browser = sign_in("officer")
    assert browser.delete(f"/api/openid/link/{linked}").status_code == 204
    assert browser.delete(f"/api/openid/link/{linked}").status_code == 404
    assert identities(database) == {"hers": cast["coordinator"].user_id}
    assert go() == REFUSED + "not_linked"


def test_nobody_links_without_a_session(app: FastAPI, provider_id: str) -> None:
    assert new_client(app).post(f"/api/openid/link/{provider_id}").status_code == 401


def test_a_session_that_lacks_its_second_factor_links_nothing(
    sign_in: SignIn, provider_id: str, database: Database
) -> None:
    browser = sign_in("officer")
    with database.write() as session:
        row = session.exec(select(SessionRow)).one()
        row.second_factor_needed = True
        session.add(row)
    assert browser.post(f"/api/openid/link/{provider_id}").status_code == 403
