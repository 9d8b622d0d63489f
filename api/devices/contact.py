"""What a contact does to a device's cookie: hand out the next one, confirm it, or revoke a device that was copied.

The guard only tells which cookie was shown; here is what follows from it. Nearly always nothing does, and nothing is written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from api.audit.service import record
from api.auth import device_cookies
from api.auth.addresses import client_address
from api.auth.cookies import device_cookie, give
from api.auth.dependencies import DevicePrincipal, device_guard, device_with_cookie, parts
from api.devices import queries
from api.devices.service import REVOKED, revoke
from api.problems import SignInNeeded
from api.tables.devices import Device

COPIED = "copied"


class PhoneRemoved(SignInNeeded):
    code, title = "device-revoked", "This phone was removed from the account"


SEEN_EVERY = timedelta(hours=1)
"""How often a pull writes down that the device was there; a push does so every time."""


@dataclass(frozen=True)
class NewCookie:
    """A cookie for the answer, and how long it lasts."""

    device_id: str
    token: str
    lifetime: timedelta

    def put_on(self, response: Response) -> None:
        give(response, device_cookie(self.device_id), self.token, self.lifetime)


def in_contact(
    request: Request, response: Response, device: Annotated[DevicePrincipal, Depends(device_guard)]
) -> DevicePrincipal:  # fmt: skip
    """A guard for routes of phones that also looks after the cookie. What a copied phone sends is a revoked one's."""
    if device.cookie != "current":
        cookie = _settle(request, device.device_id)
        if cookie is not None:
            cookie.put_on(response)
    return device


def at_enrolment(request: Request, device_id: str) -> None:
    """A copied phone is revoked before it is enrolled again, so that it makes itself a new device."""
    state = parts(request)
    with state.database.read() as session:
        found = device_with_cookie(session, request, device_id, state.clock.now())
    if found is not None and found[1] == "older":
        _settle(request, device_id)


def at_pull(request: Request, device_id: str | None) -> NewCookie | None:
    """The same for a pull, whose guard is the session. Raises PhoneRemoved for one that was removed or copied."""
    if device_id is None:
        return None
    state = parts(request)
    now = state.clock.now()
    with state.database.read() as session:
        found = device_with_cookie(session, request, device_id, now)
    if found is None:
        return None
    device, cookie = found
    new = None
    if cookie != "current":
        new = _settle(request, device_id)
    elif now - device.seen_at >= SEEN_EVERY:
        with state.database.write() as session:
            _touch(session, device_id, now)
    if device.state == REVOKED or cookie == "older":
        raise PhoneRemoved("What waits on it is still accepted.")
    return new


def _settle(request: Request, device_id: str) -> NewCookie | None:
    state = parts(request)
    token = request.cookies.get(device_cookie(device_id), "")
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        return settle(session, device_id, token, state.clock.now(), source)


def settle(session: Session, device_id: str, token: str, now: datetime, source: str) -> NewCookie | None:
    """Do what the cookie that was shown asks for; the cookie that the answer shall carry, if any."""
    device = queries.locked(session, device_id)
    cookie = None if device is None else device_cookies.shown(device, token, now)
    if device is None or cookie is None:
        return None
    given: str | None = None
    if cookie == "older":
        revoke(session, device, now, actor_id=None, source=source, why=COPIED)
    elif cookie == "next":
        device_cookies.confirm(device, now)
        _note(session, device, now, source)
    elif cookie == "due":
        given = device_cookies.offer(device, token)
    elif cookie == "previous":
        given = device_cookies.again(device, token)
    if device.state != REVOKED:
        device.seen_at = now
    session.add(device)
    return None if given is None else NewCookie(device_id, given, device.expires_at - now)


def _note(session: Session, device: Device, now: datetime, source: str) -> None:
    record(
        session, now, "device.cookie", actor_id=device.user_id, program_id=device.program_id, subject=device.id,
        source=source,
    )  # fmt: skip


def _touch(session: Session, device_id: str, now: datetime) -> None:
    device = queries.locked(session, device_id)
    if device is not None and device.state != REVOKED:
        device.seen_at = now
        session.add(device)
