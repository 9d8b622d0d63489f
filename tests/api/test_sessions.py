"""Signing in, staying signed in, and being refused."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.accounts import people
from api.auth import limits, passwords
from api.auth.cookies import token_hash
from api.database import Database
from api.problems import Malformed
from api.tables.audit import AuditEvent
from api.tables.people import Membership, SignIn, SignInAttempt, User
from tests.api.conftest import PASSPHRASE, Cast, FakeClock, new_client
from tests.api.conftest import SignIn as Enter

WRONG = "not the right words"


def post(client: TestClient, login: str, password: str = PASSPHRASE, **headers: str) -> int:
    body = {"login": login, "password": password}
    status: int = client.post("/api/session", json=body, headers=headers).status_code
    return status


def test_a_session_tells_who_is_signed_in_and_until_when(client: TestClient, cast: Cast, clock: FakeClock) -> None:
    answer = client.post("/api/session", json={"login": " OFFICER ", "password": PASSPHRASE, "device_id": None})
    document = answer.json()
    assert answer.status_code == 200
    assert document["user"]["id"] == cast["officer"].user_id
    assert document["user"]["role"] == "officer"
    assert document["expires_at"] == "2026-04-30T14:14:00.000Z"
    assert document["server_time"] == "2026-04-30T02:14:00.000Z"
    assert client.get("/api/session").json() == document


def test_the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(client: TestClient, cast: Cast) -> None:
    answer = client.post("/api/session", json={"login": "officer", "password": PASSPHRASE})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert attribute.lower() in cookie.lower()
    assert "domain" not in cookie.lower()
    assert client.cookies["__Host-session"] not in answer.text


def test_only_a_hash_of_the_token_is_stored(database: Database, sign_in: Enter) -> None:
    token = sign_in("officer").cookies["__Host-session"]
    with database.read() as session:
        stored = session.exec(select(SignIn.token_hash)).all()
    assert stored == [token_hash(token)]
    assert len(token) >= 43, "256 bits"


def test_unknown_wrong_closed_and_ended_are_refused_alike(
    client: TestClient, database: Database, cast: Cast, clock: FakeClock
) -> None:
    with database.write() as session:
        people.deactivate(session, "partner", clock.now())
        membership = session.exec(select(Membership).where(Membership.user_id == cast["evaluator"].user_id)).one()
        membership.until_at = clock.now()
        session.add(membership)
    bodies = [{"login": "nobody", "password": WRONG}, {"login": "officer", "password": WRONG}]
    bodies += [{"login": "partner", "password": PASSPHRASE}, {"login": "evaluator", "password": PASSPHRASE}]
    answers = [client.post("/api/session", json=body) for body in bodies]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["type"].endswith("sign-in-refused")
    assert not client.cookies


def test_an_unknown_login_costs_as_much_work_as_a_known_one() -> None:
    stored = passwords.HASHER.hash(PASSPHRASE)

    def fastest(act: Callable[[], object]) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
        return min(times)

    known = fastest(lambda: passwords.matches(WRONG, stored))
    unknown = fastest(lambda: passwords.matches(WRONG, None))
    assert unknown > known / 3, "an unknown login answers faster and so gives itself away"
    assert not passwords.matches(WRONG, None)


@pytest.mark.parametrize(("length", "accepted"), [(11, False), (12, True), (128, True), (129, False)])
def test_a_passphrase_has_twelve_to_128_characters(length: int, accepted: bool) -> None:
    if accepted:
        assert passwords.matches("x" * length, passwords.hashed("x" * length))
    else:
        with pytest.raises(Malformed):
            passwords.hashed("x" * length)


def test_hashes_are_argon2id_at_the_chosen_cost() -> None:
    assert passwords.hashed(PASSPHRASE).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_new_token_at_every_sign_in_and_the_former_session_ends(client: TestClient, cast: Cast) -> None:
    assert post(client, "officer") == 200
    first = client.cookies["__Host-session"]
    assert post(client, "officer") == 200
    assert client.cookies["__Host-session"] != first
    client.cookies.set("__Host-session", first)
    assert client.get("/api/session").status_code == 401


def test_signing_out_ends_the_session_on_the_server(sign_in: Enter) -> None:
    client = sign_in("officer")
    token = client.cookies["__Host-session"]
    assert client.delete("/api/session").status_code == 204
    assert "__Host-session" not in client.cookies
    client.cookies.set("__Host-session", token)
    assert client.get("/api/session").status_code == 401


def test_thirty_idle_minutes_end_a_session(sign_in: Enter, clock: FakeClock) -> None:
    client = sign_in("officer")
    for _ in range(4):
        clock.advance(minutes=29)
        assert client.get("/api/session").status_code == 200
    clock.advance(minutes=30)
    assert client.get("/api/session").status_code == 401


def test_twelve_hours_end_a_session_however_busy(sign_in: Enter, clock: FakeClock) -> None:
    client = sign_in("officer")
    for _ in range(12 * 60 // 20 - 1):
        clock.advance(minutes=20)
        assert client.get("/api/session").status_code == 200
    clock.advance(minutes=20)
    assert client.get("/api/session").status_code == 401


def test_a_closed_account_is_refused_on_its_next_request(sign_in: Enter, database: Database, clock: FakeClock) -> None:
    client = sign_in("coordinator")
    with database.write() as session:
        people.deactivate(session, "coordinator", clock.now())
    assert client.get("/api/session").status_code == 401


def test_an_inactive_account_is_refused_although_its_role_stands(
    sign_in: Enter, client: TestClient, database: Database, cast: Cast
) -> None:
    signed_in = sign_in("coordinator")
    with database.write() as session:
        user = session.get_one(User, cast["coordinator"].user_id)
        user.active = False
        session.add(user)
    assert signed_in.get("/api/session").status_code == 401
    assert post(client, "coordinator") == 401


def test_an_ended_membership_is_refused_on_the_next_request(
    sign_in: Enter, database: Database, cast: Cast, clock: FakeClock
) -> None:
    client = sign_in("officer")
    with database.write() as session:
        membership = session.exec(select(Membership).where(Membership.user_id == cast["officer"].user_id)).one()
        membership.until_at = clock.advance(minutes=1)
        session.add(membership)
    assert client.get("/api/session").status_code == 401


def test_five_failures_lock_the_passphrase_of_an_account_for_a_day(
    client: TestClient, cast: Cast, clock: FakeClock
) -> None:
    for _ in range(limits.ACCOUNT_FAILURES):
        assert post(client, "officer", WRONG) == 401
    answer = client.post("/api/session", json={"login": "Officer", "password": PASSPHRASE})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 24 * 60 * 60 + 1
    assert post(client, "coordinator") == 200, "another account is not touched"
    clock.advance(seconds=int(answer.headers["retry-after"]))
    assert post(client, "officer") == 200


def test_a_success_forgives_the_accounts_failures(client: TestClient, cast: Cast, database: Database) -> None:
    for _ in range(2):
        for _ in range(limits.ACCOUNT_FAILURES - 1):
            assert post(client, "officer", WRONG) == 401
        assert post(client, "officer") == 200
    with database.read() as session:
        left = session.exec(select(SignInAttempt)).all()
    assert len(left) == 2 * (limits.ACCOUNT_FAILURES - 1), "those of the address stay"


def test_twenty_failures_close_an_address_for_an_hour(client: TestClient, cast: Cast, clock: FakeClock) -> None:
    for number in range(limits.ADDRESS_FAILURES):
        assert post(client, f"guess{number}", WRONG) == 401
    assert post(client, "officer") == 429
    clock.advance(minutes=61)
    assert post(client, "officer") == 200


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(app: FastAPI, cast: Cast) -> None:
    behind = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"}, client=("127.0.0.1", 5000))
    for number in range(limits.ADDRESS_FAILURES):
        assert post(behind, f"guess{number}", WRONG, **{"X-Forwarded-For": f"10.9.9.{number}, 203.0.113.7"}) == 401
    assert post(behind, "officer", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}) == 429
    assert post(behind, "officer", **{"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}) == 200
    direct = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"}, client=("203.0.113.7", 5000))
    assert post(direct, "officer", **{"X-Forwarded-For": "198.51.100.9"}) == 429


def test_an_ipv6_subscriber_cannot_change_addresses_within_its_network() -> None:
    assert limits.address_subject("2001:db8::1") == limits.address_subject("2001:db8::ffff:1")
    assert limits.address_subject("2001:db8::1") != limits.address_subject("2001:db8:0:1::1")
    assert limits.address_subject("::ffff:203.0.113.7") == limits.address_subject("203.0.113.7")


def test_neither_logins_nor_addresses_are_stored_in_clear(client: TestClient, cast: Cast, database: Database) -> None:
    post(client, "a passphrase typed in the wrong field", WRONG)
    with database.read() as session:
        rows = session.exec(select(SignInAttempt.subject)).all()
    assert rows
    assert all(len(row) == 64 for row in rows)


def test_every_sign_in_and_refusal_is_audited_by_id(client: TestClient, cast: Cast, database: Database) -> None:
    post(client, "officer", WRONG)
    post(client, "officer")
    client.delete("/api/session")
    with database.read() as session:
        query = select(AuditEvent).where(col(AuditEvent.action).like("session.%")).order_by(col(AuditEvent.id))
        events = session.exec(query).all()
    assert [(event.action, event.outcome) for event in events] == [
        ("session.start", "refused"),
        ("session.start", "done"),
        ("session.end", "done"),
    ]
    assert {event.actor_id for event in events} == {cast["officer"].user_id}


@pytest.mark.parametrize(
    "body",
    [
        {"login": "officer"},
        {"login": 5, "password": PASSPHRASE},
        {"login": "officer", "password": None},
        {"login": "", "password": PASSPHRASE},
        {"login": "x" * 81, "password": PASSPHRASE},
        {"login": "off\u0000icer", "password": PASSPHRASE},
        {"login": "officer", "password": "x" * 129},
        {"login": "officer", "password": PASSPHRASE, "device_id": "not-an-id"},
        {"login": "officer", "password": PASSPHRASE, "role": "administrator"},
        [],
    ],
)
def test_a_malformed_sign_in_is_told_so_without_an_echo(client: TestClient, cast: Cast, body: object) -> None:
    answer = client.post("/api/session", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert PASSPHRASE not in answer.text


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nonsense", b'{"login": "a\xff", "password": "b"}', b'{"login":"\\ud800","password":"x"}']
)
def test_what_is_not_json_is_told_so(client: TestClient, cast: Cast, raw: bytes) -> None:
    answer = client.post("/api/session", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_forged_or_overlong_cookie_is_no_session(app: FastAPI, cast: Cast) -> None:
    for value in ("x", "x" * 5000, "é"):
        client = new_client(app)
        header = {"Cookie": f"__Host-session={value}".encode("latin-1")}
        assert client.get("/api/session", headers=header).status_code == 401
