"""Disclosures over HTTP: what a prosecutor may know now, and the accounting for those who answer for it.

The reads of prosecutors write: an answer leaves only after its line in the accounting has been committed.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.disclosures import service
from api.disclosures.models import Accounting, Disclosed, DisclosedReferrals
from api.spreadsheet import MEDIA_TYPE, attachment
from sync.fields import INTEGER_LIMIT
from sync.operations import Uuid

router = APIRouter(prefix="/api")


@router.get("/prosecution/referrals")
def prosecution_referrals(
    request: Request,
    principal: Annotated[Principal, require("prosecution", "R")],
    before: Annotated[int | None, Query(ge=1, le=INTEGER_LIMIT)] = None,
) -> DisclosedReferrals:
    """Arrest diversions of which the participant released something to a prosecutor, the newest first."""
    state = parts(request)
    with state.database.write() as session:
        return service.disclose_all(session, principal, before, state.clock.now(), _source(request))


@router.get("/prosecution/referrals/{referral_id}")
def prosecution_referral(
    request: Request, referral_id: Uuid, principal: Annotated[Principal, require("prosecution", "R")]
) -> Disclosed:
    """One of them. Unknown, not of this program and not released look alike."""
    state = parts(request)
    with state.database.write() as session:
        return service.disclose(session, principal, referral_id, state.clock.now(), _source(request))


@router.get("/referrals/{referral_id}/disclosures")
def disclosures(
    request: Request, referral_id: Uuid, principal: Annotated[Principal, require("disclosures", "R")]
) -> Accounting:
    """To whom a referral was disclosed, when, under which release. An unknown id and somebody else's look alike."""
    state = parts(request)
    with state.database.read() as session:
        found = service.accounting(session, principal, referral_id)
    with state.database.write() as session:
        service.was_read(session, principal, referral_id, state.clock.now(), _source(request))
    return found


@router.get(
    "/referrals/{referral_id}/disclosures.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}}
)
def disclosures_csv(
    request: Request, referral_id: Uuid, principal: Annotated[Principal, require("disclosures", "R", fresh=True)]
) -> Response:
    """All of it as a file, for the participant who asks for the accounting."""
    state = parts(request)
    with state.database.read() as session:
        text, count = service.export(session, principal, referral_id)
    with state.database.write() as session:
        service.was_read(session, principal, referral_id, state.clock.now(), _source(request), exported=count)
    return Response(text, media_type=MEDIA_TYPE, headers=attachment("disclosures.csv"))


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)
