"""Changing a passphrase: proved, not one of the first that anybody tries, and other sessions end."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth import limits
from api.auth.commonest import COMMONEST, is_guessable
from api.auth.passwords import PASSPHRASE_MIN_CHARACTERS, four_words
from api.credentials import proof
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import User
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, Cast, FakeClock, SignIn, new_client
from tests.api.credentials.conftest import AppOf

NEXT = "gravel lantern otter nine"
ABOUT = ("Officer Demo Alder", "denver.officer", "Denver LEAD (demo)", "denver")


def change(client: TestClient, former: str = PASSPHRASE, passphrase: str = NEXT, **more: str) -> Any:
    return client.put("/api/passphrase", json={"former": former, "passphrase": passphrase} | more)


def enters(client: TestClient, passphrase: str) -> bool:
    status = client.post("/api/session", json={"login": "officer", "password": passphrase}).status_code
    assert status in (200, 401)
    return bool(status == 200)


def test_the_next_passphrase_opens_and_the_former_does_not(sign_in: SignIn, browsers: Any) -> None:
    assert change(sign_in("officer")).status_code == 204
    assert enters(browsers(), NEXT)
    assert not enters(browsers(), PASSPHRASE)


def test_other_sessions_end_and_this_one_goes_on_under_a_new_cookie(sign_in: SignIn) -> None:
    client, other, colleague = sign_in("officer"), sign_in("officer"), sign_in("coordinator")
    former = client.cookies["__Host-session"]
    assert change(client).status_code == 204
    assert client.get("/api/session").status_code == 200
    assert other.get("/api/session").status_code == 401
    assert colleague.get("/api/session").status_code == 200
    client.cookies.set("__Host-session", former)
    assert client.get("/api/session").status_code == 401


def test_a_wrong_former_one_counts_and_changes_nothing(sign_in: SignIn, browsers: Any) -> None:
    client, other = sign_in("officer"), sign_in("officer")
    for _ in range(limits.ACCOUNT_FAILURES):
        assert change(client, former="not the right words").status_code == 401
    assert change(client).status_code == 429
    assert other.get("/api/session").status_code == 200


def test_where_there_is_an_app_its_code_is_asked_for(app_of: AppOf, browsers: Any) -> None:
    app = app_of("officer")
    assert change(app.client).json()["type"] == "urn:handoff:problem:code-needed"
    assert change(app.client, code=app.wrong()).status_code == 401
    assert change(app.client, code=app.code()).status_code == 204


def test_of_two_changes_at_once_one_is_made(app: Any, sign_in: SignIn, browsers: Any) -> None:
    client = sign_in("officer")
    twins = [new_client(app) for _ in range(2)]
    for twin in twins:
        twin.cookies.set("__Host-session", client.cookies["__Host-session"])
    acts = [
        lambda twin=twin, word=word: change(twin, passphrase=f"{NEXT} {word}").status_code
        for twin, word in zip(twins, ("one", "two"), strict=True)
    ]
    answers = together(acts)
    assert sorted(answers) == [204, 401]
    kept = ("one", "two")[answers.index(204)]
    assert enters(browsers(), f"{NEXT} {kept}")


def test_a_passphrase_that_was_changed_while_it_was_checked_opens_nothing(
    sign_in: SignIn, database: Database, clock: FakeClock
) -> None:
    client = sign_in("officer")
    tried = proof.try_passphrase(database, "officer", PASSPHRASE, "198.51.100.7", clock.now())
    assert tried.fits
    assert change(client).status_code == 204
    with database.write() as session:
        assert proof.settle(session, tried, None, clock.now(), "198.51.100.7") == "refused"


@pytest.mark.parametrize(
    ("passphrase", "status"),
    [
        ("x" * 11, 422),
        ("abcdefghijk1", 204),
        ("x" * 128, 204),
        ("x" * 129, 422),
        ("1234 5678 9012", 422),
        ("Password Password!", 422),
        ("denver officer 2026", 422),
        ("Officer Example 99", 422),
        ("leadleadleadlead", 422),
        ("LEAD me to the pond", 204),
    ],
)
def test_what_may_be_chosen(sign_in: SignIn, browsers: Any, passphrase: str, status: int) -> None:
    client = sign_in("officer")
    answer = change(client, passphrase=passphrase)
    assert answer.status_code == status
    assert passphrase not in answer.text
    assert enters(browsers(), passphrase if status == 204 else PASSPHRASE)


def test_it_is_audited_and_stored_as_a_hash(sign_in: SignIn, database: Database, cast: Cast) -> None:
    client = sign_in("officer")
    change(client, former="not the right words")
    change(client)
    with database.read() as session:
        query = select(AuditEvent).where(col(AuditEvent.action) == "passphrase.change").order_by(col(AuditEvent.id))
        events = session.exec(query).all()
        stored = session.get_one(User, cast["officer"].user_id).password_hash
    assert [event.outcome for event in events] == ["refused", "done"]
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class TestGuessing:
    @pytest.mark.parametrize("passphrase", sorted(COMMONEST))
    def test_the_commonest_are_found_however_they_are_written(self, passphrase: str) -> None:
        assert len(passphrase) >= PASSPHRASE_MIN_CHARACTERS, "a shorter one is refused anyway and need not be listed"
        assert is_guessable(passphrase, ())
        assert is_guessable("-".join(passphrase.upper()), ())

    @pytest.mark.parametrize(
        "passphrase", ["Denver.Officer1", "alderalderalder", "demo LEAD denver", "Alder 1985 Denver", "warmhandoff2026"]
    )
    def test_what_is_made_of_the_words_around_a_person_is_found(self, passphrase: str) -> None:
        assert is_guessable(passphrase, ABOUT)

    @pytest.mark.parametrize(
        "passphrase",
        ["four quiet demo words", "denver omelette on rye", "x" * 12, "384 216 559 003", "Ünwahrscheinlich 7"],
    )
    def test_nothing_else_is_asked(self, passphrase: str) -> None:
        assert not is_guessable(passphrase, ABOUT)

    def test_those_that_are_made_here_are_never_refused(self) -> None:
        assert not any(is_guessable(four_words(), ABOUT) for _ in range(1000))
