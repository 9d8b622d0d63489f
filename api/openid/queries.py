"""What the database knows of providers, identities and ways that are open."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, update
from sqlmodel import Session, col, select

from api.auth.dependencies import UUID
from api.tables.openid import OpenidAttempt, OpenidIdentity, OpenidProvider
from api.tables.people import SignIn, User


def providers(session: Session) -> list[OpenidProvider]:
    """All, by label."""
    return list(session.exec(select(OpenidProvider).order_by(col(OpenidProvider.label), col(OpenidProvider.id))))


def provider(session: Session, provider_id: str) -> OpenidProvider | None:
    """One provider; an id of another form is nobody's."""
    if UUID.fullmatch(provider_id) is None:
        return None
    return session.exec(select(OpenidProvider).where(OpenidProvider.id == provider_id)).first()


def attempts_since(session: Session, source: str, since: datetime) -> int:
    """How many ways an address has begun and not finished well."""
    query = select(func.count()).where(col(OpenidAttempt.source) == source, col(OpenidAttempt.began_at) > since)
    return session.exec(query).one()


def forget_attempts(session: Session, before: datetime) -> None:
    """Ways that no limit counts any more go."""
    session.exec(delete(OpenidAttempt).where(col(OpenidAttempt.began_at) <= before))


def claim_attempt(
    session: Session, handle_hash: str, provider_id: str, since: datetime, now: datetime
) -> OpenidAttempt | None:
    """Use a way up, if it is open; only one of any number of callers gets it."""
    open_still = (
        col(OpenidAttempt.handle_hash) == handle_hash,
        col(OpenidAttempt.provider_id) == provider_id,
        col(OpenidAttempt.used_at).is_(None),
        col(OpenidAttempt.began_at) > since,
    )
    done = cast(CursorResult[Any], session.execute(update(OpenidAttempt).where(*open_still).values(used_at=now)))
    return session.get(OpenidAttempt, handle_hash) if done.rowcount == 1 else None


def forget_attempt(session: Session, handle_hash: str) -> None:
    """A way that ended well no longer counts."""
    session.exec(delete(OpenidAttempt).where(col(OpenidAttempt.handle_hash) == handle_hash))


def forget_attempts_of(session: Session, provider_id: str) -> None:
    """Every way through a provider is closed."""
    session.exec(delete(OpenidAttempt).where(col(OpenidAttempt.provider_id) == provider_id))


def user_of_identity(session: Session, issuer: str, subject: str) -> User | None:
    """The person that a subject is here, if the account is open."""
    query = select(User).join(OpenidIdentity, col(OpenidIdentity.user_id) == col(User.id))
    found = query.where(OpenidIdentity.issuer == issuer, OpenidIdentity.subject == subject, col(User.active))
    return session.exec(found).first()


def identity(session: Session, issuer: str, subject: str) -> OpenidIdentity | None:
    """Whom a subject is here, open account or not."""
    return session.get(OpenidIdentity, (issuer, subject))


def identities_of(session: Session, user_id: str) -> list[OpenidIdentity]:
    """A person's identities."""
    return list(session.exec(select(OpenidIdentity).where(OpenidIdentity.user_id == user_id)))


def forget_identities(session: Session, issuer: str, user_id: str | None = None) -> int:
    """An issuer's identities go, or one person's of them; how many there were."""
    gone = delete(OpenidIdentity).where(col(OpenidIdentity.issuer) == issuer)
    if user_id is not None:
        gone = gone.where(col(OpenidIdentity.user_id) == user_id)
    return cast(CursorResult[Any], session.execute(gone)).rowcount


def user_of_session(session: Session, session_id: str, now: datetime) -> User | None:
    """The person of a session that stands."""
    query = select(User).join(SignIn, col(SignIn.user_id) == col(User.id))
    return session.exec(query.where(SignIn.id == session_id, SignIn.expires_at > now, col(User.active))).first()
