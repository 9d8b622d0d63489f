"""Challenges for authenticators: 256 random bits, answered once, within five minutes. Kept by the hash of their id."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func
from sqlmodel import Session, col, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from api.auth.cookies import new_token, token_hash
from api.problems import TooMany
from api.tables.credentials import Challenge

LIFETIME = timedelta(minutes=5)
CHALLENGE_BYTES = 32
OPEN_AT_MOST = 120
"""Of one person or one address at a time; a station behind one address has a shift change within five minutes."""

Purpose = Literal["prove", "add"]
"""`prove`: sign in or prove again; `add`: a new passkey."""


@dataclass(frozen=True)
class Issued:
    """A challenge and the id by which its answer names it."""

    id: str
    challenge: bytes


def issue(session: Session, purpose: Purpose, asked_by: str, now: datetime) -> Issued:
    """A new challenge; those that have run out go. Raises TooMany."""
    session.exec(delete(Challenge).where(col(Challenge.expires_at) <= now))
    open_ones = session.exec(select(func.count()).where(col(Challenge.asked_by) == asked_by)).one()
    if open_ones >= OPEN_AT_MOST:
        raise TooMany("Too many tries.", retry_after_seconds=int(LIFETIME.total_seconds()))
    issued = Issued(new_token(), secrets.token_bytes(CHALLENGE_BYTES))
    row = Challenge(
        id_hash=token_hash(issued.id), challenge=bytes_to_base64url(issued.challenge), purpose=purpose, asked_by=asked_by,
        expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)
    return issued


def take(
    session: Session, challenge_id: str, purpose: Purpose, now: datetime, asked_by: str | None = None
) -> bytes | None:
    """The challenge, which nobody can answer again; None if it is unknown, spent, run out, or somebody else's."""
    spent = delete(Challenge).where(col(Challenge.id_hash) == token_hash(challenge_id))
    fields = (Challenge.challenge, Challenge.purpose, Challenge.asked_by, Challenge.expires_at)
    row = session.execute(spent.returning(*fields)).first()  # type: ignore[call-overload]  # columns, to SQLAlchemy
    if row is None or row.purpose != purpose or row.expires_at <= now or asked_by not in (None, row.asked_by):
        return None
    return base64url_to_bytes(row.challenge)
