"""Push, pull and tally. Plain functions: the transaction has ended before an answer is built."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.auth.dependencies import DevicePrincipal, Principal, device_guard, require
from api.clock import rfc3339
from api.exchange import service, tallies
from api.exchange.failures import tried_again
from api.exchange.models import (
    PROTOCOL,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    TallyAnswer,
    TallyRequest,
)

router = APIRouter(prefix="/api/sync")


@router.post("/push")
def push(request: Request, body: PushRequest, device: Annotated[DevicePrincipal, Depends(device_guard)]) -> PushAnswer:
    """Take in sealed operations. A device cookie is enough: it can append and nothing else."""
    state = request.app.state
    answer = service.push(state.database, state.keys.by_id, device, body, state.clock.now())
    state.wake()
    return PushAnswer.model_validate(answer)


@router.post("/pull", response_model=PullAnswer)
def pull(request: Request, body: PullRequest, principal: Annotated[Principal, require("sync", "R")]) -> Response:
    """What changed for this session since its cursor. Items are joined as they are stored, never parsed."""
    state = request.app.state
    part, known, people = service.pull(state.database, principal, body)
    head = {
        "protocol": PROTOCOL,
        "epoch": part.standing.epoch,
        "server_time": rfc3339(state.clock.now()),
        "head": part.standing.position,
        "durable_position": part.standing.durable_position,
        "known": known,
        "resync": part.resync,
        "more": part.more,
        "cursor": part.cursor,
        "people": people,
    }
    text = json.dumps(head, separators=(",", ":"))[:-1] + ',"items":[' + ",".join(part.items) + "]}"
    return Response(text, media_type="application/json")


@router.post("/tally")
def tally(
    request: Request, body: TallyRequest, device: Annotated[DevicePrincipal, Depends(device_guard)]
) -> TallyAnswer:
    """Count declined and broken-off offers."""

    def transact() -> list[str]:
        with request.app.state.database.write() as session:
            return tallies.count(session, device.program_id, body.tallies)

    return TallyAnswer(accepted=tried_again(transact))
