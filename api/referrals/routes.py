"""A referral's history and the queue's figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.auth.dependencies import Principal, require
from api.problems import NotFound
from api.referrals import service

router = APIRouter(prefix="/api")


class Author(BaseModel):
    id: str
    name: str
    role: str


class HistoryEntry(BaseModel):
    """One thing that somebody did; `groups` says what it touched."""

    op_id: str
    kind: str
    by: Author
    at: str
    received_at: str
    groups: list[str]


class Sentence(BaseModel):
    """Something that is wrong right now, for the screen's dictionary to say."""

    code: Literal["overdue", "no_worker", "nobody_subscribed", "held"]
    values: dict[str, int]


class Queue(BaseModel):
    sentences: list[Sentence]
    unacknowledged: int
    oldest_opened_at: str | None


@router.get("/referrals/{referral_id}/history")
def history(
    request: Request, referral_id: str, principal: Annotated[Principal, require("history", "R")]
) -> list[HistoryEntry]:
    """What happened to a referral. An unknown id and somebody else's look alike."""
    with request.app.state.database.read() as session:
        found = service.history(session, referral_id, principal)
    if found is None:
        raise NotFound("There is no such referral for you.")
    return [HistoryEntry.model_validate(entry) for entry in found]


@router.get("/queue")
def queue(request: Request, principal: Annotated[Principal, require("queue", "R")]) -> Queue:
    """What is wrong right now."""
    with request.app.state.database.read() as session:
        return Queue.model_validate(service.queue(session, principal, request.app.state.clock.now()))
