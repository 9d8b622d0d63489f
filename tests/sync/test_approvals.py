"""Whose word counts: recording, confirming, setting aside and striking approvals, by every role."""

from __future__ import annotations

from typing import Any

import pytest

from sync.approvals import HELD_BY, may_confirm, may_override
from sync.fields import Role
from sync.reconcile import Member
from sync.records import Entry
from tests.sync import vectors
from tests.sync.factories import AGENCY, PAYLOADS
from tests.sync.server import JOINED, OFFICER, STRANGER, Server, device_id, outcome_of, write
from tests.sync.test_operations import named

CASES = vectors.read("approvals.json")
ANOTHER = "9e21f000"


def member(role: Role) -> tuple[Member, ...]:
    return (Member(role, AGENCY if role in ("officer", "sergeant") else None, JOINED, None),)


def a_referral(*more: dict[str, Any]) -> Server:
    """An officer's arrest diversion with what the officer recorded besides."""
    server = Server(members={OFFICER: member("officer"), STRANGER: member("officer")})
    server.push(OFFICER, write(OFFICER, 1, "referral.create"), *more)
    return server


def recorded(kind: str = "approval.add", seq: int = 2, **changes: Any) -> dict[str, Any]:
    return write(OFFICER, seq, kind, PAYLOADS[kind] | changes)


def said_by(server: Server, role: Role, kind: str, payload: dict[str, Any], seq: int = 1) -> tuple[str, str | None]:
    server.members[ANOTHER] = member(role)
    return outcome_of(write(ANOTHER, seq, kind, payload), server, ANOTHER)


def test_whom_a_role_speaks_for_is_what_the_shared_cases_say() -> None:
    assert {named: list(roles) for named, roles in HELD_BY.items()} == CASES["held_by"]


@named(CASES["confirm"])
def test_who_may_confirm(case: dict[str, Any]) -> None:
    entry: Entry = case["entry"]
    assert may_confirm(case["role"], case["user"], entry) is case["may"]


@named(CASES["override"])
def test_who_may_set_aside(case: dict[str, Any]) -> None:
    payload = PAYLOADS["override.add"] | {"by_role": case["by_role"], "how": "self", "by_name": None}
    assert may_override(case["role"], payload) is case["may"]
    assert may_override(case["role"], payload | {"how": "phone", "by_name": "Prosecutor Example"})


@pytest.mark.parametrize("kind", ["approval.add", "override.add"])
@pytest.mark.parametrize(
    ("role", "named_role", "answer"),
    [
        ("sergeant", "sergeant", ("applied", None)),
        ("prosecutor", "prosecutor", ("applied", None)),
        ("coordinator", "coordinator", ("applied", None)),
        ("case_manager", "coordinator", ("applied", None)),
        ("supervisor", "sergeant", ("rejected", "not_permitted")),
        ("sergeant", "prosecutor", ("rejected", "not_permitted")),
        ("prosecutor", "sergeant", ("rejected", "not_permitted")),
        ("supervisor", "prosecutor", ("rejected", "not_permitted")),
        ("evaluator", "prosecutor", ("rejected", "not_permitted")),
        ("administrator", "sergeant", ("rejected", "not_permitted")),
        ("partner", "coordinator", ("rejected", "not_permitted")),
    ],
)
def test_the_named_role_confirms_and_no_other(
    kind: str, role: Role, named_role: str, answer: tuple[str, str | None]
) -> None:
    entry = recorded(kind, by_role=named_role)
    server = a_referral(entry)
    assert said_by(server, role, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"}) == answer


@pytest.mark.parametrize("named_role", ["liaison", "all_partners"])
def test_a_supervisor_speaks_for_those_without_an_account(named_role: str) -> None:
    entry = recorded(by_role=named_role)
    payload = {"entry": entry["op_id"], "answer": "not_given"}
    assert said_by(a_referral(entry), "supervisor", "approval.confirm", payload) == ("applied", None)
    assert said_by(a_referral(entry), "coordinator", "approval.confirm", payload) == ("rejected", "not_permitted")


def test_nobody_confirms_what_they_recorded_themselves() -> None:
    entry = recorded()
    confirm = write(OFFICER, 3, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"})
    assert outcome_of(confirm, a_referral(entry)) == ("rejected", "not_permitted")
    server = a_referral()
    server.members[ANOTHER] = member("sergeant")
    own = write(ANOTHER, 1, "approval.add")
    again = write(ANOTHER, 2, "approval.confirm", {"entry": own["op_id"], "answer": "confirmed"})
    assert outcome_of(own, server, ANOTHER) == ("applied", None)
    assert outcome_of(again, server, ANOTHER) == ("rejected", "not_permitted")


def test_what_one_set_aside_oneself_has_nothing_to_confirm() -> None:
    server = a_referral()
    server.members[ANOTHER] = member("coordinator")
    own = write(
        ANOTHER,
        1,
        "override.add",
        PAYLOADS["override.add"] | {"by_role": "coordinator", "how": "self", "by_name": None},
    )
    assert outcome_of(own, server, ANOTHER) == ("applied", None)
    server.members[STRANGER] = member("coordinator")
    confirm = write(STRANGER, 1, "approval.confirm", {"entry": own["op_id"], "answer": "confirmed"})
    assert outcome_of(confirm, server, STRANGER) == ("rejected", "not_permitted")


def test_a_note_cannot_be_confirmed() -> None:
    note = write(OFFICER, 2, "note.add")
    payload = {"entry": note["op_id"], "answer": "confirmed"}
    assert said_by(a_referral(note), "sergeant", "approval.confirm", payload) == ("rejected", "not_permitted")


@pytest.mark.parametrize(
    ("role", "named_role", "answer"),
    [
        ("officer", "officer", "applied"), ("officer", "prosecutor", "rejected"), ("officer", "coordinator", "rejected"),
    ],
)  # fmt: skip
def test_an_officer_sets_aside_by_the_own_role_alone(role: Role, named_role: str, answer: str) -> None:
    own = recorded("override.add", by_role=named_role, how="self", by_name=None)
    assert outcome_of(own, a_referral())[0] == answer
    assert outcome_of(recorded("override.add", by_role=named_role), a_referral()) == ("applied", None)
    assert role == "officer"


@pytest.mark.parametrize("role", ["evaluator", "administrator", "partner"])
@pytest.mark.parametrize("kind", ["approval.add", "override.add"])
def test_other_roles_record_none(role: Role, kind: str) -> None:
    assert said_by(a_referral(), role, kind, PAYLOADS[kind]) == ("rejected", "not_permitted")


def test_an_arrest_is_the_prosecutors_and_a_social_contact_is_not() -> None:
    server = Server(members={OFFICER: member("officer")})
    entry = recorded(by_role="prosecutor")
    create = write(OFFICER, 1, "referral.create", {"pathway": "social_contact", "agency_id": AGENCY})
    server.push(OFFICER, create, entry)
    payload = {"entry": entry["op_id"], "answer": "confirmed"}
    assert said_by(server, "prosecutor", "approval.confirm", payload) == ("held", "unknown_referral")


class TestStriking:
    def struck(self, entry: dict[str, Any], kind: str = "approval.add") -> dict[str, Any]:
        return {"entry": entry["op_id"], "entry_kind": kind, "reason": "Another referral."}

    @pytest.mark.parametrize(
        ("role", "answer"),
        [
            ("sergeant", "rejected"), ("prosecutor", "rejected"), ("supervisor", "rejected"), ("coordinator", "applied"),
            ("case_manager", "applied"), ("partner", "rejected"), ("evaluator", "rejected"),
        ],
    )  # fmt: skip
    def test_others_words_are_corrected_by_those_who_may_change_them(self, role: Role, answer: str) -> None:
        entry = recorded()
        assert said_by(a_referral(entry), role, "entry.strike", self.struck(entry))[0] == answer

    def test_the_author_may_and_may_not_strike_the_answer(self) -> None:
        entry = recorded()
        server = a_referral(entry)
        server.members[ANOTHER] = member("sergeant")
        confirm = write(ANOTHER, 1, "approval.confirm", {"entry": entry["op_id"], "answer": "not_given"})
        assert outcome_of(confirm, server, ANOTHER) == ("applied", None)
        theirs = write(OFFICER, 3, "entry.strike", self.struck(confirm, "approval.confirm"))
        assert outcome_of(theirs, server) == ("rejected", "not_permitted")
        own = write(OFFICER, 4, "entry.strike", self.struck(entry))
        assert outcome_of(own, server) == ("applied", None)

    def test_another_name_for_the_entry_strikes_nothing(self) -> None:
        """Whoever may strike notes may name anything a note; the fold then finds that it is none."""
        server = a_referral(recorded())
        server.members[ANOTHER] = member("sergeant")
        entry = write(ANOTHER, 1, "approval.confirm", {"entry": recorded()["op_id"], "answer": "not_given"})
        assert outcome_of(entry, server, ANOTHER) == ("applied", None)
        strike = write(OFFICER, 3, "entry.strike", self.struck(entry, "note.add"))
        assert outcome_of(strike, server) == ("applied", None)
        assert server.folded_anew()["strikes"] == {}


class TestWaiting:
    """Phones send again after a restore, in any order."""

    def test_a_confirmation_waits_for_what_it_confirms(self) -> None:
        entry = recorded()
        server = a_referral()
        server.members[ANOTHER] = member("sergeant")
        confirm = write(ANOTHER, 1, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"})
        assert outcome_of(confirm, server, ANOTHER) == ("held", "unknown_entry")
        assert server.push(OFFICER, entry).adopted[0].incoming.sealed.op_id == confirm["op_id"]
        assert set(server.statuses().values()) == {"applied"}
        assert server.known is not None
        assert set(server.folded_anew()["entries"]) == {entry["op_id"], confirm["op_id"]}

    def test_one_that_may_not_be_said_goes_on_waiting_for_a_person(self) -> None:
        entry = recorded(by_role="prosecutor")
        server = a_referral()
        server.members[ANOTHER] = member("sergeant")
        confirm = write(ANOTHER, 1, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"})
        assert outcome_of(confirm, server, ANOTHER) == ("held", "unknown_entry")
        server.push(OFFICER, entry)
        assert server.statuses()[confirm["op_id"]] == "held"
        assert set(server.folded_anew()["entries"]) == {entry["op_id"]}

    def test_the_strike_of_a_confirmation_waits_for_it_and_for_its_entry(self) -> None:
        entry = recorded()
        server = a_referral()
        server.members[ANOTHER] = member("sergeant")
        confirm = write(ANOTHER, 1, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"})
        payload = {"entry": confirm["op_id"], "entry_kind": "approval.confirm", "reason": "Mistaken."}
        strike = write(ANOTHER, 2, "entry.strike", payload, base={device_id(ANOTHER): 1})
        for operation in (strike, confirm):
            assert outcome_of(operation, server, ANOTHER) == ("held", "unknown_entry")
        server.push(OFFICER, entry)
        assert set(server.statuses().values()) == {"applied"}
        state = server.folded_anew()
        assert set(state["strikes"]) == {confirm["op_id"]}

    def test_the_strike_of_a_confirmation_counts_when_that_arrives(self) -> None:
        entry = recorded()
        server = a_referral(entry)
        server.members[ANOTHER] = member("sergeant")
        confirm = write(ANOTHER, 1, "approval.confirm", {"entry": entry["op_id"], "answer": "confirmed"})
        payload = {"entry": confirm["op_id"], "entry_kind": "approval.confirm", "reason": "Mistaken."}
        strike = write(ANOTHER, 2, "entry.strike", payload)
        assert outcome_of(strike, server, ANOTHER) == ("held", "unknown_entry")
        assert outcome_of(confirm, server, ANOTHER) == ("applied", None)
        assert server.statuses()[strike["op_id"]] == "applied"
        assert set(server.folded_anew()["strikes"]) == {confirm["op_id"]}
        assert server.known is not None
        assert server.folded_anew() == server.known.referrals[entry["referral_id"]].state

    def test_within_one_batch_the_receipt_already_says_applied(self) -> None:
        entry = recorded()
        payload = {"entry": entry["op_id"], "entry_kind": "approval.add", "reason": "Another referral."}
        strike = write(OFFICER, 3, "entry.strike", payload)
        outcome = a_referral().push(OFFICER, strike, entry)
        assert [verdict.status for verdict in outcome.verdicts] == ["applied", "applied"]
