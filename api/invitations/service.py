"""Making invitations, and taking them up.

An invitation is bound to one person, holds for ten minutes and works once, by its address or by its code. A wrong code uses
up one of five tries, after which the code is dead and the address alone is left. What each purpose proves:

    join      an administrator named this person. Whoever opens it chooses the passphrase, which nobody else ever knows.
    recover   the same, after two people agreed that the person has lost every way in (see `api.recovery`).
    enrol     the person themselves, signed in and freshly proven elsewhere, means this phone to be theirs. It stands for
              the name only: the passphrase and the second factor are asked as at any sign-in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import uuid6
from sqlmodel import Session

from api.accounts import people
from api.accounts import queries as accounts
from api.accounts.people import NewPerson, normal_login
from api.accounts.service import SignedIn, Visit, begin, sign_in
from api.audit.service import record
from api.auth import limits, passwords, sessions
from api.auth.cookies import token_hash
from api.auth.sessions import Principal
from api.database import Database
from api.invitations import codes, queries
from api.problems import NotFound, TooMany
from api.tables.invitations import Invitation
from api.tables.people import Membership, User

Purpose = Literal["join", "recover", "enrol"]

LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
MADE_PER_HOUR = 60
"""A roll call of officers, and no more."""
LISTED = 200
GONE = "This invitation no longer works. Ask for a new one."


@dataclass(frozen=True)
class Drawn:
    """The secrets of a new invitation, shown once. Drawn before the transaction: hashing the code takes a while."""

    id: str
    token: str
    code: str
    code_hash: str

    @classmethod
    def new(cls) -> "Drawn":
        invitation_id, code = str(uuid6.uuid7()), codes.new_code()
        return cls(invitation_id, codes.new_token(), code, passwords.hashed(_bound(invitation_id, code)))


@dataclass(frozen=True)
class Shown:
    """What somebody shows: the token of an address, or a code with the login that it was made for."""

    token: str | None = None
    code: str | None = None
    login: str | None = None


@dataclass(frozen=True)
class Guest:
    """Whom an invitation is for."""

    invitation: Invitation
    user: User
    membership: Membership
    program_name: str


def invite(
    session: Session, person: NewPerson, drawn: Drawn, now: datetime, source: str, made_by: str | None
) -> Invitation:  # fmt: skip
    """Invite somebody who has no account, or has never taken an invitation up. Raises as `add_person` does, or TooMany."""
    user = accounts.user_by_login(session, normal_login(person.login))
    if user is not None and _never_came(session, user, person.program_id):
        people.change_newcomer(session, user, person, now)
    else:
        user = people.add_person(session, person, "", now, source, made_by, active=False)
    return make(session, user.id, person.program_id, "join", drawn, now, source, made_by)


def make(
    session: Session, user_id: str, program_id: str, purpose: Purpose, drawn: Drawn, now: datetime, source: str,
    made_by: str | None,
) -> Invitation:  # fmt: skip
    """An invitation for somebody with an account; the ones they had before hold no more. Raises TooMany."""
    if made_by is not None and queries.count_made(session, made_by, now - timedelta(hours=1)) >= MADE_PER_HOUR:
        raise TooMany("That is enough invitations for an hour.", retry_after_seconds=600)
    queries.end_for(session, user_id, now)
    invitation = Invitation(
        id=drawn.id, program_id=program_id, user_id=user_id, purpose=purpose, token_hash=token_hash(drawn.token),
        code_hash=drawn.code_hash, made_by=made_by, made_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    record(
        session, now, f"invitation.{purpose}", actor_id=made_by, program_id=program_id, subject=user_id, source=source
    )
    return invitation


def never_accepted(session: Session, user: User) -> bool:
    """True for an account that was made by an invitation which nobody has taken up."""
    return not user.active and not user.password_hash and not queries.came_in(session, user.id)


def _never_came(session: Session, user: User, program_id: str) -> bool:
    here = all(row.program_id == program_id for row in queries.memberships(session, user.id))
    return here and never_accepted(session, user)


def end(session: Session, principal: Principal, invitation_id: str, now: datetime, source: str) -> None:
    """Take an invitation of the program back. Raises NotFound."""
    invitation = queries.invitation(session, principal.program_id, invitation_id)
    if invitation is None:
        raise NotFound("There is no such invitation here.")
    queries.end_for(session, invitation.user_id, now)
    record(
        session, now, "invitation.end", actor_id=principal.user_id, program_id=principal.program_id,
        subject=invitation.user_id, source=source,
    )  # fmt: skip


def look(database: Database, shown: Shown, address: str, now: datetime) -> Guest:
    """Whom the invitation is for. Raises NotFound for one that does not hold, TooMany for an address that tries too often."""
    with database.write() as session:
        attempt = limits.count_attempt(session, None, address, now)
        invitation = _named(session, shown, now)
    fits = _fits(shown, invitation)
    with database.write() as session:
        guest = _guest(session, invitation, now) if fits and invitation is not None else None
        if guest is None:
            subject = "" if invitation is None else invitation.user_id
            record(session, now, "invitation.open", "refused", subject=subject, source=address)
        else:
            limits.forgive(session, attempt)
            if shown.token is None:
                queries.give_try_back(session, guest.invitation.id)
    if guest is None:
        raise NotFound(GONE)
    return guest


def _named(session: Session, shown: Shown, now: datetime) -> Invitation | None:
    """The invitation that may be meant. A code uses up a try, before it is known whether it is right."""
    if shown.token is not None:
        return queries.by_token(session, token_hash(shown.token))
    user = accounts.user_by_login(session, normal_login(shown.login or ""))
    newest = queries.open_for(session, user.id, now)[:1] if user is not None else []
    return next((found for found in newest if queries.take_try(session, found.id, CODE_TRIES)), None)


def _fits(shown: Shown, invitation: Invitation | None) -> bool:
    if shown.token is not None:
        return invitation is not None
    stored, bound = ("", "") if invitation is None else (invitation.code_hash, invitation.id)
    return passwords.matches(_bound(bound, codes.normal_code(shown.code or "")), stored)


def _bound(invitation_id: str, code: str) -> str:
    """A code's hash is of no use to another invitation."""
    return f"{invitation_id} {code}"


def _guest(session: Session, invitation: Invitation, now: datetime) -> Guest | None:
    user = accounts.user(session, invitation.user_id)
    membership = sessions.standing_membership(session, invitation.user_id, now)
    program = accounts.program(session, invitation.program_id)
    over = invitation.used_at is not None or invitation.ended_at is not None or invitation.expires_at <= now
    if over or user is None or program is None or membership is None or membership.program_id != program.id:
        return None
    if not user.active and (invitation.purpose != "join" or not never_accepted(session, user)):
        return None
    return Guest(invitation, user, membership, program.name)


def accept(
    database: Database, shown: Shown, passphrase: str, one_time_code: str | None, visit: Visit, now: datetime
) -> SignedIn:
    """Take an invitation up and sign in.

    Raises NotFound, TooMany, Malformed for a passphrase that is no good, and for another phone what `sign_in` raises.
    """
    guest = look(database, shown, visit.address, now)
    if guest.invitation.purpose != "enrol":
        return _let_in(database, guest, passphrase, visit, now)
    signed_in = sign_in(database, guest.user.login, passphrase, one_time_code, visit, now)
    with database.write() as session:
        used = _use(session, guest, visit.address, now)
        if not used:
            sessions.end(session, signed_in.principal.session_token_hash)
    if not used:
        raise NotFound(GONE)
    return signed_in


def _let_in(database: Database, guest: Guest, passphrase: str, visit: Visit, now: datetime) -> SignedIn:
    """The person's own passphrase becomes the account's, and the account is open."""
    passwords.check_choice(passphrase, (guest.user.name, guest.user.login, guest.program_name))
    password_hash = passwords.hashed(passphrase)
    with database.write() as session:
        membership = sessions.standing_membership(session, guest.user.id, now)
        if membership is None or not _use(session, guest, visit.address, now):
            raise NotFound(GONE)
        user = session.get_one(User, guest.user.id)
        user.password_hash, user.active = password_hash, True
        session.add(user)
        limits.release(session, user.login)
        return begin(session, user, membership, visit, now, second_factor=False)


def _use(session: Session, guest: Guest, address: str, now: datetime) -> bool:
    used = queries.use(session, guest.invitation.id, now)
    if used:
        record(
            session, now, "invitation.accept", actor_id=guest.user.id, program_id=guest.invitation.program_id,
            subject=guest.user.id, source=address,
        )  # fmt: skip
    return used
