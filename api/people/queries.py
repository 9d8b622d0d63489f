"""The statements of a program's accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.tables.devices import Device
from api.tables.people import Membership, Program, SignIn, User


def of_program(session: Session, program_id: str, limit: int) -> Sequence[tuple[User, Membership]]:
    """Everybody who has or had a role in the program, with the newest one, by name."""
    later = col(Membership.from_at).desc(), col(Membership.until_at).is_not(None), col(Membership.id)
    query = (
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.program_id) == program_id)
        .order_by(col(User.name), col(User.id), *later)
    )
    newest: dict[str, tuple[User, Membership]] = {}
    for user, membership in session.exec(query):
        newest.setdefault(user.id, (user, membership))
    return list(newest.values())[:limit]


def membership(session: Session, user_id: str) -> Membership | None:
    """The newest membership that a person has or had anywhere."""
    later = col(Membership.from_at).desc(), col(Membership.until_at).is_not(None), col(Membership.id)
    query = select(Membership).where(col(Membership.user_id) == user_id)
    return session.exec(query.order_by(*later).limit(1)).first()


def lock_program(session: Session, program_id: str) -> None:
    """One change of a program's people at a time, so that two administrators cannot close each other."""
    session.exec(select(Program.id).where(col(Program.id) == program_id).with_for_update()).one()


def other_administrators(session: Session, program_id: str, user_id: str, now: datetime) -> int:
    """How many open accounts but this one are administrators of the program."""
    query = (
        select(func.count(func.distinct(col(User.id))))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.program_id) == program_id, col(Membership.role) == "administrator")
        .where(col(Membership.until_at).is_(None) | (col(Membership.until_at) > now))
        .where(col(User.active), col(User.id) != user_id)
    )
    return int(session.exec(query).one())


def last_seen(session: Session, program_id: str) -> Mapping[str, datetime]:
    """When each person was last in contact, by a session or by a device, as far as it is known."""
    by_device = (
        select(col(Device.user_id), func.max(col(Device.seen_at), type_=Device.__table__.c.seen_at.type))  # type: ignore[attr-defined]
        .where(col(Device.program_id) == program_id)
        .group_by(col(Device.user_id))
    )
    by_session = (
        select(col(SignIn.user_id), func.max(col(SignIn.seen_at), type_=SignIn.__table__.c.seen_at.type))  # type: ignore[attr-defined]
        .join(Membership, col(Membership.id) == col(SignIn.membership_id))
        .where(col(Membership.program_id) == program_id)
        .group_by(col(SignIn.user_id))
    )
    seen: dict[str, datetime] = {}
    for user_id, at in [*session.execute(by_device), *session.execute(by_session)]:
        seen[user_id] = max(at, seen.get(user_id, at))
    return seen
