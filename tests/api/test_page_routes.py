"""Pages over HTTP: subscriptions, the lock screen's token, opening a referral. Wrong input has its documented answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.settings import Settings
from api.tables.paging import Delivery, Page, PushSubscription
from tests.api.conftest import Enrol, SignIn
from tests.api.device import TestDevice
from tests.push_service import PushService, Subscription

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
UNKNOWN_TOKEN = "0" * 32


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def settings(settings: Settings, push_service: PushService) -> Settings:
    return settings.model_copy(update={"push_hosts": push_service.host, "push_ca_file": push_service.ca_file})


def body_of(device: TestDevice, subscription: Subscription, **changes: Any) -> dict[str, Any]:
    return {"device_id": device.device_id, "endpoint": subscription.endpoint, "keys": subscription.keys} | changes


def subscribed(device: TestDevice, service: PushService) -> Subscription:
    made = service.subscribe()
    answer = device.client.post("/api/push-subscriptions", json=body_of(device, made))
    assert answer.status_code == 200, answer.text
    return made


def tokens(app: FastAPI) -> dict[str, tuple[str, str]]:
    """user → (page, token) of what waits in the outbox."""
    with app.state.database.read() as session:
        rows = session.exec(select(Delivery).where(Delivery.kind == "page")).all()
        return {row.user_id: (row.page_id or "", row.token) for row in rows}


def alerted(device: TestDevice) -> str:
    referral_id, operations = device.submission()
    assert {receipt["status"] for receipt in device.push(*operations)} == {"applied"}
    return referral_id


def test_registering_the_same_address_again_changes_nothing(
    app: FastAPI, enrol: Enrol, push_service: PushService
) -> None:
    device = enrol("coordinator")
    made = push_service.subscribe()
    answers = [device.client.post("/api/push-subscriptions", json=body_of(device, made)).json() for _ in range(2)]
    assert answers == [{"new": True}, {"new": False}]
    with app.state.database.read() as session:
        assert len(session.exec(select(PushSubscription)).all()) == 1


def test_a_phone_that_changes_its_address_keeps_one(app: FastAPI, enrol: Enrol, push_service: PushService) -> None:
    device = enrol("coordinator")
    subscribed(device, push_service)
    second = subscribed(device, push_service)
    with app.state.database.read() as session:
        assert [row.endpoint for row in session.exec(select(PushSubscription)).all()] == [second.endpoint]


def test_an_address_can_be_removed_by_its_owner_alone(app: FastAPI, enrol: Enrol, push_service: PushService) -> None:
    ana, ben = enrol("coordinator"), enrol("coordinator2")
    made = subscribed(ana, push_service)
    for device, left in ((ben, 1), (ana, 0)):
        answer = device.client.request("DELETE", "/api/push-subscriptions", json={"endpoint": made.endpoint})
        assert answer.status_code == 204
        with app.state.database.read() as session:
            assert len(session.exec(select(PushSubscription)).all()) == left


def test_an_address_outside_the_list_is_refused_in_words(enrol: Enrol, push_service: PushService) -> None:
    device = enrol("coordinator")
    wrong = body_of(device, push_service.subscribe(), endpoint="https://push.example.org/1")
    answer = device.client.post("/api/push-subscriptions", json=wrong)
    assert answer.status_code == 422
    assert "list" in answer.json()["detail"]


def test_somebody_elses_phone_and_an_unknown_one_look_alike(enrol: Enrol, push_service: PushService) -> None:
    ana, ben = enrol("coordinator"), enrol("coordinator2")
    made = push_service.subscribe()
    answers = [
        ana.client.post("/api/push-subscriptions", json=body_of(ana, made, device_id=device_id))
        for device_id in (ben.device_id, UNKNOWN_ID)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("change", [
    {"device_id": 5}, {"device_id": "x"}, {"endpoint": None}, {"endpoint": "https://" + "x" * 1000}, {"keys": {}},
    {"keys": {"p256dh": "\x00" * 20, "auth": "y" * 22}}, {"keys": {"p256dh": "x" * 500, "auth": "y" * 22}}, {"extra": 1},
])  # fmt: skip
def test_a_malformed_subscription_is_refused(enrol: Enrol, push_service: PushService, change: dict[str, Any]) -> None:
    device = enrol("coordinator")
    answer = device.client.post("/api/push-subscriptions", json=body_of(device, push_service.subscribe(), **change))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_keys_that_break_the_encoder_are_refused_when_used_and_delay_nobody(
    app: FastAPI, enrol: Enrol, push_service: PushService
) -> None:
    device = enrol("coordinator")
    odd = body_of(device, push_service.subscribe(), keys={"p256dh": "A" * 87, "auth": "A" * 22})
    assert device.client.post("/api/push-subscriptions", json=odd).status_code == 200
    assert device.client.post("/api/push-subscriptions/test", json={}).json() == {"devices": 1}


def test_roles_without_pages_cannot_subscribe(sign_in: SignIn) -> None:
    for login in ("sergeant", "administrator", "evaluator", "prosecutor", "partner"):
        answer = sign_in(login).post("/api/push-subscriptions/test", json={})
        assert answer.status_code == 403, login


def test_a_token_acknowledges_once_and_says_who_has_it(
    app: FastAPI, client: TestClient, enrol: Enrol, push_service: PushService
) -> None:
    officer, ana, ben = enrol("officer"), enrol("coordinator"), enrol("coordinator2")
    subscribed(ana, push_service)
    subscribed(ben, push_service)
    referral_id = alerted(officer)
    waiting = tokens(app)
    page, token = waiting[ben.user_id]
    answer = client.post(f"/api/pages/{page}/acknowledge", json={"token": token})
    assert answer.json() == {"result": "acknowledged", "by": "Coordinator2 Example"}
    again = client.post(f"/api/pages/{page}/acknowledge", json={"token": waiting[ana.user_id][1]})
    assert again.json() == {"result": "already", "by": "Coordinator2 Example"}
    view = officer.views()[referral_id]
    assert view["registers"]["status"]["value"] == "acknowledged"
    assert view["registers"]["holder"]["value"]["user_id"] == ben.user_id


def test_the_officer_is_told_by_the_feed(
    app: FastAPI, client: TestClient, enrol: Enrol, push_service: PushService
) -> None:
    officer, ana = enrol("officer"), enrol("coordinator")
    subscribed(ana, push_service)
    referral_id = alerted(officer)
    cursor = officer.pull()["cursor"]
    page, token = tokens(app)[ana.user_id]
    client.post(f"/api/pages/{page}/acknowledge", json={"token": token})
    items = {(item["t"], item["id"]): item for item in officer.pull(cursor)["items"]}
    status = items[("page", referral_id)]["page"]
    assert (status["state"], status["acknowledged_by"]) == ("acknowledged", ana.user_id)
    assert ("put", referral_id) in items


@pytest.mark.parametrize(
    "path", [f"/api/pages/{UNKNOWN_ID}/acknowledge", f"/api/pages/{UNKNOWN_ID}/seen", "/api/pages/x/seen"]
)
def test_a_token_that_fits_nothing_tells_nothing(client: TestClient, path: str) -> None:
    answer = client.post(path, json={"token": UNKNOWN_TOKEN})
    assert answer.status_code == 404


@pytest.mark.parametrize("token", [None, 5, "", "0" * 31, "0" * 33, "G" * 32, "\x00" * 32])
def test_a_malformed_token_is_refused(client: TestClient, token: Any) -> None:
    answer = client.post(f"/api/pages/{UNKNOWN_ID}/acknowledge", json={"token": token})
    assert answer.status_code == 422


def test_seen_is_written_down_once(app: FastAPI, client: TestClient, enrol: Enrol, push_service: PushService) -> None:
    officer, ana = enrol("officer"), enrol("coordinator")
    subscribed(ana, push_service)
    alerted(officer)
    page, token = tokens(app)[ana.user_id]
    for _ in range(2):
        assert client.post(f"/api/pages/{page}/seen", json={"token": token}).status_code == 204
    with app.state.database.read() as session:
        assert session.exec(select(Delivery)).one().seen_at is not None


def test_opening_keeps_only_ones_own_acknowledgement(app: FastAPI, enrol: Enrol) -> None:
    officer, ana, ben = enrol("officer"), enrol("coordinator"), enrol("coordinator2")
    referral_id = alerted(officer)
    ana.pull()
    ana.push(ana.acknowledge(referral_id))
    for device, read in ((ben, False), (ana, True)):
        assert device.client.post(f"/api/referrals/{referral_id}/opened", json={}).status_code == 204
        with app.state.database.read() as session:
            assert (session.exec(select(Page)).one().read_at is not None) is read


def test_another_programs_coordinator_opens_nothing(app: FastAPI, enrol: Enrol) -> None:
    referral_id = alerted(enrol("officer"))
    stranger = enrol("other_coordinator")
    assert stranger.client.post(f"/api/referrals/{referral_id}/opened", json={}).status_code == 204
    assert stranger.client.post(f"/api/referrals/{UNKNOWN_ID}/opened", json={}).status_code == 204
    with app.state.database.read() as session:
        assert session.exec(select(Page)).one().read_at is None
