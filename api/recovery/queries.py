"""Taking every way in from a person."""

from sqlalchemy import delete
from sqlmodel import Session, col

from api.tables.credentials import Challenge, OneTimeCode, Passkey
from api.tables.openid import OpenidIdentity
from api.tables.people import User


def forget_credentials(session: Session, user: User) -> None:
    """No passphrase, code, passkey or identity at a provider opens anything for this person from now on."""
    user.password_hash = ""
    session.add(user)
    session.execute(delete(Passkey).where(col(Passkey.user_id) == user.id))
    session.execute(delete(OneTimeCode).where(col(OneTimeCode.user_id) == user.id))
    session.execute(delete(OpenidIdentity).where(col(OpenidIdentity.user_id) == user.id))
    session.execute(delete(Challenge).where(col(Challenge.asked_by) == user.id))
