"""Making programs, agencies and people, and closing accounts. Used by the command line, the demo and the first sign-in."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import uuid6
from sqlmodel import Session, col, select

from api.accounts import queries
from api.accounts.program import ProgramConfig
from api.audit.service import record
from api.auth import sessions
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
    actor_id: str | None = None, *, active: bool = True,
) -> User:  # fmt: skip
    """A new account with one role. Raises NotFound, Malformed or Conflict. Who is only invited is not yet active."""
    login = normal_login(person.login)
    check(session, person)
    if queries.user_by_login(session, login) is not None:
        raise Conflict(f"There is a login {login} already.")
    user = User(
        id=str(uuid6.uuid7()), login=login, name=person.name.strip(), callback=person.callback.strip(),
        password_hash=password_hash, active=active, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    give_role(session, user.id, person.program_id, person.role, person.agency_id, now)
    record(
        session, now, "person.create", actor_id=actor_id, program_id=person.program_id, subject=user.id, source=source
    )
    return user


def change_newcomer(session: Session, user: User, person: NewPerson, now: datetime) -> None:
    """Another name, role or number for somebody who has not come in yet. Raises as `add_person` does."""
    check(session, person)
    user.name, user.callback = person.name.strip(), person.callback.strip()
    session.add(user)
    give_role(session, user.id, person.program_id, person.role, person.agency_id, now)


def give_role(session: Session, user_id: str, program_id: str, role: str, agency_id: str | None, now: datetime) -> None:
    """From now on the person is this and nothing else; what they were before stays on record."""
    for standing in queries.standing_memberships(session, user_id, now):
        standing.until_at = now
        session.add(standing)
    membership = Membership(
        id=str(uuid.uuid4()), user_id=user_id, program_id=program_id, agency_id=agency_id, role=role, from_at=now
    )
    session.add(membership)


def check(session: Session, person: NewPerson) -> None:
    """Refuse what no account can be. Raises NotFound or Malformed."""
    if queries.program(session, person.program_id) is None:
        raise NotFound(f"There is no program {person.program_id}.")
    if person.role not in ASSIGNABLE:
        raise Malformed("A role is one of " + ", ".join(ASSIGNABLE) + ".")
    if not person.login.strip() or not person.name.strip():
        raise Malformed("A person has a login and a name.")
    if person.role in POLICE and person.agency_id is None:
        raise Malformed("An officer and a sergeant belong to an agency.")
    if person.role not in POLICE and person.agency_id is not None:
        raise Malformed("Only an officer or a sergeant belongs to an agency.")
    if person.agency_id is not None and queries.agency(session, person.program_id, person.agency_id) is None:
        raise NotFound("There is no such agency in the program.")


def deactivate(
    session: Session, login: str, now: datetime, source: str = COMMAND_LINE, actor_id: str | None = None
) -> list[Device]:  # fmt: skip
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
    record(session, now, "person.deactivate", actor_id=actor_id, program_id=program_id, subject=user.id, source=source)
    devices = select(Device).where(col(Device.user_id) == user.id, col(Device.state) == "active")
    return list(session.exec(devices))
