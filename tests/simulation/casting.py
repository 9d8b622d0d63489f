"""Who is in a world, and which phone is whose. Two officers share one phone."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from argon2 import PasswordHasher
from sqlmodel import Session

from api.accounts import people
from api.accounts.people import NewPerson
from api.accounts.program import ProgramConfig

PROGRAM = "denver"
AGENCY = "aaaaaaaa-0000-4000-8000-000000000001"
SECOND_AGENCY = "aaaaaaaa-0000-4000-8000-000000000002"
PASSPHRASE = "plain words for tests"
START = datetime(2026, 4, 30, 2, 14, tzinfo=UTC)
JOINED = START - timedelta(days=60)

# The cheapest hash that the real code accepts: the parameters travel inside it.
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSPHRASE)


class Person(NamedTuple):
    """One of the cast."""

    login: str
    role: str
    agency_id: str | None


CAST = (
    Person("officer", "officer", AGENCY),
    Person("officer2", "officer", AGENCY),
    Person("officer3", "officer", SECOND_AGENCY),
    Person("coordinator", "coordinator", None),
    Person("case_manager", "case_manager", None),
)
AT_PHONES = (("officer",), ("officer2", "officer3"), ("coordinator",), ("case_manager",))
"""Who uses which phone, the one who holds it now first."""
PHONES = len(AT_PHONES)

CONFIG = ProgramConfig(
    call_number="303-555-0100", call_name="On call", time_zone="America/Denver",
    pathways=["arrest_diversion", "social_contact", "community"], pack="denver", second_factor="optional",
)  # fmt: skip


def enter(session: Session) -> dict[str, str]:
    """Put program and people into an empty database; the ids of users by their logins."""
    people.add_program(session, PROGRAM, "Denver", CONFIG, JOINED)
    for number, agency_id in enumerate((AGENCY, SECOND_AGENCY)):
        people.add_agency(session, PROGRAM, f"Agency {number}", JOINED, agency_id=agency_id)
    found = {}
    for login, role, own_agency in CAST:
        person = NewPerson(login, f"{login.title()} Example", role, PROGRAM, own_agency, "303-555-0111")
        found[login] = people.add_person(session, person, QUICK_HASH, JOINED).id
    return found
