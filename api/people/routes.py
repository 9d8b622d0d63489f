"""The accounts of a program, and changing them."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.clock import rfc3339
from api.people import service
from api.people.service import Account, Change, State
from sync.fields import Role
from sync.operations import Uuid

router = APIRouter()


class AccountEntry(BaseModel):
    """An account. `invited`: nobody has come in yet; `locked_until`: their passphrase is not taken until then."""

    id: str
    login: str
    name: str
    role: Role
    agency_id: str | None
    state: State
    seen_at: str | None
    locked_until: str | None


class AccountList(BaseModel):
    people: list[AccountEntry]


class ChangeRequest(BaseModel):
    """What shall be different; what is left out stays. A new role or agency ends the person's sessions."""

    model_config = ConfigDict(extra="forbid", strict=True)

    active: bool | None = None
    role: Role | None = None
    agency_id: Uuid | None = None


@router.get("/api/people")
def people(request: Request, principal: Annotated[Principal, require("accounts", "R")]) -> AccountList:
    """Everybody who has or had an account in the program, by name."""
    state = parts(request)
    with state.database.read() as session:
        found = service.everybody(session, principal.program_id, state.clock.now())
    return AccountList(people=[_entry(account) for account in found])


@router.patch("/api/people/{user_id}")
def change(
    user_id: Uuid, body: ChangeRequest, request: Request,
    principal: Annotated[Principal, require("accounts", "U", fresh=True)],
) -> AccountEntry:  # fmt: skip
    """Change somebody's role or agency, close their account, or open it again."""
    state = parts(request)
    now = state.clock.now()
    wanted = Change(body.active, body.role, body.agency_id, "agency_id" in body.model_fields_set)
    with state.database.write() as session:
        service.change(session, principal, user_id, wanted, now, _source(request))
        session.flush()
        account = service.one(session, principal, user_id, now)
    return _entry(account)


@router.post("/api/people/{user_id}/unlock", status_code=204)
def unlock(
    user_id: Uuid, request: Request, principal: Annotated[Principal, require("accounts", "U", fresh=True)]
) -> None:
    """Let somebody try their passphrase again."""
    state = parts(request)
    with state.database.write() as session:
        service.unlock(session, principal, user_id, state.clock.now(), _source(request))


def _entry(account: Account) -> AccountEntry:
    user, membership = account.user, account.membership
    return AccountEntry.model_validate(
        {
            "id": user.id, "login": user.login, "name": user.name, "role": membership.role,
            "agency_id": membership.agency_id, "state": account.state,
            "seen_at": None if account.seen_at is None else rfc3339(account.seen_at),
            "locked_until": None if account.locked_until is None else rfc3339(account.locked_until),
        }
    )  # fmt: skip


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)
