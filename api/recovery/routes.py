"""Asking for a recovery, approving and declining it. What waits is listed at `/api/second-person`."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.clock import rfc3339
from api.invitations.models import NewInvitation, new_invitation
from api.invitations.routes import origin_of
from api.invitations.service import Drawn
from api.recovery import service
from sync.operations import Uuid

router = APIRouter()

ONE_LINE = r"^[^\x00-\x1f\x7f]+$"


class RecoveryRequest(BaseModel):
    """Whose way in is lost, and why; the second person reads the reason."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: Uuid
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=ONE_LINE)]


class RecoveryAsked(BaseModel):
    """It waits for a second person until then."""

    id: str
    expires_at: str


@router.post("/api/recovery", status_code=201)
def ask(
    body: RecoveryRequest, request: Request, principal: Annotated[Principal, require("recovery", "C", fresh=True)]
) -> RecoveryAsked:
    """Ask for somebody's recovery."""
    state = parts(request)
    with state.database.write() as session:
        asked = service.ask(session, principal, body.user_id, body.reason, state.clock.now(), _source(request))
    return RecoveryAsked(id=asked.id, expires_at=rfc3339(asked.expires_at))


@router.post("/api/recovery/{asked_id}/approve")
def approve(
    asked_id: Uuid, request: Request, principal: Annotated[Principal, require("recovery", "U", fresh=True)]
) -> NewInvitation:
    """Approve it. The answer is for handing over in person: ten minutes, once."""
    state = parts(request)
    drawn = Drawn.new()
    with state.database.write() as session:
        made = service.approve(session, principal, asked_id, drawn, state.clock.now(), _source(request))
    return new_invitation(made, drawn, origin_of(request))


@router.post("/api/recovery/{asked_id}/decline", status_code=204)
def decline(
    asked_id: Uuid, request: Request, principal: Annotated[Principal, require("recovery", "U", fresh=True)]
) -> None:
    """Decline it, or take one's own request back."""
    state = parts(request)
    with state.database.write() as session:
        service.decline(session, principal, asked_id, state.clock.now(), _source(request))


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)
