"""The officer leaves with the card given: what the server stores, whom it tells, and an order turned round by a restore."""

from __future__ import annotations

from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, SignIn
from tests.api.device import TestDevice
from tests.api.feed_reading import pull, puts

REASON = {"reason": "nobody_answered"}
WITH_CARD = {"how": "with_card", "reason": "nobody_answered"}
SEES_STATUS = ("officer", "sergeant", "coordinator", "case_manager", "supervisor")


def alerted(officer: TestDevice) -> str:
    referral_id, operations = officer.submission()
    assert {receipt["status"] for receipt in officer.push(*operations)} == {"applied"}
    return referral_id


def test_whoever_sees_the_status_sees_that_the_officer_left(enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    referral_id = alerted(officer)
    [receipt] = officer.push(officer.write(referral_id, "officer.leave", REASON))
    assert (receipt["status"], receipt["conflicts"]) == ("applied", [])
    for login in SEES_STATUS:
        registers = puts(pull(sign_in(login)))[referral_id]["view"]["registers"]
        assert registers["departure"]["value"] == WITH_CARD, login
        assert registers["status"]["value"] == "submitted", login


def test_nobody_else_says_it(enrol: Enrol) -> None:
    referral_id = alerted(enrol("officer"))
    coordinator = enrol("coordinator")
    coordinator.pull()
    [receipt] = coordinator.push(coordinator.write(referral_id, "officer.leave", REASON))
    assert (receipt["status"], receipt["reason"]) == ("rejected", "not_permitted")


def test_before_an_alert_it_is_held_and_then_counts_by_itself(enrol: Enrol, database: Database) -> None:
    officer = enrol("officer")
    referral_id, [create, grant, fields, alert] = officer.submission()
    assert {receipt["status"] for receipt in officer.push(create, grant, fields)} == {"applied"}
    # As a phone sends that has lost the order: the departure names nothing before it.
    leave = officer.write(referral_id, "officer.leave", REASON, prev=None)
    [receipt] = officer.push(leave)
    assert (receipt["status"], receipt["reason"]) == ("held", "not_alerted")
    assert "departure" not in world.state(database, referral_id)["registers"]
    [receipt] = officer.push(alert)
    assert receipt["status"] == "applied"
    assert world.state(database, referral_id)["registers"]["departure"]["value"] == WITH_CARD
    row = world.header(database, leave["op_id"])
    assert row is not None
    assert row.state == "applied"
