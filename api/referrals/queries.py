"""Reads for history, timeline and queue. Nothing here writes."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from api.accounts.program import config_of
from api.operations.undecided import count_by_reason
from api.tables.paging import Delivery, Page, PageEvent
from api.tables.people import Program, User
from api.tables.records import OperationHeader, Referral
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


class OpenPage(NamedTuple):
    """A referral's page that nobody has answered."""

    opened_at: datetime
    officer_waiting: bool
    until_morning: bool


def open_pages(session: Session, program_id: str, agency_id: str | None) -> list[OpenPage]:
    """The open referral pages, oldest first; of one agency where it is given."""
    statement = (
        select(col(Page.opened_at), col(Page.officer_waiting), col(Page.until_morning))
        .join(Referral, col(Referral.id) == col(Page.referral_id))
        # Found among the open ones: the index of all pages of a program grows for ever.
        .where((col(Page.program_id) + "") == program_id, col(Page.state) == "open", col(Page.kind) == "referral")
        .order_by(col(Page.opened_at))
    )
    if agency_id is not None:
        statement = statement.where(col(Referral.agency_id) == agency_id, col(Referral.pathway) != "community")
    return [OpenPage(*row) for row in session.execute(statement)]


def nobody_after_minutes(session: Session, program_id: str) -> int:
    """After how long an officer of the program is told that nobody has answered."""
    return config_of(session.get_one(Program, program_id)).nobody_after_minutes


def waiting_for_a_person(session: Session, program_id: str) -> int:
    """How many operations were held or rejected, and nobody has decided yet."""
    return sum(count_by_reason(session, program_id).values())


def page_of(session: Session, referral_id: str) -> Page | None:
    """The page about a referral."""
    return session.execute(select(Page).where(col(Page.referral_id) == referral_id)).scalar_one_or_none()


def latest_events(session: Session, page_id: str, limit: int) -> list[PageEvent]:
    """The latest lines of a page's history, oldest first."""
    statement = select(PageEvent).where(col(PageEvent.page_id) == page_id).order_by(col(PageEvent.id).desc())
    return list(session.execute(statement.limit(limit)).scalars())[::-1]


def latest_calls(session: Session, page_id: str, limit: int) -> list[Delivery]:
    """The latest messages by which a page asked somebody to answer, oldest first."""
    statement = (
        select(Delivery)
        .where(col(Delivery.page_id) == page_id, col(Delivery.kind).in_(("page", "repage")))
        .order_by(col(Delivery.created_at).desc(), col(Delivery.slot).desc(), col(Delivery.id).desc())
    )
    return list(session.execute(statement.limit(limit)).scalars())[::-1]
