"""Limits on sign-in, kept in the database so that they survive a restart and hold across processes.

An attempt is counted before it is tried and taken off again when it succeeds; parallel guesses therefore cannot slip
through between counting and trying. Subjects are stored hashed: a list of mistyped logins is a list of passphrases.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from api.problems import TooMany
from api.tables.people import SignInAttempt

ACCOUNT_FAILURES = 5
ACCOUNT_WINDOW = timedelta(minutes=15)
ADDRESS_FAILURES = 20
ADDRESS_WINDOW = timedelta(hours=1)
IPV6_NETWORK_BITS = 64


@dataclass(frozen=True)
class Attempt:
    """One counted attempt, until it is known whether it fails."""

    account: str
    address_row: int


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


def count_attempt(session: Session, login: str, address: str, now: datetime) -> Attempt:
    """Count one attempt. Raises TooMany, with the seconds to wait, if either limit is reached."""
    account, source = _hash("account", login), address_subject(address)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.at) <= now - max(ACCOUNT_WINDOW, ADDRESS_WINDOW)))
    waits = [
        _wait(session, account, now, ACCOUNT_WINDOW, ACCOUNT_FAILURES),
        _wait(session, source, now, ADDRESS_WINDOW, ADDRESS_FAILURES),
    ]
    if longest := max(waits):
        raise TooMany("Too many tries. What you write on this phone is kept meanwhile.", retry_after_seconds=longest)
    by_address = SignInAttempt(subject=source, at=now)
    session.add_all([SignInAttempt(subject=account, at=now), by_address])
    session.flush()
    assert by_address.id is not None
    return Attempt(account, by_address.id)


def forgive(session: Session, attempt: Attempt) -> None:
    """The attempt succeeded: the account's failures are no longer consecutive; the address's others stay."""
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.subject) == attempt.account))
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.id) == attempt.address_row))


def _wait(session: Session, subject: str, now: datetime, window: timedelta, allowed: int) -> int:
    """Seconds until one more attempt fits the window; 0 if it fits now."""
    recent = select(SignInAttempt.at).where(col(SignInAttempt.subject) == subject, col(SignInAttempt.at) > now - window)
    times = session.exec(recent.order_by(col(SignInAttempt.at).desc()).limit(allowed)).all()
    if len(times) < allowed:
        return 0
    return max(1, int((times[-1] + window - now).total_seconds()) + 1)


def _hash(kind: str, subject: str) -> str:
    return hashlib.sha256(f"{kind}|{subject}".encode()).hexdigest()
