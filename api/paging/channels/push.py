"""Web Push (RFC 8030, 8291, 8292): one message encrypted by pywebpush's encoder, signed with VAPID, posted.

The endpoint comes from a browser and so from anybody: only https, only push services on the list, public addresses, no
redirects. The payload is declarative where the application's own address is known: a browser that cannot start the
service worker then shows the same sentence itself, and a tap opens the page that answers. It holds ids, a one-time token
and a constant text, padded to one length; never a person, a place or a charge.
"""

import json
import time
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher

from api.paging.channels.answers import Answer, Message
from api.paging.channels.posting import Poster, usual_kind
from api.paging.channels.texts import below, initials, title

PAYLOAD_BYTES = 1024
"""Of the 3,993 that every push service takes (RFC 8291, 4)."""
PAYLOAD_VERSION = 2
DECLARATIVE = 8030
PAGE_TTL_SECONDS = 3600
TIMEOUT_SECONDS = 5.0
VAPID_LIFETIME_SECONDS = 6 * 3600
VAPID_RENEW_SECONDS = 3600
HTTPS_PORT = 443
GONE = (404, 410)


class EndpointRefused(ValueError):
    """The push address is not one that this server may call; the message says why."""


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


def payload(message: Message) -> bytes:
    """The message as the browser reads it, always `PAYLOAD_BYTES` long; `notification.data` is for the service worker.

    Without the application's address, or with one too long to fit, it is not declarative, and the service worker shows it.
    """
    body = _body(message)
    room = _room(body)
    if room < 0:
        del body["web_push"], body["mutable"], body["notification"]["navigate"]
        room = _room(body)
    return _bytes(body | {"pad": "0" * room})


def _body(message: Message) -> dict[str, Any]:
    data = {
        "v": PAYLOAD_VERSION,
        "kind": message.kind,
        "text": message.text,
        "page": message.page_id,
        "token": message.token,
        "by": initials(message),
        "eta_minutes": message.eta_minutes,
    }
    notification: dict[str, Any] = {
        "title": title(message),
        "body": below(message),
        "lang": message.language,
        "tag": message.page_id or message.kind,
        "silent": False,
        "data": data,
    }
    if not message.origin:
        return {"notification": notification, "pad": ""}
    notification["navigate"] = _place(message)
    return {"web_push": DECLARATIVE, "notification": notification, "mutable": True, "pad": ""}


def _place(message: Message) -> str:
    """Where a tap leads. Behind the # nothing travels to a server or into its log."""
    if message.calls and message.page_id and message.token:
        return f"{message.origin}/#/answer/{message.page_id}/{message.token}/{message.text}"
    return f"{message.origin}/#/"


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _room(body: dict[str, Any]) -> int:
    return PAYLOAD_BYTES - len(_bytes(body))


class Push:
    """Posts to push services with the server's identity."""

    def __init__(self, poster: Poster, key: ec.EllipticCurvePrivateKey, contact: str, allowed: str) -> None:
        self._poster, self._contact, self._allowed = poster, contact, allowed
        self._vapid = Vapid02(private_key=key)
        self._tokens: dict[str, tuple[float, dict[str, str]]] = {}

    async def send(self, message: Message) -> Answer:
        """Send one message. `accepted` means that the push service took it, no more."""
        body = payload(message)
        subscription = {"endpoint": message.address, "keys": {"p256dh": message.p256dh, "auth": message.auth}}
        try:
            check_endpoint(message.address, self._allowed)
            encoded = WebPusher(subscription).encode(body)
        except EndpointRefused as error:
            return Answer("refused", note=type(error).__name__)
        except Exception as error:  # the keys are a stranger's: whatever they break in the encoder ends them
            return Answer("gone", note=type(error).__name__)
        headers = {
            "TTL": str(PAGE_TTL_SECONDS),
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            # Apple takes a topic only if its length leaves no remainder of 1 when divided by 4: 32 digits do.
            "Topic": (message.page_id or message.delivery_id).replace("-", ""),
            **self._authorization(message.address),
        }
        reply = await self._poster.post(message.address, encoded["body"], headers, deadline_seconds=TIMEOUT_SECONDS)
        return reply.answer("gone" if reply.status in GONE else usual_kind(reply))

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
