"""The radio between one phone and the server: an HTTP proxy that can fail the way the roadside fails.

A browser's own "offline" switch does not reach every service worker, and it cannot imitate a captive
portal, a cut answer or one that never comes. So each phone sends everything through its own link, and a
test switches that. What fails here fails for pages and workers alike. Plain HTTP to loopback only: it
forwards one request per connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
HEAD_LIMIT_BYTES = 65_536
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """The first line of what the phone asked for."""

    method: str
    path: str


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of the usual.

    `answer` is sent in place of the server's, which never hears of the request. Otherwise the request
    reaches the server, and only the first `cut_after_bytes` of the answer (0 loses it whole) reach the
    phone.
    """

    answer: bytes | None = None
    cut_after_bytes: int | None = None


Meddler = Callable[[Request], Fault | None]


def http_answer(body: bytes, content_type: str = "text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    """A complete HTTP answer."""
    fields = [f"Content-Type: {content_type}", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode() + body


CAPTIVE_PORTAL = Fault(http_answer(b"<!doctype html><title>Free Wi-Fi</title>Accept our terms"))
EMPTY_ANSWER = Fault(answer=http_answer(b"", "application/json"))
LOST_ANSWER = Fault(cut_after_bytes=0)


class Link:
    """One phone's way to the server. Up at first; `faults` decides per request once it is set."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        """Everything the phone asked for while the link was up, in order."""
        self._faults: Meddler | None = None
        self._up = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, name="link", daemon=True).start()

    @property
    def address(self) -> str:
        """What `--proxy-server` takes."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def is_up(self) -> bool:
        return self._up

    def up(self) -> None:
        """Everything passes again, without faults."""
        self._faults = None
        self._up = True

    def down(self) -> None:
        """No signal: what is under way breaks off, what comes is refused."""
        self._up = False
        self._break_off()

    def meddle(self, faults: Meddler) -> None:
        """Asks `faults` what to do with each request from now on; None lets it pass."""
        self._faults = faults
        self._up = True

    def meddle_with(self, prefix: str, fault: Fault) -> None:
        """The same fault for every path that starts with `prefix`."""
        self.meddle(lambda request: fault if request.path.startswith(prefix) else None)

    def captive_portal(self) -> None:
        """Every request gets a 200 with somebody else's page."""
        self.meddle_with("/", CAPTIVE_PORTAL)

    def close(self) -> None:
        """Hangs up for good; a phone cannot be given another link."""
        self._up = False
        # Closing alone would leave the thread waiting in accept().
        _hang_up(self._listener)
        self._listener.close()
        self._break_off()

    def _break_off(self) -> None:
        with self._lock:
            sockets = list(self._open)
        for each in sockets:
            _hang_up(each)

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[phone], name="link request", daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        with self._lock:
            self._open.add(phone)
        try:
            phone.settimeout(IDLE_SECONDS)
            if self._up:
                self._forward(phone)
        except OSError:
            pass  # Either side went away; the phone sees a broken connection, which is the point.
        finally:
            with self._lock:
                self._open.discard(phone)
            # Closing alone would send nothing while the upload's thread still reads from it.
            _hang_up(phone)
            phone.close()

    def _forward(self, phone: socket.socket) -> None:
        head, rest = _read_head(phone)
        if head is None:
            return
        method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        address = urlsplit(target)
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        if address.hostname not in ("localhost", "127.0.0.1") or address.port is None:
            phone.sendall(http_answer(b"", status="502 Bad Gateway"))
            return
        request = Request(method, path)
        self.requests.append(request)
        fault = self._faults(request) if self._faults is not None else None
        if fault is not None and fault.answer is not None:
            _drain_body(phone, head, rest)
            phone.sendall(fault.answer)
            return
        with socket.create_connection(("127.0.0.1", address.port), CONNECT_SECONDS) as server:
            server.settimeout(IDLE_SECONDS)
            server.sendall(_origin_form(f"{method} {path} {version}", head) + rest)
            upload = threading.Thread(target=_pipe, args=[phone, server], name="link upload", daemon=True)
            upload.start()
            _pipe(server, phone, None if fault is None else fault.cut_after_bytes)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read_head(connection: socket.socket) -> tuple[bytes | None, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(CHUNK_BYTES)
        if not chunk or len(received) > HEAD_LIMIT_BYTES:
            return None, b""
        received += chunk
    head, rest = received.split(b"\r\n\r\n", 1)
    return head, rest


def _origin_form(request_line: str, head: bytes) -> bytes:
    """The head for the server: origin form, and one request per connection."""
    lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith((b"connection:", b"proxy-"))]
    return b"\r\n".join([request_line.encode("latin-1"), *lines, b"Connection: close"]) + b"\r\n\r\n"


def _drain_body(phone: socket.socket, head: bytes, rest: bytes) -> None:
    """Reads the body nobody will see; answering before it is sent would reset the connection."""
    length = 0
    for line in head.split(b"\r\n")[1:]:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":", 1)[1])
    missing = length - len(rest)
    while missing > 0:
        chunk = phone.recv(min(missing, CHUNK_BYTES))
        if not chunk:
            return
        missing -= len(chunk)


def _pipe(source: socket.socket, target: socket.socket, body_limit_bytes: int | None = None) -> None:
    """Copies until the source ends. With a limit, the head passes and then so many bytes of the body."""
    left: int | None = None
    try:
        if body_limit_bytes is not None:
            head, rest = _read_head(source)
            if head is None or body_limit_bytes == 0:
                return
            target.sendall(head + b"\r\n\r\n" + rest[:body_limit_bytes])
            left = body_limit_bytes - len(rest)
        while left is None or left > 0:
            chunk = source.recv(CHUNK_BYTES if left is None else min(left, CHUNK_BYTES))
            if not chunk:
                return
            target.sendall(chunk)
            left = None if left is None else left - len(chunk)
    except OSError:
        return
