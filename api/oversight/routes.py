"""The audit to read and to take away; and what phones tell of opened referrals."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.oversight import service
from api.oversight.models import AuditPage, Openings
from api.oversight.queries import Wanted
from api.spreadsheet import MEDIA_TYPE, attachment
from sync.operations import Uuid

router = APIRouter(prefix="/api")

PAGE_LIMIT = 200
NUMBER_MAX = 2**53 - 1
OfPerson = Annotated[Uuid | None, Query(description="By this person, or about them.")]
OfReferral = Annotated[Uuid | None, Query(description="About this referral, or a pull that showed it.")]
Since = Annotated[AwareDatetime | None, Query(alias="from")]
Until = Annotated[AwareDatetime | None, Query(alias="to", description="Not this instant itself.")]


@router.get("/audit")
def audit(
    request: Request,
    principal: Annotated[Principal, require("audit", "R")],
    person: OfPerson = None,
    referral: OfReferral = None,
    since: Since = None,
    until: Until = None,
    cursor: Annotated[int | None, Query(ge=1, le=NUMBER_MAX)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100,
) -> AuditPage:
    """Events of the own program, the newest first. Reading them is an event too."""
    state, wanted = parts(request), Wanted(person, referral, since, until, cursor)
    with state.database.read() as session:
        found = service.page(session, principal, wanted, limit)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.was_read(session, principal, wanted, state.clock.now(), source)
    return found


@router.get("/audit.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def audit_csv(
    request: Request,
    principal: Annotated[Principal, require("audit", "R", fresh=True)],
    person: OfPerson = None,
    referral: OfReferral = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """The same as a file."""
    state, wanted = parts(request), Wanted(person, referral, since, until)
    with state.database.read() as session:
        text, count = service.export(session, principal, wanted)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.was_read(session, principal, wanted, state.clock.now(), source, exported=count)
    return Response(text, media_type=MEDIA_TYPE, headers=attachment("audit.csv"))


@router.post("/openings", status_code=204)
def openings(request: Request, body: Openings, principal: Annotated[Principal, require("sync", "C")]) -> Response:
    """Which referrals somebody opened on a phone. Nothing is told of ids that are unknown or somebody else's."""
    state = parts(request)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.opened(session, principal, body.openings, state.clock.now(), source)
    return Response(status_code=204)
