"""Reading programs, people and roles."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.tables.people import Agency, Bootstrap, Membership, Program, User
from api.tables.records import Head

PEOPLE_LISTED = 500


def user(session: Session, user_id: str) -> User | None:
    """One person."""
    return session.get(User, user_id)


def user_by_login(session: Session, login: str) -> User | None:
    """The person with a login, whatever its case."""
    return session.exec(select(User).where(col(User.login) == login)).first()


def any_user(session: Session) -> bool:
    """True once somebody has an account."""
    return session.exec(select(User.id).limit(1)).first() is not None


def program(session: Session, program_id: str) -> Program | None:
    """One program."""
    return session.get(Program, program_id)


def programs(session: Session) -> list[Program]:
    """All programs, by name."""
    return list(session.exec(select(Program).order_by(col(Program.name), col(Program.id))))


def agency(session: Session, program_id: str, name_or_id: str) -> Agency | None:
    """An agency of a program, by its id or its exact name."""
    named = or_(col(Agency.id) == name_or_id, col(Agency.name) == name_or_id)
    return session.exec(select(Agency).where(col(Agency.program_id) == program_id, named)).first()


def agencies(session: Session, program_id: str) -> list[Agency]:
    """A program's agencies, by name."""
    query = select(Agency).where(col(Agency.program_id) == program_id)
    return list(session.exec(query.order_by(col(Agency.name), col(Agency.id))))


def people_with(session: Session, program_id: str, roles: Sequence[str], now: datetime) -> list[tuple[User, str]]:
    """Active people of a program who have one of the roles now, with the role, by name."""
    stands = or_(col(Membership.until_at).is_(None), col(Membership.until_at) > now)
    query = (
        select(User, Membership.role)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.program_id) == program_id, col(Membership.role).in_(roles))
        .where(col(User.active), col(Membership.from_at) <= now, stands)
        .order_by(col(User.name), col(User.id))
        .limit(PEOPLE_LISTED)
    )
    return [(person, role) for person, role in session.exec(query)]


def standing_memberships(session: Session, user_id: str, now: datetime) -> list[Membership]:
    """Every membership of a person that has not ended."""
    stands = or_(col(Membership.until_at).is_(None), col(Membership.until_at) > now)
    return list(session.exec(select(Membership).where(col(Membership.user_id) == user_id, stands)))


def bootstrap(session: Session) -> Bootstrap | None:
    """The one-time link for the first administrator, if one was ever made, locked until the transaction ends."""
    return session.exec(select(Bootstrap).where(col(Bootstrap.id) == 1).with_for_update()).first()


def epoch(session: Session) -> str:
    """The server's present epoch."""
    return session.exec(select(Head.epoch)).one()
