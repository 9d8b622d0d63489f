"""A device's cookie and its weekly change: the old one holds until the phone has shown the new one.

    shown               what it means
    current             as always; after a week (`due`) the answer carries the next one as well
    next                the phone has it: it becomes the current one, the former is `previous`
    previous            dead, but for requests that were under way when the new one was shown
    older               the phone gave it up long ago, so this is a copy: the device is to be revoked

However many answers are lost, the phone holds either the current or the next cookie, and both are good; nothing ends because
time passed without the next one being shown. The next cookie is computed from the present one and a nonce, so that answers
that cross one another all carry the same. Who reads the database cannot compute it: of the present cookie it has a hash.
Ninety days after the enrolment, or thirty without a contact, a cookie is of no use; signing in on the phone gives another.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal

from api.auth.cookies import token_hash
from api.tables.devices import Device

Shown = Literal["current", "due", "next", "previous", "older"]

CHANGED_EVERY = timedelta(days=7)
IDLE = timedelta(days=30)
UNDER_WAY = timedelta(minutes=2)
"""How long the previous cookie still passes: longer than a push may take, and than a browser takes to write its jar to disk."""
RETIRED_KEPT = 16
"""More than ninety days have weeks."""
NONCE_BYTES = 16


def shown(device: Device, token: str, now: datetime) -> Shown | None:
    """What a cookie is to its device; None for one that opens nothing."""
    if device.expires_at <= now or now - device.seen_at >= IDLE:
        return None
    presented = token_hash(token)
    if presented == device.cookie_hash:
        due = device.state == "active" and now - device.cookie_at >= CHANGED_EVERY
        return "due" if due else "current"
    if presented == device.next_hash:
        return "next"
    if presented == device.previous_hash:
        return "previous" if device.previous_until is not None and now < device.previous_until else None
    return "older" if presented in device.retired else None


def begin(device: Device, token: str, now: datetime, lifetime: timedelta) -> None:
    """A cookie given to somebody who is signed in; what stood before opens nothing any more."""
    device.cookie_hash, device.cookie_at, device.expires_at = token_hash(token), now, now + lifetime
    device.next_hash, device.previous_hash, device.previous_until = None, None, None


def offer(device: Device, token: str) -> str:
    """The next cookie for whoever showed the current one; the same one every time, until it is shown."""
    if device.next_hash is None:
        device.cookie_nonce = secrets.token_hex(NONCE_BYTES)
    following = _following(device, token)
    device.next_hash = token_hash(following)
    return following


def confirm(device: Device, now: datetime) -> None:
    """The next cookie was shown: it is the current one from now on."""
    assert device.next_hash is not None
    if device.previous_hash is not None:
        device.retired = [*device.retired, device.previous_hash][-RETIRED_KEPT:]
    device.previous_hash, device.previous_until = device.cookie_hash, now + UNDER_WAY
    device.cookie_hash, device.cookie_at, device.next_hash = device.next_hash, now, None


def again(device: Device, token: str) -> str | None:
    """The current cookie once more, for a phone that showed the previous one; None if it does not follow from that."""
    following = _following(device, token)
    return following if token_hash(following) == device.cookie_hash else None


def _following(device: Device, token: str) -> str:
    said = f"handoff/device-cookie/v1|{device.id}|{device.cookie_nonce}".encode()
    digest = hmac.new(token.encode("utf-8", "replace"), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
