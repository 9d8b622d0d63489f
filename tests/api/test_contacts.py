"""Numbers and mailboxes: given, proven by a code that really travels, used, forgotten; nobody else's ever."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.paging import contacts, reach
from api.problems import Malformed
from api.settings import Settings
from api.tables.paging import ContactPoint, Delivery
from tests.api.conftest import FakeClock, SignIn

MAILBOX = {"channel": "email", "address": "maya@example.org", "language": "en"}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"smtp_host": "localhost", "smtp_from": "pages@example.org"})


@pytest.fixture
def maya(sign_in: SignIn) -> TestClient:
    return sign_in("coordinator")


def code_sent(app: FastAPI) -> str:
    with app.state.database.read() as session:
        rows = session.exec(select(Delivery).where(Delivery.kind == "code").order_by(col(Delivery.created_at))).all()
    return str(rows[-1].token)


def added(client: TestClient, **changes: Any) -> str:
    answer = client.post("/api/channels", json=MAILBOX | changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def proven(app: FastAPI, client: TestClient, **changes: Any) -> str:
    contact_id = added(client, **changes)
    assert client.post(f"/api/channels/{contact_id}/verify", json={"code": code_sent(app)}).json() == {"proven": True}
    return contact_id


def test_a_mailbox_is_used_once_its_code_proved_it(app: FastAPI, maya: TestClient) -> None:
    contact_id = added(maya)
    [before] = maya.get("/api/channels").json()["contacts"]
    user_id = maya.get("/api/session").json()["user"]["id"]
    with app.state.database.read() as session:
        assert reach.addresses(session, [user_id]) == {}
    assert maya.post(f"/api/channels/{contact_id}/verify", json={"code": code_sent(app)}).json() == {"proven": True}
    [after] = maya.get("/api/channels").json()["contacts"]
    assert (before["verified_at"], after["verified_at"] is not None) == (None, True)
    with app.state.database.read() as session:
        assert [one.channel for one in reach.addresses(session, [user_id])[user_id]] == ["email"]


def test_the_code_is_not_stored_where_the_address_is(app: FastAPI, maya: TestClient) -> None:
    added(maya)
    with app.state.database.read() as session:
        contact = session.exec(select(ContactPoint)).one()
    assert code_sent(app) not in contact.code_hash


def test_wrong_codes_are_counted_on_both_sides_of_the_limit(app: FastAPI, maya: TestClient, clock: FakeClock) -> None:
    contact_id = added(maya)
    right = code_sent(app)
    wrong = f"{(int(right) + 1) % 10**contacts.CODE_DIGITS:06}"
    for _ in range(contacts.CODE_TRIES - 1):
        assert maya.post(f"/api/channels/{contact_id}/verify", json={"code": wrong}).json() == {"proven": False}
    assert maya.post(f"/api/channels/{contact_id}/verify", json={"code": right}).json() == {"proven": True}
    other = added(maya, address="second@example.org")
    for _ in range(contacts.CODE_TRIES):
        maya.post(f"/api/channels/{other}/verify", json={"code": "000000" if code_sent(app) != "000000" else "000001"})
    assert maya.post(f"/api/channels/{other}/verify", json={"code": code_sent(app)}).status_code == 429
    clock.advance(minutes=1)
    assert added(maya, address="second@example.org") == other
    assert maya.post(f"/api/channels/{other}/verify", json={"code": code_sent(app)}).json() == {"proven": True}


def test_a_code_lives_its_time_and_no_longer(app: FastAPI, maya: TestClient, clock: FakeClock) -> None:
    first, second = added(maya), None
    code = code_sent(app)
    clock.advance(seconds=contacts.CODE_LIFETIME.total_seconds() - 1)
    assert maya.post(f"/api/channels/{first}/verify", json={"code": code}).json() == {"proven": True}
    second = added(maya, address="second@example.org")
    clock.advance(seconds=contacts.CODE_LIFETIME.total_seconds())
    answer = maya.post(f"/api/channels/{second}/verify", json={"code": code_sent(app)})
    assert answer.status_code == 409
    assert "new one" in answer.json()["detail"]


def test_a_code_is_sent_at_most_once_a_minute(app: FastAPI, maya: TestClient, clock: FakeClock) -> None:
    contact_id = added(maya)
    clock.advance(seconds=59)
    refused = maya.post("/api/channels", json=MAILBOX)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    clock.advance(seconds=1)
    assert added(maya) == contact_id


def test_a_person_has_so_many_and_no_more(app: FastAPI, maya: TestClient) -> None:
    for number in range(contacts.CONTACTS_PER_USER):
        added(maya, address=f"box{number}@example.org")
    assert maya.post("/api/channels", json=MAILBOX).status_code == 409


def test_somebody_elses_is_neither_proven_nor_removed(app: FastAPI, maya: TestClient, sign_in: SignIn) -> None:
    contact_id = added(maya)
    stranger = sign_in("coordinator2")
    code = {"code": code_sent(app)}
    for path in (f"/api/channels/{contact_id}", f"/api/channels/{UNKNOWN_ID}"):
        assert stranger.post(f"{path}/verify", json=code).status_code == 404
        assert stranger.delete(path).status_code == 404
    assert stranger.get("/api/channels").json()["contacts"] == []
    assert maya.delete(f"/api/channels/{contact_id}").status_code == 204
    assert maya.get("/api/channels").json()["contacts"] == []


def test_a_channel_that_the_server_has_not_is_refused_in_words(maya: TestClient) -> None:
    answer = maya.post("/api/channels", json={"channel": "sms", "address": "+13035550121", "language": "en"})
    assert answer.status_code == 422
    assert maya.get("/api/channels").json()["available"] == ["email", "push", "webhook"]


@pytest.mark.parametrize("changes", [
    {"address": "no mailbox"}, {"address": "a@b"}, {"address": "x" * 250 + "@example.org"}, {"address": ""},
    {"address": "a@example.org\r\nBcc: all@example.org"}, {"channel": "push"}, {"channel": "fax"},
    {"language": "fr"}, {"more": 1}, {"address": 7},
])  # fmt: skip
def test_what_is_no_address_is_refused(maya: TestClient, changes: dict[str, Any]) -> None:
    assert maya.post("/api/channels", json=MAILBOX | changes).status_code == 422


@pytest.mark.parametrize(("typed", "kept"), [
    ("+1 303 555 0121", "+13035550121"), ("(303) 555-0121", "+13035550121"), ("303.555.0121", "+13035550121"),
    ("+44 20 7946 0958", "+442079460958"),
])  # fmt: skip
def test_numbers_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert contacts.normal("sms", typed) == kept


@pytest.mark.parametrize("typed", ["555-0121", "0303 555 0121", "+0 303", "call me", "+1303555012x", "+" + "1" * 16])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        contacts.normal("voice", typed)
