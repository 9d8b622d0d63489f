"""When something happens to a page: with a stored batch, at its time, or by a tap on a lock screen. What, is in `life`.

Every change happens in the transaction that caused it, with the rows of the outbox beside it. The guarantee: once a
referral has its receipt, its page exists, and until a person answers its next step lies at most one step ahead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session
from uuid6 import uuid7

from api.auth.cookies import token_hash
from api.operations import service as operations
from api.operations.service import Draft
from api.paging import life, queries, together
from api.paging.channels.answers import CALLING_KINDS
from api.paging.together import CLOSING_STATUSES
from api.rota.policy import Policy, attention_policy
from api.rota.practice import Practice
from api.tables.paging import Page
from sync.reconcile import APPLIED, EXPUNGED, KnownReferral, Verdict

__all__ = ["CLOSING_STATUSES", "acknowledge_by_token", "advance", "attended", "mend_clock", "opened", "react"]


def react(session: Session, draft: Draft, verdicts: Sequence[Verdict], now: datetime) -> None:
    """What a stored batch means for pages. Fills `draft.pages` with the statuses that changed."""
    for verdict in _heard(session, verdicts):
        operation = verdict.incoming.operation
        if verdict.reason == EXPUNGED.reason:
            continue  # nobody can do anything about it, and nobody shall
        if verdict.status in ("held", "rejected"):
            _call_supervisors(session, verdict, now)
        elif verdict.status in ("applied", "merged") and operation is not None:
            page = _react_to(session, draft, verdict, now)
            if page is not None:
                draft.pages[operation.referral_id] = life.status(page)
    operations_of = [one.incoming.operation for one in verdicts if one.status in APPLIED]
    together.follow(session, draft, sorted({one.referral_id for one in operations_of if one is not None}), now)


def _heard(session: Session, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that concern a page. Most operations belong to a referral that has none, and one look tells which."""
    operations_of = [(verdict, verdict.incoming.operation) for verdict in verdicts]
    named = {operation.referral_id for _, operation in operations_of if operation is not None}
    paged = queries.paged(session, named)
    paged |= {one.referral_id for _, one in operations_of if one is not None and one.kind == "referral.alert"}
    return [
        verdict
        for verdict, operation in operations_of
        if verdict.status in ("held", "rejected") or (operation is not None and operation.referral_id in paged)
    ]


def _react_to(session: Session, draft: Draft, verdict: Verdict, now: datetime) -> Page | None:
    operation = verdict.incoming.operation
    assert operation is not None, "an applied operation is open"
    referral = draft.touched[operation.referral_id]
    if operation.kind == "referral.alert":
        return _alerted(session, referral, operation.referral_id, bool(operation.payload["officer_waiting"]), now)
    page = queries.lock_page(session, operation.referral_id)
    if page is None:
        return None
    standing = referral.state["registers"].get("status")
    ended = standing is not None and standing["value"] in CLOSING_STATUSES
    if ended and page.state == "closed":
        return None  # whatever else arrives late about a referral that has ended wakes nobody
    if operation.kind == "page.acknowledge" and verdict.won:
        eta = operation.payload["eta_minutes"]
        return life.acknowledge(session, page, referral, operation.user_id, eta, operation.op_id, now)
    if operation.kind == "officer.leave":
        return life.left(session, page, referral, operation.user_id, str(operation.payload["reason"]), now)
    if operation.kind == "referral.assign":
        return life.reassign(session, page, str(operation.payload["user_id"]), now)
    if ended:
        return life.close(session, page, operation.user_id, now)
    if operation.user_id == page.acknowledged_by and page.read_at is None and operation.kind != "page.acknowledge":
        page.read_at = now
        return page
    return None


def _alerted(session: Session, referral: KnownReferral, referral_id: str, waiting: bool, now: datetime) -> Page:
    """An officer asks for a coordinator. Again, and still unanswered: nothing starts anew unless now somebody waits."""
    page = queries.lock_page(session, referral_id)
    if page is not None and page.state != "closed" and (page.officer_waiting or not waiting):
        return page
    if page is None:
        page = Page(
            id=str(uuid7()), program_id=referral.program_id, subject=referral_id, referral_id=referral_id, opened_at=now
        )
    acknowledged = page.state == "acknowledged"
    page.officer_waiting = waiting
    if acknowledged:
        return page
    practice = queries.practice(session, page.program_id)
    life.start(session, page, practice, practice.policy_for(referral.pathway, waiting), "opened", now)
    return page


def _call_supervisors(session: Session, verdict: Verdict, now: datetime) -> None:
    """Something was held or rejected: the program's supervisors are paged at once, once per phone while it is open."""
    sealed = verdict.incoming.sealed
    operation = verdict.incoming.operation
    program_id = operation.program_id if operation is not None else sealed.program_id
    if not queries.program_exists(session, program_id):
        return
    subject = _attention_of(sealed.device_id)
    page = queries.lock_page(session, subject)
    if page is not None and page.state == "open":
        return
    if page is None:
        page = Page(id=str(uuid7()), program_id=program_id, subject=subject, kind="attention", opened_at=now)
    page.officer_waiting = False
    practice = queries.practice(session, program_id)
    life.start(session, page, practice, attention_policy(practice.page_minutes), "attention", now)


def attended(session: Session, device_id: str, user_id: str, now: datetime) -> None:
    """Everything of this phone for which supervisors were called has been decided."""
    page = queries.lock_page(session, _attention_of(device_id))
    if page is not None and page.state != "closed":
        life.close(session, page, user_id, now)


def _attention_of(device_id: str) -> str:
    return f"attention:{device_id or 'unknown'}"


def advance(session: Session, page_id: str, now: datetime) -> None:
    """The worker found this page due: next step, or an acknowledgement that nobody followed up."""
    draft, page = _hold(session, page_id)
    if page is None:
        return
    practice = queries.practice(session, page.program_id)
    policy = _policy_of(page, practice, draft)
    if page.state == "open" and page.next_step_at is not None and page.next_step_at <= now:
        if not page.until_morning and not policy.is_last(page.step):
            page.step += 1
        life.event(session, page, "morning" if page.until_morning else "again", now, detail=str(page.step))
        life.call(session, page, practice, now)
    elif page.state == "acknowledged" and page.read_at is None and page.ack_expires_at and page.ack_expires_at <= now:
        if draft is not None and page.referral_id and page.acknowledgement:
            operations.author(draft, page.referral_id, "page.expire", {"acknowledgement": page.acknowledgement}, now)
        life.start(session, page, practice, policy, "expired", now)
    else:
        return
    _store(session, draft, page, now)


def mend_clock(session: Session, page_id: str, now: datetime) -> None:
    """The clock was put back since this page was called or answered: it waits as long as it would have, from now."""
    draft, page = _hold(session, page_id)
    if page is None:
        return
    if page.state == "open" and page.called_at is not None and page.called_at > now and not page.until_morning:
        page.called_at = now
        if page.policy:
            minutes = Policy.model_validate(page.policy).step(page.step).minutes
            page.next_step_at = min(page.next_step_at or now, now + timedelta(minutes=minutes))
    elif page.state == "acknowledged" and page.acknowledged_at is not None and page.acknowledged_at > now:
        if page.ack_expires_at is not None:
            page.ack_expires_at -= page.acknowledged_at - now
        page.acknowledged_at = now
    _store(session, draft, page, now)


def _hold(session: Session, page_id: str) -> tuple[Draft | None, Page | None]:
    """The page, locked behind its referral: the order that everybody keeps to."""
    look = queries.look_at_page(session, page_id)
    if look is None:
        return None, None
    draft = operations.hold(session, look.referral_id) if look.referral_id else None
    return draft, queries.lock_page_by_id(session, page_id)


def _policy_of(page: Page, practice: Practice, draft: Draft | None) -> Policy:
    """The page's own policy; one that was opened before pages had any takes the program's, once."""
    if not page.policy:
        pathway = draft.touched[page.referral_id].pathway if draft is not None and page.referral_id else None
        chosen = (
            practice.policy_for(pathway, page.officer_waiting) if pathway else attention_policy(practice.page_minutes)
        )
        page.policy = chosen.model_dump(mode="json")
    return Policy.model_validate(page.policy)


def acknowledge_by_token(session: Session, page_id: str, token: str, now: datetime) -> tuple[str, str] | None:
    """A tap on a lock screen. ('acknowledged' | 'already', who has it), or None for a token that fits no page.

    The operation is the server's own, in the name of the user to whom the token was sent.
    """
    delivery = queries.delivery_with_token(session, page_id, token_hash(token))
    if delivery is None or delivery.kind not in CALLING_KINDS or not delivery.user_id:
        return None  # what only tells of an answer gives nobody the right to answer
    draft, page = _hold(session, page_id)
    if page is None:
        return None
    if page.state != "open":  # one's own second phone is not late
        result = "acknowledged" if page.acknowledged_by == delivery.user_id else "already"
        return result, queries.user_name(session, page.acknowledged_by)
    if draft is None or page.referral_id is None:
        page.acknowledged_by = delivery.user_id
        life.close(session, page, delivery.user_id, now)
        return "acknowledged", queries.user_name(session, delivery.user_id)
    payload = {"eta_minutes": None, "user_id": delivery.user_id}
    op_id = operations.author(draft, page.referral_id, "page.acknowledge", payload, now)
    life.acknowledge(session, page, draft.touched[page.referral_id], delivery.user_id, None, op_id, now)
    _store(session, draft, page, now)
    return "acknowledged", queries.user_name(session, delivery.user_id)


def opened(session: Session, referral_id: str, user_id: str, now: datetime) -> None:
    """Whoever acknowledged has opened the referral: the acknowledgement no longer expires."""
    page_id = queries.unopened(session, referral_id, user_id)
    draft, page = _hold(session, page_id) if page_id is not None else (None, None)
    if page is not None and page.acknowledged_by == user_id and page.read_at is None:
        page.read_at = now
        life.event(session, page, "read", now, user_id)
        _store(session, draft, page, now)


def _store(session: Session, draft: Draft | None, page: Page, now: datetime) -> None:
    session.flush()
    if draft is not None and page.referral_id:
        draft.pages[page.referral_id] = life.status(page)
        together.follow(session, draft, [page.referral_id], now)
        operations.store(session, draft, {}, now)
