"""Under whose name a thing is stored: the role of then, and the phone that sent it, whatever the content claims."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlmodel import select

from api.clock import rfc3339
from api.database import Database
from api.tables.paging import Page
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, OTHER_PROGRAM, PROGRAM, Cast, Enrol, FakeClock


def test_what_was_made_before_the_last_contact_counts_under_the_role_of_then(
    database: Database, cast: Cast, enrol: Enrol, clock: FakeClock
) -> None:
    """A phone begins with one operation; the rest of what it wrote under its old role follows after that contact."""
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    moment = clock.advance(hours=1)
    world.end_roles(database, officer.user_id, moment)
    world.give_role(database, officer.user_id, PROGRAM, "coordinator", None, moment)
    clock.advance(hours=1)
    assert officer.push(operations[0])[0]["status"] == "applied"
    clock.advance(hours=1)
    assert [one["status"] for one in officer.push(*operations[1:])] == ["applied"] * 3
    later = officer.write(referral_id, "handoff.record", {"outcome": "phone"}, made_at=rfc3339(clock.now()))
    assert officer.push(later)[0]["status"] == "applied", "now a coordinator, who may"
    roles = [header.role for op in (*operations, later) if (header := world.header(database, op["op_id"]))]
    assert roles == ["officer"] * 4 + ["coordinator"]
    world.check_projection(database)


def test_a_role_that_ended_long_ago_does_not_come_back_with_a_wrong_clock(
    database: Database, cast: Cast, enrol: Enrol, clock: FakeClock
) -> None:
    moment = clock.now() - timedelta(days=1)
    world.end_roles(database, cast["officer"].user_id, moment)
    world.give_role(database, cast["officer"].user_id, PROGRAM, "sergeant", AGENCY, moment)
    officer = enrol("officer")
    created = officer.create(made_at="2001-01-01T00:00:00Z", clock_off_ms=None)
    [receipt] = officer.push(created)
    assert (receipt["status"], receipt["reason"]) == ("rejected", "not_permitted"), (
        "this phone was a sergeant's from the start"
    )


def pages(database: Database) -> set[tuple[str, str]]:
    with database.read() as session:
        return {(page.program_id, page.kind) for page in session.exec(select(Page))}


def test_what_proves_nothing_calls_its_own_supervisors(database: Database, enrol: Enrol) -> None:
    """A header may name any program and device; neither other supervisors nor another phone's page hear of it."""
    officer = enrol("officer")
    created = officer.create()
    for item in (
        world.sealed(officer, world.signed(officer, created, program_id=OTHER_PROGRAM, op_id=str(uuid4()))),
        world.sealed(officer, created, program_id=OTHER_PROGRAM),
        world.sealed(officer, created) | {"program_id": OTHER_PROGRAM},
        world.sealed(officer, created) | {"program_id": "nowhere", "device_id": str(uuid4())},
        world.sealed(officer, created) | {"program_id": None},
    ):
        [receipt] = world.post_items(officer, [item])["receipts"]
        assert receipt["status"] == "rejected"
    kept = world.quarantined(database)
    assert {row.program_id for row in kept} == {PROGRAM}
    assert any(OTHER_PROGRAM in row.detail for row in kept), "what it claimed can still be read"
    assert pages(database) == {(PROGRAM, "attention")}
    with database.read() as session:
        assert [page.subject for page in session.exec(select(Page))] == [f"attention:{officer.device_id}"]


def test_what_is_held_or_rejected_pages_the_supervisors_once(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    assert pages(database) == {(PROGRAM, "referral")}
    officer.push(officer.set(referral_id, {"name": "Kit"}), officer.set(referral_id, {"name": "Kay"}))
    assert pages(database) == {(PROGRAM, "referral"), (PROGRAM, "attention")}


def test_a_phone_of_one_program_says_nothing_of_another(enrol: Enrol, cast: Cast) -> None:
    other = enrol("other_officer")
    item = world.sealed(other, other.create())
    [receipt] = world.post_items(enrol("officer"), [item])["receipts"]
    assert (receipt["status"], receipt["reason"]) == ("rejected", "signature")
    assert other.push() == []
