"""Every cell of the table of rights, both ways, over the real API: what each role may write and is shown, and nothing else.

Generated from the table: a new role, group or route is tried by itself, and a group without a way to try it fails.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from api.auth.permissions import (
    LOST_ON_ACCEPTANCE,
    RIGHTS,
    ROLES,
    SCOPES,
    groups_left,
    may_begin,
    may_write,
    readable_groups,
)
from api.database import Database
from sync.admission import NEEDS_SIGHT
from sync.fields import GROUPS, PATHWAYS, Group, Role
from tests.api import exchange_world as world
from tests.api.conftest import PROGRAM, Cast, Enrol, SignIn
from tests.api.device import TestDevice
from tests.api.feed_reading import CANARIES, FIELD_CANARIES, OVERRIDE, RELEASE, pull, puts, whole_referral
from tests.api.test_routes import ROUTES, method_of

PEOPLE_ROLES: tuple[Role, ...] = tuple(role for role in ROLES if role != "server")
REGISTERS: dict[Group, str] = {"origin": "origin", "status": "status", "holder": "holder", "merging": "merged_into"}
"""Groups that hold no text: they are looked for by a register."""
SEEN_AT = {"observed_at": "2026-04-30T02:00:00Z", "expires_at": "2026-05-01T02:00:00Z"}
WRITES: dict[Group, tuple[str, dict[str, Any]]] = {
    "case": ("referral.set", {"fields": {"unit": "Unit 7"}}),
    "circumstances": ("referral.set", {"fields": {"property_held": "A bicycle"}}),
    "place": ("referral.set", {"fields": {"place": "North gate"}}),
    "identity": ("referral.set", {"fields": {"name": "Kit Sample"}}),
    "needs": ("referral.set", {"fields": {"needs": ["food"]}}),
    "demographics": ("referral.set", {"fields": {"race_self": "x"}}),
    "safety": ("safety.add", {"about": "other", "text": "Small dog.", **SEEN_AT}),
    "notes": ("note.add", {"text": "Brings socks."}),
    "contacts": ("contact.add", {"how": "phone", "result": "reached", "text": ""}),
    "consent": ("consent.confirm", {"answer": "yes"}),
    "release": ("release.give", RELEASE),
    "status": ("referral.alert", {"officer_waiting": False}),
    "holder": ("referral.assign", {"user_id": str(uuid4())}),
    "decision": ("decision.record", {"outcome": "waitlist", "reason": None}),
    "assessment": ("referral.set", {"fields": {"intake_on": "2026-04-30"}}),
    "approvals": ("override.add", OVERRIDE),
    "merging": ("referral.merge", {"into": str(uuid4())}),
}
"""An operation that writes one group and no other; `origin` is written by beginning a referral."""


class Ground(NamedTuple):
    """A referral within each role's reach, and one beyond it, with the consent that identity cites."""

    within: dict[Role, tuple[str, list[str]]]
    beyond: dict[Role, str]


@pytest.fixture
def phones(enrol: Enrol) -> dict[Role, TestDevice]:
    return {role: enrol(role) for role in PEOPLE_ROLES}


@pytest.fixture
def ground(phones: dict[Role, TestDevice], enrol: Enrol) -> Ground:
    officer, officer2, partner = phones["officer"], enrol("officer2"), phones["partner"]
    arrest, operations = officer.submission()
    officer.push(*operations)
    elsewhere, of_another_agency = officer2.submission()
    officer2.push(*of_another_agency)
    foreign, of_another_program = (other := enrol("other_officer")).submission()
    other.push(*of_another_program)
    own, not_own, social = partner.create(pathway="community"), phones["coordinator"].create(pathway="community"), (
        officer.create(pathway="social_contact")
    )  # fmt: skip
    for phone, created in ((partner, own), (phones["coordinator"], not_own), (officer, social)):
        assert phone.push(created)[0]["status"] == "applied"
    near = (arrest, [operations[1]["op_id"]])
    within = dict.fromkeys(PEOPLE_ROLES, near) | {"partner": (own["referral_id"], [])}
    by_scope = {
        "own": elsewhere, "agency": elsewhere, "partner": not_own["referral_id"], "prosecutor": social["referral_id"],
    }  # fmt: skip
    return Ground(within, {role: by_scope.get(SCOPES[role], foreign) for role in PEOPLE_ROLES})


def allowed(role: Role, group: Group) -> bool:
    """What the table says of writing to the group with the operation that is tried here."""
    sees = WRITES[group][0] not in NEEDS_SIGHT or group in readable_groups(role)
    return may_write(role, frozenset({group})) and sees


def test_there_is_a_way_to_try_every_group() -> None:
    assert set(WRITES) == set(GROUPS) - {"origin"}
    assert set(CANARIES) | set(REGISTERS) == set(GROUPS)
    assert len(FIELD_CANARIES) >= 40


def test_every_role_writes_in_its_own_groups_and_in_no_other(phones: dict[Role, TestDevice], ground: Ground) -> None:
    tried = 0
    for role in PEOPLE_ROLES:
        referral_id, cites = ground.within[role]
        for group, (kind, payload) in WRITES.items():
            [answer] = phones[role].push(phones[role].write(referral_id, kind, payload, saw=cites))
            if allowed(role, group):
                assert answer["status"] in ("applied", "merged"), (role, group, answer)
            else:
                assert (answer["status"], answer["reason"]) == ("rejected", "not_permitted"), (role, group, answer)
            tried += 1
    assert tried == len(PEOPLE_ROLES) * (len(GROUPS) - 1)


def test_beyond_its_reach_every_role_finds_nothing_to_write_to(phones: dict[Role, TestDevice], ground: Ground) -> None:
    for role in PEOPLE_ROLES:
        for group, (kind, payload) in WRITES.items():
            answers = []
            for referral_id in (ground.beyond[role], str(uuid4())):
                [answer] = phones[role].push(phones[role].write(referral_id, kind, payload, saw=[str(uuid4())]))
                answers.append((answer["status"], answer["reason"], answer["detail"], answer["number"]))
            assert answers[0] == answers[1], (role, group, "somebody else's and unknown look alike")
            expected = ("held", "unknown_referral") if allowed(role, group) else ("rejected", "not_permitted")
            assert answers[0][:2] == expected, (role, group)


def test_every_role_begins_referrals_on_its_own_pathways(phones: dict[Role, TestDevice]) -> None:
    for role in PEOPLE_ROLES:
        for pathway in PATHWAYS:
            phone = phones[role]
            [answer] = phone.push(phone.create(pathway=pathway))
            expected = "applied" if pathway in may_begin(role) else "rejected"
            assert answer["status"] == expected, (role, pathway, answer)
            assert ("C" in RIGHTS[role].get("referral.origin", "")) == bool(may_begin(role))


READABLE = [route for route in ROUTES if method_of(route) == "GET"]
PURPOSE, CASE_NUMBER = "canary-release", "canary-case_number"
"""What the release in force lets a prosecutor hear by the live route: the purpose goes with it as its scope."""


def everything_read(client: Any, referral_id: str) -> str:
    """The answers of every route that reads, for this referral and for whatever else a path may name."""
    texts = []
    for route in READABLE:
        assert isinstance(route, APIRoute)
        path = route.path.replace("{referral_id}", referral_id)
        answer = client.get(re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), path))
        assert answer.status_code < 500, (route.path, answer.text)
        texts.append(answer.text)
    return "\n".join(texts)


def found_in(text: str) -> set[str]:
    return {canary for canary in FIELD_CANARIES if re.search(rf"{canary}(?![\w-])", text)}


@pytest.mark.parametrize("accepted", [False, True])
def test_every_role_is_sent_every_text_of_its_groups_and_no_other(
    enrol: Enrol, sign_in: SignIn, cast: Cast, database: Database, accepted: bool
) -> None:
    coordinator = enrol("coordinator")
    referral_id = whole_referral(enrol("officer"), coordinator)
    merged = coordinator.write(referral_id, "referral.merge", {"into": str(uuid4())})
    assert coordinator.push(merged)[0]["status"] == "applied"
    if accepted:
        coordinator.pull()
        decision = {"outcome": "accepted", "reason": CANARIES["decision"]}
        assert coordinator.push(coordinator.write(referral_id, "decision.record", decision))[0]["status"] == "applied"
    for login, member in cast.items():
        reaches = (
            member.program_id == PROGRAM and login != "officer2" and SCOPES[member.role] not in ("none", "partner")
        )
        groups = groups_left(member.role, accepted=accepted) if reaches else frozenset[Group]()
        document = pull(client := sign_in(login))
        expected = {canary for canary, group in FIELD_CANARIES.items() if group in groups}
        assert found_in(str(document["items"])) == expected, login
        view = puts(document).get(referral_id, {"view": {"registers": {}}})["view"]
        for group, register in REGISTERS.items():
            assert (register in view["registers"]) == (group in groups), (login, group)
        told = {PURPOSE, CASE_NUMBER} if member.role == "prosecutor" and reaches else set()
        assert found_in(everything_read(client, referral_id)) - expected <= told, login


def test_the_crawl_would_find_a_leak(enrol: Enrol, sign_in: SignIn) -> None:
    """The live route is the one that tells a text: whoever reads it must be caught."""
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    assert found_in(everything_read(sign_in("prosecutor"), referral_id)) == {PURPOSE, CASE_NUMBER}


def test_what_is_lost_on_acceptance_is_still_taken(enrol: Enrol, database: Database) -> None:
    for role, lost in LOST_ON_ACCEPTANCE.items():
        phone, coordinator = enrol(role), enrol("coordinator")
        referral_id, operations = phone.submission()
        phone.push(*operations)
        coordinator.pull()
        accepted = {"outcome": "accepted", "reason": None}
        assert coordinator.push(coordinator.write(referral_id, "decision.record", accepted))[0]["status"] == "applied"
        for group in sorted(lost):
            kind, payload = WRITES[group]
            [answer] = phone.push(phone.write(referral_id, kind, payload, saw=[operations[1]["op_id"]]))
            assert (answer["status"] in ("applied", "merged")) == allowed(role, group), (role, group, answer)
    world.check_projection(database)
