"""May it be applied? The author's role, who creates what, and what a settlement may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.auth.permissions import BEGINS, ROLES
from sync.fields import PATHWAYS, Pathway, Role
from sync.reconcile import Member
from tests.sync.factories import AGENCY, PAYLOADS
from tests.sync.server import (
    COORDINATOR,
    JOINED,
    NOW,
    OFFICER,
    Server,
    a_server,
    device_id,
    named,
    outcome_of,
    story,
    write,
)  # fmt: skip

CHANGED = NOW - timedelta(days=2)
HISTORY = (Member("coordinator", None, CHANGED, None), Member("officer", AGENCY, JOINED, CHANGED))
ELSEWHERE = "b0b0b0b0-0000-4000-8000-000000000001"
COMMUNITY = {"pathway": "community", "agency_id": None}


@pytest.mark.parametrize(
    ("made", "clock_off", "role"),
    [
        (CHANGED - timedelta(seconds=1), timedelta(0), "officer"),
        (CHANGED, timedelta(0), "coordinator"),
        (NOW - timedelta(days=29), timedelta(0), "officer"),
        (NOW + timedelta(days=3000), None, "coordinator"),
        (NOW - timedelta(days=3000), None, "officer"),
        (NOW - timedelta(days=3000), timedelta(days=2999), "coordinator"),
        (NOW + timedelta(days=3000), timedelta(days=-3005), "officer"),
        (datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=3000), "coordinator"),
        (datetime(1, 1, 1, tzinfo=UTC), timedelta(days=-3000), "officer"),
    ],
    ids=[
        "just before the change", "at the change", "long before the last contact", "a clock years fast",
        "a clock years slow", "a slow clock, corrected", "a fast clock, corrected", "beyond the calendar",
        "before the calendar",
    ],
)  # fmt: skip
def test_the_role_is_the_one_in_force_when_it_was_made(made: datetime, clock_off: timedelta | None, role: str) -> None:
    server = Server(members={OFFICER: HISTORY})
    off = None if clock_off is None else clock_off // timedelta(milliseconds=1)
    operation = write(OFFICER, 1, "consent.withdraw", made_at=made.isoformat(), clock_off_ms=off)
    [verdict] = server.push(OFFICER, operation).verdicts
    assert verdict.role == role


def test_a_clock_between_two_roles_finds_none() -> None:
    gap = (Member("officer", AGENCY, NOW - timedelta(days=1), None), Member("officer", AGENCY, JOINED, CHANGED))
    server = Server(members={OFFICER: gap})
    create = write(OFFICER, 1, "referral.create", made_at=(CHANGED + timedelta(hours=1)).isoformat())
    assert outcome_of(create, server) == ("held", "no_role")


@pytest.mark.parametrize(
    ("role", "payload", "answer"),
    [
        ("coordinator", COMMUNITY, "applied"),
        ("case_manager", COMMUNITY, "applied"),
        ("partner", COMMUNITY, "applied"),
        ("coordinator", {"pathway": "social_contact", "agency_id": None}, "applied"),
        ("officer", PAYLOADS["referral.create"], "applied"),
        ("officer", {"pathway": "social_contact", "agency_id": AGENCY}, "applied"),
        ("officer", COMMUNITY, "not_permitted"),
        ("officer", {"pathway": "community", "agency_id": AGENCY}, "not_permitted"),
        ("officer", {"pathway": "social_contact", "agency_id": None}, "not_permitted"),
        ("partner", {"pathway": "social_contact", "agency_id": None}, "not_permitted"),
        ("coordinator", PAYLOADS["referral.create"], "not_permitted"),
        ("coordinator", {"pathway": "community", "agency_id": AGENCY}, "not_permitted"),
        ("sergeant", PAYLOADS["referral.create"], "not_permitted"),
        ("supervisor", COMMUNITY, "not_permitted"),
        ("administrator", COMMUNITY, "not_permitted"),
        ("prosecutor", COMMUNITY, "not_permitted"),
        ("evaluator", COMMUNITY, "not_permitted"),
    ],
)
def test_who_may_create_what(role: Any, payload: dict[str, Any], answer: str) -> None:
    agency = AGENCY if role in ("officer", "sergeant") else None
    server = Server(members={OFFICER: (Member(role, agency, JOINED, None),)})
    status, reason = outcome_of(write(OFFICER, 1, "referral.create", payload), server)
    assert (reason or status) == answer


@pytest.mark.parametrize("pathway", PATHWAYS)
@pytest.mark.parametrize("role", [role for role in ROLES if role != "server"])
def test_the_table_says_who_begins_what_and_only_for_the_own_agency(role: Role, pathway: Pathway) -> None:
    own = AGENCY if role in ("officer", "sergeant") else None
    for agency in (AGENCY, ELSEWHERE, None):
        server = Server(members={OFFICER: (Member(role, own, JOINED, None),)})
        create = write(OFFICER, 1, "referral.create", {"pathway": pathway, "agency_id": agency})
        allowed = pathway in BEGINS.get(role, ()) and agency == own
        assert outcome_of(create, server) == (("applied", None) if allowed else ("rejected", "not_permitted"))


def test_the_community_pathway_names_people_without_a_consent() -> None:
    server = a_server()
    server.push(COORDINATOR, write(COORDINATOR, 1, "referral.create", COMMUNITY))
    assert outcome_of(named({"name": "Kit"}, COORDINATOR, 2), server, COORDINATOR) == ("applied", None)


def test_a_withdrawal_cited_as_if_it_were_a_grant_is_no_consent() -> None:
    server = a_server()
    gone = write(OFFICER, 2, "consent.withdraw")
    server.push(OFFICER, write(OFFICER, 1, "referral.create"), gone)
    assert outcome_of(named({"name": "Kit"}, OFFICER, 3, saw=[gone["op_id"]]), server) == ("held", "consent_missing")


def test_an_agency_of_nobody_is_refused() -> None:
    server = Server(members={OFFICER: (Member("officer", ELSEWHERE, JOINED, None),)})
    payload = {"pathway": "arrest_diversion", "agency_id": ELSEWHERE}
    assert outcome_of(write(OFFICER, 1, "referral.create", payload), server) == ("rejected", "not_permitted")


def test_only_what_belongs_to_the_key_it_settles_passes() -> None:
    server, done = a_server(), story()
    server.push(OFFICER, *done[:3])
    for seq, (key, value, status) in enumerate(
        [
            ("status", "closed", "applied"),
            ("holder", {"user_id": AGENCY, "eta_minutes": None}, "applied"),
            ("holder", None, "applied"),
            ("holder", {"user_id": AGENCY, "eta_minutes": "20"}, "rejected"),
            ("decision", {"outcome": "accepted", "reason": None}, "applied"),
            ("decision", {"outcome": "perhaps", "reason": None}, "rejected"),
            ("closure", None, "rejected"),
            ("confirmation", {"answer": "yes"}, "applied"),
            ("origin", COMMUNITY, "rejected"),
        ],
        start=1,
    ):
        payload = {"key": key, "value": value, "conflicts": ["a|b|c"]}
        seen = {device_id(COORDINATOR): seq - 1} if seq > 1 else {}
        operation = write(COORDINATOR, seq, "conflict.resolve", payload, base=seen)
        assert outcome_of(operation, server, COORDINATOR)[0] == status, key
