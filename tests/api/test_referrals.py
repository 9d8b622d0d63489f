"""History and queue: each role reads its own part, and unknown looks like forbidden."""

from fastapi import FastAPI
from sqlalchemy import text

from api.database import Database
from api.tables.people import Program
from tests.api.conftest import PROGRAM, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def story(officer: TestDevice, coordinator: TestDevice) -> str:
    """An alert, its identity, a note, an acknowledgement and an assessment item; the referral's id."""
    referral_id, operations = officer.submission()
    grant = operations[1]["op_id"]
    officer.push(*operations)
    officer.push(
        officer.set(referral_id, {"name": "Sample Person"}, saw=[grant]),
        officer.set(referral_id, {"needs": ["food"]}),
        officer.write(referral_id, "note.add", {"text": "Waits by the door."}),
    )
    coordinator.pull()
    item = {"answer": "yes", "text": ""}
    receipts = coordinator.push(
        coordinator.acknowledge(referral_id), coordinator.set(referral_id, {"assessment.naloxone": item})
    )
    assert {receipt["status"] for receipt in receipts} == {"applied"}
    return referral_id


def kinds(sign_in: SignIn, login: str, referral_id: str) -> list[str]:
    answer = sign_in(login).get(f"/api/referrals/{referral_id}/history")
    assert answer.status_code == 200, answer.text
    return [entry["kind"] for entry in answer.json()]


def test_each_role_reads_only_what_it_may(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = story(enrol("officer"), enrol("coordinator"))
    begun = ["referral.create", "consent.grant", "referral.set", "referral.alert"]
    assert kinds(sign_in, "officer", referral_id) == [*begun, "referral.set", "page.acknowledge"]
    assert kinds(sign_in, "supervisor", referral_id) == [*begun, "page.acknowledge"]
    everything = [*begun, "referral.set", "referral.set", "note.add", "page.acknowledge", "referral.set"]
    assert kinds(sign_in, "coordinator", referral_id) == everything


def test_history_says_who_and_when(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = story(enrol("officer"), enrol("coordinator"))
    first = sign_in("supervisor").get(f"/api/referrals/{referral_id}/history").json()[0]
    assert (first["by"]["name"], first["by"]["role"]) == ("Officer Example", "officer")
    assert first["at"].startswith("2026-04-30T02:14")


def test_unknown_and_out_of_reach_look_alike(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = story(enrol("officer"), enrol("coordinator"))
    for login in ("officer2", "other_coordinator", "other_supervisor"):
        client = sign_in(login)
        theirs, none = (client.get(f"/api/referrals/{name}/history") for name in (referral_id, UNKNOWN_ID))
        assert theirs.status_code == none.status_code == 404, login
        assert theirs.json() == none.json()


def test_roles_without_history_are_refused(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = story(enrol("officer"), enrol("coordinator"))
    for login in ("sergeant", "administrator", "evaluator", "prosecutor", "partner"):
        assert sign_in(login).get(f"/api/referrals/{referral_id}/history").status_code == 403, login


def test_the_queue_counts_what_waits_and_says_when_it_is_late(enrol: Enrol, sign_in: SignIn, clock: FakeClock) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    supervisor = sign_in("supervisor")
    assert supervisor.get("/api/queue").json()["unacknowledged"] == 1
    clock.advance(minutes=9)
    codes = [sentence["code"] for sentence in supervisor.get("/api/queue").json()["sentences"]]
    assert "overdue" not in codes
    clock.advance(minutes=1)
    sentences = {s["code"]: s["values"] for s in supervisor.get("/api/queue").json()["sentences"]}
    assert sentences["overdue"] == {"count": 1, "minutes": 10}


def test_the_queue_says_what_is_missing(enrol: Enrol, sign_in: SignIn, app: FastAPI) -> None:
    officer = enrol("officer")
    officer.push(officer.create(pathway="community"))
    sentences = {s["code"]: s["values"] for s in sign_in("supervisor").get("/api/queue").json()["sentences"]}
    assert sentences == {"no_worker": {}, "nobody_subscribed": {}, "held": {"count": 1}}


def test_a_sergeant_sees_the_own_agency_and_no_shortage(enrol: Enrol, sign_in: SignIn) -> None:
    for login in ("officer", "officer2"):
        officer = enrol(login)
        officer.push(*officer.submission()[1])
    queue = sign_in("sergeant").get("/api/queue").json()
    assert queue["unacknowledged"] == 1
    assert queue["sentences"] == []


def test_a_sergeant_hears_of_own_officers_who_wait_on_scene_and_of_nothing_else(
    enrol: Enrol, sign_in: SignIn, clock: FakeClock
) -> None:
    own, other = enrol("officer"), enrol("officer2")
    for officer, waiting in ((own, True), (own, False), (other, True)):
        created = officer.create()
        officer.push(created, officer.alert(created["referral_id"], waiting=waiting))
    clock.advance(minutes=9, seconds=59)
    assert sign_in("sergeant").get("/api/queue").json()["sentences"] == []
    clock.advance(seconds=1)
    answer = sign_in("sergeant").get("/api/queue").json()
    assert answer["sentences"] == [{"code": "stuck", "values": {"count": 1, "minutes": 10}}]
    codes = [sentence["code"] for sentence in sign_in("supervisor").get("/api/queue").json()["sentences"]]
    assert codes == ["overdue", "stalled", "no_worker", "nobody_subscribed"]


def test_how_long_an_officer_may_wait_is_the_programs_own_to_say(
    enrol: Enrol, sign_in: SignIn, clock: FakeClock, database: Database
) -> None:
    with database.write() as session:
        program = session.get_one(Program, PROGRAM)
        program.config = program.config | {"nobody_after_minutes": 3}
        session.add(program)
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    clock.advance(minutes=3)
    assert [each["code"] for each in sign_in("sergeant").get("/api/queue").json()["sentences"]] == ["stuck"]


def test_what_waits_for_the_morning_is_not_late(
    enrol: Enrol, sign_in: SignIn, clock: FakeClock, database: Database
) -> None:
    officer = enrol("officer")
    officer.push(*officer.submission()[1])
    with database.write() as session:
        session.connection().execute(text("UPDATE page SET until_morning = TRUE"))
    clock.advance(minutes=30)
    queue = sign_in("supervisor").get("/api/queue").json()
    assert queue["unacknowledged"] == 1
    assert "overdue" not in {each["code"] for each in queue["sentences"]}


def test_officers_and_coordinators_have_no_queue(sign_in: SignIn) -> None:
    for login in ("officer", "coordinator", "administrator", "partner"):
        assert sign_in(login).get("/api/queue").status_code == 403, login
