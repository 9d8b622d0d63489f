"""Approvals and overrides over HTTP: recorded at the roadside, confirmed by the person, told to those who may know."""

from __future__ import annotations

from typing import Any

import pytest

from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, Enrol, FakeClock
from tests.api.device import TestDevice
from tests.api.feed_reading import OVERRIDE

APPROVAL = {
    "approval": "sergeant_first", "by_name": "Sergeant Example", "by_role": "sergeant", "how": "radio",
    "given_at": "2026-04-30T02:10:00Z",
}  # fmt: skip


def confirmed(device: TestDevice, referral_id: str, entry: str, answer: str = "confirmed") -> dict[str, Any]:
    device.pull()
    return device.push(
        device.write(referral_id, "approval.confirm", {"entry": entry, "answer": answer})
    )[0]  # fmt: skip


def arrest(officer: TestDevice, *entries: tuple[str, dict[str, Any]]) -> tuple[str, list[str]]:
    """An arrest diversion with these entries: its id and theirs."""
    created = officer.create()
    referral_id = str(created["referral_id"])
    written = [officer.write(referral_id, kind, payload) for kind, payload in entries]
    assert {answer["status"] for answer in officer.push(created, *written)} == {"applied"}
    return referral_id, [str(operation["op_id"]) for operation in written]


def test_the_named_person_confirms_and_the_officer_sees_it(enrol: Enrol, database: Database, clock: FakeClock) -> None:
    officer = enrol("officer")
    prosecutor_said = OVERRIDE | {"by_role": "prosecutor", "by_name": "Prosecutor Example"}
    referral_id, [approval, override] = arrest(officer, ("approval.add", APPROVAL), ("override.add", prosecutor_said))
    clock.advance(minutes=5)
    assert confirmed(enrol("sergeant"), referral_id, approval)["status"] == "applied"
    assert confirmed(enrol("prosecutor"), referral_id, override, "not_given")["status"] == "applied"
    view = officer.views()[referral_id]
    told = {
        (entry["payload"]["entry"], entry["payload"]["answer"], entry["role"])
        for entry in view["entries"].values()
        if entry["kind"] == "approval.confirm"
    }
    assert told == {(approval, "confirmed", "sergeant"), (override, "not_given", "prosecutor")}
    world.check_projection(database)


@pytest.mark.parametrize(
    ("login", "by_role", "answer"),
    [
        ("coordinator", "coordinator", ("applied", None)), ("case_manager", "coordinator", ("applied", None)),
        ("supervisor", "liaison", ("applied", None)), ("supervisor", "all_partners", ("applied", None)),
        ("coordinator", "sergeant", ("rejected", "not_permitted")), ("supervisor", "coordinator", ("rejected", "not_permitted")),
        ("officer", "sergeant", ("rejected", "not_permitted")), ("evaluator", "sergeant", ("rejected", "not_permitted")),
        ("partner", "sergeant", ("rejected", "not_permitted")), ("officer2", "sergeant", ("held", "unknown_referral")),
        ("other_supervisor", "liaison", ("held", "unknown_referral")),
    ],
)  # fmt: skip
def test_nobody_else_confirms(
    enrol: Enrol, database: Database, clock: FakeClock, login: str, by_role: str, answer: tuple[str, str | None]
) -> None:
    officer = enrol("officer")
    referral_id, [entry] = arrest(officer, ("approval.add", APPROVAL | {"by_role": by_role}))
    clock.advance(minutes=1)
    device = officer if login == "officer" else enrol(login)
    said = confirmed(device, referral_id, entry)
    assert (said["status"], said["reason"]) == answer
    kinds = [one["kind"] for one in world.state(database, referral_id)["entries"].values()]
    assert kinds.count("approval.confirm") == (answer[0] == "applied")
    assert world.header(database, said["op_id"]) is not None, "kept, whatever the answer"


def test_a_sergeant_of_another_agency_finds_no_referral(enrol: Enrol, clock: FakeClock) -> None:
    referral_id, [entry] = arrest(enrol("officer2"), ("approval.add", APPROVAL))
    clock.advance(minutes=1)
    sergeant = enrol("sergeant")
    assert sergeant.agency_id == AGENCY
    said = confirmed(sergeant, referral_id, entry)
    assert (said["status"], said["reason"]) == ("held", "unknown_referral")


def test_a_social_contact_is_not_the_prosecutors(enrol: Enrol, clock: FakeClock) -> None:
    officer = enrol("officer")
    created = officer.create(pathway="social_contact")
    entry = officer.write(created["referral_id"], "approval.add", APPROVAL | {"by_role": "prosecutor"})
    officer.push(created, entry)
    clock.advance(minutes=1)
    prosecutor = enrol("prosecutor")
    said = confirmed(prosecutor, created["referral_id"], entry["op_id"])
    assert (said["status"], said["reason"]) == ("held", "unknown_referral")
    assert prosecutor.views() == {}


def test_a_confirmation_that_arrives_first_counts_when_the_officers_phone_sends(
    enrol: Enrol, database: Database, clock: FakeClock
) -> None:
    """After a restore: the sergeant's phone is quicker than the officer's."""
    officer = enrol("officer")
    created = officer.create()
    entry = officer.write(created["referral_id"], "approval.add", APPROVAL)
    officer.push(created)
    clock.advance(minutes=1)
    sergeant = enrol("sergeant")
    early = confirmed(sergeant, created["referral_id"], entry["op_id"])
    assert (early["status"], early["reason"]) == ("held", "unknown_entry")
    assert officer.push(entry)[0]["status"] == "applied"
    stored = world.header(database, early["op_id"])
    assert stored is not None
    assert (stored.state, stored.reason, stored.groups) == ("applied", None, "approvals")
    assert set(world.state(database, created["referral_id"])["entries"]) == {entry["op_id"], early["op_id"]}
    world.check_projection(database)


def test_what_is_recorded_is_kept_for_as_long_as_the_log_and_hidden_after_a_withdrawal(
    enrol: Enrol, database: Database
) -> None:
    officer = enrol("officer")
    referral_id, [entry] = arrest(officer, ("approval.add", APPROVAL))
    officer.push(world.withdraw(officer, referral_id))
    assert officer.views()[referral_id]["entries"] == {}
    assert entry in world.state(database, referral_id)["entries"]


def test_an_officer_corrects_the_own_record_and_not_the_answer_to_it(enrol: Enrol, clock: FakeClock) -> None:
    officer = enrol("officer")
    referral_id, [entry] = arrest(officer, ("approval.add", APPROVAL))
    clock.advance(minutes=1)
    answer = confirmed(enrol("sergeant"), referral_id, entry, "not_given")
    officer.pull()
    for struck, kind, status in ((answer["op_id"], "approval.confirm", "rejected"), (entry, "approval.add", "applied")):
        payload = {"entry": struck, "entry_kind": kind, "reason": "Another referral."}
        assert officer.push(officer.write(referral_id, "entry.strike", payload))[0]["status"] == status
    assert set(officer.views()[referral_id]["strikes"]) == {entry}
