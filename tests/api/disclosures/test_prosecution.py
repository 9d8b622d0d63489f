"""What a prosecutor is told live: only what a release in force names, with the notice, and never without accounting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from api.database import Database
from api.disclosures import service
from api.tables.audit import AuditEvent
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.disclosures.conftest import LIST, Case, lines
from tests.api.feed_reading import RELEASE, whole_referral

ALL = ["intake", "enrolled", "status"]


def test_without_a_release_nothing_is_told_and_nothing_accounted_for(case: Case, database: Database) -> None:
    unknown = case.prosecutor.get(f"{LIST}/{uuid4()}")
    closed = case.prosecutor.get(f"{LIST}/{case.id}")
    assert (closed.status_code, closed.content) == (404, unknown.content), "unknown and not released look alike"
    assert case.told() is None
    assert lines(database) == []


def test_a_release_tells_the_packet_and_what_it_names(case: Case, cast: Cast) -> None:
    release = case.release(information=["intake"])
    told = case.told()
    assert told is not None
    assert (told["case_number"], told["charges"], told["due_on"]) == ("24-117", ["trespass"], "2026-05-14")
    assert told["officer"] == "Officer Example"
    assert told["facts"] == {
        "intake": {"done": False, "done_on": None, "due_on": "2026-05-14"}, "enrolled": None, "status": None,
    }  # fmt: skip
    scope = {"release": release, "information": ["intake"], "purpose": "canary-release", "expires_on": "2026-10-31"}
    assert told["scope"] == [scope]


def test_facts_are_those_of_the_moment_of_asking(case: Case) -> None:
    case.release(information=ALL)
    first = case.told()
    assert first is not None
    assert (first["facts"]["enrolled"], first["facts"]["status"]) == (False, "submitted")
    desk = case.coordinator
    case.apply(
        desk, desk.set(case.id, {"intake_on": "2026-04-30"}),
        desk.write(case.id, "decision.record", {"outcome": "accepted", "reason": "canary-reason"}),
        desk.write(case.id, "handoff.record", {"outcome": "in_person"}),
    )  # fmt: skip
    second = case.told()
    assert second is not None
    assert second["facts"]["intake"] == {"done": True, "done_on": "2026-04-30", "due_on": "2026-05-14"}
    assert (second["facts"]["enrolled"], second["facts"]["status"]) == (True, "handed_off")
    assert "canary-reason" not in str(second)
    desk.pull()
    case.apply(desk, desk.write(case.id, "referral.close", {"reason": "moved_or_died"}))
    third = case.told()
    assert third is not None
    assert (third["facts"]["enrolled"], third["facts"]["status"]) == (False, "closed")


@pytest.mark.parametrize("kind", ["defense", "court", "provider", "probation", "other"])
def test_a_release_to_somebody_else_tells_a_prosecutor_nothing(case: Case, kind: str) -> None:
    case.release(recipient={"kind": kind, "name": "Somebody"})
    assert case.told() is None


def test_two_releases_tell_what_each_names_and_each_is_accounted_for(case: Case, database: Database) -> None:
    one, other = case.release(information=["intake"]), case.release(information=["status"])
    answer = case.prosecutor.get(f"{LIST}/{case.id}").json()["referral"]
    assert answer["facts"]["intake"] is not None
    assert answer["facts"]["status"] is not None
    assert answer["facts"]["enrolled"] is None
    assert {(line.release_id, line.codes) for line in lines(database)} == {(one, "intake"), (other, "status")}


def test_the_last_day_is_the_program_s_own(case: Case, clock: FakeClock, sign_in: SignIn) -> None:
    """Denver is six hours behind: its 30 April ends at six in the morning of 1 May."""
    case.release(expires_on="2026-04-30")
    midnight = datetime(2026, 5, 1, 6, tzinfo=UTC)
    clock.advance(seconds=(midnight - clock.now()).total_seconds() - 1)
    case.prosecutor = sign_in("prosecutor")
    assert case.told() is not None
    clock.advance(seconds=1)
    assert case.told() is None


def _revoke(case: Case, release: str) -> None:
    desk = case.coordinator
    case.apply(desk, desk.write(case.id, "release.revoke", {"release": release, "reason": "Asked us to."}))


def _withdraw(case: Case, _release: str) -> None:
    case.apply(case.officer, world.withdraw(case.officer, case.id))


@pytest.mark.parametrize("end", [_revoke, _withdraw])
def test_what_is_taken_back_is_gone_at_the_next_request(
    case: Case, end: Callable[[Case, str], None], database: Database
) -> None:
    release = case.release()
    assert case.told() is not None
    count = len(lines(database))
    end(case, release)
    assert case.told() is None
    assert len(lines(database)) == count


def test_a_new_yes_to_being_referred_is_no_release(case: Case, database: Database) -> None:
    case.release()
    withdrawal = world.withdraw(case.officer, case.id)
    case.apply(case.officer, withdrawal, case.officer.grant(case.id, saw=[withdrawal["op_id"]]))
    assert case.told() is None
    given = case.coordinator.write(case.id, "release.give", RELEASE, saw=[withdrawal["op_id"]])
    case.apply(case.coordinator, given)
    assert case.told() is not None


def test_every_disclosure_enters_the_accounting_and_the_audit(
    case: Case, database: Database, cast: Cast, clock: FakeClock, sign_in: SignIn
) -> None:
    release = case.release()
    assert case.prosecutor.get(f"{LIST}/{case.id}").status_code == 200
    clock.advance(minutes=1)
    assert case.prosecutor.get(LIST).status_code == 200
    assert [(line.referral_id, line.release_id, line.user_id, line.codes) for line in lines(database)] == [
        (case.id, release, cast["prosecutor"].user_id, "intake enrolled")
    ] * 2
    with database.read() as session:
        events = [one for one in session.exec(select(AuditEvent)) if one.action == "disclosure.made"]
    assert [(one.subject, one.actor_id) for one in events] == [(case.id, cast["prosecutor"].user_id)] * 2
    for login in ("coordinator", "case_manager", "supervisor"):
        shown = sign_in(login).get(f"/api/referrals/{case.id}/disclosures").json()["entries"]
        assert [entry["to"] for entry in shown] == ["Prosecutor Example"] * 2
        assert shown[0]["at"] > shown[1]["at"]
        assert shown[0]["information"] == ["intake", "enrolled"]
    for login in ("officer", "sergeant", "prosecutor", "administrator", "evaluator", "partner"):
        assert sign_in(login).get(f"/api/referrals/{case.id}/disclosures").status_code == 403
    foreign = sign_in("other_supervisor").get(f"/api/referrals/{case.id}/disclosures")
    assert (foreign.status_code, foreign.content) == (
        404, sign_in("other_supervisor").get(f"/api/referrals/{uuid4()}/disclosures").content,
    )  # fmt: skip


@pytest.mark.parametrize("path", ["", "/{id}"])
def test_no_accounting_no_answer(case: Case, database: Database, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case.release()
    with database.write() as session:
        session.execute(text("ALTER TABLE disclosure RENAME TO disclosure_gone"))
    client = TestClient(
        case.prosecutor.app, base_url="https://testserver", headers={"X-Handoff": "1"}, raise_server_exceptions=False,
        cookies=case.prosecutor.cookies,
    )  # fmt: skip
    answer = client.get(LIST + path.format(id=case.id))
    assert answer.status_code == 500
    assert "24-117" not in answer.text


def test_a_line_of_the_accounting_cannot_be_changed_or_taken_out(case: Case, database: Database) -> None:
    case.release()
    assert case.told() is not None
    for statement in ("UPDATE disclosure SET codes = ''", "DELETE FROM disclosure"):
        with pytest.raises(Exception, match="append-only"), database.write() as session:
            session.execute(text(statement))
    assert {line.codes for line in lines(database)} == {"intake enrolled"}


def test_only_prosecutors_ask_and_only_in_their_program(case: Case, sign_in: SignIn, database: Database) -> None:
    case.release()
    for login in (
        "officer",
        "sergeant",
        "coordinator",
        "case_manager",
        "supervisor",
        "administrator",
        "evaluator",
        "partner",
    ):
        client = sign_in(login)
        assert {client.get(LIST).status_code, client.get(f"{LIST}/{case.id}").status_code} == {403}
    assert lines(database) == []


def test_another_pathway_is_never_told(case: Case, enrol: Enrol) -> None:
    officer, coordinator = case.officer, case.coordinator
    social = officer.create(pathway="social_contact")
    case.apply(officer, social)
    case.apply(coordinator, coordinator.write(social["referral_id"], "release.give", RELEASE))
    assert case.prosecutor.get(f"{LIST}/{social['referral_id']}").status_code == 404
    assert case.prosecutor.get(LIST).json()["referrals"] == []


def test_the_list_goes_on_below_a_number(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOKED_THROUGH", 2)
    ids = [case.id]
    for _ in range(4):
        created = case.officer.create()
        case.apply(case.officer, created)
        ids.append(created["referral_id"])
    for referral_id in ids[::2]:
        case.apply(case.coordinator, case.coordinator.write(referral_id, "release.give", RELEASE))
    found, before, asked = [], None, 0
    while asked == 0 or before is not None:
        answer = case.prosecutor.get(LIST, params={} if before is None else {"before": before}).json()
        found += [each["id"] for each in answer["referrals"]]
        before, asked = answer["before"], asked + 1
    assert found == ids[::2][::-1], "the newest first, each once"
    assert asked == 3


def test_nothing_but_the_packet_and_the_named_facts_is_told(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    answer = sign_in("prosecutor").get(f"{LIST}/{referral_id}")
    assert answer.status_code == 200
    canaries = {word for word in answer.text.replace('"', " ").split() if word.startswith("canary-")}
    assert canaries == {"canary-case_number", "canary-release"}, "the purpose is part of the scope that goes with it"
