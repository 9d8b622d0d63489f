"""Dismissing: set aside for good and kept for ever; what was dismissed does not come back by itself."""

from __future__ import annotations

from typing import Any

from api.database import Database
from api.tables.records import Quarantine
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol
from tests.api.device import TestDevice
from tests.api.quarantine.conftest import WHY, Desk, Late, op_ids
from tests.api.quarantine.test_adopting import own_items, pages


def test_it_is_kept_its_author_is_told_and_nobody_is_called_any_more(
    database: Database, desk: Desk, late: Late, enrol: Enrol, cast: Cast
) -> None:
    referral_id, operations = late()
    desk.dismiss(*op_ids(operations))
    assert desk.items() == []
    assert desk.look()["by_reason"] == {}
    assert pages(database) == {"attention": "closed"}
    told = own_items(enrol("officer"))[operations[0]["op_id"]]
    assert (told["status"], told["reason"], told["detail"]) == ("dismissed", "device_revoked", WHY)
    assert told["by"] == cast["supervisor"].user_id
    assert world.body(database, operations[0]["op_id"]), "kept for ever"
    assert world.referral(database, referral_id) is None


def test_a_rejected_one_may_be_dismissed_and_the_phone_hears_it_again_when_it_asks(
    desk: Desk, officer: TestDevice, refer: Any
) -> None:
    broken = officer.set(refer({"place": "Here"}), {"place": 7})
    officer.push(broken)
    desk.dismiss(broken["op_id"])
    [receipt] = officer.push(broken)
    assert (receipt["status"], receipt["state"], receipt["first"]["reason"]) == ("duplicate", "dismissed", "payload")


def test_what_waited_and_was_dismissed_does_not_count_when_what_it_waited_for_arrives(
    database: Database, desk: Desk, officer: TestDevice
) -> None:
    first = officer.create()
    waiting = officer.set(first["referral_id"], {"place": "Here"}, prev=None)
    assert officer.push(waiting)[0]["reason"] == "unknown_referral"
    desk.dismiss(waiting["op_id"])
    officer.push(first)
    assert "place" not in world.state(database, first["referral_id"])["registers"]
    world.check_projection(database)


def test_an_unsigned_one_that_was_dismissed_is_answered_so(database: Database, desk: Desk, officer: TestDevice) -> None:
    item = world.sealed(officer, officer.create() | {"sig": None})
    world.post_items(officer, [item])
    desk.dismiss(desk.items()[0]["id"])
    [receipt] = world.post_items(officer, [item])["receipts"]
    assert (receipt["status"], receipt["state"]) == ("duplicate", "dismissed")
    with database.read() as session:
        kept = session.get(Quarantine, world.quarantined(database)[0].blob_hash)
    assert kept is not None
    assert kept.blob == item["blob"]


def test_counts_are_by_reason_and_the_desks_sentence_says_the_same(
    desk: Desk, late: Late, officer: TestDevice, refer: Any
) -> None:
    late()
    officer.push(officer.set(refer({"place": "Here"}), {"place": 7}))
    assert desk.look()["by_reason"] == {"device_revoked": 4, "payload": 1}
    sentences = desk.client.get("/api/queue").json()["sentences"]
    assert {"code": "held", "values": {"count": 5}} in sentences
    desk.dismiss(*(one["id"] for one in desk.items()))
    assert "held" not in {one["code"] for one in desk.client.get("/api/queue").json()["sentences"]}
