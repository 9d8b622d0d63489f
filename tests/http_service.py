"""An HTTP server for tests that fails in every way in which servers fail: real sockets, real TLS, told what to do by path."""

import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from typing import Literal

import trustme

Way = Literal["answer", "hang", "drop", "drop_in_answer", "drip"]
HUGE_BYTES = 64 * 1024 * 1024
DRIP_SECONDS = 0.05


@dataclass(frozen=True)
class Received:
    """One request, whole."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Behaviour:
    """What a path answers: a status, headers, a body, and the way in which it is given."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    way: Way = "answer"


@dataclass
class HttpService:
    """Start with `with HttpService() as service:`. Its certificate is for `name`, whatever address is asked."""

    tls: bool = True
    name: str = "localhost"
    received: list[Received] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    sent_bytes: int = 0

    def __enter__(self) -> "HttpService":
        self.released = threading.Event()
        self._folder = tempfile.TemporaryDirectory()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(self.name).configure_cert(context)
            # The handshake happens on the connection's own thread, so that a client that breaks it off blocks nobody.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.port = self._server.server_port
        self.host = f"localhost:{self.port}"
        self.url = f"{'https' if self.tls else 'http'}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    def behave(self, path: str, status: int = 200, body: bytes = b"", way: Way = "answer", **headers: str) -> str:
        """From now on, answer this path so; its URL. `retry_after="7"` is the header Retry-After."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.behaviours[path] = Behaviour(status, named, body, way)
        return self.url + path


def _handler(service: HttpService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.received.append(Received(self.path, headers, raw))
            behaviour = service.behaviours.get(self.path, Behaviour(404))
            _WAYS[behaviour.way](self, service, behaviour)

        def do_GET(self) -> None:
            service.received.append(Received(self.path, {}, b""))
            behaviour = service.behaviours.get(self.path)
            if behaviour is None:
                self.send_error(405)
            else:
                _WAYS[behaviour.way](self, service, behaviour)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def _head(handler: BaseHTTPRequestHandler, behaviour: Behaviour, length: int) -> None:
    handler.send_response(behaviour.status)
    for name, value in behaviour.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


def _answer(handler: BaseHTTPRequestHandler, service: HttpService, behaviour: Behaviour) -> None:
    _head(handler, behaviour, len(behaviour.body))
    for start in range(0, len(behaviour.body), 65536):
        part = behaviour.body[start : start + 65536]
        handler.wfile.write(part)
        service.sent_bytes += len(part)


def _hang(_: BaseHTTPRequestHandler, service: HttpService, __: Behaviour) -> None:
    service.released.wait()


def _drop(handler: BaseHTTPRequestHandler, _: HttpService, __: Behaviour) -> None:
    handler.close_connection = True
    handler.connection.shutdown(SHUT_RDWR)


def _drop_in_answer(handler: BaseHTTPRequestHandler, _: HttpService, behaviour: Behaviour) -> None:
    _head(handler, behaviour, len(behaviour.body) + 1000)
    handler.wfile.write(behaviour.body)
    handler.wfile.flush()
    _drop(handler, _, behaviour)


def _drip(handler: BaseHTTPRequestHandler, service: HttpService, behaviour: Behaviour) -> None:
    """A byte now and then, for ever: no single wait is long."""
    _head(handler, behaviour, HUGE_BYTES)
    while not service.released.wait(DRIP_SECONDS):
        handler.wfile.write(b".")
        handler.wfile.flush()


_WAYS: dict[Way, Callable[[BaseHTTPRequestHandler, HttpService, Behaviour], None]] = {
    "answer": _answer,
    "hang": _hang,
    "drop": _drop,
    "drop_in_answer": _drop_in_answer,
    "drip": _drip,
}
