"""The stored projection equals the log folded anew, whatever was pushed in whatever order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from api.auth.dependencies import DevicePrincipal
from api.database import Database
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.operations import projection, service
from api.paging import service as paging
from api.tables.paging import Page
from api.tables.records import Referral
from sync.operations import canonical
from sync.reconcile import KnownReferral
from tests.api import exchange_world as world
from tests.api.conftest import START, Enrol, FakeClock
from tests.api.device import TestDevice

# What a hand may do on either phone, by a number that Hypothesis draws.
Act = Callable[[TestDevice, str, str, int], dict[str, Any]]
ACTS: list[Act] = [
    lambda d, r, g, n: d.set(r, {"place": f"place {n}"}),
    lambda d, r, g, n: d.set(r, {"name": f"name {n}", "contact": f"c{n % 2}"}, saw=[g]),
    lambda d, r, g, n: d.set(r, {"needs": ["food", "phone"][: n % 3]}),
    lambda d, r, g, n: d.alert(r, waiting=n % 2 == 0),
    lambda d, r, g, n: d.acknowledge(r, n % 60),
    lambda d, r, g, n: world.note(d, r, f"note {n}"),
    lambda d, r, g, n: world.withdraw(d, r),
    lambda d, r, g, n: d.write(r, "handoff.record", {"outcome": ["phone", "deferred"][n % 2]}),
    lambda d, r, g, n: d.write(r, "referral.close", {"reason": "person_left"}),
]
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, len(ACTS) - 1), st.booleans(), st.integers(0, 99)),
    min_size=1, max_size=14,
)  # fmt: skip


@pytest.fixture
def phones(enrol: Enrol) -> tuple[TestDevice, TestDevice]:
    return enrol("officer"), enrol("coordinator")


def push(database: Database, app: Any, device: TestDevice, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    principal = DevicePrincipal(device.device_id, device.user_id, device.phone.program_id, "active")
    request = PushRequest.model_validate(device.phone.push_body(operations))
    receipts: list[dict[str, Any]] = exchange.push(database, app.state.keys.by_id, principal, request, START)[
        "receipts"
    ]
    return receipts


def check_feed(database: Database) -> None:
    """Every put in every scope is what rendering the log anew gives, and no scope lacks or exceeds its items."""
    shown = {
        (row.scope, row.item_id): json.loads(row.item)["view"] for row in world.feed(database) if row.kind == "put"
    }
    expected: dict[tuple[str, str], Any] = {}
    with database.read() as session:
        for row in session.exec(select(Referral)):
            rebuilt = service.rebuilt(session, row.id)
            known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, rebuilt)
            for item in projection.referral_items(known):
                expected[item.scope, row.id] = json.loads(item.body)
    assert canonical([list(key) for key in sorted(shown)]) == canonical([list(key) for key in sorted(expected)])
    assert all(canonical(shown[key]) == canonical(expected[key]) for key in shown)


@given(steps=STEPS, data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_stored_fold_and_feed_are_those_of_the_log(
    steps: list[tuple[int, int, int, bool, int]], data: st.DataObject, phones: tuple[TestDevice, TestDevice],
    database: Database, app: Any,
) -> None:  # fmt: skip
    officer = phones[0]
    referrals = []
    for _ in range(2):
        created = officer.create()
        grant = officer.grant(created["referral_id"])
        referrals.append((created["referral_id"], grant["op_id"]))
        push(database, app, officer, [created, grant])
    waiting: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for who, which, act, look, number in steps:
        device, (referral_id, grant_id) = phones[who], referrals[which]
        if look:
            device.pull()
        waiting[who].append(ACTS[act](device, referral_id, grant_id, number))
    for who in data.draw(st.permutations([0, 1])):
        batch = waiting[who]
        cut = data.draw(st.integers(0, len(batch)))
        again = batch[: data.draw(st.integers(0, cut))]
        for part in (batch[:cut], again, batch[cut:]):
            statuses = {receipt["status"] for receipt in push(database, app, phones[who], part)} if part else set()
            assert statuses <= {"applied", "merged", "duplicate", "held", "rejected"}
    world.check_projection(database)
    check_feed(database)


def test_server_operations_fold_as_well(database: Database, enrol: Enrol, clock: FakeClock) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    coordinator.pull()
    coordinator.push(coordinator.acknowledge(referral_id))
    later = clock.advance(hours=2)
    with database.write() as session:
        page = session.exec(select(Page).where(Page.subject == referral_id)).one()
        page.read_at = None
        session.add(page)
        session.flush()
        paging.advance(session, page.id, later)
    assert world.state(database, referral_id)["registers"]["holder"]["value"] is None
    world.check_projection(database)
    check_feed(database)


def test_what_waited_is_applied_with_its_referral_and_its_author_hears_it(database: Database, enrol: Enrol) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    early = [world.note(coordinator, referral_id), coordinator.acknowledge(referral_id)]
    named = coordinator.set(referral_id, {"name": "Kit Sample"}, saw=[operations[1]["op_id"]])
    held = coordinator.push(*early, named)
    assert [(one["status"], one["reason"]) for one in held] == [("held", "unknown_referral")] * 3
    receipts = officer.push(*operations)
    assert [one["status"] for one in receipts] == ["applied", "applied", "applied", "merged"]
    assert receipts[3]["conflicts"], "the alert had not seen the acknowledgement that came before it"
    state = world.state(database, referral_id)
    assert set(state["entries"]) == {early[0]["op_id"]}
    assert state["registers"]["name"]["value"] == "Kit Sample"
    again = coordinator.push(*early, named)
    assert [one["status"] for one in again] == ["duplicate"] * 3
    assert [one["first"] for one in again] == held, "the first receipt is never rewritten"
    assert {one["state"] for one in again} <= {"applied", "merged"}
    own = {item["id"]: item["status"] for item in coordinator.pull()["items"] if item["t"] == "op"}
    assert set(own) == {one["op_id"] for one in held}
    assert set(own.values()) <= {"applied", "merged"}
    world.check_projection(database)
    check_feed(database)


def test_an_alert_that_waited_pages_when_it_is_applied(database: Database, enrol: Enrol) -> None:
    partner, coordinator = enrol("partner"), enrol("coordinator")
    created = partner.create(pathway="community")
    referral_id = created["referral_id"]
    assert coordinator.push(coordinator.alert(referral_id))[0]["reason"] == "unknown_referral"
    partner.push(created)
    pages = [item for item in coordinator.pull()["items"] if item["t"] == "page"]
    assert [(item["id"], item["page"]["state"]) for item in pages] == [(referral_id, "open")]
    world.check_projection(database)
