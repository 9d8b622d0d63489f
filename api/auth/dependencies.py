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

from api.auth import sessions
from api.auth.cookies import FRESH, SESSION_COOKIE, TOKEN_MAX_CHARACTERS, device_cookie, token_hash
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.clock import Clock
from api.database import Database
from api.problems import Forbidden, ProofNeeded, SignInNeeded
from api.settings import Settings
from api.tables.devices import Device

__all__ = ["DevicePrincipal", "Principal", "device_from_request", "device_guard", "parts", "public", "require"]

Right = Literal["C", "R", "U", "D"]
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
    """A phone that may append. `state` is `active` or `revoked`: what a revoked one still sends goes to a person."""

    device_id: str
    user_id: str
    program_id: str
    state: str


@dataclass(frozen=True)
class SessionGuard:
    """A signed-in person whose role has one right on one resource; `fresh`: who proved so within minutes."""

    resource: str
    right: Right
    fresh: bool = False

    @property
    def handoff_guard(self) -> str:
        return f"{self.resource}:{self.right}"

    def __call__(self, request: Request) -> Principal:
        principal = principal_of(request)
        if not may(principal.role, self.resource, self.right):
            raise Forbidden("Your role does not include this. Ask an administrator if it should.")
        if self.fresh and parts(request).clock.now() - principal.fresh_at > FRESH:
            raise ProofNeeded("Use your passkey or your passphrase once more, then do it again.")
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
        return None


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
        device = device_with_cookie(session, request, device_id, state.clock.now())
    if device is None:
        raise SignInNeeded("This phone is not enrolled. Sign in on it; what waits on it is kept.")
    return DevicePrincipal(device.id, device.user_id, device.program_id, device.state)


def device_with_cookie(session: Session, request: Request, device_id: str, now: datetime) -> Device | None:
    """The device, if the request carries its cookie and the cookie has not run out."""
    token = request.cookies.get(device_cookie(device_id), "")
    if not token or len(token) > TOKEN_MAX_CHARACTERS or UUID.fullmatch(device_id) is None:
        return None
    device = session.get(Device, device_id)
    if device is None or device.cookie_hash != token_hash(token) or device.expires_at <= now:
        return None
    return device
