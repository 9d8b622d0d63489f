"""Who was called for a referral: whoever runs the program reads it, police never; no number and no address is in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth.cookies import token_hash
from api.database import Database
from api.paging import contacts, service, settling, subscriptions
from api.paging.channels.answers import Answer
from api.paging.subscriptions import PushAddress
from api.referrals import timeline
from api.tables.paging import ContactPoint, Delivery, Page, PageEvent
from tests.api.conftest import PROGRAM, Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
ENDPOINT = "https://push.example/secret"
NUMBER = "+13035550177"
MAILBOX = "ana@private.example"


@pytest.fixture
def referral_id(enrol: Enrol, cast: Cast, database: Database, clock: FakeClock) -> str:
    """An alert that called a coordinator who has a phone, a number and a mailbox."""
    phone = enrol("coordinator")
    user_id = cast["coordinator"].user_id
    with database.write() as session:
        address = PushAddress(ENDPOINT, "k" * 20, "a" * 20)
        subscriptions.register(session, user_id, PROGRAM, phone.device_id, address, clock.now())
        for channel, where in (("sms", NUMBER), ("email", MAILBOX)):
            contacts.add(session, user_id, PROGRAM, channel, where, "en", clock.now()).verified_at = clock.now()
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    return referral_id


def told(client: TestClient, referral_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/referrals/{referral_id}/page")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def settle(database: Database, clock: FakeClock, channel: str, answer: Answer) -> None:
    """The carrier of this channel answers."""
    with database.write() as session:
        row = session.exec(
            select(Delivery).where(Delivery.channel == channel, col(Delivery.kind).in_(("page", "repage")))
        ).one()
        row.attempts += 1
        settling.settle(session, row, answer, clock.now())


def acknowledge(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        row = session.exec(select(Delivery).where(Delivery.channel == "push", Delivery.kind == "page")).one()
        row.token_hash = token_hash("0" * 32)
        page = session.exec(select(Page)).one()
        session.flush()
        assert service.acknowledge_by_token(session, page.id, "0" * 32, clock.now()) is not None


def lines(document: dict[str, Any]) -> list[tuple[str, str, str | None, str | None, str]]:
    return [(e["what"], e["name"], e["channel"], e["outcome"], e["detail"]) for e in document["entries"]]


ANA = "Coordinator Example"


def test_it_tells_who_was_tried_when_by_what_with_what_answer(
    referral_id: str, sign_in: SignIn, database: Database, clock: FakeClock
) -> None:
    clock.advance(seconds=1)
    settle(database, clock, "push", Answer("accepted"))
    clock.advance(seconds=45)
    settle(database, clock, "sms", Answer("gone", note="410"))
    clock.advance(seconds=5)
    acknowledge(database, clock)
    document = told(sign_in("supervisor"), referral_id)
    assert lines(document) == [
        ("opened", "", None, None, ""),
        ("called", ANA, "sms", "dead", "gone 410"),
        ("called", ANA, "email", "cancelled", ""),
        ("called", ANA, "push", "sent", ""),
        ("undeliverable", ANA, "sms", None, "gone 410"),
        ("acknowledged", ANA, None, None, ""),
    ]
    assert [entry["at"] for entry in document["entries"]] == sorted(entry["at"] for entry in document["entries"])
    assert document["earlier_left_out"] is False
    page = document["page"]
    assert (page["state"], page["calls"], page["step"], page["policy"]) == ("acknowledged", 1, 0, "default")
    assert (page["acknowledged_name"], page["next_step_at"]) == (ANA, None)


def test_a_phone_that_showed_it_is_told_as_seen(
    referral_id: str, sign_in: SignIn, database: Database, clock: FakeClock
) -> None:
    settle(database, clock, "push", Answer("accepted"))
    with database.write() as session:
        session.exec(select(Delivery).where(Delivery.channel == "push")).one().seen_at = clock.now()
    assert ("called", ANA, "push", "seen", "") in lines(told(sign_in("coordinator"), referral_id))


def test_what_is_tried_again_says_why(referral_id: str, sign_in: SignIn, database: Database, clock: FakeClock) -> None:
    settle(database, clock, "push", Answer("refused", note="403"))
    assert ("called", ANA, "push", "pending", "refused 403") in lines(told(sign_in("case_manager"), referral_id))


def test_no_number_no_mailbox_and_no_endpoint_is_ever_in_it(
    referral_id: str, sign_in: SignIn, database: Database, clock: FakeClock
) -> None:
    for channel, answer in (("push", "gone"), ("sms", "never"), ("email", "refused")):
        settle(database, clock, channel, Answer(answer, note="550"))  # type: ignore[arg-type]
    text = sign_in("supervisor").get(f"/api/referrals/{referral_id}/page").text
    with database.read() as session:
        ids = [*session.exec(select(ContactPoint.id)), *session.exec(select(Delivery.token_hash))]
    for secret in (ENDPOINT, "push.example", NUMBER, NUMBER[2:], MAILBOX, "private.example", *filter(None, ids)):
        assert secret not in text


def test_unknown_and_forbidden_ids_look_alike(referral_id: str, sign_in: SignIn) -> None:
    for login in ("other_coordinator", "other_supervisor"):
        client = sign_in(login)
        theirs, none = (client.get(f"/api/referrals/{name}/page") for name in (referral_id, UNKNOWN_ID))
        assert theirs.status_code == none.status_code == 404, login
        assert theirs.json() == none.json()


def test_police_and_all_others_are_refused_for_every_referral(referral_id: str, sign_in: SignIn) -> None:
    for login in ("officer", "sergeant", "prosecutor", "partner", "administrator", "evaluator"):
        client = sign_in(login)
        for name in (referral_id, UNKNOWN_ID):
            assert client.get(f"/api/referrals/{name}/page").status_code == 403, login


def test_a_referral_that_called_nobody_has_an_empty_one(officer: TestDevice, sign_in: SignIn) -> None:
    created = officer.create()
    officer.push(created)
    document = told(sign_in("supervisor"), created["referral_id"])
    assert document == {"page": None, "entries": [], "earlier_left_out": False}


def test_a_page_that_rang_for_nights_tells_the_latest(
    referral_id: str, sign_in: SignIn, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "ENTRIES_LIMIT", 3)
    with database.write() as session:
        page = session.exec(select(Page)).one()
        for minutes in range(1, 4):
            at = clock.now() + timedelta(minutes=minutes)
            session.add(PageEvent(page_id=page.id, at=at, what="again", detail=str(minutes)))
    document = told(sign_in("supervisor"), referral_id)
    assert [entry["detail"] for entry in document["entries"] if entry["what"] == "again"] == ["1", "2", "3"]
    assert "opened" not in {entry["what"] for entry in document["entries"]}
    assert document["earlier_left_out"] is True
