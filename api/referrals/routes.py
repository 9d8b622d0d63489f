"""A referral's history, who was called for it, and the queue's figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, require
from api.paging.channels.switchboard import available
from api.problems import NotFound
from api.referrals import service, timeline
from api.watch.findings import Code

router = APIRouter(prefix="/api")


class Author(BaseModel):
    id: str
    name: str
    role: str


class HistoryEntry(BaseModel):
    """One thing that somebody did; `groups` says what it touched.

    `at` is when it was done as well as can be told, `said_at` what the phone's clock said, `received_at` when the server had
    it. `off_ms` is there where that clock was wrong: by so much it was behind; `at` is then an estimate.
    """

    op_id: str
    kind: str
    by: Author
    at: str
    said_at: str
    received_at: str
    off_ms: int | None
    groups: list[str]


class Sentence(BaseModel):
    """Something that is wrong right now, for the screen's dictionary to say. `values`: numbers, names, instants, codes."""

    code: Literal["overdue", "stuck", "held"] | Code
    values: dict[str, int | str]


class PageNow(BaseModel):
    """The page as it stands. `calls`: how often it has called so far."""

    state: str
    opened_at: str
    calls: int
    step: int
    policy: str
    next_step_at: str | None
    acknowledged_by: str | None
    acknowledged_name: str
    acknowledged_at: str | None


class TimelineEntry(BaseModel):
    """What happened, or, with `what` `called`, whom the page called, by which channel, with what answer.

    `sent` means that the carrier took it; `seen`, that a phone showed it.
    """

    at: str
    what: str
    user_id: str | None
    name: str
    channel: str | None
    outcome: Literal["pending", "sent", "seen", "dead", "cancelled"] | None
    detail: str


class PageTimeline(BaseModel):
    """Oldest first. `earlier_left_out`: the page rang so long that only the latest lines are told."""

    page: PageNow | None
    entries: list[TimelineEntry]
    earlier_left_out: bool


class Queue(BaseModel):
    sentences: list[Sentence]
    unacknowledged: int
    oldest_opened_at: str | None


@router.get("/referrals/{referral_id}/history")
def history(
    request: Request, referral_id: str, principal: Annotated[Principal, require("history", "R")]
) -> list[HistoryEntry]:
    """What happened to a referral; that somebody read it is in the audit. An unknown id and somebody else's look alike."""
    state = request.app.state
    with state.database.read() as session:
        found = service.history(session, referral_id, principal)
    if found is None:
        raise NotFound("There is no such referral for you.")
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.was_read(session, referral_id, principal, state.clock.now(), source)
    return [HistoryEntry.model_validate(entry) for entry in found]


@router.get("/referrals/{referral_id}/page")
def page_timeline(
    request: Request, referral_id: str, principal: Annotated[Principal, require("page", "R")]
) -> PageTimeline:
    """Who was tried, when, by what, with what answer. An unknown id and somebody else's look alike."""
    with request.app.state.database.read() as session:
        found = timeline.timeline(session, referral_id, principal)
    if found is None:
        raise NotFound("There is no such referral for you.")
    return PageTimeline.model_validate(found)


@router.get("/queue")
def queue(request: Request, principal: Annotated[Principal, require("queue", "R")]) -> Queue:
    """What is wrong right now."""
    state = request.app.state
    with state.database.read() as session:
        found = service.queue(session, principal, available(state.settings), state.clock.now())
    return Queue.model_validate(found)
