"""Limits on sign-in, kept in the database so that they survive a restart and hold across processes.

An attempt is counted before it is tried and taken off again when it succeeds; parallel guesses therefore cannot slip
through between counting and trying. Five failures within a quarter of an hour lock the account's passphrase, as the CJIS
Security Policy asks (AC-7), for a day or until an administrator releases it. A passkey is never locked: otherwise anybody
could keep an officer out at night with five wrong words. Subjects are stored hashed: a list of mistyped logins is a list
of passphrases.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from api.database import inserting
from api.problems import TooMany
from api.tables.credentials import SignInLock
from api.tables.people import SignInAttempt

ACCOUNT_FAILURES = 5
ACCOUNT_WINDOW = timedelta(minutes=15)
ACCOUNT_LOCK = timedelta(hours=24)
ADDRESS_FAILURES = 20
ADDRESS_WINDOW = timedelta(hours=1)
IPV6_NETWORK_BITS = 64
LOCKED = "Too many tries with this name. Use your passkey, or ask an administrator to release the passphrase."
WAIT = "Too many tries. What you write on this phone is kept meanwhile."


@dataclass(frozen=True)
class Attempt:
    """One counted attempt, until it is known whether it fails. `account` is None where only the address counts."""

    account: str | None
    rows: tuple[int, ...]


def address_subject(address: str) -> str:
    """The unit that an address limit counts: one IPv4 address, or an IPv6 /64, which one subscriber has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _hash("address", address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return _hash("address", str(parsed.ipv4_mapped))
        return _hash("address", str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False)))
    return _hash("address", str(parsed))


def count_attempt(session: Session, login: str | None, address: str, now: datetime) -> Attempt:
    """Count one attempt; without a login only for the address. Raises TooMany, with the seconds to wait."""
    account, source = None if login is None else _hash("account", login), address_subject(address)
    _take_turns(session, account, source)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.at) <= now - max(ACCOUNT_WINDOW, ADDRESS_WINDOW)))
    session.exec(delete(SignInLock).where(col(SignInLock.until_at) <= now))
    if account is not None and (lock := session.get(SignInLock, account)) is not None:
        raise TooMany(LOCKED, retry_after_seconds=_seconds(lock.until_at - now))
    waits = [_wait(session, source, now, ADDRESS_WINDOW, ADDRESS_FAILURES)]
    if account is not None:
        waits.append(_wait(session, account, now, ACCOUNT_WINDOW, ACCOUNT_FAILURES))
    if longest := max(waits):
        raise TooMany(WAIT, retry_after_seconds=longest)
    rows = [SignInAttempt(subject=subject, at=now) for subject in (account, source) if subject is not None]
    session.add_all(rows)
    session.flush()
    return Attempt(account, tuple(row.id for row in rows if row.id is not None))


def forgive(session: Session, attempt: Attempt) -> None:
    """The attempt succeeded: the account's failures are no longer consecutive; the address's others stay."""
    # Two at once would each delete the other's row after their own, in turn, and PostgreSQL would end one of them.
    _take_turns(session, attempt.account)
    own = col(SignInAttempt.id).in_(attempt.rows)
    session.exec(delete(SignInAttempt).where(or_(own, col(SignInAttempt.subject) == attempt.account)))


def withdraw(session: Session, attempt: Attempt) -> None:
    """The attempt neither failed nor succeeded: it is as if it had not been; earlier failures stay."""
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.id).in_(attempt.rows)))


def fail(session: Session, attempt: Attempt, now: datetime) -> bool:
    """The attempt failed; True if it was the one that locks the account's passphrase."""
    if attempt.account is None or not _wait(session, attempt.account, now, ACCOUNT_WINDOW, ACCOUNT_FAILURES):
        return False
    lock = {"subject": attempt.account, "until_at": now + ACCOUNT_LOCK}
    added = inserting(session, SignInLock, lock).on_conflict_do_nothing().returning(SignInLock.subject)
    return session.execute(added).first() is not None


def release(session: Session, login: str) -> bool:
    """Take the lock and the failures off an account, named as it is stored; True if it was locked."""
    account = _hash("account", login)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.subject) == account))
    return session.exec(delete(SignInLock).where(col(SignInLock.subject) == account)).rowcount > 0


def locked_until(session: Session, login: str, now: datetime) -> datetime | None:
    """Until when the passphrase of an account is locked; None if it is not."""
    lock = session.get(SignInLock, _hash("account", login))
    return None if lock is None or lock.until_at <= now else lock.until_at


def _take_turns(session: Session, *subjects: str | None) -> None:
    """Whoever counts the same subject waits until this transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for subject in subjects:
        if subject is not None:
            session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0)))).all()


def _wait(session: Session, subject: str, now: datetime, window: timedelta, allowed: int) -> int:
    """Seconds until one more attempt fits the window; 0 if it fits now."""
    recent = select(SignInAttempt.at).where(col(SignInAttempt.subject) == subject, col(SignInAttempt.at) > now - window)
    times = session.exec(recent.order_by(col(SignInAttempt.at).desc()).limit(allowed)).all()
    return 0 if len(times) < allowed else _seconds(times[-1] + window - now)


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()) + 1)


def _hash(kind: str, subject: str) -> str:
    return hashlib.sha256(f"{kind}|{subject}".encode()).hexdigest()
