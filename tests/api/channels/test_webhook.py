"""Webhooks: signed after the Standard Webhooks specification, posted to a receiver that fails in every way."""

import base64
import hashlib
import hmac
import json

import pytest

from api.paging.channels.answers import Answer
from api.paging.channels.posting import Poster
from api.paging.channels.public import AddressNotPublic
from api.paging.channels.webhook import URL_LIMIT, Webhook, WebhookRefused, check_webhook, signature, webhook_secret
from tests.api.channels.messages import DELIVERY, ORIGIN, PAGE, TOKEN, message, posting
from tests.http_service import HttpService

MASTER = bytes(range(32))
AT = 1777515300


def send(service: HttpService, path: str, *, excepted: bool = True, **other: object) -> Answer:
    sent = message(service.url + path, **other)
    targets = frozenset({("localhost", service.port)}) if excepted else frozenset()

    async def through(poster: Poster) -> Answer:
        return await Webhook(poster, MASTER, targets, now=lambda: AT + 0.9).send(sent)

    return posting(service, through, excepted=excepted)


def test_the_signature_is_that_of_the_published_example() -> None:
    """The vector of the specification's own libraries (standard-webhooks/standard-webhooks, Apache-2.0 tests)."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_can_verify_what_it_got() -> None:
    with HttpService() as service:
        service.behave("/hook", 204)
        assert send(service, "/hook") == Answer("accepted", None, "204")
        [got] = service.received
        key = base64.b64decode(webhook_secret(MASTER, "denver").removeprefix("whsec_"))
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert got.headers["webhook-signature"] == f"v1,{expected}"
        assert (got.headers["webhook-id"], got.headers["webhook-timestamp"]) == (DELIVERY, str(AT))
        assert "." not in got.headers["webhook-id"]


def test_the_body_says_where_and_never_who() -> None:
    with HttpService() as service:
        service.behave("/hook")
        send(service, "/hook")
        assert json.loads(service.received[0].body) == {
            "type": "page", "page": PAGE, "step": 1, "call": 2, "text": "Officer waiting", "program": "denver",
            "url": f"{ORIGIN}/#/",
        }  # fmt: skip
        assert TOKEN not in service.received[0].body.decode()


def test_each_program_has_its_own_secret_and_always_the_same() -> None:
    assert webhook_secret(MASTER, "denver") == webhook_secret(MASTER, "denver")
    secrets = {webhook_secret(MASTER, "denver"), webhook_secret(MASTER, "seattle"), webhook_secret(bytes(32), "denver")}
    assert len(secrets) == 3
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in secrets} == {32}


def test_the_derivation_never_changes() -> None:
    """Receivers hold these secrets: another result means that every one of them must be told."""
    assert webhook_secret(MASTER, "denver") == "whsec_nz6RvU3vbu9FyP7T0m3oW2PErgZhIZmKQ2qyvbYT8+s="


@pytest.mark.parametrize(("status", "kind"), [
    (200, "accepted"), (202, "accepted"), (204, "accepted"), (410, "gone"), (401, "refused"), (403, "refused"),
    (400, "never"), (413, "never"), (422, "never"), (404, "again"), (405, "again"), (409, "again"), (429, "again"),
    (301, "again"), (500, "again"), (503, "again"),
])  # fmt: skip
def test_what_a_receiver_says(status: int, kind: str) -> None:
    with HttpService() as service:
        service.behave("/hook", status)
        assert send(service, "/hook") == Answer(kind, None, str(status))  # type: ignore[arg-type]


def test_a_receiver_at_a_private_address_is_not_called() -> None:
    with HttpService() as service:
        service.behave("/hook")
        assert send(service, "/hook", excepted=False) == Answer("refused", None, AddressNotPublic.__name__)
        assert service.received == []


def test_a_relay_in_the_house_may_be_called_without_encryption() -> None:
    with HttpService(tls=False) as service:
        service.behave("/hook")
        assert send(service, "/hook").kind == "accepted"
        assert send(service, "/hook", excepted=False) == Answer("refused", None, WebhookRefused.__name__)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/x", "https://hooks.example.org:8443/x?y=1", "http://relay:8080/x"]
)
def test_these_addresses_are_taken(url: str) -> None:
    check_webhook(url, frozenset({("relay", 8080)}))


@pytest.mark.parametrize("url", [
    "http://hooks.example.org/x", "http://relay/x", "http://relay:8081/x", "ftp://relay:8080/x", "https://", "",
    "https://user@hooks.example.org/", "https://user:word@hooks.example.org/", "https://:word@hooks.example.org/",
    "https://hooks.example.org/#x", "https://hooks.example.org:0x/", "https://hooks.example.org:99999/", "https://[::1/",
    "https://hooks.example.org/a b", "https://hooks.exampłe.org/", "https://hooks.example.org/\n",
    "https://hooks.example.org/" + "a" * URL_LIMIT,
])  # fmt: skip
def test_these_are_not(url: str) -> None:
    with pytest.raises(WebhookRefused):
        check_webhook(url, frozenset({("relay", 8080)}))
