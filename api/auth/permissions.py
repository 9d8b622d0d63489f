"""Who may do what: role × resource × field group → rights, and role × pathway → begins. The one table.

It drives the routes' guards, the authorisation of operations, the rendering of views, the README's matrix and a generated
test. Rights: C create, R read, U change, D end. What is not listed is refused. Resources that begin with `referral.` are the
field groups of a referral; the scope (own, agency, program) says which referrals a role reaches at all.
"""

from typing import Literal

from sync.fields import GROUPS, PATHWAYS, Group, Pathway, Role

Scope = Literal["own", "partner", "agency", "health", "program", "prosecutor", "none"]
"""`own` and `partner`: written by the user, as police or as a partner; `agency`: the session's agency; `health` and `program`:
the whole program, as those who meet people see it and as those who run it do; `prosecutor`: its arrest diversions; `none`."""

SCOPES: dict[Role, Scope] = {
    "officer": "own",
    "partner": "partner",
    "sergeant": "agency",
    "coordinator": "health",
    "case_manager": "health",
    "supervisor": "program",
    "administrator": "none",
    "prosecutor": "prosecutor",
    "evaluator": "none",
    "server": "none",
}
"""Which referrals a role reaches; the feed's scopes and the right to write to a referral follow from it."""

SEES_COMMUNITY: frozenset[Role] = frozenset({"coordinator", "case_manager", "supervisor", "partner", "server"})
"""Community referrals are health-side: no police role ever sees one."""

BEGINS: dict[Role, frozenset[Pathway]] = {
    "officer": frozenset({"arrest_diversion", "social_contact"}),
    "coordinator": frozenset({"social_contact", "community"}),
    "case_manager": frozenset({"social_contact", "community"}),
    "partner": frozenset({"community"}),
}
"""The pathways on which a role begins referrals: an arrest is the police's own, the community is never theirs."""

_OWN = {"session": "RUD", "credentials": "CRUD", "openid": "CRD", "program": "R", "devices.own": "CRD", "sync": "CR"}

_HEALTH = {
    "referral.origin": "CR",
    "referral.case": "RU",
    "referral.circumstances": "RU",
    "referral.place": "RU",
    "referral.identity": "CRU",
    "referral.needs": "CRU",
    "referral.demographics": "CRU",
    "referral.safety": "CRU",
    "referral.notes": "CRU",
    "referral.contacts": "CRU",
    "referral.consent": "CRU",
    "referral.release": "CRU",
    "referral.status": "CRU",
    "referral.holder": "CRU",
    "referral.decision": "CRU",
    "referral.assessment": "CRU",
    "referral.approvals": "CRU",
    "referral.merging": "CRU",
    "rules": "R",
    "page": "RU",
    "push": "CRD",
    "channels": "CRD",
    "rota": "RU",
    "history": "R",
    "people": "R",
    "disclosures": "R",
}

RIGHTS: dict[Role, dict[str, str]] = {
    "officer": _OWN
    | {
        "referral.origin": "CR",
        "referral.case": "CRU",
        "referral.circumstances": "CRU",
        "referral.place": "CRU",
        "referral.identity": "CRU",
        "referral.needs": "C",
        "referral.demographics": "C",
        "referral.safety": "CRU",
        "referral.notes": "C",
        "referral.consent": "CR",
        "referral.status": "CRU",
        "referral.holder": "R",
        "referral.decision": "C",
        "referral.approvals": "CR",
        "departure": "C",
        "rules": "R",
        "tally": "C",
        "push": "CRD",
        "history": "R",
    },
    "sergeant": _OWN
    | {"referral.origin": "R", "referral.status": "R", "referral.approvals": "CR", "queue": "R", "rules": "R"},
    "coordinator": _OWN | _HEALTH,
    "case_manager": _OWN | _HEALTH,
    "supervisor": _OWN
    | {
        "referral.origin": "R",
        "referral.case": "R",
        "referral.circumstances": "R",
        "referral.place": "R",
        "referral.consent": "R",
        "referral.release": "R",
        "referral.status": "RU",
        "referral.holder": "RU",
        "referral.decision": "R",
        "referral.approvals": "CR",
        "referral.merging": "R",
        "rules": "R",
        "audit": "R",
        "queue": "R",
        "quarantine": "RU",
        "page": "R",
        "push": "CRD",
        "channels": "CRD",
        "rota": "CRU",
        "history": "R",
        "people": "R",
        "disclosures": "R",
        "accounts": "R",
        "devices.all": "RD",
        "second_person": "R",
        "recovery": "CU",
        "hold": "CRU",
        "hold_end": "CU",
        "expunge": "CU",
        "retention": "R",
        "break_glass": "RUD",
    },
    "administrator": _OWN
    | {
        "accounts": "CRU",
        "devices.all": "RD",
        "audit": "R",
        "rules": "CRD",
        "second_person": "R",
        "recovery": "CU",
        "hold": "RU",
        "hold_end": "U",
        "expunge": "U",
        "break_glass": "CRD",
    },
    "prosecutor": _OWN
    | {
        "referral.origin": "R",
        "referral.case": "R",
        "referral.approvals": "CR",
        "rules": "R",
        "prosecution": "R",
    },
    "evaluator": _OWN | {"evaluation": "R"},
    "partner": _OWN
    | {
        "referral.origin": "CR",
        "referral.place": "C",
        "referral.identity": "C",
        "referral.needs": "C",
        "referral.notes": "C",
        "referral.consent": "C",
        "referral.status": "CR",
    },
    "server": {"referral.status": "U", "referral.holder": "U", "referral.decision": "U"},
}

LOST_ON_ACCEPTANCE: dict[Role, frozenset[Group]] = {
    "officer": frozenset({"circumstances", "place", "identity", "safety", "consent", "holder", "approvals"}),
}
"""Groups that a role no longer reads once the program has accepted the person: from then on it is the health side's affair.

An officer keeps origin, case and status words, and hears by the view's flags whether consent stands. Writing is not touched,
so that what still waits on the phone is accepted.
"""

ROLES: tuple[Role, ...] = tuple(RIGHTS)
RESOURCES: tuple[str, ...] = tuple(
    dict.fromkeys([f"referral.{group}" for group in GROUPS] + sorted({key for row in RIGHTS.values() for key in row}))
)


def may(role: Role, resource: str, right: str) -> bool:
    """True if the table gives the role this one right on the resource."""
    return right in RIGHTS.get(role, {}).get(resource, "")


def readable_groups(role: Role) -> frozenset[Group]:
    """The field groups that a role's views show."""
    return frozenset(group for group in GROUPS if may(role, f"referral.{group}", "R"))


def groups_left(role: Role, *, accepted: bool) -> frozenset[Group]:
    """Of the groups that a role reads, those that are left to it before or after the program has accepted the person."""
    return readable_groups(role) - LOST_ON_ACCEPTANCE.get(role, frozenset()) if accepted else readable_groups(role)


BREAK_GLASS: frozenset[Group] = frozenset(
    {
        "origin", "case", "circumstances", "place", "consent", "release", "status", "holder", "decision", "approvals",
        "merging",
    }
)  # fmt: skip
"""What an administrator sees through broken glass: a supervisor's view. No name, and never assessment, needs or notes."""


def may_write(role: Role, groups: frozenset[Group]) -> bool:
    """True if the role may write (create or change) in every one of the groups."""
    return all(may(role, f"referral.{group}", "C") or may(role, f"referral.{group}", "U") for group in groups)


def may_change(role: Role, groups: frozenset[Group]) -> bool:
    """True if the role may change, and so correct, what others wrote in every one of the groups."""
    return all(may(role, f"referral.{group}", "U") for group in groups)


def may_begin(role: Role) -> frozenset[Pathway]:
    """The pathways on which the role may create a referral."""
    return BEGINS.get(role, frozenset())


def may_leave(role: Role) -> bool:
    """True if the role stands beside people and so can drive on from a referral of its own."""
    return may(role, "departure", "C")


def matrix() -> list[list[str]]:
    """The table for people: a heading row, then one row per pathway and resource with each role's rights or a dash.

    `(R)`: until the program has accepted the person.
    """
    roles = [role for role in ROLES if role != "server"]
    rows = [["", *roles]]
    rows += [[f"pathway.{name}", *("C" if name in may_begin(role) else "–" for role in roles)] for name in PATHWAYS]
    rows += [[resource, *(_cell(role, resource) for role in roles)] for resource in RESOURCES]
    return rows


def _cell(role: Role, resource: str) -> str:
    """A role's rights, R in brackets where it ends with the acceptance."""
    rights = RIGHTS[role].get(resource, "–")
    lost = any(resource == f"referral.{group}" for group in LOST_ON_ACCEPTANCE.get(role, ()))
    return rights.replace("R", "(R)") if lost else rights
