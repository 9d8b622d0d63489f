"""What becomes of a delivery after its attempt: sent, dead, or due again after a while."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from api import logs
from api.paging import notices, outbox, queries
from api.paging.channels.answers import Answer
from api.rota.policy import Policy
from api.tables.paging import ContactPoint, Delivery, PageEvent, PushSubscription

BACKOFF_FIRST_SECONDS = 0.5
BACKOFF_LIMIT_SECONDS = 30.0
ATTEMPTS_LIMIT = 200


def address_of(session: Session, delivery: Delivery) -> PushSubscription | ContactPoint | None:
    """The row of the address that a delivery goes to; None for a webhook, or for one that is no longer there."""
    if delivery.channel == "webhook":
        return None
    if delivery.channel == "push":
        return session.get(PushSubscription, delivery.target_id)
    return session.get(ContactPoint, delivery.target_id)


def settle(
    session: Session, delivery: Delivery, answer: Answer, now: datetime, jitter: Callable[[], float] = random.random
) -> None:
    """Write down an answer.

    Sent means that the next carrier has it, no more. A dead address is forgotten and its owner hears of it by another; one
    that refuses our credentials is kept and tried again, since the fault is the server's.
    """
    address = address_of(session, delivery)
    delivery.outcome = f"{answer.kind} {answer.note}".strip()
    if answer.kind == "accepted":
        delivery.sent_at = now
        if delivery.state == "pending":
            delivery.state, delivery.token = "sent", ""
        if address is not None:
            address.last_ok_at, address.failures = now, 0
        return
    logs.warning("delivery.failed", delivery_id=delivery.id, kind=delivery.channel, outcome=delivery.outcome)
    if address is not None:
        address.failures += 1
    if answer.kind == "gone":
        if address is not None and address.disabled_at is None:
            address.disabled_at, address.reason = now, "gone"
            session.flush()
            notices.tell_lost(session, delivery.program_id, delivery.user_id, delivery.target_id, now)
        _give_up(session, delivery, now)
    elif answer.kind == "never" or delivery.attempts >= ATTEMPTS_LIMIT:
        _give_up(session, delivery, now)
    elif delivery.state == "pending":
        delay = min(BACKOFF_LIMIT_SECONDS, BACKOFF_FIRST_SECONDS * 2 ** min(delivery.attempts, 10))
        wait = answer.retry_after_seconds or delay * (0.5 + jitter() / 2)
        delivery.due_at, delivery.lease_until = now + timedelta(seconds=wait), outbox.LONG_AGO


def _give_up(session: Session, delivery: Delivery, now: datetime) -> None:
    if delivery.state == "pending":
        delivery.state, delivery.token = "dead", ""
    if delivery.page_id is None:
        return
    happened = PageEvent(page_id=delivery.page_id, at=now, what="undeliverable", user_id=delivery.user_id or None)
    happened.detail = f"{delivery.channel} {delivery.outcome}"
    session.add(happened)
    nothing_left = outbox.hurry(session, delivery, now)
    page = queries.look_at_page(session, delivery.page_id) if nothing_left else None  # locked before its deliveries
    if page is None or page.state != "open" or page.calls != delivery.call or not page.policy:
        return
    if not Policy.model_validate(page.policy).is_last(page.step):
        page.next_step_at = now
