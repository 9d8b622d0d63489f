"""What becomes due, expunging with two people, and holds. Everything that changes something asks for a fresh proof."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request

from api.accounts.program import config_of
from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.clock import rfc3339
from api.retention import queries, service
from api.retention.models import AskedFor, DueEntry, ExpungeRequest, HoldEntry, HoldList, HoldRequest, RetentionPlan
from api.second_person.service import Asked
from api.tables.retention import LegalHold
from sync.operations import Uuid

router = APIRouter(prefix="/api")
T = TypeVar("T")

ApprovesExpunge = Annotated[Principal, require("expunge", "U", fresh=True)]
ApprovesHold = Annotated[Principal, require("hold", "U", fresh=True)]
ApprovesEnd = Annotated[Principal, require("hold_end", "U", fresh=True)]


def _write(request: Request, act: Callable[..., T], *given: object) -> T:
    """One act of the service in a transaction of its own: its own arguments first, the moment and the caller's address last."""
    state = parts(request)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        return act(session, *given, state.clock.now(), source)


def _asked(asked: Asked) -> AskedFor:
    return AskedFor(asked_id=asked.id, expires_at=rfc3339(asked.expires_at))


@router.get("/retention")
def plan(request: Request, principal: Annotated[Principal, require("retention", "R")]) -> RetentionPlan:
    """What becomes due, without a name."""
    state = parts(request)
    with state.database.read() as session:
        kept = config_of(queries.program(session, principal.program_id)).retention
        found = service.upcoming(session, principal.program_id, state.clock.now())
    entries = [DueEntry(number=each.due.number, at=rfc3339(each.due.at), held=each.held) for each in found]
    return RetentionPlan(kept=kept, due=entries)


@router.post("/referrals/{referral_id}/expunge", status_code=201)
def ask_expunge(
    referral_id: Uuid, body: ExpungeRequest, request: Request,
    principal: Annotated[Principal, require("expunge", "C", fresh=True)],
) -> AskedFor:  # fmt: skip
    """Ask that nothing be left of a referral. An unknown id and another program's look alike."""
    return _asked(_write(request, service.ask_expunge, principal, referral_id, body.reason))


@router.post("/expunge/{asked_id}/approve", status_code=204)
def approve_expunge(asked_id: Uuid, request: Request, principal: ApprovesExpunge) -> None:
    """The second person agrees: it is erased now, and can never be brought back."""
    _write(request, service.approve_expunge, principal, asked_id, parts(request).keys.by_id)


@router.post("/expunge/{asked_id}/decline", status_code=204)
def decline_expunge(asked_id: Uuid, request: Request, principal: ApprovesExpunge) -> None:
    """It stays; whoever asked may take it back so, too."""
    _write(request, service.decline, principal, "expunge", asked_id)


@router.get("/holds")
def holds(request: Request, principal: Annotated[Principal, require("hold", "R")]) -> HoldList:
    """Every hold of the program, those that run longest first."""
    state = parts(request)
    with state.database.read() as session:
        found = queries.holds(session, principal.program_id, service.HOLDS_LISTED)
        ids = {user_id for hold in found for user_id in (hold.asked_by, hold.approved_by) if user_id is not None}
        names = queries.names(session, ids)
    return HoldList(holds=[_hold(hold, names, state.clock.now()) for hold in found])


def _hold(hold: LegalHold, names: Mapping[str, str], now: datetime) -> HoldEntry:
    return HoldEntry.model_validate(
        {
            "id": hold.id, "referral_id": hold.referral_id, "number": hold.number, "reason": hold.reason,
            "state": service.state_of(hold, now), "asked_by_name": names[hold.asked_by],
            "approved_by_name": None if hold.approved_by is None else names[hold.approved_by],
            "from_at": None if hold.from_at is None else rfc3339(hold.from_at), "until_at": rfc3339(hold.until_at),
            "ended_at": None if hold.ended_at is None else rfc3339(hold.ended_at),
        }
    )  # fmt: skip


@router.post("/referrals/{referral_id}/hold", status_code=201)
def ask_hold(
    referral_id: Uuid, body: HoldRequest, request: Request,
    principal: Annotated[Principal, require("hold", "C", fresh=True)],
) -> AskedFor:  # fmt: skip
    """Ask that nothing of a referral be erased. An unknown id and another program's look alike."""
    last_day = date.fromisoformat(body.until)
    return _asked(_write(request, service.ask_hold, principal, referral_id, body.reason, last_day))


@router.post("/holds/{asked_id}/approve", status_code=204)
def approve_hold(asked_id: Uuid, request: Request, principal: ApprovesHold) -> None:
    """The second person agrees: it stands."""
    _write(request, service.approve_hold, principal, asked_id)


@router.post("/holds/{asked_id}/decline", status_code=204)
def decline_hold(asked_id: Uuid, request: Request, principal: ApprovesHold) -> None:
    """There is no hold; whoever asked may take it back so, too."""
    _write(request, service.decline, principal, "hold", asked_id)


@router.post("/holds/{hold_id}/end", status_code=201)
def ask_end(
    hold_id: Uuid, request: Request, principal: Annotated[Principal, require("hold_end", "C", fresh=True)]
) -> AskedFor:
    """Ask that a hold end before its day."""
    return _asked(_write(request, service.ask_end, principal, hold_id))


@router.post("/hold-ends/{asked_id}/approve", status_code=204)
def approve_end(asked_id: Uuid, request: Request, principal: ApprovesEnd) -> None:
    """The second person agrees: the hold is over."""
    _write(request, service.approve_end, principal, asked_id)


@router.post("/hold-ends/{asked_id}/decline", status_code=204)
def decline_end(asked_id: Uuid, request: Request, principal: ApprovesEnd) -> None:
    """The hold goes on."""
    _write(request, service.decline, principal, "hold_end", asked_id)
