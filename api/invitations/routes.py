"""Inviting people, enrolling one's own further phone, and taking an invitation up."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import IntegrityError

from api.accounts.people import NewPerson
from api.accounts.routes import SessionDocument, session_document, visit_of
from api.auth.addresses import client_address
from api.auth.cookies import SESSION_ABSOLUTE, SESSION_COOKIE, give
from api.auth.dependencies import Principal, parts, public, require
from api.invitations import models, queries, service
from api.invitations.models import (
    AcceptRequest,
    GuestDocument,
    InvitationList,
    InviteRequest,
    NewInvitation,
    ShownInvitation,
)
from api.invitations.service import Drawn, Shown
from api.problems import Conflict
from sync.operations import Uuid

router = APIRouter()


@router.post("/api/invitations", status_code=201)
def invite(
    body: InviteRequest, request: Request, principal: Annotated[Principal, require("accounts", "C", fresh=True)]
) -> NewInvitation:
    """Invite somebody to the program. Their account opens when they take it up."""
    state = parts(request)
    person = NewPerson(body.login, body.name, body.role, principal.program_id, body.agency_id, body.callback)
    drawn = Drawn.new()
    try:
        with state.database.write() as session:
            made = service.invite(session, person, drawn, state.clock.now(), _source(request), principal.user_id)
    except IntegrityError as error:  # the same login twice at once
        raise Conflict("Somebody is inviting the same login; look at the list.") from error
    return models.new_invitation(made, drawn, origin_of(request))


@router.get("/api/invitations")
def invitations(request: Request, principal: Annotated[Principal, require("accounts", "R")]) -> InvitationList:
    """The program's invitations that still hold, the newest first."""
    state = parts(request)
    with state.database.read() as session:
        found = queries.open_of_program(session, principal.program_id, state.clock.now(), service.LISTED)
    return InvitationList(invitations=[models.entry(invitation, user) for invitation, user in found])


@router.delete("/api/invitations/{invitation_id}", status_code=204)
def end(
    invitation_id: Uuid, request: Request, principal: Annotated[Principal, require("accounts", "U", fresh=True)]
) -> None:
    """Take an invitation back."""
    state = parts(request)
    with state.database.write() as session:
        service.end(session, principal, invitation_id, state.clock.now(), _source(request))


@router.post("/api/enrolments", status_code=201)
def enrol(request: Request, principal: Annotated[Principal, require("devices.own", "C", fresh=True)]) -> NewInvitation:
    """An address and a code for another phone of one's own. It proves who is meant; the passphrase is asked there."""
    state = parts(request)
    drawn = Drawn.new()
    with state.database.write() as session:
        made = service.make(
            session, principal.user_id, principal.program_id, "enrol", drawn, state.clock.now(), _source(request),
            principal.user_id,
        )  # fmt: skip
    return models.new_invitation(made, drawn, origin_of(request))


@router.post(
    "/api/invitations/look",
    dependencies=[public("needs a secret of 128 or, with a login, 40 bits; limited by address")],
)
def look(body: ShownInvitation, request: Request) -> GuestDocument:
    """Whom an invitation is for."""
    state = parts(request)
    return models.guest_document(service.look(state.database, _shown(body), _source(request), state.clock.now()))


@router.post(
    "/api/invitations/accept",
    dependencies=[public("needs a secret of 128 or, with a login, 40 bits; limited by address")],
)
def accept(body: AcceptRequest, request: Request, response: Response) -> SessionDocument:
    """Take an invitation up: the passphrase is set (or, for a further phone, checked) and a session opens."""
    state = parts(request)
    signed_in = service.accept(
        state.database, _shown(body), body.passphrase, body.one_time_code, visit_of(request, body.device_id),
        state.clock.now(),
    )  # fmt: skip
    give(response, SESSION_COOKIE, signed_in.token, SESSION_ABSOLUTE)
    return session_document(request, signed_in.principal)


def origin_of(request: Request) -> str:
    """Where the phone's app is served: the public address, or the one that was asked."""
    return parts(request).settings.origin or str(request.base_url)


def _shown(body: ShownInvitation) -> Shown:
    return Shown(body.token, body.code, body.login)


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)
