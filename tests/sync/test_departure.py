"""The officer leaves with the card given: who may say so, and that it waits for an alert that has not arrived."""

from __future__ import annotations

from typing import Any

import pytest

from sync.fields import Role
from sync.reconcile import Member
from tests.sync.factories import AGENCY
from tests.sync.server import (
    COORDINATOR,
    JOINED,
    OFFICER,
    STRANGER,
    Server,
    a_server,
    device_id,
    outcome_of,
    write,
)

ANOTHER = "9e21f000"
REASONS = ("nobody_answered", "after_hours", "cannot_come")


def alerted(server: Server | None = None) -> Server:
    """An officer's referral for which a coordinator was called."""
    server = server or a_server()
    server.push(OFFICER, write(OFFICER, 1, "referral.create"), write(OFFICER, 2, "referral.alert"))
    return server


def leave(name: str = OFFICER, seq: int = 3, reason: str = "nobody_answered", **changes: Any) -> dict[str, Any]:
    return write(name, seq, "officer.leave", {"reason": reason}, **changes)


@pytest.mark.parametrize("reason", REASONS)
def test_the_officer_of_the_referral_leaves(reason: str) -> None:
    server = alerted()
    assert outcome_of(leave(reason=reason), server) == ("applied", None)
    state = server.folded_anew()
    assert state["registers"]["departure"]["value"] == {"how": "with_card", "reason": reason}
    assert state["registers"]["status"]["value"] == "submitted"


def test_another_officer_does_not_leave_for_them() -> None:
    assert outcome_of(leave(STRANGER, 1), alerted(), STRANGER) == ("held", "unknown_referral")


@pytest.mark.parametrize(
    "role",
    ["sergeant", "coordinator", "case_manager", "supervisor", "administrator", "prosecutor", "evaluator"],
)
def test_no_other_role_leaves(role: Role) -> None:
    server = alerted()
    agency = AGENCY if role == "sergeant" else None
    server.members[ANOTHER] = (Member(role, agency, JOINED, None),)
    assert outcome_of(leave(ANOTHER, 1), server, ANOTHER) == ("rejected", "not_permitted")


@pytest.mark.parametrize("role", ["coordinator", "partner"])
def test_whoever_is_no_police_does_not_leave_a_referral_of_their_own(role: Role) -> None:
    server = Server(members={OFFICER: (Member(role, None, JOINED, None),)})
    create = write(OFFICER, 1, "referral.create", {"pathway": "community", "agency_id": None})
    server.push(OFFICER, create, write(OFFICER, 2, "referral.alert"))
    assert outcome_of(leave(), server) == ("rejected", "not_permitted")


def test_it_waits_for_the_alert() -> None:
    server = a_server()
    server.push(OFFICER, write(OFFICER, 1, "referral.create"))
    early = leave()
    assert outcome_of(early, server) == ("held", "not_alerted")
    assert "departure" not in server.folded_anew()["registers"]
    outcome = server.push(OFFICER, write(OFFICER, 2, "referral.alert"))
    assert [verdict.status for verdict in outcome.adopted] == ["applied"]
    assert set(server.statuses().values()) == {"applied"}
    assert server.known is not None
    state = server.folded_anew()
    assert state["registers"]["departure"]["value"]["reason"] == "nobody_answered"
    assert state == server.known.referrals[early["referral_id"]].state


def test_within_one_batch_in_any_order_it_is_applied() -> None:
    server = a_server()
    operations = [leave(), write(OFFICER, 2, "referral.alert"), write(OFFICER, 1, "referral.create")]
    outcome = server.push(OFFICER, *operations)
    assert outcome.verdicts[2].status == "applied"
    assert outcome_of(operations[1], server)[0] == "duplicate"
    assert server.statuses() == {each["op_id"]: "applied" for each in operations}


def test_it_may_be_said_after_somebody_answered_and_after_they_put_it_off() -> None:
    server = alerted()
    acknowledged = write(COORDINATOR, 1, "page.acknowledge", base={device_id(OFFICER): 2})
    seen = {device_id(OFFICER): 2, device_id(COORDINATOR): 1}
    put_off = write(COORDINATOR, 2, "handoff.record", {"outcome": "deferred"}, base=seen)
    for operation in (acknowledged, put_off):
        assert outcome_of(operation, server, COORDINATOR) == ("applied", None)
    assert outcome_of(leave(reason="cannot_come"), server) == ("applied", None)
    assert server.folded_anew()["registers"]["status"]["value"] == "deferred"
