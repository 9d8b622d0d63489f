"""Reads of arrests and of the accounting, always of one program."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from api.accounts.program import config_of
from api.tables.disclosures import Disclosure
from api.tables.people import Program, User
from api.tables.records import Assessment, Referral

ARREST = "arrest_diversion"


def arrest(session: Session, referral_id: str, program_id: str) -> Referral | None:
    """An arrest diversion of the program; None for every other id."""
    row = session.get(Referral, referral_id)
    return row if row is not None and row.program_id == program_id and row.pathway == ARREST else None


def arrests(session: Session, program_id: str, before: int | None, limit: int) -> list[Referral]:
    """The program's arrest diversions, the newest first, with numbers below `before`."""
    statement = select(Referral).where(Referral.program_id == program_id, Referral.pathway == ARREST)
    if before is not None:
        statement = statement.where(col(Referral.number) < before)
    return list(session.exec(statement.order_by(col(Referral.number).desc()).limit(limit)))


def referral(session: Session, referral_id: str, program_id: str) -> Referral | None:
    """The referral, or None if this program has no such one."""
    row = session.get(Referral, referral_id)
    return row if row is not None and row.program_id == program_id else None


def intake_days(session: Session, program_id: str, referral_ids: Collection[str]) -> dict[str, str | None]:
    """Referral → the day on which intake was done: of the assessments of these referrals, this one register alone."""
    if not referral_ids:
        return {}
    assessment = select(Assessment).where(Assessment.program_id == program_id)
    rows = session.exec(assessment.where(col(Assessment.referral_id).in_(referral_ids)))
    return {row.referral_id: row.state["registers"].get("intake_on", {}).get("value") for row in rows}


def time_zone(session: Session, program_id: str) -> str:
    """The zone in which the program's days begin and end."""
    return config_of(session.get_one(Program, program_id)).time_zone


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """User id → name."""
    return {user.id: user.name for user in session.exec(select(User).where(col(User.id).in_(user_ids)))}


def accounting(session: Session, referral_id: str, program_id: str, limit: int) -> list[Disclosure]:
    """The latest disclosures about a referral, the newest first."""
    statement = (
        select(Disclosure)
        .where(Disclosure.program_id == program_id, Disclosure.referral_id == referral_id)
        .order_by(col(Disclosure.at).desc(), col(Disclosure.id).desc())
    )
    return list(session.exec(statement.limit(limit)))
