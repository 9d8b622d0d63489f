"""Breaking the glass. Asking, approving and looking want a fresh proof; ending it does not."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.break_glass import queries, service
from api.clock import rfc3339
from api.tables.retention import BreakGlass
from sync.fields import INTEGER_LIMIT
from sync.operations import Uuid

router = APIRouter(prefix="/api/break-glass")

ONE_LINE = r"^[^\x00-\x1f\x7f]*$"


class GlassRequest(BaseModel):
    """Which referral, by the number that people call it by, and why. The reason names no participant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: Annotated[int, Field(ge=1, le=INTEGER_LIMIT)]
    reason: Annotated[str, StringConstraints(min_length=10, max_length=300, pattern=ONE_LINE)]


class GlassAsked(BaseModel):
    """The request; a supervisor decides."""

    asked_id: str
    expires_at: str


class Glass(BaseModel):
    """Who may look at which referral, and until when. `open`: right now."""

    id: str
    number: int
    name: str
    from_at: str
    until_at: str
    ended_at: str | None
    open: bool


class GlassList(BaseModel):
    glasses: list[Glass]


class Look(BaseModel):
    """The referral as a supervisor sees it."""

    number: int
    received_at: str
    until_at: str
    view: dict[str, Any]


def _glass(glass: BreakGlass, name: str, now: datetime) -> Glass:
    return Glass(
        id=glass.id, number=glass.number, name=name, from_at=rfc3339(glass.from_at), until_at=rfc3339(glass.until_at),
        ended_at=None if glass.ended_at is None else rfc3339(glass.ended_at), open=queries.open_at(glass, now),
    )  # fmt: skip


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)


@router.post("", status_code=201)
def ask(
    body: GlassRequest, request: Request, principal: Annotated[Principal, require("break_glass", "C", fresh=True)]
) -> GlassAsked:
    """Ask for one referral. An unknown number and another program's look alike."""
    state = parts(request)
    with state.database.write() as session:
        asked = service.ask(session, principal, body.number, body.reason, state.clock.now(), _source(request))
    return GlassAsked(asked_id=asked.id, expires_at=rfc3339(asked.expires_at))


@router.get("")
def glasses(request: Request, principal: Annotated[Principal, require("break_glass", "R")]) -> GlassList:
    """One's own, or for supervisors the program's."""
    state = parts(request)
    now = state.clock.now()
    with state.database.read() as session:
        found = service.seen_by(session, principal)
    return GlassList(glasses=[_glass(glass, name, now) for glass, name in found])


@router.post("/{asked_id}/approve", status_code=204)
def approve(
    asked_id: Uuid, request: Request, principal: Annotated[Principal, require("break_glass", "U", fresh=True)]
) -> None:
    """From now on, for an hour, whoever asked may look."""
    state = parts(request)
    with state.database.write() as session:
        service.approve(session, principal, asked_id, state.clock.now(), _source(request))


@router.get("/{glass_id}")
def look(
    glass_id: Uuid, request: Request, principal: Annotated[Principal, require("break_glass", "R", fresh=True)]
) -> Look:
    """What is behind the glass, for whoever asked alone. Each look is written down before it is answered."""
    state = parts(request)
    with state.database.write() as session:
        glass, referral, view = service.look(session, principal, glass_id, state.clock.now(), _source(request))
    return Look(
        number=glass.number,
        received_at=rfc3339(referral.received_at),
        until_at=rfc3339(glass.until_at),
        view=dict(view),
    )


@router.delete("/{glass_id}", status_code=204)
def end(glass_id: Uuid, request: Request, principal: Annotated[Principal, require("break_glass", "D")]) -> None:
    """It is over: by whoever asked, or by a supervisor. A request that still waits is declined."""
    state = parts(request)
    with state.database.write() as session:
        service.end(session, principal, glass_id, state.clock.now(), _source(request))
