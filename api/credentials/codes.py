"""Six-digit codes from an authenticator app (TOTP, RFC 6238): thirty seconds, one step of skew either way, each step once."""

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import delete, update
from sqlmodel import Session, col

from api.credentials import queries
from api.credentials.relying_party import NAME
from api.problems import Conflict
from api.tables.credentials import OneTimeCode
from api.tables.people import User

STEP_SECONDS = 30
SKEW_STEPS = 1
NOT_FITTING = "That code does not fit. Check the phone's clock, wait for the next code and enter that."


def begin(session: Session, user: User, now: datetime) -> tuple[str, str]:
    """A new secret and its address for a QR code. It counts once confirmed. Raises Conflict if one counts already."""
    if queries.confirmed_code(session, user.id) is not None:
        raise Conflict("You have an authenticator app. Remove it first.")
    secret = pyotp.random_base32()
    session.exec(delete(OneTimeCode).where(col(OneTimeCode.user_id) == user.id))
    session.add(OneTimeCode(user_id=user.id, secret=secret, created_at=now))
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=NAME)


def confirm(session: Session, user_id: str, code: str, now: datetime) -> None:
    """The app gives the right codes: from now on one is asked for. Raises Conflict."""
    row = session.get(OneTimeCode, user_id)
    if row is None or row.confirmed_at is not None:
        raise Conflict("There is no authenticator app to confirm. Begin again.")
    if not spend(session, row, code, now):
        raise Conflict(NOT_FITTING)
    row.confirmed_at = now
    session.add(row)


def end(session: Session, user_id: str) -> bool:
    """Forget the secret; False if there was none."""
    return session.exec(delete(OneTimeCode).where(col(OneTimeCode.user_id) == user_id)).rowcount == 1


def spend(session: Session, row: OneTimeCode, code: str, now: datetime) -> bool:
    """True if the code fits now and neither it nor a later one has been used."""
    step = _step_of(row.secret, code, now)
    if step is None:
        return False
    # The condition decides between two uses at once; the object read before may be out of date.
    unspent = update(OneTimeCode).where(col(OneTimeCode.user_id) == row.user_id, col(OneTimeCode.last_step) < step)
    spent = session.exec(unspent.values(last_step=step), execution_options={"synchronize_session": False})
    return spent.rowcount == 1


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step of a code within the skew, the latest that fits."""
    present = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret, interval=STEP_SECONDS)
    near = range(present + SKEW_STEPS, present - SKEW_STEPS - 1, -1)
    return next((step for step in near if hmac.compare_digest(app.generate_otp(step), code)), None)
