"""The weekly change of a device's cookie: no lost answer ends anything, and a copy of a phone gives itself away."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from api.auth import device_cookies
from api.auth.cookies import device_cookie, new_token
from api.database import Database
from api.devices.contact import settle
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from tests.api.at_once import together
from tests.api.conftest import START, Enrol, FakeClock, SignIn, new_client
from tests.api.device import TestDevice

ROTATIONS = 1000
COPIES = 100
WEEK = timedelta(days=7)


def cookie_of(device: TestDevice) -> str:
    return str(device.client.cookies[device_cookie(device.device_id)])


def carrying(app: FastAPI, device: TestDevice, token: str) -> TestDevice:
    """The same phone as a copy of it would be: another browser with this cookie."""
    client = new_client(app)
    client.cookies.set(device_cookie(device.device_id), token, domain="testserver.local", path="/")
    return TestDevice(client, device.phone, lambda: START)


def row_of(database: Database, device: TestDevice) -> Device:
    with database.read() as session:
        return session.get_one(Device, device.device_id)


def changed(device: TestDevice, clock: FakeClock) -> tuple[str, str]:
    """Let a week pass, take the next cookie and show it; the former and the new one."""
    former = cookie_of(device)
    clock.advance(days=7)
    assert device.post_push([]).status_code == 200
    assert device.post_push([]).status_code == 200
    return former, cookie_of(device)


class TestTheChange:
    def test_for_a_week_nothing_changes(self, enrol: Enrol, clock: FakeClock) -> None:
        device = enrol("officer")
        clock.advance(days=7, seconds=-1)
        assert "set-cookie" not in device.post_push([]).headers

    def test_then_the_answer_carries_the_next_one(self, enrol: Enrol, clock: FakeClock, database: Database) -> None:
        device = enrol("officer")
        former = cookie_of(device)
        clock.advance(days=7)
        cookie = device.post_push([]).headers["set-cookie"].lower()
        assert all(part in cookie for part in ("__host-device-", "httponly", "secure", "samesite=strict", "path=/"))
        assert f"max-age={83 * 24 * 3600}" in cookie, "the ninety days are those of the enrolment"
        assert cookie_of(device) != former
        row = row_of(database, device)
        for secret in (former, cookie_of(device)):
            assert secret not in row.model_dump_json()

    def test_shown_it_is_confirmed_and_the_week_begins_anew(
        self, enrol: Enrol, clock: FakeClock, database: Database
    ) -> None:
        device = enrol("officer")
        changed(device, clock)
        assert (row_of(database, device).cookie_at, row_of(database, device).next_hash) == (clock.now(), None)
        clock.advance(days=7, seconds=-1)
        assert "set-cookie" not in device.post_push([]).headers
        clock.advance(seconds=1)
        assert "set-cookie" in device.post_push([]).headers

    def test_a_pull_and_a_tally_carry_it_as_well(self, enrol: Enrol, clock: FakeClock) -> None:
        device = enrol("coordinator")
        clock.advance(days=7)
        device.client.post("/api/session", json={"login": "coordinator", "password": "plain words for tests"})
        former = cookie_of(device)
        device.pull()
        assert cookie_of(device) != former
        device.pull()
        former = cookie_of(device)
        clock.advance(days=7)
        body = {"protocol": 1, "device_id": device.device_id, "tallies": []}
        assert device.client.post("/api/sync/tally", json=body).status_code == 200
        assert cookie_of(device) != former

    def test_however_often_it_is_asked_for_it_is_the_same(self, enrol: Enrol, app: FastAPI, clock: FakeClock) -> None:
        device = enrol("officer")
        former = cookie_of(device)
        clock.advance(days=7)
        phones = [carrying(app, device, former) for _ in range(6)]
        together([lambda phone=phone: phone.post_push([]) for phone in phones])  # type: ignore[misc]
        given = {cookie_of(phone) for phone in phones}
        assert len(given) == 1
        assert given != {former}

    def test_the_former_passes_while_requests_are_under_way_and_then_no_more(
        self, enrol: Enrol, app: FastAPI, clock: FakeClock, database: Database
    ) -> None:
        device = enrol("officer")
        former, latter = changed(device, clock)
        late = carrying(app, device, former)
        assert late.post_push([]).status_code == 200
        assert cookie_of(late) == latter, "a browser that lost its jar gets the cookie again"
        clock.advance(minutes=2, seconds=-1)
        assert carrying(app, device, former).post_push([]).status_code == 200
        clock.advance(seconds=1)
        assert carrying(app, device, former).post_push([]).status_code == 401
        assert row_of(database, device).state == "active", "the previous one is dead, and no more than that"
        assert device.post_push([]).status_code == 200

    def test_it_cannot_be_computed_from_the_database(self, enrol: Enrol, clock: FakeClock, database: Database) -> None:
        device = enrol("officer")
        clock.advance(days=7)
        device.post_push([])
        row = row_of(database, device)
        guesses = [row.cookie_hash, row.cookie_nonce, row.id, ""]
        assert all(device_cookies.again(row, guess) is None for guess in guesses)
        confirmed = Device(**row.model_dump())
        assert confirmed.next_hash is not None
        confirmed.cookie_hash = confirmed.next_hash
        assert all(device_cookies.again(confirmed, guess) is None for guess in guesses)


class TestCopies:
    def test_an_older_cookie_revokes_the_device_and_tells_a_supervisor(
        self, enrol: Enrol, app: FastAPI, clock: FakeClock, database: Database, sign_in: SignIn
    ) -> None:
        device = enrol("officer")
        oldest, _ = changed(device, clock)
        changed(device, clock)
        copy = carrying(app, device, oldest)
        answer = copy.post_push(device.submission()[1])
        assert answer.status_code == 200
        assert answer.json()["wipe"] is True
        assert {receipt["status"] for receipt in answer.json()["receipts"]} == {"held"}
        assert "set-cookie" not in answer.headers
        assert device.post_push([]).json()["wipe"] is True
        row = row_of(database, device)
        assert (row.state, row.revoked_why) == ("revoked", "copied")
        with database.read() as session:
            events = session.exec(select(AuditEvent).where(AuditEvent.subject == device.device_id)).all()
        assert [event.actor_id for event in events if event.action == "device.revoke"] == [None]
        watch = sign_in("supervisor").get("/api/queue").json()["sentences"]
        assert [(found["code"], found["values"]) for found in watch if found["code"] == "copied_phone"] == [
            ("copied_phone", {"name": "Officer Example"})
        ]

    def test_a_copy_reads_nothing_and_is_not_enrolled_again(self, enrol: Enrol, app: FastAPI, clock: FakeClock) -> None:
        for act in ("pull", "enrol"):
            device = enrol("officer")
            oldest, _ = changed(device, clock)
            changed(device, clock)
            copy = carrying(app, device, oldest)
            copy.client.post("/api/session", json={"login": "officer", "password": "plain words for tests"})
            if act == "pull":
                body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": device.device_id}
                answer = copy.client.post("/api/sync/pull", json=body)
                assert answer.status_code == 401
            else:
                body = {"device_id": device.device_id, "public_key": device.phone.public_key}
                answer = copy.client.post("/api/devices", json=body)
                assert answer.status_code == 409
            assert answer.json()["type"].endswith("device-revoked")
            assert device.post_push([]).json()["wipe"] is True

    def test_a_cookie_that_never_was_revokes_nothing(
        self, enrol: Enrol, app: FastAPI, clock: FakeClock, database: Database
    ) -> None:
        device = enrol("officer")
        changed(device, clock)
        for token in (new_token(), "", "x", "é" * 5):
            if token.isascii():
                assert carrying(app, device, token).post_push([]).status_code == 401
        assert row_of(database, device).state == "active"


@pytest.fixture
def lonely(enrol: Enrol, database: Database) -> Callable[[], tuple[str, str]]:
    """A device whose phone is nothing but a cookie: for histories of years in a moment."""

    def make() -> tuple[str, str]:
        device = enrol("officer")
        return device.device_id, cookie_of(device)

    return make


def shown(session: Session, device_id: str, token: str, now: datetime) -> str | None:
    """Show a cookie as a request does; the one that the phone has to take, or None if it is refused."""
    device = session.get_one(Device, device_id)
    cookie = device_cookies.shown(device, token, now)
    if cookie is None:
        return None
    given = None if cookie == "current" else settle(session, device_id, token, now, "192.0.2.1")
    return token if given is None else given.token


def test_a_thousand_changes_with_lost_answers_log_nobody_out(
    lonely: Callable[[], tuple[str, str]], database: Database
) -> None:
    """Three answers in five are lost, requests cross one another, and weeks pass between some of them."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    device_id, jar = lonely()
    now, changes, logouts, lost = START, 0, 0, 0
    with database.write() as session:  # one transaction: what is asked is the sequence, not the disk
        device = session.get_one(Device, device_id)
        while changes < ROTATIONS:
            now += chance.choice(
                [timedelta(seconds=5), timedelta(hours=3), timedelta(days=2), WEEK, timedelta(days=20)]
            )
            # The ninety days and the thirty are other tests' business.
            device.expires_at, device.seen_at = now + timedelta(days=90), now
            crossing = [jar] * chance.choice([1, 1, 2, 3])
            answers = [shown(session, device_id, token, now) for token in crossing]
            logouts += answers.count(None)
            arrived = [answer for answer in answers if answer is not None and chance.random() < 0.4]
            lost += len(answers) - len(arrived)
            for answer in arrived:
                changes += answer != jar
                jar = answer
    assert (logouts, device.state) == (0, "active"), f"seed {seed}"
    assert lost > ROTATIONS // 2
    assert len(device.retired) <= device_cookies.RETIRED_KEPT


def test_a_reused_old_cookie_revokes_a_hundred_times_of_a_hundred(enrol: Enrol, database: Database) -> None:
    template = row_of(database, enrol("officer"))
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with database.write() as session:
        devices = [_worn(session, template, number, chance) for number in range(COPIES)]
    assert [(device.state, device.revoked_why) for device in devices] == [("revoked", "copied")] * COPIES, (
        f"seed {seed}"
    )


def _worn(session: Session, template: Device, number: int, chance: random.Random) -> Device:
    """A device whose cookie was changed for some weeks, and then one of the old ones is shown."""
    device = Device(**template.model_dump() | {"id": f"c0b1e500-0000-4000-8000-{number:012d}"})
    now, worn = START, [new_token()]
    device_cookies.begin(device, worn[0], now, timedelta(days=90))
    session.add(device)
    session.flush()
    for _ in range(chance.randint(2, 11)):
        now += WEEK
        following = shown(session, device.id, worn[-1], now)
        assert following is not None
        assert shown(session, device.id, following, now) == following
        worn.append(following)
    shown(session, device.id, chance.choice(worn[:-2]), now)
    return device


def test_a_signed_in_phone_without_a_good_cookie_begins_anew(
    enrol: Enrol, app: FastAPI, client: TestClient, clock: FakeClock, database: Database
) -> None:
    device = enrol("officer")
    former, _ = changed(device, clock)
    fresh = new_client(app)
    fresh.post("/api/session", json={"login": "officer", "password": "plain words for tests"})
    body = {"device_id": device.device_id, "public_key": device.phone.public_key}
    assert fresh.post("/api/devices", json=body).status_code == 200
    assert carrying(app, device, former).post_push([]).status_code == 401, "even within the two minutes"
    assert row_of(database, device).state == "active"
    again = TestDevice(fresh, device.phone, clock.now)
    clock.advance(days=7)
    assert "set-cookie" in again.post_push([]).headers
    assert again.post_push([]).status_code == 200
