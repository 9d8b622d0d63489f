"""What waits for a second person. Approving and declining are routes of the rooms whose acts they are."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.auth.dependencies import Principal, parts, require
from api.clock import rfc3339
from api.second_person import queries, service
from api.second_person.service import Kind

router = APIRouter()


class RequestEntry(BaseModel):
    """One request. `subject` is an id; `subject_name` is given where it is a person's, `number` where it is about a referral.

    No content of any referral.
    """

    id: str
    kind: Kind
    subject: str
    subject_name: str | None
    number: int | None
    reason: str
    asked_by: str
    asked_by_name: str
    asked_at: str
    expires_at: str
    decided_by_name: str | None
    decided_at: str | None
    state: Literal["asked", "approved", "declined", "expired", "done"]
    may_decide: bool
    own: bool


class RequestList(BaseModel):
    requests: list[RequestEntry]


@router.get("/api/second-person")
def requests(request: Request, principal: Annotated[Principal, require("second_person", "R")]) -> RequestList:
    """What the person may decide or has asked for, the newest first."""
    state = parts(request)
    now = state.clock.now()
    with state.database.read() as session:
        found = service.reached(session, principal)
        ids = {id for asked in found for id in (asked.asked_by, asked.decided_by, asked.subject) if id is not None}
        names = queries.names(session, ids)
        numbers = queries.numbers(session, principal.program_id, {asked.subject for asked in found})
    entries = [
        {
            "id": asked.id, "kind": asked.kind, "subject": asked.subject,
            "subject_name": names.get(asked.subject) if asked.kind == "recovery" else None,
            "number": numbers.get(asked.subject), "reason": asked.reason,
            "asked_by": asked.asked_by, "asked_by_name": names[asked.asked_by], "asked_at": rfc3339(asked.asked_at),
            "expires_at": rfc3339(asked.expires_at),
            "decided_by_name": None if asked.decided_by is None else names[asked.decided_by],
            "decided_at": None if asked.decided_at is None else rfc3339(asked.decided_at),
            "state": service.state_of(asked, now), "may_decide": service.may_decide(principal, asked, now),
            "own": asked.asked_by == principal.user_id,
        }
        for asked in found
    ]  # fmt: skip
    return RequestList(requests=[RequestEntry.model_validate(entry) for entry in entries])
