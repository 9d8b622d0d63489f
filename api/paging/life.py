"""What can happen to one page, each with its line of history and its rows of the outbox. The caller holds the page's lock."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.clock import rfc3339
from api.paging import escalation, outbox, queries, reach
from api.paging.escalation import Address
from api.rota.policy import Policy
from api.rota.practice import Practice
from api.tables.paging import Page, PageEvent
from sync.reconcile import KnownReferral


def start(session: Session, page: Page, practice: Practice, policy: Policy, why: str, now: datetime) -> None:
    """Open (again) at the first step. Whoever has waited since the first time goes on waiting: `opened_at` stays then."""
    if page.state == "closed":
        page.opened_at = now
    page.state, page.step, page.policy = "open", 0, policy.model_dump(mode="json")
    page.acknowledged_by = page.acknowledged_at = page.acknowledgement = page.eta_minutes = None
    page.ack_expires_at = page.read_at = None
    session.add(page)
    session.flush()
    event(session, page, why, now)
    morning = escalation.opens_in_the_morning(policy, practice, now)
    page.until_morning = False
    if morning is not None:
        _wait_for(session, page, morning, now)
    else:
        call(session, page, practice, now)


def _wait_for(session: Session, page: Page, morning: datetime, now: datetime) -> None:
    page.step, page.next_step_at, page.until_morning = 0, morning, True
    page.called, page.calling = [], "morning"
    event(session, page, "after_hours", now, detail=rfc3339(morning))


def call(session: Session, page: Page, practice: Practice, now: datetime) -> None:
    """Send the present step; where nobody can be reached, the next one at once, up to the last."""
    policy = Policy.model_validate(page.policy)
    page.calls += 1
    page.called_at, page.until_morning, page.calling = now, False, "nobody"
    while not (reached := _send_step(session, page, practice, policy, now)):
        event(session, page, "nobody_reachable", now, detail=policy.step(page.step).who)
        if policy.is_last(page.step):
            break
        page.step += 1
    page.called = reached
    page.next_step_at = now + timedelta(minutes=policy.step(page.step).minutes)


def _send_step(session: Session, page: Page, practice: Practice, policy: Policy, now: datetime) -> list[str]:
    """The rows of one step; the ids of those who are called by it. The webhook is nobody in particular (empty)."""
    step = policy.step(page.step)
    word, meant = reach.meant(session, page.program_id, step.who, now)
    found = reach.addresses(session, meant)
    if "webhook" in step.channels and (pager := reach.webhook(practice)):
        found[""] = pager
    kind = "page" if page.step == 0 else "repage"
    for addresses in found.values():
        for rung in escalation.ladder(addresses, step, practice.seen_seconds, now):
            outbox.write(session, page, rung, kind, _words(page), now)
    page.calling = word if found else page.calling
    return list(found)


def _words(page: Page) -> str:
    return "officer_waiting" if page.officer_waiting else "referral_waiting"


def acknowledge(
    session: Session, page: Page, referral: KnownReferral, user_id: str, eta: int | None, op_id: str, now: datetime
) -> Page:
    practice = queries.practice(session, page.program_id)
    first = page.state == "open"
    page.state, page.acknowledged_by, page.acknowledged_at = "acknowledged", user_id, now
    page.acknowledgement, page.eta_minutes, page.next_step_at = op_id, eta, None
    page.ack_expires_at, page.read_at = now + timedelta(minutes=practice.open_within_minutes), None
    page.until_morning = False
    queries.cancel_pending(session, page.id)
    event(session, page, "acknowledged", now, user_id)
    if first:
        by = escalation.initials(queries.user_name(session, user_id))
        _tell_taken(session, page, practice, user_id, by, now)
        for address in _phones(session, referral.author_id):
            words = "seen_by" if by else "seen"
            rung = outbox.at_once(address, now)
            outbox.write(session, page, rung, "acknowledged", words, now, answered_by=by, eta_minutes=eta)
    return page


def _tell_taken(session: Session, page: Page, practice: Practice, user_id: str, by: str, now: datetime) -> None:
    """ "Taken by A. B." replaces the notice on every other phone that showed it, and reaches the program's own pager."""
    told = queries.targets_paged(session, page.id)
    found = reach.addresses(session, {owner for owner, _ in told if owner and owner != user_id})
    phones = [address for addresses in found.values() for address in addresses if address.channel == "push"]
    for address in [*phones, *reach.webhook(practice)]:
        if (address.user_id, address.target_id) in told:
            words = "taken_by" if by else "taken"
            outbox.write(session, page, outbox.at_once(address, now), "taken", words, now, answered_by=by)


def _phones(session: Session, user_id: str) -> list[Address]:
    return [address for address in reach.addresses(session, [user_id]).get(user_id, []) if address.channel == "push"]


def reassign(session: Session, page: Page, user_id: str, now: datetime) -> Page:
    """A supervisor gave it to somebody: that person is called now, and everybody of the next step if they do not answer."""
    practice = queries.practice(session, page.program_id)
    policy = Policy.model_validate(page.policy)
    page.state, page.until_morning = "open", False
    page.acknowledged_by = page.acknowledged_at = page.acknowledgement = page.eta_minutes = None
    page.ack_expires_at = page.read_at = None
    queries.cancel_pending(session, page.id)
    event(session, page, "assigned", now, user_id)
    by = escalation.initials(queries.user_name(session, user_id))
    _tell_taken(session, page, practice, user_id, by, now)
    found = reach.addresses(session, [user_id]).get(user_id, [])
    if not found:
        event(session, page, "nobody_reachable", now, user_id)
        call(session, page, practice, now)
        return page
    page.calls += 1
    page.called, page.called_at, page.calling = [user_id], now, "given"
    step = policy.step(page.step)
    page.next_step_at = now + timedelta(minutes=step.minutes)
    for rung in escalation.ladder(found, step, practice.seen_seconds, now):
        outbox.write(session, page, rung, "page", _words(page), now)
    return page


def left(
    session: Session, page: Page, referral: KnownReferral, user_id: str, reason: str, now: datetime
) -> Page | None:
    """The officer left the card and drove on: still a diversion, found next day, and a gap in cover that is counted."""
    if page.state == "closed" or page.left_at is not None:
        return None
    page.officer_waiting, page.left_at, page.left_reason = False, now, reason
    event(session, page, "left_with_card", now, user_id, reason)
    if page.state == "open":
        practice = queries.practice(session, page.program_id)
        policy = practice.policy_for(referral.pathway, officer_waiting=False)
        morning = escalation.opens_in_the_morning(policy, practice, now)
        page.policy = policy.model_dump(mode="json")
        if morning is not None:
            queries.cancel_pending(session, page.id)
            _wait_for(session, page, morning, now)
    return page


def close(session: Session, page: Page, user_id: str | None, now: datetime) -> Page:
    page.state, page.next_step_at, page.ack_expires_at, page.until_morning = "closed", None, None, False
    queries.cancel_pending(session, page.id)
    event(session, page, "closed", now, user_id)
    return page


def event(session: Session, page: Page, what: str, now: datetime, user_id: str | None = None, detail: str = "") -> None:
    """One line of the page's history."""
    session.add(PageEvent(page_id=page.id, at=now, what=what, user_id=user_id, detail=detail))


def status(page: Page) -> dict[str, Any]:
    """What every role that sees the referral sees of its page."""
    eta = None
    if page.acknowledged_at is not None and page.eta_minutes is not None:
        eta = rfc3339(page.acknowledged_at + timedelta(minutes=page.eta_minutes))
    return {
        "state": page.state,
        "officer_waiting": page.officer_waiting,
        "opened_at": rfc3339(page.opened_at),
        "step": page.step,
        "next_step_at": rfc3339(page.next_step_at) if page.next_step_at else None,
        "acknowledged_by": page.acknowledged_by,
        "eta_at": eta,
        "ack_expires_at": rfc3339(page.ack_expires_at) if page.ack_expires_at and not page.read_at else None,
        "calling": page.calling or "nobody",
        "called": [user_id for user_id in page.called if user_id],
        "until": rfc3339(page.next_step_at) if page.until_morning and page.next_step_at else None,
        "left": {"reason": page.left_reason, "at": rfc3339(page.left_at)} if page.left_at else None,
    }
