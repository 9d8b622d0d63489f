"""Sessions: opening, finding and ending them, and who the person is at this moment.

A session is one membership: one role in one program. Whether the account is active and the membership stands is read again
at every request, so that a closed account is refused on its next one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from api.auth.cookies import SESSION_ABSOLUTE, SESSION_IDLE, new_token, token_hash
from api.tables.people import Membership, SignIn, User
from sync.fields import Role

SEEN_EVERY_SECONDS = 60
"""How often a session's last use is written down; a write for every request would cost every phone a disk flush."""


@dataclass(frozen=True)
class Principal:
    """Who asks, as what, and for which program."""

    user_id: str
    program_id: str
    role: Role
    agency_id: str | None
    session_token_hash: str
    device_id: str | None
    expires_at: datetime
    seen_at: datetime
    fresh_at: datetime


def standing_membership(session: Session, user_id: str, now: datetime) -> Membership | None:
    """The membership that a sign-in takes up: the newest that stands."""
    stands = or_(col(Membership.until_at).is_(None), col(Membership.until_at) > now)
    query = select(Membership).where(col(Membership.user_id) == user_id, col(Membership.from_at) <= now, stands)
    return session.exec(query.order_by(col(Membership.from_at).desc(), col(Membership.id))).first()


def open_session(
    session: Session, membership: Membership, device_id: str | None, now: datetime
) -> tuple[str, Principal]:
    """A new session under a fresh token; sessions that have run out go."""
    session.exec(delete(SignIn).where(col(SignIn.expires_at) <= now))
    token = new_token()
    row = SignIn(
        token_hash=token_hash(token), user_id=membership.user_id, membership_id=membership.id, device_id=device_id,
        created_at=now, seen_at=now, expires_at=now + SESSION_ABSOLUTE, fresh_at=now,
    )  # fmt: skip
    session.add(row)
    return token, _principal(row, membership)


def find(session: Session, token: str, now: datetime) -> Principal | None:
    """The principal behind a token, or None if the session, the account or the membership has ended."""
    query = (
        select(SignIn, Membership)
        .join(Membership, col(Membership.id) == col(SignIn.membership_id))
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(col(SignIn.token_hash) == token_hash(token), col(User.active))
    )
    found = session.exec(query).first()
    if found is None:
        return None
    row, membership = found
    run_out = now >= row.expires_at or now - row.seen_at >= SESSION_IDLE
    ended = membership.until_at is not None and membership.until_at <= now
    return None if run_out or ended else _principal(row, membership)


def touch(session: Session, principal: Principal, now: datetime) -> None:
    """Note that the session was used."""
    row = session.get(SignIn, principal.session_token_hash)
    if row is not None:
        row.seen_at = now
        session.add(row)


def bind_device(session: Session, principal: Principal, device_id: str) -> None:
    """From now on the session speaks from this device."""
    row = session.get(SignIn, principal.session_token_hash)
    if row is not None:
        row.device_id = device_id
        session.add(row)


def end(session: Session, token_hash: str) -> None:
    """End one session."""
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == token_hash))


def end_all(session: Session, user_id: str) -> None:
    """End every session of a person."""
    session.exec(delete(SignIn).where(col(SignIn.user_id) == user_id))


def end_on_device(session: Session, device_id: str) -> None:
    """End every session that speaks from a device."""
    session.exec(delete(SignIn).where(col(SignIn.device_id) == device_id))


def _principal(row: SignIn, membership: Membership) -> Principal:
    return Principal(
        user_id=row.user_id,
        program_id=membership.program_id,
        role=cast(Role, membership.role),
        agency_id=membership.agency_id,
        session_token_hash=row.token_hash,
        device_id=row.device_id,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
        fresh_at=row.fresh_at,
    )
