"""Push subscriptions, and what a lock screen may do: acknowledge a page, say that it was seen."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.auth.dependencies import Principal, public, require
from api.paging import notices, outbox, service, subscriptions
from api.paging.channels.push import EndpointRefused, check_endpoint
from api.paging.subscriptions import PushAddress
from api.problems import Malformed, NotFound
from sync.operations import Uuid

router = APIRouter(prefix="/api")

ENDPOINT_LIMIT = 1000
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,120}={0,2}$")]


class Body(BaseModel):
    """Closed to unknown keys; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PushKeys(Body):
    """The browser's encryption key and secret (RFC 8291)."""

    p256dh: Key
    auth: Key


class SubscriptionBody(Body):
    """A browser's push subscription on one enrolled device."""

    device_id: Uuid
    endpoint: Annotated[str, StringConstraints(max_length=ENDPOINT_LIMIT)]
    keys: PushKeys
    language: Literal["en", "es"] = "en"


class EndpointBody(Body):
    endpoint: Annotated[str, StringConstraints(max_length=ENDPOINT_LIMIT)]


class TokenBody(Body):
    """The one-time token that came with the page."""

    token: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Registered(BaseModel):
    new: bool


class Queued(BaseModel):
    devices: int


class Acknowledged(BaseModel):
    """`already` where somebody else was first; `by` is who has it."""

    result: Literal["acknowledged", "already"]
    by: str


@router.post("/push-subscriptions")
def register(
    request: Request, body: SubscriptionBody, principal: Annotated[Principal, require("push", "C")]
) -> Registered:
    """Register this phone's push address; the same one again changes nothing."""
    try:
        check_endpoint(body.endpoint, request.app.state.settings.push_hosts)
    except EndpointRefused as error:
        raise Malformed(str(error)) from error
    now = request.app.state.clock.now()
    try:
        with request.app.state.database.write() as session:
            address = PushAddress(body.endpoint, body.keys.p256dh, body.keys.auth, body.language)
            new = subscriptions.register(session, principal.user_id, principal.program_id, body.device_id, address, now)
    except subscriptions.Unknown as error:
        raise NotFound("This phone is not enrolled for you. Sign in on it first.") from error
    return Registered(new=new)


@router.delete("/push-subscriptions", status_code=204)
def remove(request: Request, body: EndpointBody, principal: Annotated[Principal, require("push", "D")]) -> Response:
    """Stop pushing to one of one's own phones."""
    with request.app.state.database.write() as session:
        subscriptions.remove(session, principal.user_id, body.endpoint)
    return Response(status_code=204)


@router.post("/push-subscriptions/test", status_code=202)
def test(request: Request, principal: Annotated[Principal, require("push", "C")]) -> Queued:
    """Send a test message to everything by which one is reached."""
    with request.app.state.database.write() as session:
        now = request.app.state.clock.now()
        devices = notices.send_test(session, principal.program_id, principal.user_id, now)
    request.app.state.wake()
    return Queued(devices=devices)


@router.post("/pages/{page_id}/acknowledge", dependencies=[public("the one-time token of the page is the right")])
def acknowledge(request: Request, page_id: str, body: TokenBody) -> Acknowledged:
    """Acknowledge from the notification. Whoever is late learns who has it."""
    with request.app.state.database.write() as session:
        answer = service.acknowledge_by_token(session, page_id, body.token, request.app.state.clock.now())
    if answer is None:
        raise NotFound("This page is not yours, or it has ended.")
    request.app.state.wake()
    result, by = answer
    return Acknowledged.model_validate({"result": result, "by": by})


@router.post(
    "/pages/{page_id}/seen", status_code=204, dependencies=[public("the one-time token of the page is the right")]
)
def seen(request: Request, page_id: str, body: TokenBody) -> Response:
    """The phone showed the notification."""
    with request.app.state.database.write() as session:
        found = outbox.seen(session, page_id, body.token, request.app.state.clock.now())
    if not found:
        raise NotFound("This page is not yours, or it has ended.")
    return Response(status_code=204)


@router.post("/referrals/{referral_id}/opened", status_code=204)
def opened(request: Request, referral_id: str, principal: Annotated[Principal, require("page", "U")]) -> Response:
    """The coordinator who acknowledged has opened the referral. For anybody else, and any other id, it says nothing."""
    with request.app.state.database.write() as session:
        service.opened(session, referral_id, principal.user_id, request.app.state.clock.now())
    return Response(status_code=204)
