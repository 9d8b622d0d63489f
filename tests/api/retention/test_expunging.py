"""Expunging: nothing is left but id and number, phones are told, what comes late is not kept, and two people decided it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import col, func, select

from api.database import Database
from api.operations.service import hold
from api.operations.storage import store
from api.tables.audit import AuditEvent
from api.tables.paging import Delivery, Page, PageEvent
from api.tables.records import OperationBody, OperationHeader, Quarantine
from api.tables.retention import Expunged
from sync.sealing import unsigned
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.retention.conftest import CANARIES, Told, Two

READERS = ("officer", "sergeant", "coordinator", "supervisor", "prosecutor")


def everything(database: Database) -> str:
    """Every sealed thing that the server can open, as text."""
    with database.read() as session:
        bodies = [bytes(row.body).decode() for row in session.exec(select(OperationBody))]
    referrals = [str(row.item) for row in world.feed(database)] + [row.blob for row in world.quarantined(database)]
    return "\n".join([*bodies, *referrals])


def headers(database: Database, referral_id: str) -> list[OperationHeader]:
    with database.read() as session:
        query = select(OperationHeader).where(OperationHeader.referral_id == referral_id)
        return list(session.exec(query.order_by(col(OperationHeader.position))))


def test_nothing_is_left_but_id_and_number(
    database: Database, two: Two, told: Callable[[], Told], enrol: Enrol, sign_in: SignIn
) -> None:
    enrol("coordinator")
    subject, other = told(), told()
    before = world.referral(database, subject.referral_id)
    assert before is not None
    assert all(canary in everything(database) for canary in CANARIES), "the control finds them"
    logged = headers(database, subject.referral_id)
    two.expunge(subject.referral_id)
    after = world.referral(database, subject.referral_id)
    assert after is not None
    assert after.number == before.number
    assert after.state == {
        "referral_id": subject.referral_id, "program_id": "denver", "registers": {}, "entries": {}, "strikes": {},
        "consent": {}, "conflicts": {}, "vectors": {}, "expunged": True,
    }  # fmt: skip
    assert headers(database, subject.referral_id) == logged, "the log's headers are as they were"
    with database.read() as session:
        bodies = set(session.exec(select(OperationBody.op_id)))
        page = session.exec(select(Page).where(Page.referral_id == subject.referral_id)).one()
        events = session.exec(select(func.count()).where(PageEvent.page_id == page.id)).one()
        waiting = session.exec(select(Delivery).where(Delivery.page_id == page.id, Delivery.state == "pending")).all()
        [row] = session.exec(select(Expunged)).all()
    assert bodies.isdisjoint(operation["op_id"] for operation in subject.operations)
    assert bodies >= {operation["op_id"] for operation in other.operations}
    assert (page.state, page.next_step_at, events, waiting) == ("closed", None, 0, [])
    assert (row.referral_id, row.number, row.reason) == (subject.referral_id, before.number, "court_order")
    two.expunge(other.referral_id)
    assert not any(canary in everything(database) for canary in CANARIES)
    for login in ("officer", "coordinator", "supervisor"):
        for part in ("history", "page"):
            answer = sign_in(login).get(f"/api/referrals/{subject.referral_id}/{part}")
            unknown = sign_in(login).get(f"/api/referrals/{uuid4()}/{part}")
            assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text)


def test_every_phone_hears_that_it_is_to_be_dropped(two: Two, told: Callable[[], Told], enrol: Enrol) -> None:
    subject, other = told(), told()
    phones = {login: enrol(login) for login in READERS}
    cursors = {login: phone.pull()["cursor"] for login, phone in phones.items()}
    two.expunge(subject.referral_id)
    drop = {"t": "drop", "id": subject.referral_id, "why": "expunged"}
    for login, phone in phones.items():
        assert [item for item in phone.pull(cursors[login])["items"] if item["t"] != "op"] == [drop], login
        fresh = phone.pull()["items"]
        assert [item for item in fresh if item.get("id") == subject.referral_id] == [drop], login
        assert any(item["t"] == "put" and item["id"] == other.referral_id for item in fresh), login


def test_what_comes_late_is_rejected_and_not_kept(
    database: Database, two: Two, told: Callable[[], Told], officer: TestDevice, sign_in: SignIn
) -> None:
    subject = told()
    late = world.note(officer, subject.referral_id, "CANARYLATE")
    withdrawn = world.withdraw(officer, subject.referral_id)
    nonsense = officer.write(subject.referral_id, "note.add", {"text": "CANARYLATE", "more": 1})
    two.expunge(subject.referral_id)
    receipts = officer.push(late, withdrawn, nonsense)
    assert [(one["status"], one["reason"]) for one in receipts] == [("rejected", "expunged")] * 3
    kept = world.header(database, late["op_id"])
    assert kept is not None
    assert (kept.digest, kept.state, kept.groups) == (late["digest"], "rejected", "")
    assert "CANARYLATE" not in everything(database)
    with database.read() as session:
        assert session.get(OperationBody, late["op_id"]) is None
        assert session.exec(select(Page).where(Page.kind == "attention")).all() == [], "nobody is woken for it"
    assert [one["first"] for one in officer.push(late)] == receipts[:1]
    assert "held" not in {each["code"] for each in sign_in("supervisor").get("/api/queue").json()["sentences"]}
    items = officer.pull()["items"]
    assert [item["reason"] for item in items if item["t"] == "op" and item["id"] == late["op_id"]] == ["expunged"]
    assert world.state(database, subject.referral_id)["vectors"] == {}


def test_what_proves_nothing_is_not_kept_either(
    database: Database, two: Two, told: Callable[[], Told], officer: TestDevice
) -> None:
    subject = told()
    two.expunge(subject.referral_id)
    written = world.note(officer, subject.referral_id, "CANARYLATE")
    without = unsigned({key: value for key, value in written.items() if key not in ("digest", "sig")})
    broken = world.note(officer, subject.referral_id, "CANARYLATE") | {"sig": written["sig"]}
    answers = officer.push(without, broken)
    assert [(one["status"], one["reason"]) for one in answers] == [("rejected", "expunged")] * 2
    assert [(row.blob, row.reason) for row in world.quarantined(database)] == [("", "expunged")] * 2


def test_known_operations_are_answered_as_before(two: Two, told: Callable[[], Told], officer: TestDevice) -> None:
    subject = told()
    two.expunge(subject.referral_id)
    again = officer.push(*subject.operations)
    assert [one["status"] for one in again] == ["duplicate"] * len(subject.operations)
    assert [one["first"] for one in again] == subject.receipts


def test_quarantined_blobs_about_it_go_and_others_stay(
    database: Database, two: Two, told: Callable[[], Told], officer: TestDevice
) -> None:
    subject, other = told(), told()
    for referral_id in (subject.referral_id, other.referral_id):
        written = world.note(officer, referral_id, "CANARYHELD")
        officer.push(unsigned({key: value for key, value in written.items() if key not in ("digest", "sig")}))
    damaged = world.sealed(officer, subject.operations[0]) | {"blob": "AAAA"}
    world.post_items(officer, [damaged])
    assert len(world.quarantined(database)) == 3
    two.expunge(subject.referral_id)
    [left] = world.quarantined(database)
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Quarantine)).one() == 1
    two.expunge(other.referral_id)
    assert left.blob_hash not in {row.blob_hash for row in world.quarantined(database)}


def test_what_was_held_is_settled_and_its_author_told(
    database: Database, two: Two, told: Callable[[], Told], officer: TestDevice, sign_in: SignIn
) -> None:
    subject = told()
    waiting = officer.set(subject.referral_id, {"name": "CANARYTWO"})
    assert [one["reason"] for one in officer.push(waiting)] == ["consent_missing"]
    two.expunge(subject.referral_id)
    held = world.header(database, waiting["op_id"])
    assert held is not None
    assert (held.state, held.reason) == ("rejected", "expunged")
    items = {item["id"]: item for item in officer.pull()["items"] if item["t"] == "op"}
    assert (items[waiting["op_id"]]["status"], items[waiting["op_id"]]["reason"]) == ("rejected", "expunged")
    assert "held" not in {each["code"] for each in sign_in("supervisor").get("/api/queue").json()["sentences"]}


def test_whatever_touches_it_later_puts_nothing_back(
    database: Database, two: Two, told: Callable[[], Told], clock: FakeClock
) -> None:
    subject = told()
    two.expunge(subject.referral_id)
    before = world.feed(database)
    with database.write() as session:
        draft = hold(session, subject.referral_id)
        draft.pages[subject.referral_id] = {"state": "open"}
        store(session, draft, {}, clock.now())
    assert world.feed(database) == before


def test_it_takes_two_and_each_in_their_own_right(
    database: Database, two: Two, told: Callable[[], Told], sign_in: SignIn, clock: FakeClock
) -> None:
    subject = told()
    path = f"/api/referrals/{subject.referral_id}/expunge"
    body = {"reason": "participant"}
    for login in (
        "officer",
        "sergeant",
        "coordinator",
        "case_manager",
        "administrator",
        "prosecutor",
        "evaluator",
        "partner",
    ):
        assert sign_in(login).post(path, json=body).status_code == 403, login
    assert sign_in("other_supervisor").post(path, json=body).status_code == 404
    assert sign_in("supervisor").post(f"/api/referrals/{uuid4()}/expunge", json=body).status_code == 404
    for wrong in ({}, {"reason": "other"}, {"reason": "mistake", "more": 1}, {"reason": ["mistake"]}):
        assert sign_in("supervisor").post(path, json=wrong).status_code == 422
    supervisor = sign_in("supervisor")
    asked = supervisor.post(path, json=body).json()["asked_id"]
    assert supervisor.post(path, json=body).status_code == 409, "asked already"
    approve = f"/api/expunge/{asked}/approve"
    assert supervisor.post(approve).status_code == 403, "nobody decides what they asked for"
    assert sign_in("other_administrator").post(approve).status_code == 404
    assert sign_in("coordinator").post(approve).status_code == 403
    for kind in ("holds", "hold-ends", "break-glass"):
        login = "supervisor" if kind == "break-glass" else "administrator"
        assert sign_in(login).post(f"/api/{kind}/{asked}/approve").status_code == 404, "a request of another kind"
    late = sign_in("administrator")
    clock.advance(minutes=5, milliseconds=1)
    refused = late.post(approve)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "proof-needed")
    assert world.state(database, subject.referral_id)["registers"]
    assert sign_in("administrator").post(approve).status_code == 204
    assert sign_in("administrator").post(approve).status_code == 409
    assert sign_in("supervisor").post(path, json=body).status_code == 404, "nothing is left of it"


def test_a_declined_request_changes_nothing(
    database: Database, two: Two, told: Callable[[], Told], sign_in: SignIn
) -> None:
    subject = told()
    for login in ("administrator", "supervisor"):
        asked = two.ask(f"referrals/{subject.referral_id}/expunge", {"reason": "mistake"})
        assert sign_in(login).post(f"/api/expunge/{asked}/decline").status_code == 204
        assert sign_in("administrator").post(f"/api/expunge/{asked}/approve").status_code == 409
    assert world.state(database, subject.referral_id)["registers"]


def test_the_audit_names_ids_alone(database: Database, two: Two, told: Callable[[], Told], clock: FakeClock) -> None:
    subject = told()
    two.expunge(subject.referral_id)
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.subject == subject.referral_id)).all()
    assert [event.action for event in events] == ["expunge.ask", "expunge.approve", "referral.expunge"]
    assert not any(canary in event.model_dump_json() for event in events for canary in CANARIES)


@pytest.mark.parametrize("minutes", [0, 60 * 48 - 1])
def test_the_second_person_has_two_days(
    two: Two, told: Callable[[], Told], sign_in: SignIn, clock: FakeClock, minutes: int
) -> None:
    asked = two.ask(f"referrals/{told().referral_id}/expunge", {"reason": "mistake"})
    clock.advance(minutes=minutes)
    two.approve(f"expunge/{asked}")
    late = two.ask(f"referrals/{told().referral_id}/expunge", {"reason": "mistake"})
    clock.advance(hours=48)
    assert sign_in("administrator").post(f"/api/expunge/{late}/approve").status_code == 409
