"""The guards. Every route carries exactly one: `require`, `device_guard` or `public`; a test walks the routes for it.

    @router.get("/api/things")
    def things(request: Request, principal: Annotated[Principal, require("things", "R")]) -> Things: ...
    @router.post("/api/sync/push")
    def push(device: Annotated[DevicePrincipal, Depends(device_guard)], body: PushRequest) -> PushAnswer: ...
    @router.get("/healthz", dependencies=[public("tells nothing")])

Forgery checks and limits on size come before all of them, in `gate`.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, Request
from sqlmodel import Session

from api.auth import device_cookies, sessions
from api.auth.addresses import client_address
from api.auth.cookies import FRESH, SESSION_COOKIE, TOKEN_MAX_CHARACTERS, device_cookie
from api.auth.device_cookies import Shown
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.clock import Clock
from api.confinement import EVERY, confine
from api.database import Database
from api.problems import Forbidden, ProofNeeded, SecondFactorNeeded, SignInNeeded
from api.settings import Settings
from api.tables.devices import Device

__all__ = ["DevicePrincipal", "Principal", "device_from_request", "device_guard", "parts", "public", "require"]

Right = Literal["C", "R", "U", "D"]
WITHOUT_SECOND_FACTOR = frozenset({"session", "credentials"})
"""What a session may be used for that still lacks the second factor of its program; the program may be read besides."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Parts(Protocol):
    """What the wiring puts on `app.state` and routes need."""

    database: Database
    clock: Clock
    settings: Settings


def parts(request: Request) -> Any:
    """The application's parts (`database`, `clock`, `settings`, `keys`, `wake`…); see `Parts` for the typed ones."""
    return request.app.state


@dataclass(frozen=True)
class DevicePrincipal:
    """A phone that may append. `state` is `active` or `revoked`: what a revoked one still sends goes to a person.

    `cookie` is which of its cookies it showed; one that was given up long ago makes a copy of the phone, which is revoked.
    """

    device_id: str
    user_id: str
    program_id: str
    state: str
    cookie: Shown = "current"


@dataclass(frozen=True)
class SessionGuard:
    """A signed-in person whose role has one right on one resource; `fresh`: who proved so within minutes."""

    resource: str
    right: Right
    fresh: bool = False

    @property
    def handoff_guard(self) -> str:
        return f"{self.resource}:{self.right}"

    @property
    def open_without_second_factor(self) -> bool:
        return self.resource in WITHOUT_SECOND_FACTOR or (self.resource, self.right) == ("program", "R")

    def __call__(self, request: Request) -> Principal:
        principal = principal_of(request)
        request.state.principal, request.state.asked = principal, self.handoff_guard
        if not may(principal.role, self.resource, self.right):
            state = parts(request)
            confine(principal.program_id)
            source = client_address(request, state.settings.trusted_proxies)
            state.refusals.note(principal, self.handoff_guard, state.clock.now(), source)
            raise Forbidden("Your role does not include this. Ask an administrator if it should.")
        if principal.second_factor_needed and not self.open_without_second_factor:
            raise SecondFactorNeeded("Add a passkey or an authenticator app first, or sign in with yours.")
        if self.fresh and parts(request).clock.now() - principal.fresh_at > FRESH:
            raise ProofNeeded("Use your passkey or your passphrase once more, then do it again.")
        confine(principal.program_id)
        return principal


def principal_of(request: Request) -> Principal:
    """The signed-in person, or SignInNeeded."""
    state: Parts = parts(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    if not token or len(token) > TOKEN_MAX_CHARACTERS:
        raise SignInNeeded("Your session has ended. What you wrote on this phone is kept.")
    now = state.clock.now()
    with state.database.read() as session:
        principal = sessions.find(session, token, now)
    if principal is None:
        raise SignInNeeded("Your session has ended. What you wrote on this phone is kept.")
    if now - principal.seen_at >= timedelta(seconds=sessions.SEEN_EVERY_SECONDS):
        with state.database.write() as session:
            sessions.touch(session, principal, now)
    return principal


def require(resource: str, right: Right, *, fresh: bool = False) -> Any:
    """A `Depends` that gives the Principal, or answers 401 or 403.

    `fresh` is for exports, roles and devices: the person must have proved within the last five minutes who they are.
    """
    return Depends(SessionGuard(resource, right, fresh))


@dataclass(frozen=True)
class PublicGuard:
    """No session is asked for; the reason says why that is right."""

    reason: str

    @property
    def handoff_guard(self) -> str:
        return f"public:{self.reason}"

    def __call__(self) -> None:
        confine(EVERY)  # nobody's program is known; what such a route may touch, its secret decides


def public(reason: str) -> Any:
    """A `Depends` that lets everybody through, and says why."""
    return Depends(PublicGuard(reason))


async def _named_device(request: Request) -> str:
    """The device that the body (or else the query) names; the body is read once and kept by the request."""
    try:
        body = await request.json() if request.method not in ("GET", "HEAD") else None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        body = None  # the route's own validation tells what is wrong with it
    named = body.get("device_id") if isinstance(body, dict) else request.query_params.get("device_id")
    return named if isinstance(named, str) else ""


class DeviceGuard:
    """A phone with its device cookie; a session is not needed."""

    handoff_guard = "device"

    def __call__(self, request: Request, device_id: Annotated[str, Depends(_named_device)]) -> DevicePrincipal:
        return device_from_request(request, device_id)


device_guard = DeviceGuard()


def device_from_request(request: Request, device_id: str) -> DevicePrincipal:
    """The device that is named and whose cookie came along, or SignInNeeded."""
    state: Parts = parts(request)
    with state.database.read() as session:
        found = device_with_cookie(session, request, device_id, state.clock.now())
    if found is None:
        raise SignInNeeded("This phone is not enrolled. Sign in on it; what waits on it is kept.")
    device, cookie = found
    confine(device.program_id)
    standing = "revoked" if cookie == "older" else device.state
    return DevicePrincipal(device.id, device.user_id, device.program_id, standing, cookie)


def device_with_cookie(
    session: Session, request: Request, device_id: str, now: datetime
) -> tuple[Device, Shown] | None:
    """The device and which of its cookies the request carries, or None if it carries none that opens anything."""
    token = request.cookies.get(device_cookie(device_id), "")
    if not token or len(token) > TOKEN_MAX_CHARACTERS or UUID.fullmatch(device_id) is None:
        return None
    device = session.get(Device, device_id)
    cookie = None if device is None else device_cookies.shown(device, token, now)
    return None if device is None or cookie is None else (device, cookie)
