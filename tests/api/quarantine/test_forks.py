"""One device, two browser profiles: everything is taken, no value gives way unseen, and both are told to enrol anew."""

from __future__ import annotations

import copy
from typing import Any

from sqlmodel import select

from api.database import Database
from api.tables.audit import AuditEvent
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, SignIn
from tests.api.device import TestDevice


def twin(phone: TestDevice) -> TestDevice:
    """A copy of the phone's profile as it is now: the same id, key, cookie and count."""
    return TestDevice(phone.client, copy.copy(phone.phone), phone._now, phone.agency_id)


def pushed(phone: TestDevice, *operations: dict[str, Any]) -> dict[str, Any]:
    answer = phone.post_push(operations)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_number_given_out_twice_is_taken_twice_and_the_phone_is_told(
    database: Database, officer: TestDevice, sign_in: SignIn
) -> None:
    referral_id, operations = officer.submission()
    assert pushed(officer, *operations)["forked"] is False
    other = twin(officer)
    assert pushed(officer, officer.set(referral_id, {"unit": "1"}))["forked"] is False
    answer = pushed(other, other.set(referral_id, {"case_number": "A-2"}))
    assert ([one["status"] for one in answer["receipts"]], answer["forked"]) == (["applied"], True)
    assert pushed(officer)["forked"] is True, "the first one is a copy as much as the second"
    registers = world.state(database, referral_id)["registers"]
    assert (registers["unit"]["value"], registers["case_number"]["value"]) == ("1", "A-2")
    devices = sign_in("supervisor").get("/api/devices/all").json()["devices"]
    assert [(one["state"], one["forked"]) for one in devices] == [("active", True)]
    with database.read() as session:
        assert len(session.exec(select(AuditEvent).where(AuditEvent.action == "device.fork")).all()) == 1
    world.check_projection(database)


def test_no_value_of_the_one_gives_way_to_the_other_unseen(database: Database, officer: TestDevice) -> None:
    referral_id, operations = officer.submission()
    officer.push(*operations)
    other = twin(officer)
    officer.push(officer.set(referral_id, {"place": "First Street"}))
    other.push(other.set(referral_id, {"unit": "9"}, base={other.device_id: 4}))
    # Its base says "all up to 5 of this device": its own number 5, not the other profile's.
    other.push(other.set(referral_id, {"place": "Second Street"}, base={other.device_id: 5}))
    state = world.state(database, referral_id)
    assert state["registers"]["place"]["value"] == "First Street"
    assert [one["lost_value"] for one in state["conflicts"].values()] == ["Second Street"]
    world.check_projection(database)


def test_whoever_reads_it_can_write_on(database: Database, officer: TestDevice, enrol: Enrol) -> None:
    """Who was shown the forked values replaces them without a conflict, and a profile replaces its own."""
    referral_id, operations = officer.submission()
    officer.push(*operations)
    other = twin(officer)
    officer.push(officer.set(referral_id, {"unit": "1"}))
    other.push(other.set(referral_id, {"case_number": "A-2"}, base={other.device_id: 4}))
    other.push(other.set(referral_id, {"case_number": "A-3"}, base={other.device_id: 5}))
    assert world.state(database, referral_id)["registers"]["case_number"]["value"] == "A-3"
    coordinator = enrol("coordinator")
    coordinator.pull()
    [receipt] = coordinator.push(coordinator.set(referral_id, {"case_number": "A-4"}))
    assert receipt["status"] == "applied"
    assert world.state(database, referral_id)["conflicts"] == {}
    world.check_projection(database)


def test_sending_again_is_no_fork(officer: TestDevice) -> None:
    _, operations = officer.submission()
    pushed(officer, *operations)
    answer = pushed(officer, *operations)
    assert ({one["status"] for one in answer["receipts"]}, answer["forked"]) == ({"duplicate"}, False)


def test_two_of_one_number_in_one_batch_are_found(officer: TestDevice) -> None:
    first, other = officer.create(), None
    clone = twin(officer)
    clone.phone.seq = first["seq"] - 1
    other = clone.create()
    answer = pushed(officer, first, other)
    assert ([one["status"] for one in answer["receipts"]], answer["forked"]) == (["applied", "applied"], True)
