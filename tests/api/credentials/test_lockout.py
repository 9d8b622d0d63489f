"""Five wrong tries in a quarter of an hour lock an account's passphrase, and nothing else."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth import limits
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import SignInAttempt
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, Cast, FakeClock
from tests.api.credentials.conftest import PasskeyOf, enter, proof_by

WRONG = "not the right words"


def post(client: TestClient, password: str = PASSPHRASE, login: str = "officer") -> int:
    status: int = client.post("/api/session", json={"login": login, "password": password}).status_code
    return status


def lock(client: TestClient, login: str = "officer") -> None:
    for _ in range(limits.ACCOUNT_FAILURES):
        assert post(client, WRONG, login) == 401
    assert post(client, PASSPHRASE, login) == 429


def test_a_locked_passphrase_stays_so_for_a_day(client: TestClient, cast: Cast, clock: FakeClock) -> None:
    lock(client)
    answer = client.post("/api/session", json={"login": "officer", "password": PASSPHRASE})
    assert 86_400 <= int(answer.headers["retry-after"]) <= 86_401
    assert "administrator" in answer.json()["detail"]
    clock.advance(hours=23, minutes=59)
    assert post(client) == 429
    clock.advance(minutes=1)
    assert post(client) == 200


def test_a_passkey_of_a_locked_account_still_signs_in_and_releases_nothing(
    browsers: Any, passkey_of: PasskeyOf
) -> None:
    authenticator = passkey_of("officer")
    lock(browsers())
    client = browsers()
    assert enter(client, authenticator).status_code == 200
    assert client.post("/api/session/step-up", json=proof_by(client, authenticator)).status_code == 204
    assert post(browsers()) == 429


def test_an_open_session_of_a_locked_account_goes_on(browsers: Any, cast: Cast) -> None:
    client = browsers()
    assert post(client) == 200
    lock(browsers())
    assert client.get("/api/session").status_code == 200
    assert client.post("/api/session/step-up", json={"password": PASSPHRASE}).status_code == 429


def test_four_tries_and_a_quarter_of_an_hour_lock_nothing(client: TestClient, cast: Cast, clock: FakeClock) -> None:
    for _ in range(4):
        for _ in range(limits.ACCOUNT_FAILURES - 1):
            assert post(client, WRONG) == 401
        clock.advance(minutes=15)
    assert post(client) == 200


@pytest.mark.parametrize(("minutes", "status"), [(14.9, 429), (15, 200)])
def test_the_quarter_of_an_hour_moves_with_the_tries(
    client: TestClient, cast: Cast, clock: FakeClock, minutes: float, status: int
) -> None:
    assert post(client, WRONG) == 401
    clock.advance(minutes=minutes)
    for _ in range(limits.ACCOUNT_FAILURES - 1):
        assert post(client, WRONG) == 401
    assert post(client) == status


def test_an_unknown_name_is_locked_like_a_known_one(client: TestClient, cast: Cast) -> None:
    lock(client)
    known = client.post("/api/session", json={"login": "officer", "password": PASSPHRASE})
    for _ in range(limits.ACCOUNT_FAILURES):
        assert post(client, WRONG, "nobody") == 401
    unknown = client.post("/api/session", json={"login": "nobody", "password": PASSPHRASE})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


def test_another_account_is_not_touched(client: TestClient, cast: Cast) -> None:
    lock(client)
    assert post(client, login="coordinator") == 200


def test_an_administrator_releases_it(client: TestClient, cast: Cast, database: Database, clock: FakeClock) -> None:
    lock(client)
    with database.write() as session:
        assert limits.locked_until(session, "officer", clock.now()) is not None
        assert limits.release(session, "officer")
        assert not limits.release(session, "officer")
        assert limits.locked_until(session, "officer", clock.now()) is None
    for _ in range(limits.ACCOUNT_FAILURES - 1):
        assert post(client, WRONG) == 401
    assert post(client) == 200


def test_guesses_at_once_get_no_more_tries_than_guesses_in_turn(browsers: Any, cast: Cast, database: Database) -> None:
    clients = [browsers() for _ in range(12)]
    answers = together([partial(post, client, WRONG) for client in clients])
    assert answers.count(401) <= limits.ACCOUNT_FAILURES
    assert set(answers) <= {401, 429, 503}, "503 where too many are checked at once"
    assert post(browsers()) == 429


def test_the_lock_is_audited_once_by_id(client: TestClient, cast: Cast, database: Database) -> None:
    lock(client)
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "account.lock")).all()
        attempts = session.exec(select(SignInAttempt.subject)).all()
    assert [event.subject for event in events] == [cast["officer"].user_id]
    assert all(len(subject) == 64 for subject in attempts)
