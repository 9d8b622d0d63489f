"""Over the wire: whose value gave way is told it, nobody is told what they may not read, and times are told honestly."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from api.clock import rfc3339
from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

THREE_YEARS = timedelta(days=1096)


def told(device: TestDevice) -> list[dict[str, Any]]:
    return [item for item in device.pull()["items"] if item["t"] == "told"]


def submitted(officer: TestDevice) -> tuple[str, str]:
    """A referral and the id of its consent."""
    referral_id, operations = officer.submission()
    officer.push(*operations)
    return referral_id, operations[1]["op_id"]


def named(device: TestDevice, referral_id: str, consent: str, **fields: Any) -> dict[str, Any]:
    operation = device.set(referral_id, fields, saw=[consent])
    [receipt] = device.push(operation)
    assert receipt["status"] in ("applied", "merged")
    return operation


def test_the_one_whose_value_gave_way_is_told_and_nobody_else(enrol: Enrol, database: Database) -> None:
    officer, coordinator, supervisor = enrol("officer"), enrol("coordinator"), enrol("supervisor")
    referral_id, consent = submitted(officer)
    coordinator.pull()
    named(coordinator, referral_id, consent, name="Roza")
    lost = named(officer, referral_id, consent, name="Rosa")
    [item] = told(officer)
    assert item == {"t": "told", "id": lost["op_id"], "referral_id": referral_id, "gave_way": ["name"], "back": []}
    assert told(coordinator) == told(supervisor) == []
    world.check_projection(database)


def test_a_choice_is_told_to_the_one_who_lost_by_it(enrol: Enrol) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, consent = submitted(officer)
    coordinator.pull()
    named(coordinator, referral_id, consent, name="Roza")
    named(officer, referral_id, consent, name="Rosa")
    cursor = coordinator.pull()["cursor"]
    officer.pull()
    conflicts = list(officer.views()[referral_id]["conflicts"])
    payload = {"key": "name", "value": "Rosa", "conflicts": conflicts}
    [receipt] = officer.push(officer.write(referral_id, "conflict.resolve", payload, saw=[consent]))
    assert receipt["status"] == "applied"
    [item] = [item for item in coordinator.pull(cursor)["items"] if item["t"] == "told"]
    assert (item["gave_way"], item["back"]) == (["name"], [])


def test_of_a_group_that_somebody_may_not_read_the_field_is_named_and_nothing_else(enrol: Enrol) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, consent = submitted(officer)
    coordinator.pull()
    named(coordinator, referral_id, consent, needs=["family_safety"])
    named(officer, referral_id, consent, needs=["phone"])
    [item] = told(officer)
    assert item["gave_way"] == ["needs"]
    sent = json.dumps(officer.pull())
    assert "family_safety" not in sent
    assert "needs|" not in sent


def test_what_was_before_both_reaches_the_phones(enrol: Enrol) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, consent = submitted(officer)
    named(officer, referral_id, consent, name="R.")
    coordinator.pull()
    named(coordinator, referral_id, consent, name="Roza")
    named(officer, referral_id, consent, name="Rosa")
    [conflict] = officer.views()[referral_id]["conflicts"].values()
    assert (conflict["was"], conflict["lost_value"]) == ("R.", "Rosa")


def test_a_late_arrival_from_a_wrong_clock_tells_its_estimate_in_view_and_history(
    enrol: Enrol, sign_in: SignIn, clock: FakeClock, database: Database
) -> None:
    officer = enrol("officer")
    referral_id, _ = submitted(officer)
    done, off_ms = clock.now(), -THREE_YEARS // timedelta(milliseconds=1)
    late = officer.set(referral_id, {"unit": "4B"}, made_at=rfc3339(done + THREE_YEARS), clock_off_ms=off_ms)
    clock.advance(hours=3)
    officer.push(late)

    shown = enrol("coordinator").views()[referral_id]["registers"]
    unit = shown["unit"]
    expected = {"at": rfc3339(done), "received": rfc3339(clock.now()), "off_ms": off_ms}
    assert {key: unit[key] for key in expected} == expected
    assert "received" not in shown["place"]
    assert "off_ms" not in shown["place"]
    [entry] = [
        each
        for each in sign_in("supervisor").get(f"/api/referrals/{referral_id}/history").json()
        if each["op_id"] == late["op_id"]
    ]
    assert (entry["at"], entry["said_at"]) == (rfc3339(done), rfc3339(done + THREE_YEARS))
    assert (entry["received_at"], entry["off_ms"]) == (rfc3339(clock.now()), off_ms)
    world.check_projection(database)


def test_what_waited_keeps_the_time_at_which_it_came(enrol: Enrol, clock: FakeClock, database: Database) -> None:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    held = officer.set(referral_id, {"name": "Rosa"}, saw=[operations[1]["op_id"]])
    clock.advance(minutes=30)
    [receipt] = officer.push(held, lost=[operations[-1]["op_id"]])
    assert receipt["reason"] == "unknown_referral"
    came = clock.now()
    clock.advance(hours=2)
    officer.push(*operations)
    name = enrol("coordinator").views()[referral_id]["registers"]["name"]
    assert name["received"] == rfc3339(came)
    world.check_projection(database)
