"""What was held or rejected in one's program, and what never arrived: for supervisors, who decide and never read it."""

from typing import Annotated

from fastapi import APIRouter, Request

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.operations.undecided import count_by_reason
from api.quarantine import deciding, service
from api.quarantine.deciding import Act
from api.quarantine.models import (
    Adopted,
    Became,
    Decision,
    ItemId,
    Quarantined,
    SealedRecord,
    Settlement,
    UnarrivedList,
)

router = APIRouter(prefix="/api/quarantine")


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)


def _act(request: Request, principal: Principal, decision: Decision) -> Act:
    return Act(principal, decision.reason.strip(), parts(request).clock.now(), _source(request))


@router.get("")
def quarantined(request: Request, principal: Annotated[Principal, require("quarantine", "R")]) -> Quarantined:
    """What waits for somebody, and what was decided last."""
    with parts(request).database.read() as session:
        return Quarantined(
            items=service.undecided(session, principal),
            by_reason=count_by_reason(session, principal.program_id),
            decided=service.decided(session, principal),
        )


@router.post("/adopt")
def adopt(body: Decision, request: Request, principal: Annotated[Principal, require("quarantine", "U")]) -> Adopted:
    """Let operations of one phone count, under their author's name. What another rule refuses is told, and stays refused."""
    state = parts(request)
    verdicts = deciding.adopt(state.database, state.keys.by_id, body.items, _act(request, principal, body))
    state.wake()
    return Adopted(
        items=[
            Became.model_validate(
                {
                    "op_id": verdict.incoming.sealed.op_id, "status": verdict.status, "reason": verdict.reason,
                    "detail": verdict.detail,
                }
            )
            for verdict in verdicts
        ]
    )  # fmt: skip


@router.post("/dismiss", status_code=204)
def dismiss(body: Decision, request: Request, principal: Annotated[Principal, require("quarantine", "U")]) -> None:
    """Set operations aside. They are kept, and their authors hear of it."""
    deciding.dismiss(parts(request).database, body.items, _act(request, principal, body))


@router.get("/unarrived")
def unarrived(request: Request, principal: Annotated[Principal, require("quarantine", "R")]) -> UnarrivedList:
    """Phones of which records never arrived, by their own counts."""
    state = parts(request)
    with state.database.read() as session:
        return UnarrivedList(phones=service.phones(session, principal, state.clock.now()))


@router.post("/unarrived/settle", status_code=204)
def settle(body: Settlement, request: Request, principal: Annotated[Principal, require("quarantine", "U")]) -> None:
    """Somebody has looked into it."""
    state = parts(request)
    with state.database.write() as session:
        service.settle(
            session, principal, body.device_id, body.count, body.reason.strip(), state.clock.now(), _source(request)
        )


@router.get("/{item_id}/sealed")
def sealed(
    item_id: ItemId, request: Request, principal: Annotated[Principal, require("quarantine", "R", fresh=True)]
) -> SealedRecord:
    """One that cannot be opened, as it came."""
    state = parts(request)
    with state.database.write() as session:
        return service.export(session, principal, item_id, state.clock.now(), _source(request))
