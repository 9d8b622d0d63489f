"""One POST against a server that fails in every way: bounded, never redirected, never raising."""

import asyncio
import ssl
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest

from api.paging.channels.posting import BODY_LIMIT_BYTES, Poster, Reply, retry_after_seconds, usual_kind
from api.paging.channels.public import Names
from tests.api.channels.messages import NOW, trusting
from tests.http_service import HUGE_BYTES, HttpService

SHORT_SECONDS = 0.5
CLOSED_PORT = 9


def post(service: HttpService, url: str, deadline: float = 5.0, *, trusted: bool = True, times: int = 1) -> list[Reply]:
    async def run() -> list[Reply]:
        names = Names()
        targets = frozenset({("localhost", service.port), ("localhost", CLOSED_PORT)})
        context = trusting(service.ca_file) if trusted else ssl.create_default_context()
        poster = Poster(names.lookup, targets, context, now=lambda: NOW)
        try:
            return [await poster.post(url, b"body", {}, deadline_seconds=deadline) for _ in range(times)]
        finally:
            await poster.close()
            names.close()

    return asyncio.run(run())


def test_an_answer_comes_back_whole() -> None:
    with HttpService() as service:
        url = service.behave("/x", 201, b"said", retry_after="7")
        assert post(service, url) == [Reply(201, 7.0, b"said")]
        assert service.received[0].body == b"body"


def test_a_redirect_is_not_followed() -> None:
    with HttpService() as service:
        url = service.behave("/x", 307, location=f"{service.url}/elsewhere")
        [reply] = post(service, url)
        assert reply.status == 307
        assert [each.path for each in service.received] == ["/x"]


@pytest.mark.parametrize(("way", "error"), [("hang", "TimeoutError"), ("drop", "RemoteProtocolError")])
def test_no_answer_is_named_by_what_happened(way: str, error: str) -> None:
    with HttpService() as service:
        url = service.behave("/x", way=way)  # type: ignore[arg-type]
        began = time.monotonic()
        assert post(service, url, SHORT_SECONDS) == [Reply(0, error=error)]
        assert time.monotonic() - began < SHORT_SECONDS + 2


def test_a_server_that_answers_byte_by_byte_is_left_at_the_deadline() -> None:
    with HttpService() as service:
        url = service.behave("/x", 200, way="drip")
        began = time.monotonic()
        [reply] = post(service, url, SHORT_SECONDS)
        assert time.monotonic() - began < SHORT_SECONDS + 2
        assert reply.status == 200


def test_a_status_stands_though_the_body_breaks_off() -> None:
    with HttpService() as service:
        url = service.behave("/x", 201, b"half", way="drop_in_answer")
        assert post(service, url) == [Reply(201, body=b"half")]


def test_of_a_huge_body_only_the_beginning_is_read() -> None:
    with HttpService() as service:
        url = service.behave("/x", 200, bytes(HUGE_BYTES))
        [reply] = post(service, url)
        assert len(reply.body) == BODY_LIMIT_BYTES
        assert service.sent_bytes < HUGE_BYTES / 2


def test_compression_is_not_asked_for() -> None:
    """A small answer may unpack to a huge one."""
    with HttpService() as service:
        post(service, service.behave("/x", 200))
        assert service.received[0].headers["accept-encoding"] == "identity"


def test_a_certificate_of_nobody_we_trust_is_named() -> None:
    with HttpService() as service:
        url = service.behave("/x", 200)
        assert post(service, url, trusted=False) == [Reply(0, error="SSLCertVerificationError")]
        assert service.received == []


@pytest.mark.parametrize(
    "url", ["https://[", "nothing", "", "ftp://localhost/x", "https://localhost:99999/", "https://\x00/"]
)
def test_what_is_no_address_is_no_crash(url: str) -> None:
    with HttpService() as service:
        [reply] = post(service, url)
        assert reply.status == 0
        assert reply.error


def test_a_closed_port_is_trouble_that_may_pass() -> None:
    with HttpService() as service:
        [reply] = post(service, f"https://localhost:{CLOSED_PORT}/")
        assert usual_kind(reply) == "again"


def test_a_connection_is_used_again() -> None:
    with HttpService() as service:
        url = service.behave("/x", 200, b"ok")
        assert [each.status for each in post(service, url, times=3)] == [200] * 3


@pytest.mark.parametrize(("value", "seconds"), [
    ("0", 0.0), ("7", 7.0), (" 120 ", 120.0), ("3600", 3600.0), ("3601", 3600.0), ("999999999", 3600.0),
    (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
    (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
    (format_datetime(NOW + timedelta(days=365), usegmt=True), 3600.0),
    ("Thu, 30 Apr 2026 02:16:00 -0000", 60.0),
    ("", None), ("soon", None), ("-5", None), ("1.5", None), ("²", None), ("٧", None), ("nan", None), ("inf", None),
    ("9999999999999", None), ("Thu, 99 Apr 2026 02:16:00 GMT", None),
])  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_never_long(value: str, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


def test_a_date_in_retry_after_reaches_the_reply() -> None:
    with HttpService() as service:
        until = format_datetime(NOW + timedelta(seconds=42), usegmt=True)
        assert post(service, service.behave("/x", 429, retry_after=until))[0].retry_after_seconds == 42.0


@pytest.mark.parametrize(("status", "kind"), [
    (0, "again"), (200, "accepted"), (201, "accepted"), (299, "accepted"), (300, "again"), (307, "again"),
    (400, "never"), (401, "refused"), (403, "refused"), (404, "never"), (408, "again"), (413, "never"), (425, "again"),
    (429, "again"), (499, "never"), (500, "again"), (503, "again"),
])  # fmt: skip
def test_what_a_status_usually_means(status: int, kind: str) -> None:
    assert usual_kind(Reply(status)) == kind
