"""The evaluators' rows to look at and to take away. Nothing names a referral, so nothing can be asked for by itself."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.evaluators import service
from api.evaluators.cells import Row
from api.evaluators.models import Evaluation
from api.spreadsheet import MEDIA_TYPE, attachment

router = APIRouter(prefix="/api")


@router.get("/evaluation")
def evaluation(request: Request, principal: Annotated[Principal, require("evaluation", "R")]) -> Evaluation:
    """Referrals of months that are over, those that are alike counted together."""
    return service.evaluation(_rows(request, principal, exported=False))


@router.get("/evaluation.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def evaluation_csv(
    request: Request, principal: Annotated[Principal, require("evaluation", "R", fresh=True)]
) -> Response:  # fmt: skip
    """The same as a file with one line for each referral."""
    found = _rows(request, principal, exported=True)
    return Response(service.export(found), media_type=MEDIA_TYPE, headers=attachment("evaluation.csv"))


def _rows(request: Request, principal: Principal, *, exported: bool) -> list[Row]:
    state = parts(request)
    now, source = state.clock.now(), client_address(request, state.settings.trusted_proxies)
    with state.database.read() as session:
        found = service.rows(session, principal, now)
    with state.database.write() as session:
        service.was_read(session, principal, now, source, len(found), exported=exported)
    return found
