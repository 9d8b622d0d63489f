"""Reads for evaluators: a program's referrals without what names anybody, when their pages were answered, and its agencies."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from api.accounts.program import config_of
from api.tables.paging import Page
from api.tables.people import Agency, Program
from api.tables.records import Referral

BATCH = 500


def referrals(session: Session, program_id: str, before: datetime, limit: int) -> Iterator[Referral]:
    """The program's referrals that were received before an instant; read in batches."""
    statement = (
        select(Referral)
        .where(col(Referral.program_id) == program_id, col(Referral.received_at) < before)
        .limit(limit)
        .execution_options(yield_per=BATCH)
    )
    yield from session.exec(statement)


def answers(session: Session, program_id: str) -> dict[str, tuple[datetime, datetime]]:
    """Referral → when its page opened and when it was answered; of those that were answered."""
    statement = select(Page.referral_id, Page.opened_at, Page.acknowledged_at).where(
        col(Page.program_id) == program_id, col(Page.kind) == "referral", col(Page.acknowledged_at).is_not(None)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(statement)}


def agencies(session: Session, program_id: str) -> dict[str, str]:
    """Id → name."""
    return dict(session.exec(select(Agency.id, Agency.name).where(col(Agency.program_id) == program_id)).all())


def time_zone(session: Session, program_id: str) -> str:
    """The zone in which the program's months begin and end."""
    return config_of(session.get_one(Program, program_id)).time_zone
