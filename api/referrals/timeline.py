"""Who was called for a referral: whom, when, by what, with what answer. Names and channels; never a number or an address."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from api.auth.sessions import Principal
from api.clock import rfc3339
from api.operations import projection
from api.referrals import queries
from api.tables.paging import Delivery, Page, PageEvent

ENTRIES_LIMIT = 500
"""Of events and of messages each; a page that rang for nights on end shows the latest."""

Answer = Literal["pending", "sent", "seen", "dead", "cancelled"]


class Entry(NamedTuple):
    """One line. `what` is an event of the page, or `called`; `detail` is a word of the page's history or a carrier's status."""

    at: datetime
    what: str
    user_id: str | None
    channel: str | None = None
    outcome: Answer | None = None
    detail: str = ""


def timeline(session: Session, referral_id: str, principal: Principal) -> dict[str, Any] | None:
    """The page as it stands and what happened to it, oldest first. None if the referral is out of the reader's reach."""
    found = queries.referral(session, referral_id, principal.program_id)
    if found is None or not projection.reaches(principal.role, principal.agency_id, principal.user_id, found):
        return None
    page = queries.page_of(session, referral_id)
    if page is None:
        return {"page": None, "entries": [], "earlier_left_out": False}
    events = queries.latest_events(session, page.id, ENTRIES_LIMIT + 1)
    calls = queries.latest_calls(session, page.id, ENTRIES_LIMIT + 1)
    cut = len(events) > ENTRIES_LIMIT or len(calls) > ENTRIES_LIMIT
    entries = sorted(_entries(events[-ENTRIES_LIMIT:], calls[-ENTRIES_LIMIT:]), key=lambda entry: entry.at)
    people = {entry.user_id for entry in entries if entry.user_id} | {page.acknowledged_by or ""}
    names = queries.names(session, people - {""})
    return {
        "page": _page(page, names),
        "entries": [_document(entry, names) for entry in entries],
        "earlier_left_out": cut,
    }


def _entries(events: list[PageEvent], calls: list[Delivery]) -> Iterator[Entry]:
    """What happened before whom it made us call: of one instant the event comes first."""
    for event in events:
        channel, detail = None, event.detail
        if event.what == "undeliverable":
            channel, _, detail = event.detail.partition(" ")
        yield Entry(event.at, event.what, event.user_id, channel, detail=detail)
    for call in calls:
        failed = call.outcome if call.state in ("pending", "dead") else ""
        yield Entry(
            call.sent_at or call.created_at, "called", call.user_id or None, call.channel, _answer(call), failed
        )


def _answer(call: Delivery) -> Answer:
    if call.seen_at is not None:
        return "seen"
    states: dict[str, Answer] = {"sent": "sent", "dead": "dead", "cancelled": "cancelled"}
    return states.get(call.state, "pending")


def _page(page: Page, names: dict[str, str]) -> dict[str, Any]:
    return {
        "state": page.state,
        "opened_at": rfc3339(page.opened_at),
        "calls": page.calls,
        "step": page.step,
        "policy": str(page.policy.get("name", "")),
        "next_step_at": rfc3339(page.next_step_at) if page.next_step_at else None,
        "acknowledged_by": page.acknowledged_by,
        "acknowledged_name": names.get(page.acknowledged_by or "", ""),
        "acknowledged_at": rfc3339(page.acknowledged_at) if page.acknowledged_at else None,
    }


def _document(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "at": rfc3339(entry.at),
        "what": entry.what,
        "user_id": entry.user_id,
        "name": names.get(entry.user_id or "", ""),
        "channel": entry.channel,
        "outcome": entry.outcome,
        "detail": entry.detail,
    }
