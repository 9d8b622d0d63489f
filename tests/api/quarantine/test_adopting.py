"""Adopting: what waits for a person's word counts as if it arrived now, and no rule but that one is set aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.paging import Page
from api.tables.people import User
from api.tables.quarantine import QuarantineDecision
from tests.api import exchange_world as world
from tests.api.conftest import PROGRAM, Cast, Enrol, FakeClock
from tests.api.device import TestDevice
from tests.api.quarantine.conftest import WHY, Desk, Late, op_ids


def pages(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {page.kind: page.state for page in session.exec(select(Page))}


def own_items(device: TestDevice) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in device.pull()["items"] if item["t"] == "op"}


def test_a_removed_phones_late_referral_is_seen_adopted_and_pages(
    database: Database, desk: Desk, late: Late, enrol: Enrol, cast: Cast
) -> None:
    referral_id, operations = late()
    assert pages(database) == {"attention": "open"}
    shown = desk.items()
    assert [(one["id"], one["kind"], one["author_name"], one["may_adopt"]) for one in shown] == [
        (each["op_id"], each["kind"], "Officer Example", True) for each in operations
    ]
    assert {(one["reason"], one["state"], one["device_state"]) for one in shown} == {
        ("device_revoked", "held", "revoked")
    }
    assert desk.adopt(*op_ids(operations)) == [("applied", None)] * 4
    assert pages(database) == {"attention": "closed", "referral": "open"}, "the coordinator is called as for any alert"
    view = enrol("coordinator").views()[referral_id]
    assert view["registers"]["place"]["by"] == cast["officer"].user_id, "it is its author's still"
    assert desk.items() == []
    world.check_projection(database)


def test_the_author_is_told_by_the_feed_who_decided_and_why(desk: Desk, late: Late, enrol: Enrol, cast: Cast) -> None:
    _, operations = late()
    desk.adopt(*op_ids(operations))
    told = own_items(enrol("officer"))[operations[0]["op_id"]]
    assert (told["status"], told["reason"], told["detail"]) == ("adopted", None, WHY)
    assert told["by"] == cast["supervisor"].user_id


def test_the_phone_that_sends_again_hears_that_it_counts_now(desk: Desk, late: Late, removed: TestDevice) -> None:
    _, operations = late()
    desk.adopt(*op_ids(operations))
    receipts = removed.push(*operations)
    assert {(one["status"], one["state"]) for one in receipts} == {("duplicate", "applied")}


def test_it_is_written_down_with_both_names_and_the_reason_is_sealed(
    database: Database, desk: Desk, late: Late, cast: Cast
) -> None:
    _, operations = late()
    desk.adopt(*op_ids(operations))
    decided = desk.look()["decided"]
    assert {
        (one["author_name"], one["decided_by_name"], one["decision"], one["because"], one["reason"]) for one in decided
    } == {("Officer Example", "Supervisor Example", "adopted", "device_revoked", WHY)}
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "quarantine.adopt")).all()
        sealed = session.connection().exec_driver_sql("SELECT reason FROM quarantine_decision").scalars().all()
    assert [(event.subject, event.actor_id) for event in events] == [
        (one["op_id"], cast["supervisor"].user_id) for one in operations
    ]
    assert all(WHY not in str(event.detail) for event in events)
    assert all(WHY.encode() not in bytes(reason) for reason in sealed)


def test_what_was_adopted_keeps_its_place_in_the_log_and_counts_from_where_it_was_adopted(
    database: Database, desk: Desk, enrol: Enrol, removed: TestDevice
) -> None:
    """A value that was written meanwhile, unseen, gives way to nobody in silence."""
    officer = enrol("officer")
    referral_id, operations = officer.submission("Known Street")
    officer.push(*operations)
    held = removed.set(referral_id, {"place": "Late Street"}, base={}, prev=None)
    removed.push(held)
    officer.push(officer.set(referral_id, {"place": "Better Street"}))
    assert desk.adopt(held["op_id"]) == [("merged", None)]
    state = world.state(database, referral_id)
    assert state["registers"]["place"]["value"] == "Better Street"
    assert [one["lost_value"] for one in state["conflicts"].values()] == ["Late Street"]
    header = world.header(database, held["op_id"])
    assert header is not None
    assert header.counts_from is not None
    assert header.counts_from > header.position
    world.check_projection(database)


def test_whoever_was_shown_a_later_one_of_the_same_phone_has_not_seen_what_was_held(
    database: Database, desk: Desk, enrol: Enrol, cast: Cast, clock: FakeClock
) -> None:
    """The account was closed for a while: number 5 was held, number 6 counted, and vectors say "up to 6"."""
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    close(database, officer.user_id, active=False)
    held = officer.set(referral_id, {"place": "Held Street"})
    assert officer.push(held)[0]["reason"] == "user_inactive"
    close(database, officer.user_id, active=True)
    officer.push(officer.set(referral_id, {"unit": "12"}))
    coordinator.pull()
    coordinator.push(coordinator.set(referral_id, {"place": "Coordinators Street"}))
    assert desk.adopt(held["op_id"]) == [("merged", None)]
    state = world.state(database, referral_id)
    [conflict] = state["conflicts"].values()
    both = {state["registers"]["place"]["value"], conflict["lost_value"]}
    assert both == {"Held Street", "Coordinators Street"}, "nobody had seen it, whatever the vector says"
    world.check_projection(database)


def close(database: Database, user_id: str, *, active: bool) -> None:

    with database.write() as session:
        user = session.get_one(User, user_id)
        user.active = active
        session.add(user)


def test_an_alert_that_comes_after_the_end_calls_nobody(
    database: Database, desk: Desk, removed: TestDevice, enrol: Enrol
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    coordinator.pull()
    coordinator.push(coordinator.write(referral_id, "handoff.record", {"outcome": "in_person"}))
    held = removed.alert(referral_id, base={}, prev=None)
    removed.push(held)
    desk.adopt(held["op_id"])
    assert pages(database)["referral"] == "closed"
    world.check_projection(database)


def test_nothing_is_adopted_past_a_rule_that_a_supervisor_cannot_mend(
    database: Database, desk: Desk, enrol: Enrol, refer: Any
) -> None:
    officer = enrol("officer")
    referral_id = refer({"place": "Here"})
    broken = officer.set(referral_id, {"place": 7})
    unpermitted = officer.write(referral_id, "contact.add", {"how": "phone", "result": "reached", "text": "x"})
    nameless = officer.set(referral_id, {"name": "Kit Example"})
    reasons = [one["reason"] for one in officer.push(broken, unpermitted, nameless)]
    assert reasons == ["payload", "not_permitted", "consent_missing"]
    assert [one["may_adopt"] for one in desk.items()] == [False] * 3
    for operation in (broken, unpermitted, nameless):
        answer = desk.post("adopt", [operation["op_id"]])
        assert answer.status_code == 409, answer.text
        header = world.header(database, operation["op_id"])
        assert header is not None
        assert header.state in ("held", "rejected")


def test_what_another_rule_refuses_is_refused_then_and_its_author_told(
    database: Database, desk: Desk, removed: TestDevice, enrol: Enrol
) -> None:
    """Of a removed phone nothing was asked but whose it is; the rest is asked now."""
    referral_id, operations = removed.submission()
    unpermitted = removed.write(referral_id, "contact.add", {"how": "phone", "result": "reached", "text": "x"})
    nameless = removed.set(referral_id, {"name": "Kit Example"})
    removed.push(*operations, unpermitted, nameless)
    became = desk.adopt(*op_ids([*operations, unpermitted, nameless]))
    assert became == [("applied", None)] * 4 + [("rejected", "not_permitted"), ("held", "consent_missing")]
    told = own_items(enrol("officer"))
    assert (told[unpermitted["op_id"]]["status"], told[unpermitted["op_id"]]["reason"]) == ("rejected", "not_permitted")
    assert desk.post("adopt", [nameless["op_id"]]).status_code == 409, "it waits for consent, not for a person"
    world.check_projection(database)


def test_it_waits_for_its_referral_and_counts_when_that_is_adopted(database: Database, desk: Desk, late: Late) -> None:
    referral_id, operations = late()
    _first, *rest = operations
    assert desk.post("adopt", op_ids(rest)).status_code == 409, "the phone wrote something earlier that is undecided"
    desk.adopt(*op_ids(operations))
    assert world.state(database, referral_id)["registers"]["status"]["value"] == "submitted"


def test_a_closed_accounts_operations_and_those_without_a_role_are_adopted_under_the_last_role(
    database: Database, desk: Desk, officer: TestDevice, cast: Cast, clock: FakeClock
) -> None:
    world.end_roles(database, officer.user_id, clock.now() - timedelta(days=1))
    referral_id, operations = officer.submission()
    assert {one["reason"] for one in officer.push(*operations)} == {"no_role"}
    assert desk.adopt(*op_ids(operations)) == [("applied", None)] * 4
    header = world.header(database, operations[0]["op_id"])
    assert header is not None
    assert header.role == "officer"
    world.close_account(database, officer.user_id, clock.now())
    later = officer.set(referral_id, {"unit": "9"})
    assert officer.push(later)[0]["reason"] == "user_inactive"
    assert desk.adopt(later["op_id"]) == [("applied", None)]
    world.check_projection(database)


def test_what_was_written_without_the_phones_key_is_adopted_and_holds_its_id_from_then_on(
    database: Database, desk: Desk, officer: TestDevice, cast: Cast
) -> None:
    referral_id, operations = officer.submission()
    unsigned = [operation | {"sig": None} for operation in operations]
    items = [world.sealed(officer, operation) for operation in unsigned]
    answer = world.post_items(officer, items)
    assert {one["reason"] for one in answer["receipts"]} == {"unsigned"}
    shown = desk.items()
    assert [(one["kind"], one["author_name"], one["may_adopt"]) for one in shown] == [
        (each["kind"], "Officer Example", True) for each in operations
    ]
    assert desk.adopt(*(one["id"] for one in shown)) == [("applied", None)] * 4
    assert world.state(database, referral_id)["registers"]["place"]["by"] == officer.user_id
    assert pages(database)["referral"] == "open"
    again = world.post_items(officer, items)["receipts"]
    assert {(one["status"], one["state"]) for one in again} == {("duplicate", "adopted")}
    assert all(one["position"] for one in again)
    signed = officer.push(*operations)
    assert {(one["status"], one["state"]) for one in signed} == {("duplicate", "applied")}, "it is the same operation"
    world.check_projection(database)


def test_an_unsigned_operation_in_anothers_name_is_not_adopted(desk: Desk, enrol: Enrol) -> None:
    officer, other = enrol("officer"), enrol("officer2")
    _, operations = officer.submission()
    forged = world.sealed(officer, operations[0] | {"sig": None})
    world.post_items(other, [forged])
    [item] = desk.items()
    assert (item["author_name"], item["may_adopt"]) == ("Officer2 Example", False), "whoever sent it is named"
    assert desk.post("adopt", [item["id"]]).status_code == 409


def test_what_cannot_be_opened_is_exported_as_it_came_or_dismissed(desk: Desk, officer: TestDevice) -> None:
    first = officer.create()
    item = world.sealed(officer, first) | {"seq": first["seq"] + 40}
    world.post_items(officer, [item])
    [shown] = desk.items()
    assert (shown["reason"], shown["kind"], shown["may_adopt"], shown["sealed"]) == ("cannot_open", None, False, True)
    assert desk.post("adopt", [shown["id"]]).status_code == 409
    record = desk.client.get(f"/api/quarantine/{shown['id']}/sealed").json()
    assert (record["blob"], record["op_id"]) == (item["blob"], first["op_id"])
    desk.dismiss(shown["id"])
    assert desk.items() == []


def test_what_arrives_whole_after_all_is_no_longer_anybodys_to_decide(desk: Desk, officer: TestDevice) -> None:
    first = officer.create()
    world.post_items(officer, [world.sealed(officer, first) | {"blob": "AAAA"}])
    assert len(desk.items()) == 1
    officer.push(first)
    assert desk.items() == []


@pytest.mark.parametrize("items", [[], ["x"], ["0" * 64] * 101, [1]])
def test_malformed_lists_are_refused(desk: Desk, items: list[Any]) -> None:
    assert desk.post("adopt", items).status_code == 422


def test_a_decision_stays(database: Database, desk: Desk, late: Late) -> None:
    _, operations = late()
    desk.adopt(*op_ids(operations))
    assert desk.post("dismiss", [operations[0]["op_id"]]).status_code == 409
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(update(QuarantineDecision).values(decision="dismissed"))


def test_the_phone_stays_removed(database: Database, desk: Desk, late: Late, removed: TestDevice) -> None:
    _, operations = late()
    desk.adopt(*op_ids(operations))
    with database.read() as session:
        device = session.get_one(Device, removed.device_id)
    assert (device.state, device.program_id) == ("revoked", PROGRAM)
