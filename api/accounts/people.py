"""Making programs, agencies and people, and closing accounts. Used by the command line, the demo and the first sign-in."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import uuid6
from sqlmodel import Session, col, select

from api.accounts import queries
from api.accounts.program import ProgramConfig
from api.audit.service import record
from api.auth import passwords, sessions
from api.auth.permissions import ROLES
from api.problems import Conflict, Malformed, NotFound
from api.tables.devices import Device
from api.tables.people import Agency, Membership, Program, User
from sync.fields import Role

COMMAND_LINE = "command line"
POLICE = frozenset({"officer", "sergeant"})
ASSIGNABLE: tuple[Role, ...] = tuple(role for role in ROLES if role != "server")


@dataclass(frozen=True)
class NewPerson:
    """Someone to be given an account and one role."""

    login: str
    name: str
    role: str
    program_id: str
    agency_id: str | None = None
    callback: str = ""


def normal_login(login: str) -> str:
    """A login as it is stored: without surrounding space, lower case."""
    return login.strip().casefold()


def add_program(
    session: Session, program_id: str, name: str, config: ProgramConfig, now: datetime, source: str = COMMAND_LINE
) -> Program:
    """A new program. Raises Conflict if the id is taken."""
    if queries.program(session, program_id) is not None:
        raise Conflict(f"There is a program {program_id} already.")
    program = Program(id=program_id, name=name, config=config.model_dump(), created_at=now)
    session.add(program)
    session.flush()
    record(session, now, "program.create", program_id=program_id, subject=program_id, source=source)
    return program


def add_agency(
    session: Session,
    program_id: str,
    name: str,
    now: datetime,
    source: str = COMMAND_LINE,
    agency_id: str | None = None,
) -> Agency:
    """A new agency. Raises NotFound for an unknown program, Conflict if the name is taken in it."""
    if queries.program(session, program_id) is None:
        raise NotFound(f"There is no program {program_id}.")
    if queries.agency(session, program_id, name) is not None:
        raise Conflict(f"There is an agency {name} already.")
    agency = Agency(id=agency_id or str(uuid6.uuid7()), program_id=program_id, name=name)
    session.add(agency)
    session.flush()
    record(session, now, "agency.create", program_id=program_id, subject=agency.id, source=source)
    return agency


def add_person(
    session: Session, person: NewPerson, password_hash: str, now: datetime, source: str = COMMAND_LINE,
    actor_id: str | None = None,
) -> User:  # fmt: skip
    """A new account with one role. Raises NotFound, Malformed or Conflict."""
    login = normal_login(person.login)
    _check(session, person, login)
    user = User(
        id=str(uuid6.uuid7()), login=login, name=person.name.strip(), callback=person.callback.strip(),
        password_hash=password_hash, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    membership = Membership(
        id=str(uuid.uuid4()), user_id=user.id, program_id=person.program_id, agency_id=person.agency_id, role=person.role,
        from_at=now,
    )  # fmt: skip
    session.add(membership)
    record(
        session, now, "person.create", actor_id=actor_id, program_id=person.program_id, subject=user.id, source=source
    )
    return user


def _check(session: Session, person: NewPerson, login: str) -> None:
    if queries.program(session, person.program_id) is None:
        raise NotFound(f"There is no program {person.program_id}.")
    if person.role not in ASSIGNABLE:
        raise Malformed("A role is one of " + ", ".join(ASSIGNABLE) + ".")
    if not login or not person.name.strip():
        raise Malformed("A person has a login and a name.")
    if person.role in POLICE and person.agency_id is None:
        raise Malformed("An officer and a sergeant belong to an agency.")
    if person.role not in POLICE and person.agency_id is not None:
        raise Malformed("Only an officer or a sergeant belongs to an agency.")
    if person.agency_id is not None and queries.agency(session, person.program_id, person.agency_id) is None:
        raise NotFound("There is no such agency in the program.")
    if queries.user_by_login(session, login) is not None:
        raise Conflict(f"There is a login {login} already.")


def deactivate(session: Session, login: str, now: datetime, source: str = COMMAND_LINE) -> list[Device]:
    """Close an account: sessions end, memberships end. Returns the devices that still have to be revoked."""
    user = queries.user_by_login(session, normal_login(login))
    if user is None:
        raise NotFound(f"There is no login {login}.")
    user.active = False
    session.add(user)
    memberships = queries.standing_memberships(session, user.id, now)
    for membership in memberships:
        membership.until_at = now
        session.add(membership)
    sessions.end_all(session, user.id)
    program_id = memberships[0].program_id if memberships else None
    record(session, now, "person.deactivate", program_id=program_id, subject=user.id, source=source)
    devices = select(Device).where(col(Device.user_id) == user.id, col(Device.state) == "active")
    return list(session.exec(devices))


def new_passphrase() -> tuple[str, str]:
    """A generated passphrase and its hash."""
    words = passwords.four_words()
    return words, passwords.hashed(words)
