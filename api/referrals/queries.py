"""Reads for history and queue. Nothing here writes."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from api.tables.paging import Page, PushSubscription
from api.tables.people import Membership, User
from api.tables.records import OperationHeader, Quarantine, Referral
from sync.reconcile import KnownReferral

HISTORY_LIMIT = 500


def referral(session: Session, referral_id: str, program_id: str) -> KnownReferral | None:
    """The referral, or None if this program has no such one."""
    row = session.get(Referral, referral_id)
    if row is None or row.program_id != program_id:
        return None
    return KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, row.state)  # type: ignore[arg-type]  # stored


def operations_of(session: Session, referral_id: str) -> list[OperationHeader]:
    """The referral's applied operations in order."""
    statement = (
        select(OperationHeader)
        .where(col(OperationHeader.referral_id) == referral_id, col(OperationHeader.state).in_(("applied", "merged")))
        .order_by(col(OperationHeader.position))
        .limit(HISTORY_LIMIT)
    )
    return list(session.execute(statement).scalars())


def names(session: Session, user_ids: set[str]) -> dict[str, str]:
    """User id → name."""
    rows = session.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids)))
    return {row.id: row.name for row in rows}


def open_pages(session: Session, program_id: str, agency_id: str | None) -> list[tuple[datetime, datetime | None]]:
    """(opened, next step) of the open referral pages, oldest first; of one agency where it is given."""
    statement = (
        select(col(Page.opened_at), col(Page.next_step_at))
        .join(Referral, col(Referral.id) == col(Page.referral_id))
        .where(col(Page.program_id) == program_id, col(Page.state) == "open", col(Page.kind) == "referral")
        .order_by(col(Page.opened_at))
    )
    if agency_id is not None:
        statement = statement.where(col(Referral.agency_id) == agency_id, col(Referral.pathway) != "community")
    return [(opened_at, next_step_at) for opened_at, next_step_at in session.execute(statement)]


def waiting_for_a_person(session: Session, program_id: str) -> int:
    """How many operations were held or rejected."""
    header, kept = OperationHeader, Quarantine
    held = select(func.count()).where(col(header.program_id) == program_id, col(header.state).in_(("held", "rejected")))
    unopened = select(func.count()).where(col(kept.program_id) == program_id)
    return int(session.execute(held).scalar_one()) + int(session.execute(unopened).scalar_one())


def reachable(session: Session, program_id: str, roles: tuple[str, ...], now: datetime) -> int:
    """How many people in these roles have a phone that can be pushed to."""
    statement = (
        select(func.count(func.distinct(col(PushSubscription.user_id))))
        .join(Membership, col(Membership.user_id) == col(PushSubscription.user_id))
        .where(
            col(Membership.program_id) == program_id,
            col(Membership.role).in_(roles),
            col(Membership.until_at).is_(None) | (col(Membership.until_at) > now),
            col(PushSubscription.disabled_at).is_(None),
        )
    )
    return int(session.execute(statement).scalar_one())
