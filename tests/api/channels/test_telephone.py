"""SMS and voice against a provider that answers, refuses and breaks as the real one does."""

import base64
import json
from typing import Literal
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from api.paging.channels.answers import Answer
from api.paging.channels.posting import Poster
from api.paging.channels.telephone import Telephone, TelephoneAccount, script
from tests.api.channels.messages import ORIGIN, TOKEN, message, posting
from tests.http_service import HttpService, Received

ACCOUNT, SECRET, NUMBER = "AC0123", "very secret", "+15551230000"
SMS = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CALL = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
POOL = "MG" + "0" * 32


def send(
    service: HttpService, way: Literal["sms", "voice"] = "sms", sender: str = "+15559990000", **other: object
) -> Answer:
    account = TelephoneAccount(service.url, ACCOUNT, SECRET, sms_from=sender, voice_from=sender)
    sent = message(NUMBER, **other)

    async def through(poster: Poster) -> Answer:
        return await Telephone(poster, account, way).send(sent)

    return posting(service, through)


def form(received: Received) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(received.body.decode(), strict_parsing=True).items()}


def test_a_text_message_is_a_form_with_a_constant_sentence() -> None:
    with HttpService() as service:
        service.behave(SMS, 201, b'{"sid": "SM1", "status": "queued"}')
        assert send(service) == Answer("accepted", None, "201")
        [got] = service.received
        assert got.headers["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()
        assert got.headers["content-type"] == "application/x-www-form-urlencoded"
        assert form(got) == {
            "To": NUMBER, "From": "+15559990000",
            "Body": f"Warm Handoff: Officer waiting. Open the app to see it: {ORIGIN}",
        }  # fmt: skip
        assert TOKEN not in got.body.decode()


def test_a_pool_of_senders_goes_in_its_own_field() -> None:
    with HttpService() as service:
        service.behave(SMS, 201)
        send(service, sender=POOL)
        assert form(service.received[0])["MessagingServiceSid"] == POOL
        assert "From" not in form(service.received[0])


@pytest.mark.parametrize(("language", "voice"), [("en", "en-US"), ("es", "es-MX")])
def test_a_call_says_it_twice_in_the_persons_language(language: str, voice: str) -> None:
    with HttpService() as service:
        service.behave(CALL, 201)
        assert send(service, "voice", language=language).kind == "accepted"
        sent = form(service.received[0])
        assert (sent["To"], sent["From"], sent["Timeout"]) == (NUMBER, "+15559990000", "30")
        [say] = ElementTree.fromstring(sent["Twiml"])
        assert (say.tag, say.attrib) == ("Say", {"language": voice, "loop": "2"})
        assert say.text


def test_nothing_in_a_sentence_can_become_a_command() -> None:
    [say] = ElementTree.fromstring(script(message(text="taken", by="<Dial/>&")))
    assert list(say) == []
    assert "<Dial/>&" in str(say.text)


@pytest.mark.parametrize(("status", "code", "kind"), [
    (400, 21211, "gone"), (400, 21614, "gone"), (400, 21610, "gone"), (400, 21217, "gone"),
    (400, 20003, "refused"), (401, 20003, "refused"), (403, 20003, "refused"), (404, 20404, "refused"),
    (400, 21212, "refused"), (400, 21408, "refused"), (400, 21606, "refused"), (400, 21608, "refused"),
    (429, 20429, "again"), (400, 21611, "again"),
    (400, 21612, "never"), (400, 99999, "never"), (400, 0, "never"), (413, 0, "never"),
    (401, 21211, "gone"), (500, 21211, "again"), (503, 20003, "again"), (302, 21211, "again"), (201, 21211, "accepted"),
])  # fmt: skip
def test_what_the_provider_says(status: int, code: int, kind: str) -> None:
    with HttpService() as service:
        service.behave(SMS, status, json.dumps({"code": code, "message": f"about {NUMBER}", "status": status}).encode())
        answer = send(service)
        assert answer.kind == kind
        assert answer.note == (f"{status} {code}" if code and status >= 400 else str(status))


@pytest.mark.parametrize("body", [
    b"", b"<html>", b"\xff\xfe", b"[" * 16000, b'{"code": "21211"}', b'{"code": true}', b'{"code": 1e999}', b"[21211]", b"null",
    b'{"code": 123456789012345678901234567890}', b"NaN",
])  # fmt: skip
def test_an_answer_that_nobody_can_read_leaves_the_number_alone(body: bytes) -> None:
    with HttpService() as service:
        service.behave(SMS, 400, body)
        answer = send(service)
        assert answer.kind == "never"
        assert len(answer.note) < 16


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    with HttpService() as service:
        service.behave(SMS, 429, b"{}", retry_after="12")
        assert send(service) == Answer("again", 12.0, "429")


@pytest.mark.parametrize(("way", "note"), [("drop", "RemoteProtocolError")])
def test_an_answer_that_never_comes_is_tried_again(way: Literal["drop"], note: str) -> None:
    with HttpService() as service:
        service.behave(SMS, way=way)
        assert send(service) == Answer("again", None, note)


def test_a_success_whose_answer_breaks_off_is_a_success() -> None:
    with HttpService() as service:
        service.behave(SMS, 201, b'{"sid": ', way="drop_in_answer")
        assert send(service).kind == "accepted"


def test_the_secret_is_not_shown_when_the_account_is_printed() -> None:
    assert SECRET not in repr(TelephoneAccount("https://api.example.org", ACCOUNT, SECRET))
