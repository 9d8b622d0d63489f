"""How one is reached: the list of one's own phones, numbers and mailboxes, and proving a new one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.auth.dependencies import Principal, require
from api.clock import rfc3339
from api.paging import contacts, subscriptions
from api.paging.channels.switchboard import available
from api.problems import Malformed
from api.tables.paging import ContactPoint

router = APIRouter(prefix="/api/channels")

ADDRESS_LIMIT = 300


class Body(BaseModel):
    """Closed to unknown keys; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewContact(Body):
    channel: Literal["sms", "voice", "email"]
    address: Annotated[str, StringConstraints(min_length=3, max_length=ADDRESS_LIMIT)]
    language: Literal["en", "es"]


class Code(Body):
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class Added(BaseModel):
    id: str


class Proven(BaseModel):
    proven: bool


class LastTest(BaseModel):
    sent_at: str | None
    seen_at: str | None


class Phone(BaseModel):
    """A phone with the app. `disabled_at`: its push service forgot it; open the app on it."""

    id: str
    device_id: str
    mine_now: bool
    created_at: str
    last_ok_at: str | None
    disabled_at: str | None
    reason: str
    last_test: LastTest | None


class Contact(BaseModel):
    id: str
    channel: str
    address: str
    verified_at: str | None
    last_ok_at: str | None
    disabled_at: str | None
    reason: str


class Reached(BaseModel):
    """`available`: the channels that this server has at all."""

    available: list[str]
    phones: list[Phone]
    contacts: list[Contact]


@router.get("")
def listed(request: Request, principal: Annotated[Principal, require("channels", "R")]) -> Reached:
    """Everything by which one is reached oneself."""
    with request.app.state.database.read() as session:
        phones = [
            Phone(
                id=phone.id, device_id=phone.device_id, mine_now=phone.device_id == principal.device_id,
                created_at=rfc3339(phone.created_at), reason=phone.reason,
                last_ok_at=None if phone.last_ok_at is None else rfc3339(phone.last_ok_at),
                disabled_at=None if phone.disabled_at is None else rfc3339(phone.disabled_at),
                last_test=None if test is None else LastTest(
                    sent_at=None if test.sent_at is None else rfc3339(test.sent_at),
                    seen_at=None if test.seen_at is None else rfc3339(test.seen_at),
                ),
            )
            for phone, test in subscriptions.with_last_test(session, principal.user_id)
        ]  # fmt: skip
        mine = [_contact(contact) for contact in contacts.of_user(session, principal.user_id)]
    return Reached(available=sorted(available(request.app.state.settings)), phones=phones, contacts=mine)


def _contact(contact: ContactPoint) -> Contact:
    return Contact(
        id=contact.id, channel=contact.channel, address=contact.address, reason=contact.reason,
        verified_at=None if contact.verified_at is None else rfc3339(contact.verified_at),
        last_ok_at=None if contact.last_ok_at is None else rfc3339(contact.last_ok_at),
        disabled_at=None if contact.disabled_at is None else rfc3339(contact.disabled_at),
    )  # fmt: skip


@router.post("", status_code=201)
def add(request: Request, body: NewContact, principal: Annotated[Principal, require("channels", "C")]) -> Added:
    """Give a number or a mailbox; a code is sent to it."""
    state = request.app.state
    if body.channel not in available(state.settings):
        raise Malformed("This server has no such channel. Ask whoever runs it.")
    with state.database.write() as session:
        contact = contacts.add(
            session,
            principal.user_id,
            principal.program_id,
            body.channel,
            body.address,
            body.language,
            state.clock.now(),
        )
        added = Added(id=contact.id)
    state.wake()
    return added


@router.post("/{contact_id}/verify")
def verify(
    request: Request, contact_id: str, body: Code, principal: Annotated[Principal, require("channels", "C")]
) -> Proven:
    """Type the code. `proven` is false for a wrong one."""
    with request.app.state.database.write() as session:
        proven = contacts.verify(session, principal.user_id, contact_id, body.code, request.app.state.clock.now())
    return Proven(proven=proven)


@router.delete("/{contact_id}", status_code=204)
def remove(request: Request, contact_id: str, principal: Annotated[Principal, require("channels", "D")]) -> Response:
    """Forget one of one's own numbers or mailboxes."""
    with request.app.state.database.write() as session:
        contacts.remove(session, principal.user_id, contact_id)
    return Response(status_code=204)
