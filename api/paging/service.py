"""The life of a page: opened with its referral, repeated and escalated, acknowledged, expired, closed.

Every change happens in the transaction that caused it, with the rows of the outbox beside it. The guarantee: once a
referral has its receipt, its page exists, and until a person answers its next step lies at most one step ahead.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session
from uuid6 import uuid7

from api.auth.cookies import token_hash
from api.clock import rfc3339
from api.operations import service as operations
from api.operations.service import Draft
from api.paging import escalation, queries
from api.tables.paging import Delivery, Page, PageEvent, PushSubscription
from sync.reconcile import KnownReferral, Verdict

TOKEN_BYTES = 16
CLOSING_STATUSES = frozenset({"handed_off", "not_met", "deferred", "closed"})
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def react(session: Session, draft: Draft, verdicts: Sequence[Verdict], now: datetime) -> None:
    """What a stored batch means for pages. Fills `draft.pages` with the statuses that changed."""
    for verdict in verdicts:
        operation = verdict.incoming.operation
        if verdict.status in ("held", "rejected"):
            _call_supervisors(session, verdict, now)
        elif verdict.status in ("applied", "merged") and operation is not None:
            page = _react_to(session, draft, verdict, now)
            if page is not None:
                draft.pages[operation.referral_id] = status(page)


def _react_to(session: Session, draft: Draft, verdict: Verdict, now: datetime) -> Page | None:
    operation = verdict.incoming.operation
    assert operation is not None, "an applied operation is open"
    referral = draft.touched[operation.referral_id]
    if operation.kind == "referral.alert":
        return _open(session, referral, operation.referral_id, bool(operation.payload["officer_waiting"]), now)
    page = queries.lock_page(session, operation.referral_id)
    if page is None:
        return None
    if operation.kind == "page.acknowledge" and verdict.won:
        return _acknowledge(
            session, page, referral, operation.user_id, operation.payload["eta_minutes"], operation.op_id, now
        )
    if operation.kind == "referral.assign":
        return _hand_over(session, page, str(operation.payload["user_id"]), now)
    standing = referral.state["registers"].get("status")
    if standing is not None and standing["value"] in CLOSING_STATUSES and page.state != "closed":
        return _close(session, page, operation.user_id, now)
    if operation.user_id == page.acknowledged_by and page.read_at is None and operation.kind != "page.acknowledge":
        page.read_at = now
        return page
    return None


def _open(session: Session, referral: KnownReferral, referral_id: str, waiting: bool, now: datetime) -> Page:
    page = queries.lock_page(session, referral_id)
    if page is not None and page.state != "closed":
        page.officer_waiting = waiting
        return page
    if page is None:
        page = Page(
            id=str(uuid7()), program_id=referral.program_id, subject=referral_id, referral_id=referral_id, opened_at=now
        )
    page.officer_waiting = waiting
    return _start(session, page, now, "opened")


def _start(session: Session, page: Page, now: datetime, why: str) -> Page:
    """Open (again) at the first step. Whoever has waited since the first time goes on waiting: `opened_at` stays then."""
    if page.state == "closed":
        page.opened_at = now
    page.state = "open"
    page.acknowledged_by = page.acknowledged_at = page.acknowledgement = page.eta_minutes = None
    page.ack_expires_at = page.read_at = None
    page.step = 0
    session.add(page)
    session.flush()
    _event(session, page, why, now)
    call(session, page, now)
    return page


def call(session: Session, page: Page, now: datetime) -> None:
    """Send the present step; where nobody can be reached, the next one at once, up to the last."""
    config = queries.program_config(session, page.program_id)
    page.next_step_at = escalation.next_step_at(config, now)
    page.calls += 1
    while True:
        roles = escalation.audience(page.kind, page.step)
        reached = queries.subscriptions_of_roles(session, page.program_id, roles, now)
        if reached or escalation.is_last(page.kind, page.step):
            break
        _event(session, page, "nobody_reachable", now, detail=str(page.step))
        page.step += 1
    if not reached:
        _event(session, page, "nobody_reachable", now, detail=str(page.step))
    page.reached = len(reached)
    text = "officer_waiting" if page.officer_waiting else "referral_waiting"
    kind = "page" if page.step == 0 else "repage"
    for subscription in reached:
        enqueue(session, page, subscription, kind, text, now)


def enqueue(
    session: Session, page: Page | None, subscription: PushSubscription, kind: str, text: str, now: datetime
) -> Delivery:
    """One row of the outbox, due at once, with a fresh one-time token."""
    token = secrets.token_hex(TOKEN_BYTES)
    delivery = Delivery(
        id=str(uuid7()),
        page_id=page.id if page else None,
        call=page.calls if page else 0,
        kind=kind,
        text=text,
        user_id=subscription.user_id,
        subscription_id=subscription.id,
        token=token,
        token_hash=token_hash(token),
        due_at=now,
        lease_until=LONG_AGO,
        created_at=now,
    )
    session.add(delivery)
    return delivery


def _acknowledge(
    session: Session, page: Page, referral: KnownReferral, user_id: str, eta: int | None, op_id: str, now: datetime
) -> Page:
    config = queries.program_config(session, page.program_id)
    first = page.state == "open"
    page.state, page.acknowledged_by, page.acknowledged_at = "acknowledged", user_id, now
    page.acknowledgement, page.eta_minutes, page.next_step_at = op_id, eta, None
    page.ack_expires_at, page.read_at = escalation.open_by(config, now), None
    queries.cancel_pending(session, page.id)
    _event(session, page, "acknowledged", now, user_id)
    if first:
        _tell_others(session, page, referral, user_id, now)
    return page


def _tell_others(session: Session, page: Page, referral: KnownReferral, user_id: str, now: datetime) -> None:
    """ "Taken" on every device that was paged, and word to the officer."""
    for subscription in queries.subscriptions_paged(session, page.id):
        if subscription.user_id != user_id:
            enqueue(session, page, subscription, "taken", "taken", now)
    for subscription in queries.subscriptions_of_user(session, referral.author_id):
        enqueue(session, page, subscription, "acknowledged", "seen", now)


def _hand_over(session: Session, page: Page, user_id: str, now: datetime) -> Page:
    """A supervisor gave it to somebody: that person is called now, everybody again if they do not answer."""
    config = queries.program_config(session, page.program_id)
    page.state, page.acknowledged_by, page.acknowledged_at, page.read_at = "open", None, None, None
    page.next_step_at = escalation.next_step_at(config, now)
    page.calls += 1
    queries.cancel_pending(session, page.id)
    _event(session, page, "assigned", now, user_id)
    text = "officer_waiting" if page.officer_waiting else "referral_waiting"
    phones = queries.subscriptions_of_user(session, user_id)
    page.reached = len(phones)
    for subscription in phones:
        enqueue(session, page, subscription, "page", text, now)
    return page


def _close(session: Session, page: Page, user_id: str | None, now: datetime) -> Page:
    page.state, page.next_step_at, page.ack_expires_at = "closed", None, None
    queries.cancel_pending(session, page.id)
    _event(session, page, "closed", now, user_id)
    return page


def _call_supervisors(session: Session, verdict: Verdict, now: datetime) -> None:
    """Something was held or rejected: the program's supervisors are paged at once, once per phone while it is open."""
    sealed = verdict.incoming.sealed
    operation = verdict.incoming.operation
    program_id = operation.program_id if operation is not None else sealed.program_id
    if not queries.program_exists(session, program_id):
        return
    subject = f"attention:{sealed.device_id or 'unknown'}"
    page = queries.lock_page(session, subject)
    if page is not None and page.state == "open":
        return
    if page is None:
        page = Page(id=str(uuid7()), program_id=program_id, subject=subject, kind="attention", opened_at=now)
    page.officer_waiting = False
    _start(session, page, now, "attention")


def advance(session: Session, page_id: str, now: datetime) -> None:
    """The worker found this page due: next step, or an acknowledgement that nobody followed up."""
    page = queries.look_at_page(session, page_id)
    if page is None:
        return
    draft = operations.hold(session, page.referral_id) if page.referral_id else None
    page = queries.lock_page_by_id(session, page_id)
    assert page is not None, "pages are never deleted"
    if page.state == "open" and page.next_step_at is not None and page.next_step_at <= now:
        if not escalation.is_last(page.kind, page.step):
            page.step += 1
        _event(session, page, "again", now, detail=str(page.step))
        call(session, page, now)
    elif page.state == "acknowledged" and page.read_at is None and page.ack_expires_at and page.ack_expires_at <= now:
        if draft is not None and page.referral_id and page.acknowledgement:
            operations.author(draft, page.referral_id, "page.expire", {"acknowledgement": page.acknowledgement}, now)
        _start(session, page, now, "expired")
    else:
        return
    _store(session, draft, page, now)


def acknowledge_by_token(session: Session, page_id: str, token: str, now: datetime) -> tuple[str, str] | None:
    """A tap on a lock screen. ('acknowledged' | 'already', who has it), or None for a token that fits no page.

    The operation is the server's own, in the name of the user to whom the token was sent.
    """
    delivery = queries.delivery_with_token(session, page_id, token_hash(token))
    page = None if delivery is None else queries.look_at_page(session, page_id)
    if delivery is None or page is None:
        return None
    draft = operations.hold(session, page.referral_id) if page.referral_id else None
    page = queries.lock_page_by_id(session, page_id)
    assert page is not None, "pages are never deleted"
    if page.state != "open":
        return "already", queries.user_name(session, page.acknowledged_by)
    if draft is None or page.referral_id is None:
        page.acknowledged_by = delivery.user_id
        _close(session, page, delivery.user_id, now)
        return "acknowledged", queries.user_name(session, delivery.user_id)
    payload = {"eta_minutes": None, "user_id": delivery.user_id}
    op_id = operations.author(draft, page.referral_id, "page.acknowledge", payload, now)
    _acknowledge(session, page, draft.touched[page.referral_id], delivery.user_id, None, op_id, now)
    _store(session, draft, page, now)
    return "acknowledged", queries.user_name(session, delivery.user_id)


def opened(session: Session, referral_id: str, user_id: str, now: datetime) -> None:
    """Whoever acknowledged has opened the referral: the acknowledgement no longer expires."""
    page = queries.lock_page(session, referral_id)
    if page is not None and page.acknowledged_by == user_id and page.read_at is None:
        page.read_at = now
        _event(session, page, "read", now, user_id)


def _store(session: Session, draft: Draft | None, page: Page, now: datetime) -> None:
    session.flush()
    if draft is not None and page.referral_id:
        draft.pages[page.referral_id] = status(page)
        operations.store(session, draft, {}, now)


def _event(
    session: Session, page: Page, what: str, now: datetime, user_id: str | None = None, detail: str = ""
) -> None:
    session.add(PageEvent(page_id=page.id, at=now, what=what, user_id=user_id, detail=detail))


def status(page: Page) -> dict[str, Any]:
    """What every role that sees the referral sees of its page."""
    eta = None
    if page.acknowledged_at is not None and page.eta_minutes is not None:
        eta = rfc3339(page.acknowledged_at + timedelta(minutes=page.eta_minutes))
    return {
        "state": page.state,
        "opened_at": rfc3339(page.opened_at),
        "step": page.step,
        "next_step_at": rfc3339(page.next_step_at) if page.next_step_at else None,
        "acknowledged_by": page.acknowledged_by,
        "eta_at": eta,
        "ack_expires_at": rfc3339(page.ack_expires_at) if page.ack_expires_at and not page.read_at else None,
        "calling": escalation.calling(page.kind, page.step, page.reached),
    }
