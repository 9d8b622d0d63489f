"""Who plays in the demo: three programs, their agencies and people. Every name is visibly invented.

Answers for accounts only; what they do is in `acts`. The programs' own facts (places, calendars, packs) are real.
"""

from dataclasses import dataclass

from api.accounts.program import ProgramConfig
from sync.fields import Pathway, Role

PASSPHRASE = "four quiet demo words"
"""One for everybody. It opens nothing but invented data: these accounts exist in demo mode alone."""


@dataclass(frozen=True)
class DemoProgram:
    """One program with the agencies that refer to it."""

    id: str
    name: str
    config: ProgramConfig
    agency_id: str
    agency: str


@dataclass(frozen=True)
class Account:
    """One invented person."""

    login: str
    name: str
    role: Role
    program: str
    callback: str = ""
    password: str = PASSPHRASE


def _config(number: str, name: str, pack: str | None, pathways: list[Pathway]) -> ProgramConfig:
    return ProgramConfig(
        call_number=number, call_name=name, time_zone="America/Denver", pathways=pathways, pack=pack, page_minutes=5,
        nobody_after_minutes=10, second_factor="optional",
        approval_numbers={"sergeant": f"{number[:3]}-555-0141", "prosecutor": f"{number[:3]}-555-0151"},
    )  # fmt: skip


_ALL: list[Pathway] = ["arrest_diversion", "social_contact", "community"]

PROGRAMS: tuple[DemoProgram, ...] = (
    DemoProgram(
        "denver", "Denver LEAD (demo)", _config("303-555-0100", "Denver LEAD on call", "denver", _ALL),
        "0de00000-0000-4000-8000-000000000001", "Demo Police, District 6",
    ),
    DemoProgram(
        "san-luis-valley", "San Luis Valley LEAD (demo)",
        _config("719-555-0100", "Valley LEAD on call", "san-luis-valley", _ALL),
        "0de00000-0000-4000-8000-000000000002", "Demo Sheriff, Alamosa side",
    ),
    DemoProgram(
        "dona-ana", "Doña Ana County LEAD (demo)", _config("575-555-0100", "Doña Ana LEAD on call", "dona-ana", _ALL),
        "0de00000-0000-4000-8000-000000000003", "Demo Sheriff, Mesilla side",
    ),
)  # fmt: skip


_POSTS: tuple[tuple[str, Role, str], ...] = (
    ("officer", "officer", "555-0111"), ("officer2", "officer", "555-0112"), ("sergeant", "sergeant", ""),
    ("coordinator", "coordinator", "555-0121"), ("coordinator2", "coordinator", "555-0122"),
    ("case_manager", "case_manager", "555-0123"), ("supervisor", "supervisor", "555-0131"),
    ("administrator", "administrator", ""), ("prosecutor", "prosecutor", ""), ("evaluator", "evaluator", ""),
    ("partner", "partner", "555-0161"),
)  # fmt: skip
"""Who is in every program, so that each role can be tried: the end of the login, the role, the number."""

_TITLES: dict[Role, str] = {"officer": "Officer Demo {}", "sergeant": "Sergeant Demo {}"}


def _people(program: str, prefix: str, area: str, *names: str) -> tuple[Account, ...]:
    return tuple(
        Account(
            f"{prefix}.{post}",
            _TITLES.get(role, "{} Example").format(name),
            role,
            program,
            number and f"{area}-{number}",
        )
        for (post, role, number), name in zip(_POSTS, names, strict=True)
    )


ACCOUNTS: tuple[Account, ...] = (
    *_people(
        "denver", "denver", "303",
        "Alder", "Birch", "Cedar", "Maya", "Noel", "Iris", "Olive", "Ada", "Percy", "Edith", "Bea",
    ),
    *_people(
        "san-luis-valley", "valley", "719",
        "Dogwood", "Elm", "Fir", "Pilar", "Quinn", "Ivo", "Rosa", "Adela", "Paz", "Emil", "Bruno",
    ),
    *_people(
        "dona-ana", "donaana", "575",
        "Hazel", "Juniper", "Laurel", "Sol", "Tomás", "Inés", "Una", "Adán", "Petra", "Elia", "Berta",
    ),
)  # fmt: skip
