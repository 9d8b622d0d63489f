"""The statements of break-glass."""

from datetime import datetime

from sqlmodel import Session, col, select

from api.tables.people import User
from api.tables.records import Referral
from api.tables.retention import BreakGlass, Expunged


def by_number(session: Session, program_id: str, number: int) -> str | None:
    """The id of the program's referral with a number, if something of it is left."""
    gone = select(Expunged.referral_id).where(col(Expunged.program_id) == program_id)
    query = select(Referral.id).where(col(Referral.program_id) == program_id, col(Referral.number) == number)
    return session.exec(query.where(col(Referral.id).not_in(gone))).first()


def referral(session: Session, program_id: str, referral_id: str) -> Referral | None:
    """One referral of a program."""
    query = select(Referral).where(col(Referral.id) == referral_id, col(Referral.program_id) == program_id)
    return session.exec(query).first()


def glass(session: Session, program_id: str, glass_id: str) -> BreakGlass | None:
    """One broken glass of this program, as it is now, nobody else's to change until the transaction ends."""
    query = select(BreakGlass).where(col(BreakGlass.id) == glass_id, col(BreakGlass.program_id) == program_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def newest(session: Session, program_id: str, user_id: str | None, limit: int) -> list[tuple[BreakGlass, str]]:
    """A program's, with whose it is, the newest first; of one person where it is given."""
    query = select(BreakGlass, User.name).join(User, col(User.id) == col(BreakGlass.user_id))
    query = query.where(col(BreakGlass.program_id) == program_id)
    if user_id is not None:
        query = query.where(col(BreakGlass.user_id) == user_id)
    return [(row, name) for row, name in session.exec(query.order_by(col(BreakGlass.from_at).desc()).limit(limit))]


def open_at(glass: BreakGlass, now: datetime) -> bool:
    """True while it can be looked through."""
    return glass.ended_at is None and glass.from_at <= now < glass.until_at
