"""Web Push against the test's push service, which decrypts what a browser would."""

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.paging.channels.answers import Answer, Message
from api.paging.channels.posting import Poster
from api.paging.channels.push import PAYLOAD_BYTES, EndpointRefused, Push, check_endpoint, payload
from api.settings import DEFAULT_PUSH_HOSTS
from tests.api.channels.messages import NOW, ORIGIN, PAGE, TOKEN, message, posting
from tests.http_service import HttpService
from tests.push_service import PushService, Subscription

KEY = ec.generate_private_key(ec.SECP256R1())


def send(
    service: HttpService, subscription: Subscription, path: str, *, hosts: str | None = None, **other: object
) -> Answer:
    """Push to a path of the failing server, with the keys of a real subscription."""
    sent = message(service.url + path, **subscription.keys, **other)

    async def through(poster: Poster) -> Answer:
        allowed = service.host if hosts is None else hosts
        return await Push(poster, KEY, "mailto:operator@lead.test", allowed).send(sent)

    return posting(service, through)


@pytest.fixture(scope="module")
def subscription() -> Subscription:
    with PushService() as service:
        return service.subscribe()


@pytest.mark.parametrize(("status", "kind"), [
    (201, "accepted"), (202, "accepted"), (404, "gone"), (410, "gone"), (401, "refused"), (403, "refused"),
    (400, "never"), (413, "never"), (429, "again"), (500, "again"), (503, "again"), (307, "again"),
])  # fmt: skip
def test_what_a_push_service_says(subscription: Subscription, status: int, kind: str) -> None:
    with HttpService() as service:
        service.behave("/p", status)
        assert send(service, subscription, "/p") == Answer(kind, None, str(status))  # type: ignore[arg-type]


@pytest.mark.parametrize(("wait", "seconds"), [
    ("30", 30.0), (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0), ("later", None),
])  # fmt: skip
def test_it_waits_as_long_as_it_is_asked_to(subscription: Subscription, wait: str, seconds: float | None) -> None:
    with HttpService() as service:
        service.behave("/p", 429, retry_after=wait)
        assert send(service, subscription, "/p") == Answer("again", seconds, "429")


def test_a_connection_that_drops_is_tried_again(subscription: Subscription) -> None:
    with HttpService() as service:
        service.behave("/p", way="drop")
        answer = send(service, subscription, "/p")
        assert (answer.kind, answer.note) == ("again", "RemoteProtocolError")


def test_keys_that_are_none_end_the_subscription() -> None:
    with HttpService() as service:
        sent = message(f"{service.url}/p", p256dh="nonsense", auth="nonsense")

        async def through(poster: Poster) -> Answer:
            return await Push(poster, KEY, "mailto:operator@lead.test", service.host).send(sent)

        assert posting(service, through).kind == "gone"
        assert service.received == []


def test_an_unlisted_service_is_not_called(subscription: Subscription) -> None:
    with HttpService() as service:
        answer = send(service, subscription, "/p", hosts=DEFAULT_PUSH_HOSTS)
        assert answer == Answer("refused", note=EndpointRefused.__name__)
        assert service.received == []


def test_headers_are_what_push_services_want(subscription: Subscription) -> None:
    with HttpService() as service:
        service.behave("/p", 201)
        send(service, subscription, "/p")
        send(service, subscription, "/p", page_id=None)
        for each in service.received:
            assert each.headers["ttl"] == "3600"
            assert each.headers["urgency"] == "high"
            assert each.headers["content-encoding"] == "aes128gcm"
            assert len(each.headers["topic"]) == 32
            assert int(each.headers["topic"], 16)
            assert each.headers["authorization"].startswith("vapid t=")
        assert service.received[0].headers["topic"] == PAGE.replace("-", "")
        assert len({len(each.body) for each in service.received}) == 1


def read(**other: Any) -> dict[str, object]:
    return dict(json.loads(payload(message(**other))))


def test_a_browser_can_show_it_by_itself() -> None:
    """https://webkit.org/blog/16535/meet-declarative-web-push/: without these two a push is not declarative."""
    body = read()
    assert body["web_push"] == 8030
    assert body["mutable"] is True
    notification = body["notification"]
    assert isinstance(notification, dict)
    assert notification == {
        "title": "Officer waiting", "body": "Open the app to see it", "lang": "en", "tag": PAGE, "silent": False,
        "navigate": f"{ORIGIN}/#/answer/{PAGE}/{TOKEN}/officer_waiting",
        "data": {"v": 2, "kind": "page", "text": "officer_waiting", "page": PAGE, "token": TOKEN, "by": "", "eta_minutes": None},
    }  # fmt: skip


@pytest.mark.parametrize("other", [{"kind": "taken"}, {"kind": "test", "page_id": None}, {"token": ""}])
def test_what_nobody_is_asked_to_answer_leads_to_the_beginning(other: dict[str, Any]) -> None:
    notification = read(**other)["notification"]
    assert isinstance(notification, dict)
    assert notification["navigate"] == f"{ORIGIN}/#/"


@pytest.mark.parametrize("origin", ["", "https://" + "a" * 600 + ".example.org"])
def test_without_an_address_that_fits_it_is_for_the_service_worker_alone(origin: str) -> None:
    body = read(origin=origin)
    assert set(body) == {"notification", "pad"}
    assert "navigate" not in str(body)


@pytest.mark.parametrize("other", [
    {}, {"origin": ""}, {"kind": "test", "text": "test", "page_id": None, "token": ""}, {"language": "es"},
    {"kind": "taken", "text": "taken", "by": "Á. Ñ."}, {"kind": "acknowledged", "text": "seen", "eta_minutes": 20},
    {"by": "x" * 5000}, {"origin": "https://" + "a" * 600 + ".example.org"}, {"text": "phone_removed", "language": "es"},
])  # fmt: skip
def test_every_payload_has_the_same_length(other: dict[str, Any]) -> None:
    assert len(payload(message(**other))) == PAYLOAD_BYTES


def test_a_message_shows_no_secret_when_it_is_printed() -> None:
    shown = repr(
        Message("d", "page", "taken", "https://push/secret", token=TOKEN, p256dh="key", auth="auth", code="123456")
    )
    assert not any(secret in shown for secret in ("secret", TOKEN, "key", "auth=", "123456"))


@pytest.mark.parametrize("endpoint", [
    "https://fcm.googleapis.com/fcm/send/abc",
    "https://web.push.apple.com/abc",
    "https://wns2-par02p.notify.windows.com/w/?token=abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
])  # fmt: skip
def test_the_push_services_of_browsers_may_be_called(endpoint: str) -> None:
    check_endpoint(endpoint, DEFAULT_PUSH_HOSTS)


@pytest.mark.parametrize("endpoint", [
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com.example.org/abc",
    "https://push.apple.com@example.org/abc",
    "https://user@fcm.googleapis.com/abc",
    "https://fcm.googleapis.com:8443/abc",
    "https://push.apple.com.evil/abc",
    "https://xpush.apple.com/abc",
    "https://127.0.0.1/abc",
    "https://[::1]/abc",
    "https://169.254.169.254/latest",
    "https:///abc",
    "file:///etc/passwd",
    "https://fcm.googleapis.com:notaport/abc",
    "https://fcm.googleapıs.com/abc",
    "",
])  # fmt: skip
def test_nothing_else_is_ever_called(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        check_endpoint(endpoint, DEFAULT_PUSH_HOSTS)
