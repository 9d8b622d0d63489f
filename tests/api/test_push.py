"""Every receipt: its status and reason, exactly what is stored with it, and what sending again answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from sqlalchemy import text

from api.database import Database
from sync import ranges
from sync.operations import canonical
from sync.reconcile import REASONS
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol, FakeClock
from tests.api.refusals import CASES, ELSEWHERE, UNDER_ITS_HASH, Scene


@pytest.fixture
def scene(database: Database, cast: Cast, enrol: Enrol, clock: FakeClock) -> Scene:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    receipts = officer.push(*operations)
    assert [receipt["status"] for receipt in receipts] == ["applied"] * 4
    return Scene(database, cast, officer, referral_id, operations[1]["op_id"], clock)


def test_every_reason_has_a_case() -> None:
    assert {reason for reason, _, _ in CASES.values()} | ELSEWHERE == set(REASONS)
    for reason, status, _ in CASES.values():
        assert REASONS[reason].startswith(status + ":")


@pytest.mark.parametrize("name", CASES)
def test_the_documented_answer(name: str, scene: Scene) -> None:
    reason, status, build = CASES[name]
    before = world.log_size(scene.database)
    item = build(scene)
    beside = scene.plain(scene.officer.set(scene.referral_id, {"unit": "7"}, prev=None))
    answer = world.post_items(scene.officer, [item, beside])
    receipt, other = answer["receipts"]
    assert (receipt["status"], receipt["reason"], receipt["op_id"]) == (status, reason, item["op_id"]), receipt
    assert receipt["detail"]
    assert "\u0000" not in receipt["detail"]
    assert other["status"] == "applied", "one bad operation delays no other"
    assert min(low for low, _ in answer["known"][scene.officer.device_id]) == 1, "a header without a number claims none"

    kept = world.quarantined(scene.database)
    row = world.header(scene.database, item["op_id"])
    if status == "retry":
        assert row is None
        assert kept == []
        assert not ranges.contains(answer["known"][scene.officer.device_id], item["seq"])
    elif reason in UNDER_ITS_HASH or name == "the server's own device":
        assert row is None, "it may not claim its id"
        assert [(one.state, one.reason, one.program_id) for one in kept] == [(status, reason, "denver")]
        if reason == "header":
            assert json.loads(kept[0].blob) == json.loads(json.dumps(item)), "kept as the text it came as"
        else:
            assert kept[0].blob == item["blob"]
    else:
        assert row is not None
        assert (row.state, row.reason, row.kind != "") == (status, reason, True)
        assert row.groups == ""
        assert kept == []
    stored = (row is not None) + 1
    assert world.log_size(scene.database) == before + stored

    again = world.post_items(scene.officer, [item])["receipts"][0]
    if status == "retry":
        assert again == receipt
    else:
        assert again["status"] == "duplicate"
        assert again["first"] == receipt
        assert again["state"] == status
        assert again["position"] == receipt["position"]
    assert world.log_size(scene.database) == before + stored
    world.check_projection(scene.database)


def test_twice_in_one_batch_is_stored_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    for name, (_, status, build) in CASES.items():
        if status == "retry":
            continue
        item = build(scene)
        before = world.log_size(scene.database) + len(world.quarantined(scene.database))
        first, second = world.post_items(scene.officer, [item, item])["receipts"]
        assert first["status"] == status, name
        assert (second["status"], second["first"], second["state"]) == ("duplicate", first, status), name
        assert world.log_size(scene.database) + len(world.quarantined(scene.database)) == before + 1, name
    assert "taking it apart" not in caplog.text, "the batch is stored as one"


def test_applied_says_position_and_number_and_keeps_the_very_bytes(scene: Scene) -> None:
    operation = world.note(scene.officer, scene.referral_id, "\u0000 \U0001f9e6 עברית")
    answer = scene.officer.post_push([operation]).json()
    [receipt] = answer["receipts"]
    row = world.header(scene.database, operation["op_id"])
    assert row is not None
    assert receipt["status"] == "applied"
    assert receipt["digest"] == operation["digest"]
    assert receipt["epoch"] == answer["epoch"] == world.head(scene.database).epoch
    assert receipt["position"] == row.position <= answer["head"] == world.head(scene.database).position
    found = world.referral(scene.database, scene.referral_id)
    assert found is not None
    assert receipt["number"] == found.number
    assert world.body(scene.database, operation["op_id"]) == canonical(operation)
    assert (row.role, row.groups, row.received_at) == ("officer", "notes", scene.clock.now())
    [again] = scene.officer.push(operation)
    assert again == receipt | {"status": "duplicate", "conflicts": [], "first": receipt, "state": "applied"}


def test_merged_names_its_conflicts(scene: Scene, enrol: Enrol) -> None:
    coordinator = enrol("coordinator")
    ours = coordinator.set(scene.referral_id, {"place": "North gate"}, base={})
    theirs = scene.officer.set(scene.referral_id, {"place": "South gate"})
    assert scene.officer.push(theirs)[0]["status"] == "applied"
    [receipt] = coordinator.push(ours)
    assert (receipt["status"], receipt["reason"]) == ("merged", None)
    assert receipt["conflicts"] == [f"place|{theirs['op_id']}|{ours['op_id']}"]
    assert list(world.state(scene.database, scene.referral_id)["conflicts"]) == receipt["conflicts"]
    [again] = coordinator.push(ours)
    assert (again["status"], again["state"], again["first"]["conflicts"]) == (
        "duplicate",
        "merged",
        receipt["conflicts"],
    )


def test_an_id_used_twice_keeps_both_and_each_hears_its_own_first_answer(scene: Scene) -> None:
    first = scene.note()
    other = world.signed(scene.officer, first, payload={"text": "Something else."})
    answers = world.post_items(scene.officer, [scene.plain(one) for one in (first, other, first)])["receipts"]
    assert [(one["status"], one["reason"]) for one in answers] == [
        ("applied", None), ("rejected", "op_id_reuse"), ("duplicate", None),
    ]  # fmt: skip
    assert answers[2]["first"] == answers[0], "not the other one's"
    assert answers[1]["digest"] == other["digest"] != first["digest"]
    [kept] = world.quarantined(scene.database)
    assert (kept.op_id, kept.reason) == (first["op_id"], "op_id_reuse")
    assert scene.officer.push(first)[0]["first"] == answers[0]


def test_a_revoked_phone_is_told_to_wipe_and_what_it_sends_is_held(scene: Scene) -> None:
    operation = scene.note()
    world.set_device(scene.database, scene.officer.device_id, state="revoked")
    answer = scene.officer.post_push([operation]).json()
    assert answer["wipe"] is True
    [receipt] = answer["receipts"]
    assert (receipt["status"], receipt["reason"]) == ("held", "device_revoked")
    row = world.header(scene.database, operation["op_id"])
    assert row is not None
    assert (row.state, row.role) == ("held", "officer")
    assert operation["op_id"] not in world.state(scene.database, scene.referral_id)["entries"]
    assert scene.officer.push(operation)[0]["first"] == receipt


def test_a_phone_in_use_is_not_told_to_wipe(scene: Scene) -> None:
    assert scene.officer.post_push([]).json()["wipe"] is False


def test_what_a_closed_account_still_sends_is_held(scene: Scene) -> None:
    operation = scene.note()
    world.close_account(scene.database, scene.officer.user_id, scene.clock.now() + timedelta(minutes=1))
    scene.clock.advance(minutes=2)
    [receipt] = scene.officer.push(operation)
    assert (receipt["status"], receipt["reason"]) == ("held", "user_inactive")
    assert scene.officer.push(operation)[0]["first"] == receipt


def test_without_a_role_when_made_it_is_held(scene: Scene) -> None:
    world.end_roles(scene.database, scene.officer.user_id, scene.clock.now())
    scene.clock.advance(minutes=2)
    operation = scene.note()
    [receipt] = scene.officer.push(operation)
    assert (receipt["status"], receipt["reason"]) == ("held", "no_role")
    assert scene.officer.push(operation)[0]["first"] == receipt


@pytest.mark.parametrize(
    "trouble", ["missing prev", "revoked phone", "closed account", "role ended", "everything at once"]
)
def test_a_withdrawal_waits_for_nothing(trouble: str, scene: Scene) -> None:
    prev = str(uuid4()) if trouble in ("missing prev", "everything at once") else None
    if trouble in ("revoked phone", "everything at once"):
        world.set_device(scene.database, scene.officer.device_id, state="revoked")
    if trouble in ("closed account", "everything at once"):
        world.close_account(scene.database, scene.officer.user_id, scene.clock.now())
    if trouble == "role ended":
        world.end_roles(scene.database, scene.officer.user_id, scene.clock.now())
    scene.clock.advance(minutes=2)
    operation = world.withdraw(scene.officer, scene.referral_id, prev=prev)
    [receipt] = scene.officer.push(operation)
    assert (receipt["status"], receipt["reason"]) == ("applied", None)
    state = world.state(scene.database, scene.referral_id)
    assert state["consent"][operation["op_id"]]["kind"] == "withdrawal"
    world.check_projection(scene.database)


def test_a_missing_step_waits_until_the_phone_says_that_it_is_lost(scene: Scene) -> None:
    lost, later, last = scene.note(), scene.note(), scene.note()
    assert [one["reason"] for one in scene.officer.push(later, last)] == ["missing_prev"] * 2
    receipts = scene.officer.push(later, last, lost=[lost["op_id"]])
    assert [(one["status"], one["reason"]) for one in receipts] == [("applied", "missing_prev"), ("applied", None)]
    row = world.header(scene.database, later["op_id"])
    assert row is not None
    assert (row.state, row.reason) == ("applied", "missing_prev"), "flagged in the log as well"
    [late] = scene.officer.push(lost)
    assert late["status"] == "applied", "what was thought lost is still welcome"


def test_a_step_that_is_kept_without_its_id_holds_up_nobody(scene: Scene) -> None:
    unsigned = scene.note(signed=False)
    after = scene.note()
    receipts = scene.officer.push(unsigned, after)
    assert [(one["status"], one["reason"]) for one in receipts] == [("held", "unsigned"), ("applied", None)]
    damaged = scene.note()
    item = scene.plain(damaged)
    world.post_items(scene.officer, [item | {"blob": "AAAA"}])
    assert scene.officer.push(scene.note())[0]["status"] == "applied"


def test_a_known_key_makes_the_waiting_operation_welcome(scene: Scene, app: FastAPI) -> None:
    key = world.strange_key()
    operation = scene.note()
    item = replace(scene.officer.phone, sealing_key=key.public_key()).seal(operation).model_dump()
    assert world.post_items(scene.officer, [item])["receipts"][0]["reason"] == "unknown_key"
    keys: dict[str, ec.EllipticCurvePrivateKey] = app.state.keys.by_id
    keys[item["key_id"]] = key
    assert world.post_items(scene.officer, [item])["receipts"][0]["status"] == "applied"


def _poison(database: Database, op_id: str) -> None:
    """Make the database itself refuse this operation, for good."""
    when = f"NEW.op_id = '{op_id}'"
    with database.write() as session:
        if database.embedded:
            session.execute(
                text(
                    f"CREATE TRIGGER poison BEFORE INSERT ON operation_header WHEN {when} "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            )
            return
        session.execute(
            text("CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'poison'; END $$")
        )
        session.execute(
            text(
                f"CREATE TRIGGER poison BEFORE INSERT ON operation_header FOR EACH ROW WHEN ({when}) "
                "EXECUTE FUNCTION poison()"
            )
        )


def test_an_operation_that_the_server_cannot_store_delays_no_other(scene: Scene) -> None:
    good, bad, last = scene.note(), scene.note(), scene.officer.set(scene.referral_id, {"unit": "9"}, prev=None)
    _poison(scene.database, bad["op_id"])
    receipts = scene.officer.push(good, bad, last)
    assert [(one["status"], one["reason"]) for one in receipts] == [
        ("applied", None), ("retry", "server_fault"), ("applied", None),
    ]  # fmt: skip
    assert receipts[1]["retry_after_s"] > 0
    assert world.header(scene.database, bad["op_id"]) is None
    with scene.database.write() as session:
        session.execute(text("DROP TRIGGER poison" + ("" if scene.database.embedded else " ON operation_header")))
    assert scene.officer.push(bad)[0]["status"] == "applied"
    world.check_projection(scene.database)


def test_what_is_held_or_rejected_is_an_item_of_ones_own_feed(scene: Scene) -> None:
    held = scene.officer.set(scene.referral_id, {"name": "Kit Sample"})
    scene.officer.push(held)
    items = {item["id"]: item for item in scene.officer.pull()["items"] if item["t"] == "op"}
    assert set(items) == {held["op_id"]}
    item = items[held["op_id"]]
    assert (item["status"], item["reason"], item["referral_id"]) == ("held", "consent_missing", scene.referral_id)
