"""What a signed-in person does with their own credentials: proving again, and adding, changing and removing them."""

from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.auth import limits, passwords, sessions
from api.auth.sessions import Principal
from api.credentials import challenges, codes, passkeys, proof, queries
from api.credentials.models import NewPasskey, PasskeyProof, PassphraseChange, PassphraseProof
from api.credentials.relying_party import RelyingParty
from api.database import Database
from api.problems import NotFound, PasskeyRefused, SecondFactorNeeded, SignInNeeded
from api.tables.credentials import Passkey
from api.tables.people import Program, User

REFUSED_PASSKEY = "Try again, or use your passphrase. What you wrote on this phone is kept."


def check_may_change(session: Session, principal: Principal) -> None:
    """Raises SecondFactorNeeded where a passphrase alone would change what its owner protects with more."""
    if principal.second_factor_needed and queries.has_second_factor(session, principal.user_id):
        raise SecondFactorNeeded("Prove it with your passkey or a code first; then change what you sign in with.")


def step_up_by_passphrase(
    database: Database, principal: Principal, given: PassphraseProof, address: str, now: datetime
) -> str:
    """The session's new token. Raises TooMany, SignInRefused, CodeNeeded, SignInNeeded."""
    tried = proof.try_passphrase(database, _user(database, principal).login, given.password, address, now)
    with database.write() as session:
        verdict = proof.settle(session, tried, given.code, now, address)
        proved = verdict in ("passphrase", "two-factors")
        token = _renewed(session, principal, now, second_factor=verdict == "two-factors") if proved else ""
        if verdict != "code-needed":
            _record(session, principal, "session.step-up", now, address, outcome="done" if proved else "refused")
    proof.insist(verdict)
    return token


def step_up_by_passkey(
    database: Database, principal: Principal, party: RelyingParty, given: PasskeyProof, address: str, now: datetime
) -> str:
    """The session's new token. Raises TooMany, PasskeyRefused, SignInNeeded."""
    with database.write() as session:
        attempt = limits.count_attempt(session, None, address, now)
        challenge = challenges.take(session, given.challenge_id, "prove", now)
        passkey = passkeys.proven(session, party, challenge, given.credential, now, address)
        proved = passkey is not None and passkey.user_id == principal.user_id
        if proved:
            limits.forgive(session, attempt)
        token = _renewed(session, principal, now, second_factor=True) if proved else ""
        _record(session, principal, "session.step-up", now, address, outcome="done" if proved else "refused")
    if not proved:
        raise PasskeyRefused(REFUSED_PASSKEY)
    return token


def add_passkey(
    database: Database, principal: Principal, party: RelyingParty, body: NewPasskey, address: str, now: datetime,
    *, device_bound: bool,
) -> tuple[Passkey, str | None]:  # fmt: skip
    """The passkey, and a new token for a session that lacked its second factor until now. Raises Conflict."""
    with database.write() as session:
        challenge = challenges.take(session, body.challenge_id, "add", now, asked_by=principal.user_id)
    made = passkeys.read_new(body.credential, challenge, party, device_bound=device_bound)
    with database.write() as session:
        check_may_change(session, principal)
        passkey = passkeys.keep(session, principal, made, body.label.strip(), now, address)
        return passkey, _completed(session, principal, now)


def begin_totp(session: Session, principal: Principal, now: datetime, address: str) -> tuple[str, str]:
    """A secret and its address. Raises Conflict, SecondFactorNeeded."""
    check_may_change(session, principal)
    _record(session, principal, "totp.begin", now, address)
    return codes.begin(session, session.get_one(User, principal.user_id), now)


def confirm_totp(session: Session, principal: Principal, code: str, now: datetime, address: str) -> str | None:
    """A new token for a session that lacked its second factor until now. Raises Conflict, SecondFactorNeeded."""
    check_may_change(session, principal)
    codes.confirm(session, principal.user_id, code, now)
    _record(session, principal, "totp.add", now, address)
    return _completed(session, principal, now)


def end_totp(session: Session, principal: Principal, now: datetime, address: str) -> None:
    """No code is asked for any more. Raises NotFound, SecondFactorNeeded."""
    check_may_change(session, principal)
    if not codes.end(session, principal.user_id):
        raise NotFound("You have no authenticator app.")
    _record(session, principal, "totp.remove", now, address)


def change_passphrase(
    database: Database, principal: Principal, change: PassphraseChange, address: str, now: datetime
) -> str:
    """The session's new token; the person's other sessions end.

    Raises Malformed for a passphrase that is guessed first, and what proving it does.
    """
    with database.read() as session:
        check_may_change(session, principal)
        program = session.get_one(Program, principal.program_id)
    user = _user(database, principal)
    passwords.check_choice(change.passphrase, (user.name, user.login, program.name, program.id))
    tried = proof.try_passphrase(database, user.login, change.former, address, now)
    stored = passwords.hashed(change.passphrase) if tried.fits else ""
    with database.write() as session:
        verdict = proof.settle(session, tried, change.code, now, address)
        proved = verdict in ("passphrase", "two-factors")
        token = ""
        if proved:
            current = session.get_one(User, principal.user_id)
            current.password_hash = stored
            session.add(current)
            sessions.end_others(session, principal)
            token = _renewed(session, principal, now, second_factor=verdict == "two-factors")
        if verdict != "code-needed":
            _record(session, principal, "passphrase.change", now, address, outcome="done" if proved else "refused")
    proof.insist(verdict)
    return token


def end_session(session: Session, principal: Principal, session_id: str, now: datetime, address: str) -> None:
    """End one of the person's sessions. Raises NotFound."""
    if not sessions.end_own(session, principal.user_id, session_id):
        raise NotFound("You have no such session.")
    _record(session, principal, "session.end", now, address)


def _user(database: Database, principal: Principal) -> User:
    with database.read() as session:
        return session.get_one(User, principal.user_id)


def _renewed(session: Session, principal: Principal, now: datetime, *, second_factor: bool) -> str:
    token = sessions.renew(session, principal, now, second_factor=second_factor)
    if token is None:
        raise SignInNeeded("Your session has ended. What you wrote on this phone is kept.")
    return token


def _completed(session: Session, principal: Principal, now: datetime) -> str | None:
    """Whoever has just added their first second factor has it at hand."""
    return _renewed(session, principal, now, second_factor=True) if principal.second_factor_needed else None


def _record(
    session: Session, principal: Principal, action: str, now: datetime, source: str, *, outcome: str = "done"
) -> None:
    record(
        session, now, action, outcome, actor_id=principal.user_id, program_id=principal.program_id,
        subject=principal.user_id, source=source,
    )  # fmt: skip
