"""Signing in and out, and what a signed-in person is told: themselves and their program.

A refused sign-in says the same and takes the same time whether the login is unknown, the passphrase wrong, the account closed
or its roles ended. Every way of signing in ends in `begin`, so that all are limited, audited and asked for a second factor alike.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries
from api.accounts.people import normal_login
from api.accounts.program import Script, config_of, script_of
from api.audit.service import record
from api.auth import limits, sessions
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.credentials import challenges, passkeys, proof
from api.credentials.models import Assertion
from api.credentials.relying_party import RelyingParty
from api.credentials.service import REFUSED_PASSKEY
from api.database import Database
from api.problems import NotFound, PasskeyRefused
from api.rules import service as rules
from api.rules.packs import PhonePacks
from api.tables.devices import Device
from api.tables.people import Membership, Program, User
from sync.fields import Pathway, Role

PROGRAM_STAFF: tuple[Role, ...] = ("coordinator", "case_manager", "supervisor")


@dataclass(frozen=True)
class SignedIn:
    """An open session, and the token for its cookie."""

    token: str
    principal: Principal


@dataclass(frozen=True)
class ProgramFacts:
    """A program as its people's phones keep it."""

    program: Program
    script: Script
    packs: PhonePacks
    pathways: list[Pathway]
    agencies: list[tuple[str, str]]
    people: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Visit:
    """Where a sign-in comes from: the address, the device that the phone says it is, the hash of the session it had."""

    address: str
    device_id: str | None = None
    replaces: str | None = None


def sign_in(database: Database, login: str, passphrase: str, code: str | None, visit: Visit, now: datetime) -> SignedIn:
    """A new session by passphrase, and code where the person has an authenticator app.

    Raises SignInRefused, CodeNeeded or TooMany.
    """
    tried = proof.try_passphrase(database, normal_login(login), passphrase, visit.address, now)
    with database.write() as session:
        user, membership = _standing(session, tried.user_id, now)
        verdict = proof.settle(session, tried, code, now, visit.address, allowed=membership is not None)
        signed_in = None
        if verdict in ("passphrase", "two-factors") and user is not None and membership is not None:
            signed_in = begin(session, user, membership, visit, now, second_factor=verdict == "two-factors")
        elif verdict == "refused":
            subject = None if user is None else user.id
            record(session, now, "session.start", "refused", actor_id=subject, source=visit.address)
    proof.insist(verdict)
    assert signed_in is not None
    return signed_in


def sign_in_by_passkey(
    database: Database, party: RelyingParty, challenge_id: str, assertion: Assertion, visit: Visit, now: datetime
) -> SignedIn:
    """A new session by a passkey, which is two factors. Raises PasskeyRefused or TooMany."""
    with database.write() as session:
        attempt = limits.count_attempt(session, None, visit.address, now)
        challenge = challenges.take(session, challenge_id, "prove", now)
        passkey = passkeys.proven(session, party, challenge, assertion, now, visit.address)
        user, membership = _standing(session, None if passkey is None else passkey.user_id, now)
        signed_in = None
        if user is not None and membership is not None:
            limits.forgive(session, attempt)
            signed_in = begin(session, user, membership, visit, now, second_factor=True)
        else:
            subject = None if user is None else user.id
            record(session, now, "session.start", "refused", actor_id=subject, source=visit.address)
    if signed_in is None:
        raise PasskeyRefused(REFUSED_PASSKEY)
    return signed_in


def begin(
    session: Session,
    user: User,
    membership: Membership,
    visit: Visit,
    now: datetime,
    *,
    second_factor: bool,
    through: str = "",
) -> SignedIn:
    """Open the session of somebody who has proved who they are; `second_factor` says that the proof had two.
    `through` is the provider that vouched for them, if any.

    Where the program requires two and there was one, the session is good for adding the second alone.
    """
    if visit.replaces is not None:
        sessions.end(session, visit.replaces)
    program = session.get_one(Program, membership.program_id)
    needed = not second_factor and config_of(program).second_factor == "required"
    device = _device_for(session, user, membership.program_id, visit.device_id)
    token, principal = sessions.open_session(session, membership, device, now, second_factor_needed=needed)
    record(
        session, now, "session.start", actor_id=user.id, program_id=membership.program_id, subject=through,
        source=visit.address,
    )  # fmt: skip
    return SignedIn(token, principal)


def _standing(session: Session, user_id: str | None, now: datetime) -> tuple[User | None, Membership | None]:
    """The person, and the membership that a sign-in of theirs takes up: None if the account is closed or has no role."""
    user = None if user_id is None else queries.user(session, user_id)
    if user is None or not user.active:
        return user, None
    return user, sessions.standing_membership(session, user.id, now)


def _device_for(session: Session, user: User, program_id: str, device_id: str | None) -> str | None:
    """The device that the phone says it is, if it is this person's and in use; the rest enrol anew."""
    device = None if device_id is None else session.get(Device, device_id)
    if device is None or device.user_id != user.id or device.program_id != program_id or device.state != "active":
        return None
    return device.id


def sign_out(session: Session, principal: Principal, now: datetime, address: str) -> None:
    """End the session. Nothing on the phone is touched."""
    sessions.end(session, principal.session_token_hash)
    record(session, now, "session.end", actor_id=principal.user_id, program_id=principal.program_id, source=address)


def program_facts(session: Session, principal: Principal, now: datetime) -> ProgramFacts:
    """What the person's phone keeps of the program. Names of colleagues go to program staff alone."""
    program = queries.program(session, principal.program_id)
    if program is None:
        raise NotFound("The program is not here.")
    config = config_of(program)
    people: list[tuple[str, str, str]] = []
    if may(principal.role, "people", "R"):
        staff = queries.people_with(session, program.id, PROGRAM_STAFF, now)
        people = [(person.id, person.name, role) for person, role in staff]
    return ProgramFacts(
        program=program,
        script=script_of(config),
        packs=rules.for_phones(session, program.id, now),
        pathways=config.pathways,
        agencies=[(agency.id, agency.name) for agency in queries.agencies(session, program.id)],
        people=people,
    )
