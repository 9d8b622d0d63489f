"""Sessions: opening, finding and ending them, and who the person is at this moment.

A session is one membership: one role in one program. Whether the account is active and the membership stands is read again
at every request, so that a closed account is refused on its next one.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from api.auth.cookies import SESSION_ABSOLUTE, SESSION_IDLE, new_token, token_hash
from api.tables.devices import Device
from api.tables.people import Membership, SignIn, User
from sync.fields import Role

SESSIONS_PER_PERSON = 5
SEEN_EVERY_SECONDS = 60
"""How often a session's last use is written down; a write for every request would cost every phone a disk flush."""


@dataclass(frozen=True)
class Principal:
    """Who asks, as what, and for which program. `second_factor_needed`: so far only who they are may be settled."""

    user_id: str
    program_id: str
    role: Role
    agency_id: str | None
    session_token_hash: str
    device_id: str | None
    expires_at: datetime
    seen_at: datetime
    fresh_at: datetime
    second_factor_needed: bool = False
    session_id: str = ""


def standing_membership(session: Session, user_id: str, now: datetime) -> Membership | None:
    """The membership that a sign-in takes up: the newest that stands."""
    stands = or_(col(Membership.until_at).is_(None), col(Membership.until_at) > now)
    query = select(Membership).where(col(Membership.user_id) == user_id, col(Membership.from_at) <= now, stands)
    return session.exec(query.order_by(col(Membership.from_at).desc(), col(Membership.id))).first()


def open_session(
    session: Session,
    membership: Membership,
    device_id: str | None,
    now: datetime,
    *,
    second_factor_needed: bool = False,
) -> tuple[str, Principal]:
    """A new session under a fresh token; sessions that have run out go, and the person's oldest if there are too many."""
    session.exec(delete(SignIn).where(col(SignIn.expires_at) <= now))
    _make_room(session, membership.user_id)
    token = new_token()
    row = SignIn(
        token_hash=token_hash(token), id=str(uuid.uuid4()), user_id=membership.user_id, membership_id=membership.id,
        device_id=device_id, created_at=now, seen_at=now, expires_at=now + SESSION_ABSOLUTE, fresh_at=now,
        second_factor_needed=second_factor_needed,
    )  # fmt: skip
    session.add(row)
    return token, _principal(row, membership)


def _make_room(session: Session, user_id: str) -> None:
    """End the oldest sessions until one more fits. The person is locked: two sign-ins at once would each find room."""
    session.exec(select(User.id).where(col(User.id) == user_id).with_for_update()).first()
    newest = select(SignIn.token_hash).where(col(SignIn.user_id) == user_id)
    kept = newest.order_by(col(SignIn.created_at).desc(), col(SignIn.seen_at).desc()).limit(SESSIONS_PER_PERSON - 1)
    surplus = col(SignIn.token_hash).not_in(session.exec(kept).all())
    session.exec(delete(SignIn).where(col(SignIn.user_id) == user_id, surplus))


def renew(session: Session, principal: Principal, now: datetime, *, second_factor: bool) -> str | None:
    """A new token for a session whose person proved again who they are; the former one opens nothing any more.

    `second_factor` says that the proof had two. How long the session lasts stays as it was. None if it has ended meanwhile.
    """
    token = new_token()
    needed = principal.second_factor_needed and not second_factor
    values = {"token_hash": token_hash(token), "fresh_at": now, "seen_at": now, "second_factor_needed": needed}
    renewed = update(SignIn).where(col(SignIn.token_hash) == principal.session_token_hash).values(values)
    return token if session.exec(renewed).rowcount == 1 else None


def of_user(session: Session, user_id: str, now: datetime) -> list[tuple[SignIn, str | None]]:
    """A person's open sessions with the label of the device they speak from, the one used last first."""
    query = (
        select(SignIn, Device.label)
        .join(Device, col(Device.id) == col(SignIn.device_id), isouter=True)
        .where(col(SignIn.user_id) == user_id, col(SignIn.expires_at) > now, col(SignIn.seen_at) > now - SESSION_IDLE)
        .order_by(col(SignIn.seen_at).desc(), col(SignIn.created_at).desc(), col(SignIn.id))
    )
    return [(row, label) for row, label in session.exec(query)]


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


def end_own(session: Session, user_id: str, session_id: str) -> bool:
    """End one session of a person, named by its id; False if they have none of that name."""
    own = delete(SignIn).where(col(SignIn.user_id) == user_id, col(SignIn.id) == session_id)
    return session.exec(own).rowcount == 1


def end_others(session: Session, principal: Principal) -> int:
    """End every session of the person but this one; says how many."""
    others = col(SignIn.id) != principal.session_id
    return session.exec(delete(SignIn).where(col(SignIn.user_id) == principal.user_id, others)).rowcount


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
        second_factor_needed=row.second_factor_needed,
        session_id=row.id,
    )
