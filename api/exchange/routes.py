"""Push, forward, pull and tally. Plain functions: the transaction has ended before an answer is built."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.auth.addresses import client_address
from api.auth.dependencies import DevicePrincipal, Principal, require
from api.clock import rfc3339
from api.devices.contact import at_pull, in_contact
from api.exchange import forwarding, service, tallies
from api.exchange.failures import tried_again
from api.exchange.models import (
    PROTOCOL,
    ForwardAnswer,
    ForwardRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    TallyAnswer,
    TallyRequest,
)

router = APIRouter(prefix="/api/sync")


@router.post("/push")
def push(request: Request, body: PushRequest, device: Annotated[DevicePrincipal, Depends(in_contact)]) -> PushAnswer:
    """Take in sealed operations. A device cookie is enough: it can append and nothing else."""
    state = request.app.state
    source = client_address(request, state.settings.trusted_proxies)
    answer = service.push(state.database, state.keys.by_id, device, body, state.clock.now(), source)
    state.wake()
    return PushAnswer.model_validate(answer)


@router.post("/forward")
def forward(
    request: Request, body: ForwardRequest, carrier: Annotated[DevicePrincipal, Depends(in_contact)]
) -> ForwardAnswer:  # fmt: skip
    """Take in what another phone of the program wrote and cannot send. The carrier's device cookie is enough, as for a push."""
    state = request.app.state
    source = client_address(request, state.settings.trusted_proxies)
    answer = forwarding.forward(state.database, state.keys.by_id, carrier, body, state.clock.now(), source)
    state.wake()
    return ForwardAnswer.model_validate(answer)


@router.post("/pull", response_model=PullAnswer)
def pull(request: Request, body: PullRequest, principal: Annotated[Principal, require("sync", "R")]) -> Response:
    """What changed for this session since its cursor. Items are joined as they are stored, never parsed."""
    state = request.app.state
    cookie = at_pull(request, body.device_id)
    source = client_address(request, state.settings.trusted_proxies)
    part, device, people = service.pull(state.database, principal, body, state.clock.now(), source)
    head = {
        "protocol": PROTOCOL,
        "epoch": part.standing.epoch,
        "server_time": rfc3339(state.clock.now()),
        "head": part.standing.position,
        "durable_position": part.standing.durable_position,
        "known": {device.id: device.known} if device else {},
        "durable": {device.id: device.durable} if device else {},
        "resync": part.resync,
        "more": part.more,
        "cursor": part.cursor,
        "people": people,
    }
    text = json.dumps(head, separators=(",", ":"))[:-1] + ',"items":[' + ",".join(part.items) + "]}"
    answer = Response(text, media_type="application/json")
    if cookie is not None:
        cookie.put_on(answer)
    return answer


@router.post("/tally")
def tally(request: Request, body: TallyRequest, device: Annotated[DevicePrincipal, Depends(in_contact)]) -> TallyAnswer:
    """Count declined and broken-off offers."""

    def transact() -> list[str]:
        with request.app.state.database.write() as session:
            return tallies.count(session, device.program_id, body.tallies)

    return TallyAnswer(accepted=tried_again(transact))
