"""A person's open sessions: seen, ended, and not more than five."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from api.auth.sessions import SESSIONS_PER_PERSON
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import SignIn as Open
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, Cast, Enrol, FakeClock, SignIn


def test_each_is_listed_with_its_phone_and_none_by_its_token(
    sign_in: SignIn, enrol: Enrol, clock: FakeClock, database: Database
) -> None:
    phone = enrol("officer").client
    clock.advance(minutes=10)
    desk = sign_in("officer")
    answer = desk.get("/api/sessions")
    listed = answer.json()["sessions"]
    assert [entry | {"id": ""} for entry in listed] == [
        {
            "id": "", "created_at": "2026-04-30T02:24:00.000Z", "seen_at": "2026-04-30T02:24:00.000Z", "label": None,
            "current": True,
        },
        {
            "id": "", "created_at": "2026-04-30T02:14:00.000Z", "seen_at": "2026-04-30T02:14:00.000Z",
            "label": "Test phone", "current": False,
        },
    ]  # fmt: skip
    for client in (phone, desk):
        assert client.cookies["__Host-session"] not in answer.text
    with database.read() as session:
        assert not any(row.token_hash in answer.text for row in session.exec(select(Open)))


def test_those_that_have_run_out_are_not_listed(sign_in: SignIn, clock: FakeClock) -> None:
    sign_in("officer")
    clock.advance(minutes=30)
    assert len(sign_in("officer").get("/api/sessions").json()["sessions"]) == 1


def test_one_is_ended_from_another(sign_in: SignIn, cast: Cast, database: Database) -> None:
    lost, desk = sign_in("officer"), sign_in("officer")
    lost_id = next(each["id"] for each in lost.get("/api/sessions").json()["sessions"] if each["current"])
    assert desk.delete(f"/api/sessions/{lost_id}").status_code == 204
    assert lost.get("/api/session").status_code == 401
    assert desk.get("/api/session").status_code == 200
    assert desk.delete(f"/api/sessions/{lost_id}").status_code == 404
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "session.end")).all()
    assert [event.actor_id for event in events] == [cast["officer"].user_id]


def test_another_persons_session_is_not_found(sign_in: SignIn) -> None:
    officer, administrator = sign_in("officer"), sign_in("administrator")
    own = officer.get("/api/sessions").json()["sessions"][0]["id"]
    theirs, unknown = (administrator.delete(f"/api/sessions/{name}") for name in (own, uuid4()))
    assert (theirs.status_code, theirs.content) == (unknown.status_code, unknown.content)
    assert theirs.status_code == 404
    assert officer.get("/api/session").status_code == 200
    assert own not in administrator.get("/api/sessions").text


def test_the_sixth_ends_the_oldest(sign_in: SignIn, clock: FakeClock) -> None:
    clients = []
    for _ in range(SESSIONS_PER_PERSON + 1):
        clients.append(sign_in("officer"))
        clock.advance(minutes=1)
    bystander = sign_in("coordinator")
    assert [client.get("/api/session").status_code for client in clients] == [401] + [200] * SESSIONS_PER_PERSON
    assert bystander.get("/api/session").status_code == 200
    assert len(clients[-1].get("/api/sessions").json()["sessions"]) == SESSIONS_PER_PERSON


def test_sign_ins_at_once_leave_five(browsers: Any, cast: Cast, database: Database) -> None:
    body = {"login": "officer", "password": PASSPHRASE}
    clients = [browsers() for _ in range(SESSIONS_PER_PERSON + 3)]
    acts = [lambda client=client: client.post("/api/session", json=body).status_code for client in clients]
    assert 200 in together(acts)
    with database.read() as session:
        assert len(session.exec(select(Open)).all()) <= SESSIONS_PER_PERSON
