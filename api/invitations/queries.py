"""The statements of invitations. What is used up is settled by conditional updates: of two at once one succeeds."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, Update, or_, update
from sqlmodel import Session, col, select

from api.tables.invitations import Invitation
from api.tables.people import Membership, User


def invitation(session: Session, program_id: str, invitation_id: str) -> Invitation | None:
    """One invitation of a program."""
    query = select(Invitation).where(col(Invitation.id) == invitation_id, col(Invitation.program_id) == program_id)
    return session.exec(query).first()


def by_token(session: Session, token_hash: str) -> Invitation | None:
    """The invitation with this token."""
    return session.exec(select(Invitation).where(col(Invitation.token_hash) == token_hash)).first()


def open_for(session: Session, user_id: str, now: datetime) -> list[Invitation]:
    """A person's invitations that still hold, the newest first."""
    query = select(Invitation).where(
        col(Invitation.user_id) == user_id, col(Invitation.used_at).is_(None), col(Invitation.ended_at).is_(None),
        col(Invitation.expires_at) > now,
    )  # fmt: skip
    return list(session.exec(query.order_by(col(Invitation.made_at).desc(), col(Invitation.id))))


def open_of_program(session: Session, program_id: str, now: datetime, limit: int) -> Sequence[tuple[Invitation, User]]:
    """A program's invitations that still hold, with their people, the newest first."""
    query = (
        select(Invitation, User)
        .join(User, col(User.id) == col(Invitation.user_id))
        .where(
            col(Invitation.program_id) == program_id, col(Invitation.used_at).is_(None),
            col(Invitation.ended_at).is_(None), col(Invitation.expires_at) > now,
        )
        .order_by(col(Invitation.made_at).desc(), col(Invitation.id))
        .limit(limit)
    )  # fmt: skip
    return [(found, user) for found, user in session.exec(query)]


def count_made(session: Session, made_by: str, since: datetime) -> int:
    """How many invitations somebody has made since then."""
    query = select(Invitation.id).where(col(Invitation.made_by) == made_by, col(Invitation.made_at) > since)
    return len(session.exec(query).all())


def memberships(session: Session, user_id: str) -> list[Membership]:
    """Every membership that a person has or had, the newest first."""
    query = select(Membership).where(col(Membership.user_id) == user_id)
    return list(session.exec(query.order_by(col(Membership.from_at).desc(), col(Membership.id))))


def take_try(session: Session, invitation_id: str, allowed: int) -> bool:
    """Count one try at a code; False if all are used up."""
    left = (col(Invitation.id) == invitation_id, col(Invitation.code_tries) < allowed)
    return _changed(session, update(Invitation).where(*left).values(code_tries=col(Invitation.code_tries) + 1))


def give_try_back(session: Session, invitation_id: str) -> None:
    """The code was right: that try does not count."""
    tried = (col(Invitation.id) == invitation_id, col(Invitation.code_tries) > 0)
    session.execute(update(Invitation).where(*tried).values(code_tries=col(Invitation.code_tries) - 1))


def use(session: Session, invitation_id: str, now: datetime) -> bool:
    """Use an invitation up; False if it was used, ended or has run out."""
    holds = (
        col(Invitation.id) == invitation_id, col(Invitation.used_at).is_(None), col(Invitation.ended_at).is_(None),
        col(Invitation.expires_at) > now,
    )  # fmt: skip
    return _changed(session, update(Invitation).where(*holds).values(used_at=now))


def end_for(session: Session, user_id: str, now: datetime) -> None:
    """Whatever still lets a person in holds no more."""
    standing = (
        col(Invitation.user_id) == user_id, col(Invitation.used_at).is_(None), col(Invitation.ended_at).is_(None),
    )  # fmt: skip
    session.execute(update(Invitation).where(*standing).values(ended_at=now))


def _changed(session: Session, statement: Update) -> bool:
    return cast(CursorResult[None], session.execute(statement)).rowcount == 1


def came_in(session: Session, user_id: str) -> bool:
    """True if the person ever took an invitation up, or was given one for a recovery."""
    once = or_(col(Invitation.used_at).is_not(None), col(Invitation.purpose) == "recover")
    return (
        session.exec(select(Invitation.id).where(col(Invitation.user_id) == user_id, once).limit(1)).first() is not None
    )
