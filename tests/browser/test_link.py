"""The link is what the offline tests stand on, so its failures are tested against a plain server first."""

from __future__ import annotations

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead

import pytest

from tests.browser.link import EMPTY_ANSWER, LOST_ANSWER, Fault, Link, Request

BODY = b"0123456789" * 10_000


class _Echo(http.server.BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        self._answer(BODY)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *arguments: object) -> None:
        """Nothing: the test reads `seen`."""

    def _answer(self, body: bytes) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Peer:
    """A server, and a phone that reaches it through the link alone."""

    def __init__(self, url: str, seen: list[str], link: Link) -> None:
        self.seen = seen
        self.link = link
        self._url = url
        self._phone = urllib.request.build_opener(urllib.request.ProxyHandler({"http": link.address}))

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        with self._phone.open(self._url + path, body, timeout=10) as answer:
            return bytes(answer.read())


@pytest.fixture
def peer() -> Iterator[_Peer]:
    seen: list[str] = []
    handler = type("Handler", (_Echo,), {"seen": seen})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, _link() as link:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield _Peer(f"http://localhost:{server.server_port}", seen, link)
        server.shutdown()


@contextmanager
def _link() -> Iterator[Link]:
    link = Link()
    try:
        yield link
    finally:
        link.close()


def test_bodies_pass_unchanged_in_both_directions(peer: _Peer) -> None:
    assert peer.ask("/down?a=1") == BODY
    assert peer.ask("/up", BODY * 3) == BODY * 3
    assert peer.seen == ["/down?a=1", "/up"]
    assert peer.link.requests == [Request("GET", "/down?a=1"), Request("POST", "/up")]


def test_nothing_passes_while_it_is_down_and_everything_after(peer: _Peer) -> None:
    peer.link.down()
    with pytest.raises((urllib.error.URLError, ConnectionError, HTTPException)):
        peer.ask("/lost")
    assert peer.seen == []
    peer.link.up()
    assert peer.ask("/back") == BODY


def test_a_captive_portal_answers_in_the_servers_place(peer: _Peer) -> None:
    peer.link.captive_portal()
    assert b"Wi-Fi" in peer.ask("/api/anything", BODY)
    assert peer.seen == []


def test_an_empty_answer_is_a_200_without_a_body(peer: _Peer) -> None:
    peer.link.meddle_with("/api/", EMPTY_ANSWER)
    assert peer.ask("/api/push", b"{}") == b""
    assert peer.ask("/elsewhere") == BODY
    assert peer.seen == ["/elsewhere"]


def test_a_lost_answer_is_lost_after_the_server_acted(peer: _Peer) -> None:
    peer.link.meddle_with("/api/", LOST_ANSWER)
    with pytest.raises((urllib.error.URLError, ConnectionError, HTTPException)):
        peer.ask("/api/push", b"{}")
    assert peer.seen == ["/api/push"]


@pytest.mark.parametrize("length", [1, 17, 65_536, len(BODY) - 1])
def test_a_cut_answer_ends_where_it_was_cut(peer: _Peer, length: int) -> None:
    peer.link.meddle(lambda request: Fault(cut_after_bytes=length))
    with pytest.raises(IncompleteRead) as broken:
        peer.ask("/api/pull")
    assert broken.value.partial == BODY[:length]
