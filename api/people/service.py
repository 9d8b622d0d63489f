"""Changing a program's accounts: role and agency, closing, opening again, unlocking.

Nobody changes their own account here, and the last administrator stays: otherwise a program could lock itself out. (The command
line still can, for whoever runs the machine.)
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from api.accounts import people
from api.accounts import queries as accounts
from api.accounts.people import POLICE, NewPerson
from api.audit.service import record
from api.auth import limits, sessions
from api.auth.sessions import Principal
from api.devices import service as devices
from api.invitations import queries as invitations
from api.invitations.service import never_accepted
from api.people import queries
from api.problems import Conflict, Forbidden, Malformed, NotFound
from api.tables.people import Membership, User

State = Literal["active", "invited", "closed"]

LISTED = 2000
ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Account:
    """Somebody in a program: what they are, or last were, and whether they can come in."""

    user: User
    membership: Membership
    state: State
    seen_at: datetime | None
    locked_until: datetime | None


@dataclass(frozen=True)
class Change:
    """What shall be different; None leaves it. `agency_given` tells an agency taken away from one left alone."""

    active: bool | None = None
    role: str | None = None
    agency_id: str | None = None
    agency_given: bool = False


def everybody(session: Session, program_id: str, now: datetime) -> list[Account]:
    """The program's accounts, by name."""
    seen = queries.last_seen(session, program_id)
    found = queries.of_program(session, program_id, LISTED)
    return [_account(session, user, membership, seen.get(user.id), now) for user, membership in found]


def one(session: Session, principal: Principal, user_id: str, now: datetime) -> Account:
    """One account of the principal's program. Raises NotFound."""
    user, membership = _here(session, principal, user_id)
    return _account(session, user, membership, queries.last_seen(session, principal.program_id).get(user_id), now)


def _account(
    session: Session, user: User, membership: Membership, seen_at: datetime | None, now: datetime
) -> Account:  # fmt: skip
    state: State = "active" if user.active else "invited" if _invited(session, user, membership, now) else "closed"
    return Account(user, membership, state, seen_at, limits.locked_until(session, user.login, now))


def _invited(session: Session, user: User, membership: Membership, now: datetime) -> bool:
    stands = membership.until_at is None or membership.until_at > now
    return stands and never_accepted(session, user)


def change(session: Session, principal: Principal, user_id: str, wanted: Change, now: datetime, source: str) -> None:
    """Change an account; its sessions end if anything is different. Raises NotFound, Forbidden, Conflict or Malformed."""
    queries.lock_program(session, principal.program_id)
    user, membership = _here(session, principal, user_id)
    if user.id == principal.user_id:
        raise Forbidden("Your own account is another administrator's to change.")
    if wanted.active is False:
        if wanted.role is not None or wanted.agency_given:
            raise Malformed("An account is closed, or changed, but not both at once.")
        _close(session, principal, user, membership, now, source)
        return
    if wanted.active:
        _open(session, principal, user, membership, now, source)
    elif not user.active and not _invited(session, user, membership, now):
        raise Conflict("The account is closed. Open it first.")
    _give(session, principal, user, membership, wanted, now, source)


def unlock(session: Session, principal: Principal, user_id: str, now: datetime, source: str) -> None:
    """Let somebody try their passphrase again after too many wrong ones. Raises NotFound."""
    user, _ = _here(session, principal, user_id)
    limits.release(session, user.login)
    _note(session, principal, "person.unlock", user, now, source)


def _here(session: Session, principal: Principal, user_id: str) -> tuple[User, Membership]:
    user, membership = accounts.user(session, user_id), queries.membership(session, user_id)
    if user is None or membership is None or membership.program_id != principal.program_id:
        raise NotFound("There is no such person here.")
    return user, membership


def _close(
    session: Session, principal: Principal, user: User, membership: Membership, now: datetime, source: str
) -> None:
    _keep_an_administrator(session, user, membership, now)
    people.deactivate(session, user.login, now, source, principal.user_id)
    devices.revoke_all(session, user.id, now, actor_id=principal.user_id, source=source)
    invitations.end_for(session, user.id, now)


def _open(
    session: Session, principal: Principal, user: User, membership: Membership, now: datetime, source: str
) -> None:
    """What they were last they are again; their devices stay revoked, and enrol anew."""
    if user.active:
        return
    if never_accepted(session, user):
        raise Conflict("They have not come in yet. Invite them again.")
    user.active = True
    session.add(user)
    people.give_role(session, user.id, membership.program_id, membership.role, membership.agency_id, now)
    _note(session, principal, "person.open", user, now, source)


def _give(
    session: Session, principal: Principal, user: User, membership: Membership, wanted: Change, now: datetime,
    source: str,
) -> None:  # fmt: skip
    role = wanted.role or membership.role
    kept = membership.agency_id if role in POLICE else None
    agency_id = wanted.agency_id if wanted.agency_given else kept
    if (role, agency_id) == (membership.role, membership.agency_id):
        return
    people.check(session, NewPerson(user.login, user.name, role, principal.program_id, agency_id))
    if role != ADMINISTRATOR:
        _keep_an_administrator(session, user, membership, now)
    people.give_role(session, user.id, principal.program_id, role, agency_id, now)
    sessions.end_all(session, user.id)
    _note(session, principal, "person.role", user, now, source)


def _keep_an_administrator(session: Session, user: User, membership: Membership, now: datetime) -> None:
    is_one = user.active and membership.role == ADMINISTRATOR
    if is_one and not queries.other_administrators(session, membership.program_id, user.id, now):
        raise Conflict("This is the program's last administrator.")


def _note(session: Session, principal: Principal, action: str, user: User, now: datetime, source: str) -> None:
    record(
        session,
        now,
        action,
        actor_id=principal.user_id,
        program_id=principal.program_id,
        subject=user.id,
        source=source,
    )
