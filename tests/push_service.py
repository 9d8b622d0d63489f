"""A push service for tests: real TLS, real Web Push messages, decrypted as a browser would, failing on demand.

It stands where a browser vendor's service stands: it accepts what is posted to an endpoint, checks that it is signed,
and keeps what the subscribed browser would read. A path can be told to fail in any way in which such services do.
"""

import base64
import json
import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import http_ece
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Behaviour = Literal["accept", "gone", "refused", "busy", "broken", "redirect", "hang", "slow", "flaky"]
"""`slow` takes `SLOW_SECONDS` and then accepts, unless the sender has gone meanwhile; `flaky` fails every other time, in turn
with a status and by breaking the connection off, once before it has accepted and once after."""
_STATUS: dict[str, int] = {"accept": 201, "gone": 410, "refused": 403, "busy": 429, "broken": 500, "redirect": 307}
WAIT_SECONDS = 20.0
SLOW_SECONDS = 2.0
HANG_LOOK_SECONDS = 1.0
"""How often a hung answer looks whether its sender has gone; otherwise a long run would end with no descriptors left."""
_FLAKY: tuple[str, ...] = ("broken", "accept", "drop", "accept", "accept and drop", "accept")


def _gone(connection: socket.socket, seconds: float) -> bool:
    """True as soon as the sender, who has said everything, goes away within this time."""
    poll = select.poll()  # not `select`, which knows no descriptor above 1,023
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Subscription:
    """What a browser hands to its site, and what it keeps to itself."""

    path: str
    endpoint: str
    secret: bytes
    private: ec.EllipticCurvePrivateKey

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": _text(point), "auth": _text(self.secret)}


@dataclass(frozen=True)
class Message:
    """One accepted post, as the browser would see it: `whole` is what it decrypts, `body` what our service worker reads."""

    path: str
    headers: dict[str, str]
    whole: dict[str, Any]
    size: int

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = self.whole["notification"]["data"]
        return found


@dataclass
class PushService:
    """Start with `with PushService() as service:`. `received` grows as messages are accepted."""

    received: list[Message] = field(default_factory=list)
    attempts: list[tuple[str, Behaviour]] = field(default_factory=list)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    on_message: Callable[[Message], None] | None = None
    reads: bool = True
    """Whether it opens what it accepts, as a browser does. A real service cannot; for measuring, it is left out."""
    retry_after: str = "7"
    """What `busy` answers with: seconds, or an HTTP date."""

    def __enter__(self) -> "PushService":
        self._arrived = threading.Condition()
        self._released = threading.Event()
        self._folder = tempfile.TemporaryDirectory()
        authority = trustme.CA()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        # The handshake happens on the connection's own thread, so that a client that dies in it holds up nobody.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.host = f"localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()

    def environment(self) -> dict[str, str]:
        """The settings under which a server may call this service."""
        return {
            "HANDOFF_PUSH_HOSTS": self.host,
            "HANDOFF_PUSH_CA_FILE": self.ca_file,
            "HANDOFF_PRIVATE_HOSTS": self.host,
        }

    def subscribe(self) -> Subscription:
        """A new browser subscription."""
        path = f"/push/{len(self.subscriptions) + 1}"
        private = ec.generate_private_key(ec.SECP256R1())
        made = Subscription(path, f"https://{self.host}{path}", b"0123456789abcdef", private)
        self.subscriptions[path] = made
        return made

    def behave(self, subscription: Subscription, behaviour: Behaviour) -> None:
        """From now on, answer this subscription so."""
        self.behaviours[subscription.path] = behaviour

    def wait_for(self, fits: Callable[[Message], bool], seconds: float = WAIT_SECONDS) -> Message:
        """The first message that fits, waiting for it to arrive. AssertionError when none does."""
        with self._arrived:
            if self._arrived.wait_for(lambda: any(fits(message) for message in self.received), seconds):
                return next(message for message in self.received if fits(message))
        raise AssertionError(f"no such push among {[message.body for message in self.received]}")

    def wait_until_accepted(self, count: int, seconds: float) -> int:
        """How many messages it has accepted: waits until there are this many, no longer than so."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.received) >= count, seconds)
            return len(self.received)

    def count(self, subscription: Subscription) -> int:
        """How often this subscription was posted to, whatever it answered."""
        return sum(path == subscription.path for path, _ in list(self.attempts))

    def _take(self, path: str, headers: dict[str, str], raw: bytes, connection: socket.socket) -> int:
        """The status to answer with; 0 breaks the connection off."""
        behaviour: str = self.behaviours.get(path, "accept")
        with self._arrived:
            turn = sum(one == path for one, _ in self.attempts) if behaviour == "flaky" else 0
            self.attempts.append((path, behaviour))  # type: ignore[arg-type]
        if behaviour == "hang":
            while not self._released.is_set() and not _gone(connection, HANG_LOOK_SECONDS):
                pass
            return 0
        if behaviour == "slow":
            if _gone(connection, SLOW_SECONDS):
                return 0
            behaviour = "accept"
        if behaviour == "flaky":
            behaviour = _FLAKY[turn % len(_FLAKY)]
        if behaviour == "drop":
            return 0
        status = self._judge(path, headers, raw, behaviour.removesuffix(" and drop"))
        return 0 if behaviour.endswith(" and drop") else status

    def _judge(self, path: str, headers: dict[str, str], raw: bytes, behaviour: str) -> int:
        subscription = self.subscriptions.get(path)
        if subscription is None:
            return 404
        if not headers.get("authorization", "").startswith("vapid t="):
            return 401
        if behaviour == "accept":
            message = Message(path, headers, self._read(subscription, raw), len(raw))
            with self._arrived:
                self.received.append(message)
                self._arrived.notify_all()
            if self.on_message is not None:
                self.on_message(message)
        return _STATUS[behaviour]

    def _read(self, subscription: Subscription, raw: bytes) -> dict[str, Any]:
        if not self.reads:
            return {}
        clear = http_ece.decrypt(
            raw, private_key=subscription.private, auth_secret=subscription.secret, version="aes128gcm"
        )
        whole: dict[str, Any] = json.loads(clear)
        return whole

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = service._take(self.path, headers, raw, self.connection)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", f"https://{service.host}/push/elsewhere")
                if status == 429:
                    self.send_header("Retry-After", service.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Handler
