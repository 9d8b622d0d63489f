"""The rows of the outbox: written beside what caused them, put forward and back by signs of life, cancelled by an answer."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session
from uuid6 import uuid7

from api.auth.cookies import token_hash
from api.paging import queries
from api.paging.channels.answers import CALLING_KINDS
from api.paging.escalation import Address, Rung, pace
from api.rota.policy import Policy
from api.tables.paging import Delivery, Page

TOKEN_BYTES = 16
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BELL = "handoff_outbox"
"""PostgreSQL's channel on which workers of other processes hear that something is due."""


def write(
    session: Session, page: Page | None, rung: Rung, kind: str, words: str, now: datetime, *,
    program_id: str = "", answered_by: str = "", eta_minutes: int | None = None,
) -> Delivery:  # fmt: skip
    """One message to one address, with a fresh one-time token."""
    token = secrets.token_hex(TOKEN_BYTES)
    number = page.calls if page else 0
    if page is not None and kind not in CALLING_KINDS:
        number = queries.next_telling(session, page.id, kind, page.calls)
    delivery = Delivery(
        id=str(uuid7()),
        page_id=page.id if page else None,
        call=number,
        kind=kind,
        text=words,
        channel=rung.address.channel,
        program_id=page.program_id if page else program_id,
        user_id=rung.address.user_id,
        target_id=rung.address.target_id,
        origin=rung.address.origin,
        slot=rung.slot,
        answered_by=answered_by,
        eta_minutes=eta_minutes,
        token=token,
        token_hash=token_hash(token),
        due_at=rung.due_at,
        lease_until=LONG_AGO,
        created_at=now,
    )
    session.add(delivery)
    ring(session)
    return delivery


def at_once(address: Address, now: datetime) -> Rung:
    """A message that waits for nothing."""
    return Rung(address, 0, now)


def ring(session: Session) -> None:
    """Let workers in other processes know when this transaction commits. A hint: their poll is the truth."""
    if session.get_bind().dialect.name == "postgresql" and not session.info.get(BELL):
        session.info[BELL] = True
        session.execute(text(f"NOTIFY {BELL}"))


def seen(session: Session, key: str, token: str, now: datetime) -> bool:
    """A phone showed the notice: the person's other channels of this call are put off, not dropped. False for no such token.

    `key` is the page's id; of a message without a page, its own.
    """
    found = queries.delivery_with_token(session, key, token_hash(token))
    if found is None:
        return False
    page = queries.lock_page_by_id(session, found.page_id) if found.page_id else None
    [delivery] = queries.lock_deliveries(session, [found.id])
    if delivery.seen_at is not None:
        return True
    delivery.seen_at = now
    if page is None or page.called_at is None or not page.policy:
        return True
    if delivery.kind not in CALLING_KINDS or delivery.call != page.calls:
        return True
    mine = queries.deliveries_of_call(session, page.id, page.calls, delivery.user_id)
    between = pace(Policy.model_validate(page.policy).step(page.step), 1 + max(row.slot for row in mine))
    for row in mine:
        if row.state == "pending" and row.attempts == 0 and row.slot > 0 and row.due_at > now:
            row.due_at = max(row.due_at, page.called_at + row.slot * between)
    return True


def hurry(session: Session, dead: Delivery, now: datetime) -> bool:
    """One address failed for good: the same person's next channel is due now. True if nothing of the call is left at all."""
    if dead.page_id is None:
        return False
    rows = queries.deliveries_of_call(session, dead.page_id, dead.call, None)
    alive = [row for row in rows if row.id != dead.id and row.state in ("pending", "sent")]
    mine = [row for row in alive if row.user_id == dead.user_id]
    if not any(row.slot <= dead.slot for row in mine):
        later = [row for row in mine if row.state == "pending" and row.due_at > now]
        nearest = min((row.slot for row in later), default=None)
        for row in later:
            if row.slot == nearest:
                row.due_at = now
    return not alive


def mend_clock(session: Session, now: datetime, lease: timedelta) -> None:
    """The clock was put back: no message may wait for an hour that will come twice."""
    for row in queries.deliveries_from_the_future(session, now, lease):
        row.created_at = min(row.created_at, now)
        row.due_at = min(row.due_at, now)
        row.lease_until = min(row.lease_until, now + lease)
