"""Nothing that somebody typed can be read in what is stored: the files byte by byte, and every column of every table."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import MetaData, select
from sqlmodel import Session

from api.at_rest.cipher import CannotUnseal, Cipher
from api.database import Database
from api.settings import Settings
from api.tables.columns import SEALED
from api.tables.people import User
from sync.fields import ASSESSMENT_ITEMS, FIELDS
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, SignIn
from tests.push_service import PushService

WANTED = 40
NUMBER, MAILBOX, CALLBACK = "+13035550177", "canary.mailbox@example.org", "303-555-0188"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    more = {
        "smtp_host": "localhost",
        "smtp_from": "pages@example.org",
        "sms_account": "AC1",
        "sms_from": "+15550001111",
    }
    return settings.model_copy(update=more)


class Canaries:
    """A word of its own for every place in which somebody can type."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        return self.words.setdefault(place, f"cnry{len(self.words):03d}kx")


def typed_fields(canary: Canaries) -> dict[str, Any]:
    """Every field that takes free text."""
    names = [name for name, field in FIELDS.items() if field.accepts("any words") and field.owner != "partner"]
    return {name: canary(name) for name in names}


def type_everything(app: FastAPI, enrol: Enrol, sign_in: SignIn) -> dict[str, str]:
    """Fill every field of operations and of contact points; place → what was typed."""
    canary = Canaries()
    officer, coordinator = enrol("officer"), enrol("coordinator")
    created = officer.create()
    referral_id = str(created["referral_id"])
    grant = officer.write(referral_id, "consent.grant", world.GRANT | {"witness": canary("witness")})
    note = officer.write(referral_id, "note.add", {"text": canary("note")})
    safety = {
        "about": "other", "text": canary("safety"), "observed_at": "2026-04-30T02:00:00Z",
        "expires_at": "2026-05-01T02:00:00Z",
    }  # fmt: skip
    approval = {
        "approval": "sergeant_first", "by_name": canary("approval"), "by_role": "sergeant", "how": "radio",
        "given_at": "2026-04-30T02:10:00Z",
    }  # fmt: skip
    strike = {"entry": note["op_id"], "entry_kind": "note.add", "reason": canary("strike")}
    receipts = officer.push(
        created, grant, note, officer.set(referral_id, typed_fields(canary), saw=[grant["op_id"]]),
        officer.write(referral_id, "safety.add", safety), officer.write(referral_id, "approval.add", approval),
        officer.write(referral_id, "entry.strike", strike), officer.alert(referral_id),
    )  # fmt: skip
    coordinator.pull()
    assessed = {f"assessment.{item}": {"answer": "yes", "text": canary(item)} for item in ASSESSMENT_ITEMS}
    spoke = {"how": "phone", "result": "reached", "text": canary("contact.add")}
    receipts += coordinator.push(
        coordinator.acknowledge(referral_id), coordinator.write(referral_id, "contact.add", spoke),
        coordinator.set(referral_id, assessed), coordinator.set(referral_id, {"place": canary("corrected place")}),
        coordinator.write(referral_id, "decision.record", {"outcome": "waitlist", "reason": canary("decision")}),
        coordinator.write(referral_id, "consent.withdraw", {"reason": canary("withdrawal")}),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} <= {"applied", "merged"}, receipts
    damaged = officer.phone.push_body([officer.write(referral_id, "note.add", {"text": "x"})])
    damaged["operations"][0] |= {"seq": -1, "blob": canary("a header that is none")}
    assert officer.client.post("/api/sync/push", json=damaged).json()["receipts"][0]["status"] == "rejected"
    return canary.words | _channels(app, coordinator.client, coordinator.user_id, coordinator.device_id)


def _channels(app: FastAPI, client: Any, user_id: str, device_id: str) -> dict[str, str]:
    for channel, address in (("email", MAILBOX), ("sms", NUMBER)):
        answer = client.post("/api/channels", json={"channel": channel, "address": address, "language": "en"})
        assert answer.status_code == 201, answer.text
    with PushService() as service:
        made = service.subscribe()
        app.state.settings = app.state.settings.model_copy(update={"push_hosts": service.host})
        body = {"device_id": device_id, "endpoint": made.endpoint, "keys": made.keys}
        assert client.post("/api/push-subscriptions", json=body).status_code in (200, 201, 204)
    with app.state.database.write() as session:
        session.get_one(User, user_id).callback = CALLBACK
    return {"mailbox": MAILBOX, "number": NUMBER, "callback of staff": CALLBACK, **made.keys}


def stored(database: Database) -> list[tuple[str, bytes]]:
    """Every column of every table as bytes, and the files of an embedded database, each with its name."""
    tables = MetaData()
    tables.reflect(database.reader)
    found: list[tuple[str, bytes]] = []
    with database.read() as session:
        for table in tables.sorted_tables:
            for row in session.connection().execute(select(table)):
                found += [(f"{table.name}.{name}", _bytes(value)) for name, value in row._mapping.items()]
    if database.embedded:
        path = Path(database.url.removeprefix("sqlite:///"))
        beside = [path, path.with_name(path.name + "-wal")]
        found += [(each.name, each.read_bytes()) for each in beside if each.exists()]
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def leaks(database: Database, typed: dict[str, str]) -> set[tuple[str, str]]:
    """(where, what was typed) of everything that can be read."""
    return {
        (where, place)
        for where, content in stored(database)
        for place, word in typed.items()
        if word.encode() in content
    }


def test_nothing_typed_can_be_read_in_what_is_stored(
    app: FastAPI, database: Database, enrol: Enrol, sign_in: SignIn
) -> None:
    typed = type_everything(app, enrol, sign_in)
    assert len(typed) >= WANTED
    assert leaks(database, typed) == set()


@pytest.fixture
def nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on: the cast was sealed before."""
    real = Cipher.unseal

    def unseal(self: Cipher, session: Session, place: str, row: str, sealed: bytes) -> bytes:
        with suppress(CannotUnseal):
            return real(self, session, place, row, sealed)
        return sealed[len(SEALED) :]

    monkeypatch.setattr(Cipher, "seal", lambda self, place, row, plain: SEALED + plain)
    monkeypatch.setattr(Cipher, "unseal", unseal)


def test_without_sealing_all_of_it_is_found(
    nothing_is_sealed: None, app: FastAPI, database: Database, enrol: Enrol, sign_in: SignIn
) -> None:
    """The positive control: the search above can see."""
    typed = type_everything(app, enrol, sign_in)
    found = leaks(database, typed)
    assert {place for _, place in found} == typed.keys()
    columns = {"operation_body.body", "referral.state", "feed_row.item", "quarantine.blob", "person.callback"}
    columns |= {"assessment.state", "assessment_body.body"}
    columns |= {"contact_point.address", "push_subscription.p256dh", "push_subscription.auth"}
    assert columns <= {where for where, _ in found}


def test_a_digest_in_the_feed_is_not_the_hash_of_what_it_shows(enrol: Enrol, database: Database) -> None:
    """Else whoever holds a copy of the database could try names until one fits."""
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    rows = world.feed(database)
    pages = [row for row in rows if row.kind == "page"]
    assert pages, "a page's text is its item as it stands"
    assert all(row.digest != hashlib.sha256(row.item.encode()).hexdigest() for row in rows)
