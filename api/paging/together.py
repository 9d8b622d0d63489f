"""Pages of referrals about one person (see `sync.merging`): whoever answers for the person answers for all of them.

The page of a referral that was merged is answered by another's answer only where there is one: when it was merged into a
referral that somebody has at that moment, or when somebody answers in sight of both. Until then it goes on calling. Its officer
is told who comes, and hears nothing of the other referral. An answer that is taken back, or a merge, takes that with it: the
page calls again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from api.operations.draft import Draft
from api.paging import life, queries
from api.tables.paging import Page, PageEvent
from sync.merging import acted_in_sight, links, members, root_of, wholes
from sync.reconcile import KnownReferral
from sync.records import Register, State

CLOSING_STATUSES = frozenset({"handed_off", "not_met", "deferred", "closed"})
_ANSWERS = ("opened", "acknowledged", "expired", "assigned", "closed", "merged", "parted")
"""Events after which a page's answer is another's, or nobody's."""


def follow(session: Session, draft: Draft, changed: Iterable[str], now: datetime) -> None:
    """After something happened to these referrals. Fills `draft.pages` with the statuses that changed."""
    referrals = draft.beside | draft.touched
    if not draft.beside:
        return
    states = {key: each.state for key, each in referrals.items()}
    linked, joined = links(states), wholes(states)
    parted = [key for key in changed if key in draft.links and key not in linked]
    for root in sorted({root_of(linked, key) for key in changed if key in joined}):
        for key in members(linked, root)[1:]:
            fresh = root_of(draft.links, key) != root
            page = queries.lock_page(session, key)
            if page is not None and _answered_with(
                session, page, referrals[key], joined[key], states[root], fresh, now
            ):
                draft.pages[key] = life.status(page)
    for key in parted:
        page = queries.lock_page(session, key)
        if page is not None and _elsewhere(session, page) and _word(states[key]) == "submitted":
            _call_again(session, page, referrals[key], "parted", now)
            draft.pages[key] = life.status(page)


def _answered_with(
    session: Session, page: Page, member: KnownReferral, whole: State, root: State, fresh: bool, now: datetime
) -> bool:  # fmt: skip
    """Bring the page to what was done about the person; False where that changes nothing."""
    acted, holder = root["registers"].get("status"), root["registers"].get("holder")
    word, sight, elsewhere = _word(root), acted_in_sight(member.state, whole), _elsewhere(session, page)
    if acted is not None and word == "acknowledged" and holder is not None and holder["value"] is not None:
        unanswered = page.state == "open" and (sight or fresh)
        by_another = page.state == "acknowledged" and elsewhere and page.acknowledgement != acted["op"]
        if not (unanswered or by_another):
            return False
        _answer(session, page, member, root["referral_id"], acted, holder["value"], now)
    elif word in CLOSING_STATUSES:
        if page.state == "closed" or not sight:
            return False
        life.close(session, page, None if acted is None else acted["by"], now)
        life.event(session, page, "merged", now)
    elif elsewhere and page.state == "acknowledged":
        _call_again(session, page, member, "expired", now)
    else:
        return False
    return True


def _answer(
    session: Session, page: Page, member: KnownReferral, root_id: str, acted: Register, holder: dict[str, Any], now: datetime
) -> None:  # fmt: skip
    """As if it had been answered itself, but that opening the referral is asked for on the other's page."""
    answered = queries.lock_page(session, root_id)
    eta, since = holder["eta_minutes"], None if answered is None else answered.acknowledged_at
    if eta is not None and since is not None:
        eta = max(0, eta - (now - since) // timedelta(minutes=1))
    life.acknowledge(session, page, member, holder["user_id"], eta, acted["op"], now)
    page.read_at, page.ack_expires_at = now, None
    life.event(session, page, "merged", now, holder["user_id"])


def _call_again(session: Session, page: Page, member: KnownReferral, why: str, now: datetime) -> None:
    practice = queries.practice(session, page.program_id)
    policy = practice.policy_for(member.pathway, page.officer_waiting)
    life.start(session, page, practice, policy, why, now)


def _word(state: State) -> Any:
    status = state["registers"].get("status")
    return None if status is None else status["value"]


def _elsewhere(session: Session, page: Page) -> bool:
    """True if what the page was answered with was said of another referral."""
    session.flush()
    latest = select(PageEvent.what).where(PageEvent.page_id == page.id, col(PageEvent.what).in_(_ANSWERS))
    return session.exec(latest.order_by(col(PageEvent.id).desc()).limit(1)).first() == "merged"
