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


def _people(program: str, prefix: str, area: str, names: tuple[str, str, str, str, str, str]) -> tuple[Account, ...]:
    first, second, sergeant, coordinator, relief, supervisor = names
    return (
        Account(f"{prefix}.officer", f"Officer Demo {first}", "officer", program, f"{area}-555-0111"),
        Account(f"{prefix}.officer2", f"Officer Demo {second}", "officer", program, f"{area}-555-0112"),
        Account(f"{prefix}.sergeant", f"Sergeant Demo {sergeant}", "sergeant", program),
        Account(f"{prefix}.coordinator", f"{coordinator} Example", "coordinator", program, f"{area}-555-0121"),
        Account(f"{prefix}.coordinator2", f"{relief} Example", "coordinator", program, f"{area}-555-0122"),
        Account(f"{prefix}.supervisor", f"{supervisor} Example", "supervisor", program, f"{area}-555-0131"),
    )


ACCOUNTS: tuple[Account, ...] = (
    *_people("denver", "denver", "303", ("Alder", "Birch", "Cedar", "Maya", "Noel", "Olive")),
    *_people("san-luis-valley", "valley", "719", ("Dogwood", "Elm", "Fir", "Pilar", "Quinn", "Rosa")),
    *_people("dona-ana", "donaana", "575", ("Hazel", "Juniper", "Laurel", "Sol", "Tomás", "Una")),
    Account("administrator", "Ada Example", "administrator", "denver"),
)
