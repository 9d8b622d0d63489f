"""One push message: encrypted by pywebpush's encoder, signed with VAPID, posted by one client with hard limits.

The endpoint comes from a browser and so from anybody: only https, only push services on the list, no redirects. The
payload holds ids, a one-time token and a constant text, padded to one length; never a person, a place or a charge.
"""

import json
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher

PAYLOAD_BYTES = 320
TTL_SECONDS = 3600
TIMEOUT_SECONDS = 5.0
CONNECTIONS_PER_ORIGIN = 8
IDLE_SECONDS = 60.0
"""How long an idle connection is kept: the repeats and answers of a page need no new handshake; routers forget it later."""
VAPID_LIFETIME_SECONDS = 6 * 3600
VAPID_RENEW_SECONDS = 3600
HTTPS_PORT = 443


class EndpointRefused(ValueError):
    """The push address is not one that this server may call; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What the push service said. `status` is 0 where nothing came back; `retry_after_seconds` as it asked."""

    status: int
    retry_after_seconds: int | None
    note: str


def check_endpoint(endpoint: str, allowed: str) -> None:
    """Refuse anything but https to a listed host (a leading dot allows its subdomains; `host:port` an exact port)."""
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port or HTTPS_PORT
    except ValueError as error:
        raise EndpointRefused("The push address is not an address.") from error
    if parts.scheme != "https" or parts.username or parts.password or not host or not endpoint.isascii():
        raise EndpointRefused("The push address must be plain https.")
    for entry in (item.strip().lower() for item in allowed.split(",")):
        name, _, wanted = entry.partition(":")
        fits = host.endswith(name) if name.startswith(".") else host == name
        if name and fits and port == (int(wanted) if wanted.isdigit() else HTTPS_PORT):
            return
    raise EndpointRefused("This push service is not on the list of those that may be called.")


def payload(kind: str, text: str, page_id: str | None, token: str) -> bytes:
    """The message for the service worker, always of one length."""
    body = {"v": 1, "kind": kind, "text": text, "page": page_id, "token": token, "pad": ""}
    room = PAYLOAD_BYTES - len(json.dumps(body))
    return json.dumps(body | {"pad": "0" * max(0, room)}).encode()


class PushSender:
    """Posts to push services; one client, connections kept."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str, allowed: str, ca_file: str = "") -> None:
        self._vapid = Vapid02(private_key=key)
        self._contact = contact
        self._allowed = allowed
        self._tokens: dict[str, tuple[float, dict[str, str]]] = {}
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(ca_file)
        self._client = httpx.AsyncClient(
            verify=context, follow_redirects=False, timeout=httpx.Timeout(TIMEOUT_SECONDS), trust_env=False,
            limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),
        )  # fmt: skip

    async def post(self, endpoint: str, p256dh: str, auth: str, body: bytes, topic: str) -> Answer:
        """Send one message; never raises for what the other side does."""
        try:
            check_endpoint(endpoint, self._allowed)
            encoded = WebPusher({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}).encode(body)
        except EndpointRefused as error:
            return Answer(403, None, type(error).__name__)
        except Exception as error:  # the keys are a stranger's: whatever they break in the encoder ends them
            return Answer(410, None, type(error).__name__)
        headers = {
            "TTL": str(TTL_SECONDS),
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            **({"Topic": topic} if topic else {}),
            **self._authorization(endpoint),
        }
        try:
            answer = await self._client.post(endpoint, content=encoded["body"], headers=headers)
        except httpx.HTTPError as error:
            return Answer(0, None, type(error).__name__)
        wait = answer.headers.get("Retry-After", "")
        return Answer(answer.status_code, int(wait) if wait.isdigit() else None, "")

    def _authorization(self, endpoint: str) -> dict[str, str]:
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        now = time.time()
        made, headers = self._tokens.get(origin, (0.0, {}))
        if now - made > VAPID_RENEW_SECONDS:
            claims = {"aud": origin, "exp": int(now) + VAPID_LIFETIME_SECONDS, "sub": self._contact}
            headers = dict(self._vapid.sign(claims))
            self._tokens[origin] = (now, headers)
        return headers

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
