"""A program's own webhook: JSON signed after the Standard Webhooks specification (version 1.0.0).

Signed is `id.timestamp.body` with HMAC-SHA256 and the program's own secret; the id is the delivery's, the same at every
attempt, so a receiver can drop what it has seen. Secrets are derived and never stored: from one key beside the database
and the program's id (HKDF, RFC 5869).
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.paging.channels.answers import Answer, AnswerKind, Message
from api.paging.channels.posting import Poster, Reply, usual_kind
from api.paging.channels.public import Target
from api.paging.channels.texts import title

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32
URL_LIMIT = 2000
GONE = 410
PORTS = {"https": 443, "http": 80}
UNFIT = (400, 413, 415, 422)
"""The receiver will not have this body, now or later. Any other refusal may be a receiver that is being mended."""


class WebhookRefused(ValueError):
    """This is not an address that may be called; the message says why."""


def check_webhook(url: str, excepted: frozenset[Target]) -> None:
    """Refuse anything but plain https; http is taken for the operator's private hosts alone."""
    try:
        parts = urlsplit(url)
        target = ((parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme, 0))
    except ValueError as error:
        raise WebhookRefused("The webhook's address is not an address.") from error
    if len(url) > URL_LIMIT or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookRefused(f"The webhook's address must be plain, at most {URL_LIMIT} characters.")
    if not target[0] or parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookRefused("The webhook's address must have a host, and no user, password or fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and target in excepted):
        raise WebhookRefused("The webhook's address must begin with https.")


def webhook_secret(master: bytes, program_id: str) -> str:
    """The program's secret, as its receiver wants it: "whsec_" and 32 bytes in base64."""
    info = f"warm-handoff webhook 1 {program_id}".encode()
    derived = HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(master)
    return SECRET_PREFIX + base64.b64encode(derived).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`. The id must hold no full stop."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def document(message: Message) -> bytes:
    """What the receiver reads. `text` is a constant sentence; nothing says who a referral is about."""
    body = {
        "type": message.kind,
        "page": message.page_id,
        "step": message.step,
        "call": message.call,
        "text": title(message),
        "program": message.program_id,
        "url": f"{message.origin}/#/" if message.origin else None,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class Webhook:
    """Posts to programs' own systems."""

    def __init__(
        self, poster: Poster, master: bytes, excepted: frozenset[Target], now: Callable[[], float] = time.time
    ) -> None:
        self._poster, self._master, self._excepted, self._now = poster, master, excepted, now

    async def send(self, message: Message) -> Answer:
        """`accepted` is any 2xx."""
        try:
            check_webhook(message.address, self._excepted)
        except WebhookRefused as error:
            return Answer("refused", note=type(error).__name__)
        body, timestamp = document(message), int(self._now())
        secret = webhook_secret(self._master, message.program_id)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.delivery_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, message.delivery_id, timestamp, body),
        }
        reply = await self._poster.post(message.address, body, headers)
        return reply.answer(_kind(reply))


def _kind(reply: Reply) -> AnswerKind:
    if reply.status == GONE:
        return "gone"
    usual = usual_kind(reply)
    return "again" if usual == "never" and reply.status not in UNFIT else usual
