"""Assessments live in their own tables: nothing of one stands where anybody else's request reads, and nothing is lost by it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, event, update
from sqlmodel import Session, SQLModel, col, select

from api.at_rest import rekey
from api.at_rest.cipher import Cipher
from api.at_rest.columns import TABLES
from api.at_rest.service import add_data_key
from api.at_rest.wrapping import KeyPlace
from api.database import Database
from api.operations import projection, queries
from api.operations.reprojection import FORM, project_anew
from api.operations.storage import insert_bodies
from api.settings import Settings
from api.tables.records import Assessment, AssessmentBody, Head, OperationBody, OperationHeader, Referral
from sync.fields import ASSESSMENT_ITEMS
from sync.operations import canonical
from sync.records import State
from sync.views import render
from tests.api import exchange_world as world
from tests.api.at_once import on_postgresql, pusher, until_blocked
from tests.api.conftest import START, Enrol, SignIn
from tests.api.device import TestDevice
from tests.api.feed_reading import CANARIES, pull, puts, whole_referral

SAID = (CANARIES["assessment"], *(f"canary-{item}" for item in ASSESSMENT_ITEMS[1:]))
OF_ASSESSMENTS = {"assessment.state", "assessment_body.body"}


def court(text: str) -> dict[str, Any]:
    return {"assessment.court": {"answer": "yes", "text": text}}


def opened(database: Database, model: type[Any], column: str) -> str:
    """Everything in a sealed column, opened with the key, as text."""
    with database.read() as session:
        values = [getattr(row, column) for row in session.execute(select(model)).scalars()]
    return "\n".join(value.decode() if isinstance(value, bytes) else json.dumps(value) for value in values)


def elsewhere(database: Database) -> str:
    """What whoever has no business with assessments loads."""
    return opened(database, Referral, "state") + opened(database, OperationBody, "body")


def kept_in(database: Database, op_id: str) -> set[type[SQLModel]]:
    with database.read() as session:
        return {model for model in (OperationBody, AssessmentBody) if session.get(model, op_id) is not None}


@contextmanager
def places() -> Iterator[set[str]]:
    """Which sealed columns are opened meanwhile."""
    found: set[str] = set()
    unseal = Cipher.unseal

    def noting(self: Cipher, session: Session, place: str, row: str, sealed: bytes) -> bytes:
        found.add(place)
        return unseal(self, session, place, row, sealed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cipher, "unseal", noting)
        yield found


def test_what_was_said_stands_in_its_own_tables_alone(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    assert CANARIES["place"] in elsewhere(database), "the control finds what is not of an assessment"
    assert not [word for word in (*SAID, "assessment", "intake_on") if word in elsewhere(database)]
    for model, column in ((Assessment, "state"), (AssessmentBody, "body")):
        assert all(word in opened(database, model, column) for word in SAID), model
    world.check_projection(database)
    state: State = world.state(database, referral_id)  # type: ignore[assignment]  # stored JSON
    view = puts(pull(sign_in("coordinator")))[referral_id]["view"]
    assert canonical(view) == canonical(render(state, projection.shown_to("coordinator", state)))
    assert [view["registers"][f"assessment.{item}"]["value"]["text"] for item in ASSESSMENT_ITEMS] == list(SAID)


def test_an_operation_that_writes_other_groups_too_is_kept_apart_whole(enrol: Enrol, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    mixed = coordinator.set(referral_id, court("canary-court") | {"place": "canary-moved"})
    assert coordinator.push(mixed)[0]["status"] == "merged"
    assert kept_in(database, mixed["op_id"]) == {AssessmentBody}
    assert kept_in(database, operations[2]["op_id"]) == {OperationBody}
    assert "canary-court" not in elsewhere(database)
    assert "canary-moved" in opened(database, Referral, "state"), "a conflict of the place, which is not apart"
    world.check_projection(database)


def test_what_was_refused_or_waits_is_kept_apart_as_well(enrol: Enrol, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    waits = coordinator.set(referral_id, court("canary-waits"))
    unreadable = coordinator.set(referral_id, {"assessment.curt": {"answer": "yes", "text": "canary-unreadable"}})
    forbidden = officer.set(referral_id, court("canary-forbidden"))
    [held, broken] = coordinator.push(waits, unreadable)
    assert (held["reason"], broken["reason"]) == ("unknown_referral", "payload")
    assert [one["status"] for one in officer.push(*operations, forbidden)][-1] == "rejected"
    assert "canary" not in elsewhere(database)
    assert [kept_in(database, one["op_id"]) for one in (waits, unreadable, forbidden)] == [{AssessmentBody}] * 3
    stored = world.header(database, waits["op_id"])
    assert stored is not None
    assert (stored.state, stored.groups) == ("applied", "assessment"), "what waited was found there"
    assert world.state(database, referral_id)["registers"]["assessment.court"]["value"]["text"] == "canary-waits"
    world.check_projection(database)


def test_both_sides_of_a_conflict_are_kept_apart(enrol: Enrol, database: Database) -> None:
    officer, one, other = enrol("officer"), enrol("coordinator"), enrol("coordinator2")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    one.push(one.set(referral_id, court("canary-one")))
    [receipt] = other.push(other.set(referral_id, court("canary-other")))
    assert receipt["status"] == "merged"
    assert "canary" not in elsewhere(database)
    assert "canary-other" in opened(database, Assessment, "state")
    world.check_projection(database)
    other.pull()
    settled = {"key": "assessment.court", "value": {"answer": "no", "text": ""}, "conflicts": receipt["conflicts"]}
    resolved = other.write(referral_id, "conflict.resolve", settled)
    assert other.push(resolved)[0]["status"] == "applied"
    assert kept_in(database, resolved["op_id"]) == {AssessmentBody}
    assert "canary" not in elsewhere(database), "what the decision replaced is remembered beside it, and nowhere else"
    assert "canary-other" not in opened(database, Assessment, "state"), "what gave way goes with its conflict"
    world.check_projection(database)


READERS = {
    "officer": ("/api/referrals/{id}/history",),
    "coordinator": ("/api/referrals/{id}/history", "/api/referrals/{id}/page"),
    "supervisor": ("/api/referrals/{id}/history", "/api/referrals/{id}/page", "/api/queue", "/api/retention"),
}


@pytest.mark.parametrize("login", READERS)
def test_who_reads_something_else_never_has_it_in_memory(login: str, enrol: Enrol, sign_in: SignIn) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    coordinator.push(coordinator.write(referral_id, "referral.close", {"reason": "declined"}))
    client = sign_in(login)
    with places() as found:
        answers = [client.get(path.replace("{id}", referral_id)) for path in READERS[login]]
        pull(client)
    assert {answer.status_code for answer in answers} == {200}
    assert "referral.state" in found, "the control sees what is opened"
    assert not found & OF_ASSESSMENTS


def test_broken_glass_shows_none_and_opens_none(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    row = world.referral(database, referral_id)
    assert row is not None
    asked = sign_in("administrator").post("/api/break-glass", json={"number": row.number, "reason": "A court asks."})
    assert asked.status_code == 201, asked.text
    path = f"/api/break-glass/{asked.json()['asked_id']}"
    with places() as found:
        assert sign_in("supervisor").post(f"{path}/approve").status_code == 204
        answer = sign_in("administrator").get(path)
    assert CANARIES["place"] in answer.text
    assert "referral.state" in found
    assert not found & OF_ASSESSMENTS


def test_the_prosecutor_s_request_opens_it_only_where_a_release_names_intake(enrol: Enrol, sign_in: SignIn) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    prosecutor = sign_in("prosecutor")
    coordinator.pull()
    coordinator.push(coordinator.set(referral_id, {"intake_on": "2026-04-30"}))
    with places() as found:
        told = prosecutor.get("/api/prosecution/referrals").json()["referrals"][0]
    assert told["facts"]["intake"]["done_on"] == "2026-04-30"
    assert found & OF_ASSESSMENTS == {"assessment.state"}
    entries = puts(coordinator.pull())[referral_id]["view"]["entries"]
    [release] = [op_id for op_id, entry in entries.items() if entry["kind"] == "release.give"]
    given = entries[release]["payload"] | {"information": ["enrolled", "status"]}
    consents = puts(coordinator.pull())[referral_id]["view"]["consent"]
    receipts = coordinator.push(
        coordinator.write(referral_id, "release.revoke", {"release": release, "reason": ""}),
        coordinator.write(referral_id, "release.give", given, saw=list(consents)),
    )
    assert {receipt["status"] for receipt in receipts} == {"applied"}
    with places() as found:
        [told] = prosecutor.get("/api/prosecution/referrals").json()["referrals"]
    assert told["facts"]["intake"] is None
    assert "referral.state" in found
    assert not found & OF_ASSESSMENTS


def as_before(database: Database, form: int = 1) -> None:
    """Everything of assessments back where the form before kept it."""
    with database.write() as session:
        for row in session.execute(select(Referral)).scalars():
            state = queries.whole_state(session, row.id)
            assert state is not None
            row.state = {**state}
            session.add(row)
        bodies = [{"op_id": row.op_id, "body": row.body} for row in session.execute(select(AssessmentBody)).scalars()]
        session.flush()
        session.execute(delete(AssessmentBody))
        session.execute(delete(Assessment))
        insert_bodies(session, OperationBody, bodies)
        session.execute(update(Head).where(col(Head.id) == 1).values(projection=form))


def test_an_upgrade_moves_what_stood_with_the_rest(
    enrol: Enrol, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    whole_referral(officer, coordinator)
    absent = coordinator.set(officer.create()["referral_id"], court("canary-absent"))
    broken = coordinator.set(officer.create()["referral_id"], {"assessment.curt": {"text": "canary-broken"}})
    assert [one["status"] for one in coordinator.push(absent, broken)] == ["held", "rejected"]
    now = {column: opened(database, model, column) for model, column in ((Assessment, "state"),)}
    common = elsewhere(database)
    feed, head = world.feed(database), world.head(database).position
    as_before(database)
    assert all(word in elsewhere(database) for word in (*SAID, "canary-absent", "canary-broken"))
    monkeypatch.setattr("api.operations.reprojection.BATCH_BODIES", 2)
    assert project_anew(database, START) == 1
    assert not [word for word in (*SAID, "canary-absent", "canary-broken") if word in elsewhere(database)]
    assert sorted(elsewhere(database)) == sorted(common)
    assert canonical(json.loads(opened(database, Assessment, "state"))) == canonical(json.loads(now["state"]))
    assert all(word in opened(database, AssessmentBody, "body") for word in (*SAID, "canary-absent", "canary-broken"))
    assert (world.feed(database), world.head(database).position) == (feed, head), "no view changed"
    assert world.head(database).projection == FORM
    world.check_projection(database)


def test_a_state_whose_log_is_erased_is_kept_divided_and_named_in_the_log(
    enrol: Enrol, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, whole = whole_referral(officer, coordinator), whole_referral(officer, coordinator)
    before = world.state(database, referral_id)
    as_before(database)
    with database.write() as session:
        erased = select(OperationHeader.op_id).where(col(OperationHeader.referral_id) == referral_id)
        session.execute(delete(OperationBody).where(col(OperationBody.op_id).in_(erased)))
    with caplog.at_level(logging.WARNING):
        assert project_anew(database, START) == 2
    said = [record.__dict__ for record in caplog.records if record.msg == "operations.kept_as_stored"]
    assert [(line.get("referral_id"), line.get("count")) for line in said] == [(referral_id, None), (None, 1)]
    assert not any(word in elsewhere(database) for word in SAID)
    assert canonical(world.state(database, referral_id)) == canonical(before)
    assert world.state(database, whole)["registers"]["assessment.court"]


def test_expunging_leaves_nothing_of_it(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, other = whole_referral(officer, coordinator), whole_referral(officer, coordinator)
    asked = sign_in("supervisor").post(f"/api/referrals/{referral_id}/expunge", json={"reason": "participant"})
    assert sign_in("administrator").post(f"/api/expunge/{asked.json()['asked_id']}/approve").status_code == 204
    with database.read() as session:
        assert list(session.execute(select(Assessment.referral_id)).scalars()) == [other]
        bodies = set(session.execute(select(AssessmentBody.op_id)).scalars())
        about = select(OperationHeader.op_id).where(col(OperationHeader.referral_id) == referral_id)
        assert bodies
        assert bodies.isdisjoint(session.execute(about).scalars())
    as_before(database)
    assert project_anew(database, START) == 2, "nothing is left of it to be named in the log"


def test_a_new_data_key_reaches_both(enrol: Enrol, database: Database, settings: Settings) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    before = world.state(database, referral_id)
    with database.write() as session:
        assert add_data_key(session, KeyPlace.of(settings), START) == 2
    rekey.reseal(database)
    with database.read() as session:
        for name, column in (("assessment", "state"), ("assessment_body", "body")):
            rows = session.connection().exec_driver_sql(f"SELECT {column} FROM {name}").scalars().all()
            assert {int.from_bytes(bytes(row)[1:3], "big") for row in rows} == {2}, name
    assert {"assessment", "assessment_body"} <= TABLES.keys()
    assert list(rekey.check(database)) == []
    assert canonical(world.state(database, referral_id)) == canonical(before)


def test_a_batch_asks_once_for_all_its_assessments_and_writes_those_that_changed(
    enrol: Enrol, database: Database
) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    ids = [whole_referral(officer, coordinator) for _ in range(3)]
    coordinator.pull()
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if " assessment " in " ".join(statement.split()) + " " and "_body" not in statement:
            sent.append((" ".join(statement.split()[:2]), values))

    def told_by(act: Callable[[], object]) -> list[tuple[str, Any]]:
        sent.clear()
        event.listen(database.writer, "before_cursor_execute", note)
        act()
        event.remove(database.writer, "before_cursor_execute", note)
        return list(sent)

    notes = [world.note(coordinator, referral_id) for referral_id in ids]
    assert [verb for verb, _ in told_by(lambda: coordinator.push(*notes))] == ["SELECT assessment.referral_id,"]
    assessed = [coordinator.set(referral_id, court("anew")) for referral_id in ids[:2]]
    told = told_by(lambda: coordinator.push(*assessed, world.note(coordinator, ids[2])))
    assert [verb for verb, _ in told] == ["SELECT assessment.referral_id,", "UPDATE assessment"]
    assert len(told[1][1]) == 2, "the third was not changed"
    created = officer.submission()[1]
    assert told_by(lambda: officer.push(*created)) == []
    world.check_projection(database)


@on_postgresql
def test_two_who_assess_at_the_same_moment_both_count(app: FastAPI, enrol: Enrol, database: Database) -> None:
    """Whoever waited for the referral's lock must see the assessment that was written meanwhile."""
    officer, one, other = enrol("officer"), enrol("coordinator"), enrol("coordinator2")
    referral_id = whole_referral(officer, one)
    push = pusher(database, app)
    for phone in (one, other):
        phone.pull()

    def assess(phone: TestDevice, item: str) -> list[dict[str, Any]]:
        return push(phone, [phone.set(referral_id, {f"assessment.{item}": {"answer": "no", "text": item}})])

    with ThreadPoolExecutor(2) as pool:
        with database.write() as session:
            queries.lock_referrals(session, [referral_id])
            both = [pool.submit(assess, one, "court"), pool.submit(assess, other, "income")]
            until_blocked(database, at_least=2)
        assert [done.result()[0]["status"] for done in both] == ["applied", "applied"]
    registers = world.state(database, referral_id)["registers"]
    assert [registers[f"assessment.{item}"]["value"]["text"] for item in ("court", "income")] == ["court", "income"]
    world.check_projection(database)
