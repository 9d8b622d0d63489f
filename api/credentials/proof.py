"""Proving who one is by a passphrase and, where the person has an authenticator app, a code. Used to sign in and to prove again.

A passphrase is checked between two transactions: that takes a while, and nobody else should wait for it. A right passphrase
without its code neither fails nor forgives: forgiving would give whoever knows the passphrase codes to guess without end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from api.audit.service import record
from api.auth import limits, passwords
from api.auth.limits import Attempt
from api.credentials import codes, queries
from api.database import Database
from api.problems import CodeNeeded, SignInRefused
from api.tables.people import User

Verdict = Literal["refused", "code-needed", "passphrase", "two-factors"]
REFUSED = "Check both and try again. What you wrote on this phone is kept."


@dataclass(frozen=True)
class Tried:
    """A passphrase that was held against an account; nothing has been decided yet."""

    attempt: Attempt
    user_id: str | None
    stored: str | None
    fits: bool


def try_passphrase(database: Database, login: str, passphrase: str, address: str, now: datetime) -> Tried:
    """Count an attempt on a login (as it is stored) and check the passphrase. Raises TooMany."""
    with database.write() as session:
        attempt = limits.count_attempt(session, login, address, now)
        user = session.exec(select(User).where(col(User.login) == login)).first()
    stored = None if user is None else user.password_hash
    fits = passwords.matches(passphrase, stored)
    return Tried(attempt, None if user is None else user.id, stored, fits)


def settle(
    session: Session, tried: Tried, code: str | None, now: datetime, source: str, *, allowed: bool = True
) -> Verdict:
    """What the attempt proved; the limits learn of it. `allowed` is False where a right passphrase opens nothing."""
    user = None if tried.user_id is None else session.get(User, tried.user_id)
    fits = tried.fits and allowed and user is not None and user.password_hash == tried.stored
    app = queries.confirmed_code(session, user.id) if fits and user is not None else None
    if fits and app is None:
        limits.forgive(session, tried.attempt)
        return "passphrase"
    if fits and code is None:
        limits.withdraw(session, tried.attempt)
        return "code-needed"
    if fits and app is not None and code is not None and codes.spend(session, app, code, now):
        limits.forgive(session, tried.attempt)
        return "two-factors"
    if limits.fail(session, tried.attempt, now):
        record(session, now, "account.lock", actor_id=tried.user_id, subject=tried.user_id or "", source=source)
    return "refused"


def insist(verdict: Verdict) -> None:
    """Raises SignInRefused or CodeNeeded unless the passphrase, and the code where there is one, fitted."""
    if verdict == "refused":
        raise SignInRefused(REFUSED)
    if verdict == "code-needed":
        raise CodeNeeded("Enter the six digits that your authenticator app shows.")
