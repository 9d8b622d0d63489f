"""Records that a colleague's phone brings: taken in as their author's own push would be, and nothing else is believed.

The attacks are a carrier's: altered bytes, forged headers, another program's phone, replays, several phones' records mixed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response
from sqlmodel import col, select

from api.audit.key import secret_in
from api.audit.verify import verify
from api.database import Database
from api.operations import service as operations
from api.settings import Settings
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.paging import Page
from api.tables.records import OperationHeader, Quarantine
from sync import ranges
from sync.operations import BATCH_LIMIT_BYTES, BATCH_LIMIT_OPERATIONS
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol, FakeClock
from tests.api.device import TestDevice
from tests.api.refusals import CASES, Scene

Item = dict[str, Any]
WHOLE_RECEIPT = {"op_id", "epoch", "status", "position"}


@pytest.fixture
def colleague(enrol: Enrol) -> TestDevice:
    """The officer's colleague of another agency, with a phone that has a connection."""
    return enrol("officer2")


def sealed(author: TestDevice, operations: Sequence[Mapping[str, Any]]) -> list[Item]:
    """What stands in the author's file."""
    return [author.phone.seal(operation).model_dump() for operation in operations]


def post(carrier: TestDevice, author_device_id: str, items: Sequence[Item], **changes: Any) -> Response:
    body = {
        "protocol": 1, "device_id": carrier.device_id, "author_device_id": author_device_id, "operations": list(items),
    }  # fmt: skip
    content = json.dumps(body | changes)  # which escapes what no encoder of texts would write
    answer: Response = carrier.client.post(
        "/api/sync/forward", content=content, headers={"Content-Type": "application/json"}
    )
    return answer


def forward(carrier: TestDevice, author: TestDevice, items: Sequence[Item]) -> list[dict[str, Any]]:
    answer = post(carrier, author.device_id, items)
    assert answer.status_code == 200, answer.text
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


def statuses(receipts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [receipt["status"] for receipt in receipts]


def device(database: Database, device_id: str) -> Device:
    with database.read() as session:
        found = session.get(Device, device_id)
    assert found is not None
    return found


def pages(database: Database) -> list[Page]:
    with database.read() as session:
        return list(session.exec(select(Page).order_by(col(Page.subject))))


def nothing_stored(database: Database) -> bool:
    with database.read() as session:
        return not session.exec(select(OperationHeader)).all() and not session.exec(select(Quarantine)).all()


def test_carried_records_are_applied_page_and_are_read_as_their_authors_own(
    officer: TestDevice, colleague: TestDevice, enrol: Enrol, database: Database
) -> None:
    coordinator = enrol("coordinator")
    referral_id, operations = officer.submission("North gate")
    receipts = forward(colleague, officer, sealed(officer, operations))
    assert statuses(receipts) == ["taken"] * 4
    assert [receipt["op_id"] for receipt in receipts] == [operation["op_id"] for operation in operations]
    rows = [world.header(database, operation["op_id"]) for operation in operations]
    assert [(row.device_id, row.user_id, row.state) for row in rows if row] == [
        (officer.device_id, officer.user_id, "applied")
    ] * 4
    assert [page.referral_id for page in pages(database)] == [referral_id], "somebody is called"
    assert "North gate" in json.dumps(coordinator.views()[referral_id])
    world.check_projection(database)


def test_the_carrier_is_told_what_arrived_and_nothing_else(
    officer: TestDevice, colleague: TestDevice, database: Database
) -> None:
    referral_id, operations = officer.submission()
    operations.append(officer.set(referral_id, {"name": "Kit Sample"}))  # held: it names no consent
    operations.append(officer.write(referral_id, "handoff.record", {"outcome": "phone"}))  # rejected: not an officer's
    operations.append(officer.set(referral_id, {"place": "Kit Sample's porch"}, signed=False))  # kept under its hash
    answer = post(colleague, officer.device_id, sealed(officer, operations))
    document = answer.json()
    assert set(document) == {"protocol", "epoch", "receipts"}
    assert all(set(receipt) == WHOLE_RECEIPT for receipt in document["receipts"])
    assert statuses(document["receipts"]) == ["taken"] * 7, "held and rejected are not the carrier's affair"
    with database.read() as session:
        assert {row.state for row in session.exec(select(OperationHeader))} == {"applied", "held", "rejected"}
    for secret in ("Kit", "consent", "permitted", "unsigned", officer.user_id, officer.device_id, referral_id):
        assert secret not in answer.text
    assert colleague.pull()["items"] == [], "nor does a pull show a stranger's referral"


def test_the_authors_own_push_finds_them_there_afterwards(officer: TestDevice, colleague: TestDevice) -> None:
    _, operations = officer.submission()
    carried = forward(colleague, officer, sealed(officer, operations))
    own = officer.push(*operations)
    assert statuses(own) == ["duplicate"] * 4
    assert [receipt["state"] for receipt in own] == ["applied"] * 4
    assert [receipt["digest"] for receipt in own] == [operation["digest"] for operation in operations]
    assert [receipt["position"] for receipt in own] == [receipt["position"] for receipt in carried]


def test_the_carrier_may_come_after_the_author(officer: TestDevice, colleague: TestDevice, database: Database) -> None:
    _, operations = officer.submission()
    first = officer.push(*operations)
    size = world.log_size(database)
    again = forward(colleague, officer, sealed(officer, operations))
    assert statuses(again) == ["taken"] * 4
    assert [receipt["position"] for receipt in again] == [receipt["position"] for receipt in first]
    assert world.log_size(database) == size


def test_a_replay_changes_nothing(officer: TestDevice, colleague: TestDevice, enrol: Enrol, database: Database) -> None:
    referral_id, operations = officer.submission("First place")
    file = sealed(officer, operations)
    first = forward(colleague, officer, file)
    officer.push(officer.set(referral_id, {"place": "Second place"}))
    before = (world.log_size(database), world.state(database, referral_id), device(database, officer.device_id).known)
    for carrier in (colleague, enrol("supervisor")):
        assert forward(carrier, officer, file) == first
    after = (world.log_size(database), world.state(database, referral_id), device(database, officer.device_id).known)
    assert after == before


def test_half_a_file_waits_for_the_other_half(officer: TestDevice, colleague: TestDevice) -> None:
    _, operations = officer.submission()
    items = sealed(officer, operations)
    assert statuses(forward(colleague, officer, items[2:])) == ["retry"] * 2, "an earlier step has not arrived"
    assert statuses(forward(colleague, officer, items[:2])) == ["taken"] * 2
    assert statuses(forward(colleague, officer, items[2:])) == ["taken"] * 2


@pytest.mark.parametrize("role", ["coordinator", "supervisor", "administrator", "sergeant", "partner"])
def test_anybody_of_the_program_may_carry(role: str, officer: TestDevice, enrol: Enrol) -> None:
    assert statuses(forward(enrol(role), officer, sealed(officer, [officer.create()]))) == ["taken"]


class TestTheAuthorsStanding:
    """The rules are those for the author's own phone, whoever brings what it wrote."""

    def test_what_a_removed_phone_wrote_is_held(
        self, officer: TestDevice, colleague: TestDevice, database: Database
    ) -> None:
        operation = officer.create()
        world.set_device(database, officer.device_id, state="revoked")
        assert statuses(forward(colleague, officer, sealed(officer, [operation]))) == ["taken"]
        row = world.header(database, operation["op_id"])
        assert row is not None
        assert (row.state, row.reason) == ("held", "device_revoked")
        assert [page.subject for page in pages(database)] == [f"attention:{officer.device_id}"]

    def test_what_a_closed_account_wrote_is_held(
        self, officer: TestDevice, colleague: TestDevice, database: Database, clock: FakeClock
    ) -> None:
        operation = officer.create()
        clock.advance(minutes=1)
        world.close_account(database, officer.user_id, clock.now())
        forward(colleague, officer, sealed(officer, [operation]))
        row = world.header(database, operation["op_id"])
        assert row is not None
        assert (row.state, row.reason) == ("held", "user_inactive")

    def test_the_carriers_rights_do_not_count(self, officer: TestDevice, enrol: Enrol, database: Database) -> None:
        referral_id, operations = officer.submission()
        act = officer.write(referral_id, "decision.record", {"outcome": "accepted", "reason": None})
        forward(enrol("coordinator"), officer, sealed(officer, [*operations, act]))
        row = world.header(database, act["op_id"])
        assert row is not None
        assert (row.state, row.reason) == ("rejected", "not_permitted")

    def test_what_was_written_without_the_key_is_held_and_tells_who_brought_it(
        self, officer: TestDevice, colleague: TestDevice, database: Database
    ) -> None:
        operation = officer.create(signed=False)
        assert statuses(forward(colleague, officer, sealed(officer, [operation]))) == ["taken"]
        (kept,) = world.quarantined(database)
        assert (kept.state, kept.reason, kept.device_id) == ("held", "unsigned", officer.device_id)
        assert colleague.device_id in kept.detail
        assert device(database, officer.device_id).known == [], "the phone's own word has not come"
        assert world.header(database, operation["op_id"]) is None

    def test_the_carrier_does_not_speak_for_the_author(
        self, officer: TestDevice, colleague: TestDevice, database: Database, clock: FakeClock
    ) -> None:
        officer.post_push([], device={"pending": 7, "oldest_pending_at": None, "app": "phone-1"})
        before = device(database, officer.device_id)
        clock.advance(hours=5)
        forward(colleague, officer, sealed(officer, [officer.create()]))
        after = device(database, officer.device_id)
        changed = {name for name in before.model_dump() if getattr(before, name) != getattr(after, name)}
        assert changed == {"known"}, "not its contact, its counts, its cookies"
        assert after.known == [[1, 1]]
        assert device(database, colleague.device_id).known == [], "nor is it the carrier's own"


class TestAttacks:
    @pytest.mark.parametrize("name", CASES)
    def test_everything_that_may_be_wrong(
        self, name: str, database: Database, cast: Cast, enrol: Enrol, clock: FakeClock, colleague: TestDevice
    ) -> None:
        """What a push keeps as the phone's own is kept; what proves nothing is refused and leaves no trace."""
        officer = enrol("officer")
        referral_id, operations = officer.submission()
        officer.push(*operations)
        scene = Scene(database, cast, officer, referral_id, operations[1]["op_id"], clock)
        reason, status, build = CASES[name]
        item = build(scene)
        beside = scene.plain(officer.set(referral_id, {"unit": "7"}, prev=None))
        known, size = device(database, officer.device_id).known, world.log_size(database)
        first, second = forward(colleague, officer, [item, beside])
        assert second["status"] == "taken", "one bad operation delays no other"
        stored = world.header(database, item["op_id"]) is not None or bool(world.quarantined(database))
        told = "retry" if status == "retry" else "taken" if stored else "refused"
        assert first["status"] == told
        signed = stored and reason != "unsigned"
        grown = ranges.add(
            known, [beside["seq"], *([item["seq"]] if signed and item["device_id"] == officer.device_id else [])]
        )
        assert device(database, officer.device_id).known == grown
        if not stored:
            assert world.log_size(database) == size + 1
            assert [page.subject for page in pages(database)] == [referral_id], "and nobody is called for it"
        assert stored == (status != "retry" and reason not in PROVES_NOTHING and name not in OF_ANOTHER_PHONE)

    def test_altered_bytes(self, officer: TestDevice, colleague: TestDevice, database: Database) -> None:
        _, operations = officer.submission()
        for item in sealed(officer, operations):
            for at in range(0, len(item["blob"]), 97):
                letter = "A" if item["blob"][at] != "A" else "B"
                altered = item | {"blob": item["blob"][:at] + letter + item["blob"][at + 1 :]}
                assert statuses(forward(colleague, officer, [altered])) == ["refused"]
        assert nothing_stored(database)
        assert device(database, officer.device_id).known == []

    def test_a_forged_header(self, officer: TestDevice, colleague: TestDevice, database: Database) -> None:
        (item,) = sealed(officer, [officer.create()])
        forged: list[Item] = [
            {"seq": 999}, {"op_id": str(uuid4())}, {"program_id": "dona-ana"}, {"device_id": colleague.device_id},
            {"seq": "1"}, {"blob": ""}, {"more": 1},
        ]  # fmt: skip
        receipts = forward(colleague, officer, [item | change for change in forged])
        assert statuses(receipts) == ["refused"] * len(forged)
        assert nothing_stored(database)
        assert device(database, officer.device_id).known == []

    def test_a_colleagues_name_needs_the_colleagues_key(
        self, officer: TestDevice, colleague: TestDevice, database: Database
    ) -> None:
        """The carrier writes in the author's name and signs with the carrier's own key."""
        forged = world.signed(colleague, officer.create())
        assert statuses(forward(colleague, officer, sealed(officer, [forged]))) == ["refused"]
        assert nothing_stored(database)

    def test_records_of_two_phones_in_one_batch(
        self, officer: TestDevice, colleague: TestDevice, enrol: Enrol, database: Database
    ) -> None:
        other = enrol("sergeant")
        mine, theirs, keyless = officer.create(), colleague.create(), colleague.create(signed=False)
        receipts = forward(other, officer, sealed(officer, [mine]) + sealed(colleague, [theirs, keyless]))
        assert statuses(receipts) == ["taken", "refused", "refused"]
        assert world.header(database, theirs["op_id"]) is None
        assert world.quarantined(database) == []
        assert statuses(forward(other, colleague, sealed(colleague, [theirs]))) == ["taken"]

    def test_a_phone_of_another_program_and_one_that_is_not(
        self, officer: TestDevice, enrol: Enrol, database: Database
    ) -> None:
        stranger = enrol("other_officer")
        items = sealed(officer, [officer.create()])
        foreign = post(stranger, officer.device_id, items)
        unknown = post(stranger, str(uuid4()), items)
        assert (foreign.status_code, foreign.json()) == (404, unknown.json()), "the two look alike"
        assert nothing_stored(database)

    def test_a_removed_phone_carries_nothing(
        self, officer: TestDevice, colleague: TestDevice, database: Database
    ) -> None:
        world.set_device(database, colleague.device_id, state="revoked")
        assert post(colleague, officer.device_id, sealed(officer, [officer.create()])).status_code == 401
        assert nothing_stored(database)

    def test_without_the_carriers_cookie(self, officer: TestDevice, colleague: TestDevice, enrol: Enrol) -> None:
        items = sealed(officer, [officer.create()])
        somebody = enrol("sergeant")
        assert post(somebody, officer.device_id, items, device_id=colleague.device_id).status_code == 401
        somebody.client.cookies.clear()
        assert post(somebody, officer.device_id, items).status_code == 401

    def test_an_id_that_is_taken_stays_whose_it_is(
        self, officer: TestDevice, colleague: TestDevice, database: Database
    ) -> None:
        first = officer.create()
        officer.push(first)
        second = world.signed(officer, officer.create(), op_id=first["op_id"])
        assert statuses(forward(colleague, officer, sealed(officer, [second]))) == ["taken"], "both are kept"
        row = world.header(database, first["op_id"])
        assert row is not None
        assert row.digest == first["digest"]
        assert [kept.reason for kept in world.quarantined(database)] == ["op_id_reuse"]


PROVES_NOTHING = {
    "cannot_open", "not_json", "not_canonical", "envelope", "header", "header_mismatch", "wrong_digest", "signature",
}  # fmt: skip
OF_ANOTHER_PHONE = {"the server's own device", "another device", "a payload over the limit"}
"""Cases that a push keeps under the blob's hash, and that nothing proves to be this phone's."""


def test_what_one_operation_breaks_delays_no_other(
    officer: TestDevice, colleague: TestDevice, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    whole: Callable[..., Any] = operations.lay_out
    bad, good = officer.create(), officer.create()

    def breaks(outcome: Any, *rest: Any) -> None:
        if any(verdict.incoming.sealed.op_id == bad["op_id"] for verdict in outcome.verdicts):
            raise RuntimeError("a fault of ours")
        whole(outcome, *rest)

    monkeypatch.setattr(operations, "lay_out", breaks)
    assert statuses(forward(colleague, officer, sealed(officer, [bad, good]))) == ["retry", "taken"]
    assert world.header(database, good["op_id"]) is not None


def test_limits(officer: TestDevice, colleague: TestDevice) -> None:
    (item,) = sealed(officer, [officer.create()])
    at_most = post(colleague, officer.device_id, [item] * BATCH_LIMIT_OPERATIONS)
    assert statuses(at_most.json()["receipts"]) == ["taken"] * BATCH_LIMIT_OPERATIONS
    assert post(colleague, officer.device_id, [item] * (BATCH_LIMIT_OPERATIONS + 1)).status_code == 422
    assert post(colleague, officer.device_id, []).status_code == 422
    full = item | {"blob": "A" * (BATCH_LIMIT_BYTES // 8)}
    assert post(colleague, officer.device_id, [full] * 8).status_code == 200
    assert post(colleague, officer.device_id, [full] * 8 + [item]).status_code == 413


def test_the_audit_names_both_phones(
    officer: TestDevice, colleague: TestDevice, database: Database, cast: Cast, settings: Settings
) -> None:
    _, operations = officer.submission()
    items = sealed(officer, operations)
    forward(colleague, officer, [*items, items[0] | {"seq": 999}])
    with database.read() as session:
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "sync.forward"))
        assert (event.actor_id, event.device_id) == (cast["officer2"].user_id, colleague.device_id)
        assert (event.subject, event.program_id) == (officer.device_id, "denver")
        assert event.detail == {"applied": 4, "refused": 1}
        assert verify(session, secret_in(settings.keys_dir)).faults == []
