"""Signing in and out, and what a signed-in person is told: themselves and their program.

A refused sign-in says the same and takes the same time whether the login is unknown, the passphrase wrong, the account closed
or its roles ended.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries
from api.accounts.people import normal_login
from api.accounts.program import Script, config_of, script_of
from api.audit.service import record
from api.auth import limits, passwords, sessions
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.database import Database
from api.problems import NotFound, SignInRefused
from api.rules import service as rules
from api.rules.packs import PhonePacks
from api.tables.devices import Device
from api.tables.people import Program, User
from sync.fields import Pathway, Role

PROGRAM_STAFF: tuple[Role, ...] = ("coordinator", "case_manager", "supervisor")
REFUSED = "Check both and try again. What you wrote on this phone is kept."


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


def sign_in(
    database: Database, login: str, passphrase: str, device_id: str | None, address: str, now: datetime,
    *, replaces: str | None = None,
) -> SignedIn:  # fmt: skip
    """A new session. Raises SignInRefused or TooMany. `replaces` is the hash of the session the browser had.

    The passphrase is checked between two transactions: it takes a while, and nobody else should wait for it.
    """
    login = normal_login(login)
    with database.write() as session:
        attempt = limits.count_attempt(session, login, address, now)
        user = queries.user_by_login(session, login)
        stored = None if user is None else user.password_hash
    fits = passwords.matches(passphrase, stored)
    with database.write() as session:
        current = None if user is None else queries.user(session, user.id)
        membership = None if current is None else sessions.standing_membership(session, current.id, now)
        if not fits or current is None or not current.active or membership is None:
            subject = None if current is None else current.id
            record(session, now, "session.start", "refused", actor_id=subject, source=address)
            refused = True
        else:
            refused = False
            limits.forgive(session, attempt)
            if replaces is not None:
                sessions.end(session, replaces)
            device = _device_for(session, current, membership.program_id, device_id)
            token, principal = sessions.open_session(session, membership, device, now)
            record(session, now, "session.start", actor_id=current.id, program_id=membership.program_id, source=address)
    if refused:
        raise SignInRefused(REFUSED)
    return SignedIn(token, principal)


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
