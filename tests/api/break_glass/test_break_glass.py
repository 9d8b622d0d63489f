"""Broken glass: asked with a reason, approved by a supervisor, for an hour, one person and one referral, and never in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.auth.permissions import BREAK_GLASS, readable_groups
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import User
from tests.api import exchange_world as world
from tests.api.conftest import PROGRAM, Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

REASON = "The view does not open for anybody."


@pytest.fixture
def number(database: Database, officer: TestDevice, enrol: Enrol) -> int:
    """The number of a referral with a name, a note and a place."""
    referral_id, submitted = officer.submission("CANARYPLACE")
    named = officer.set(referral_id, {"name": "CANARYNAME", "needs": ["food"]}, saw=[submitted[1]["op_id"]])
    officer.push(*submitted, named, world.note(officer, referral_id, "CANARYNOTE"))
    row = world.referral(database, referral_id)
    assert row is not None
    return row.number


Ask = Callable[[], str]


@pytest.fixture
def ask(sign_in: SignIn, number: int) -> Ask:
    def asking() -> str:
        answer = sign_in("administrator").post("/api/break-glass", json={"number": number, "reason": REASON})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["asked_id"])

    return asking


@pytest.fixture
def glass(ask: Ask, sign_in: SignIn) -> str:
    asked = ask()
    assert sign_in("supervisor").post(f"/api/break-glass/{asked}/approve").status_code == 204
    return asked


def test_the_administrator_sees_what_a_supervisor_sees(
    sign_in: SignIn, enrol: Enrol, glass: str, number: int
) -> None:  # fmt: skip
    answer = sign_in("administrator").get(f"/api/break-glass/{glass}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    [view] = enrol("supervisor").views().values()
    assert (found["number"], found["until_at"]) == (number, "2026-04-30T03:14:00.000Z")
    assert found["view"] == view
    assert "CANARYPLACE" in answer.text
    assert "CANARYNAME" not in answer.text
    assert "CANARYNOTE" not in answer.text


def test_the_named_groups_are_no_more_than_a_supervisors_and_nothing_clinical() -> None:
    assert readable_groups("supervisor") >= BREAK_GLASS
    assert BREAK_GLASS.isdisjoint({"assessment", "needs", "notes", "contacts", "demographics", "safety", "identity"})


def test_it_lasts_an_hour_and_not_a_moment_longer(sign_in: SignIn, clock: FakeClock, glass: str) -> None:
    path = f"/api/break-glass/{glass}"
    clock.advance(minutes=60, milliseconds=-1)
    own = sign_in("administrator")
    assert own.get(path).status_code == 200
    clock.advance(milliseconds=1)
    assert own.get(path).status_code == 404
    assert sign_in("administrator").get("/api/break-glass").json()["glasses"][0]["open"] is False


def test_nobody_else_looks_through_it(
    sign_in: SignIn, database: Database, cast: Cast, glass: str, clock: FakeClock
) -> None:  # fmt: skip
    path = f"/api/break-glass/{glass}"
    unknown = sign_in("administrator").get(f"/api/break-glass/{uuid4()}")
    assert unknown.status_code == 404
    for login in ("supervisor", "other_administrator"):
        answer = sign_in(login).get(path)
        assert (answer.status_code, answer.text) == (404, unknown.text), login
    for login in ("officer", "coordinator", "prosecutor", "evaluator"):
        assert sign_in(login).get(path).status_code == 403, login
    world.give_role(database, cast["evaluator"].user_id, PROGRAM, "administrator", None, clock.now())
    assert sign_in("evaluator").get(path).status_code == 404, "another administrator of the same program"


def test_before_a_supervisor_agrees_nothing_is_seen(sign_in: SignIn, ask: Ask) -> None:
    asked = ask()
    assert sign_in("administrator").get(f"/api/break-glass/{asked}").status_code == 404
    assert sign_in("administrator").post(f"/api/break-glass/{asked}/approve").status_code == 403
    assert sign_in("other_supervisor").post(f"/api/break-glass/{asked}/approve").status_code == 404
    assert sign_in("coordinator").post(f"/api/break-glass/{asked}/approve").status_code == 403


def test_every_look_is_audited_by_ids(
    sign_in: SignIn, database: Database, cast: Cast, glass: str, clock: FakeClock
) -> None:  # fmt: skip
    for _ in range(3):
        assert sign_in("administrator").get(f"/api/break-glass/{glass}").status_code == 200
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "break_glass.look")).all()
    assert [event.actor_id for event in events] == [cast["administrator"].user_id] * 3
    assert not any(REASON in event.model_dump_json() for event in events)


def sentences(client: TestClient) -> list[dict[str, Any]]:
    found = client.get("/api/queue").json()["sentences"]
    return [each["values"] for each in found if each["code"] == "broken_glass"]


def test_supervisors_are_told_as_long_as_it_is_broken(
    sign_in: SignIn, clock: FakeClock, ask: Ask, number: int
) -> None:  # fmt: skip
    asked = ask()
    assert sentences(sign_in("supervisor")) == []
    assert sign_in("supervisor").post(f"/api/break-glass/{asked}/approve").status_code == 204
    told = {"name": "Administrator Example", "number": number, "until": "2026-04-30T03:14:00.000Z"}
    assert sentences(sign_in("supervisor")) == [told]
    assert sentences(sign_in("other_supervisor")) == []
    clock.advance(minutes=60, milliseconds=-1)
    assert sentences(sign_in("supervisor")) == [told]
    clock.advance(milliseconds=1)
    assert sentences(sign_in("supervisor")) == []


@pytest.mark.parametrize("login", ["administrator", "supervisor"])
def test_either_of_the_two_ends_it(sign_in: SignIn, glass: str, login: str) -> None:
    path = f"/api/break-glass/{glass}"
    assert sign_in("other_supervisor").delete(path).status_code == 404
    assert sign_in(login).delete(path).status_code == 204
    assert sign_in("administrator").get(path).status_code == 404
    assert sentences(sign_in("supervisor")) == []
    assert sign_in(login).delete(path).status_code == 204, "twice is no fault"


def test_another_administrator_does_not_end_it(
    sign_in: SignIn, database: Database, cast: Cast, glass: str, clock: FakeClock
) -> None:
    world.give_role(database, cast["evaluator"].user_id, PROGRAM, "administrator", None, clock.now())
    assert sign_in("evaluator").delete(f"/api/break-glass/{glass}").status_code == 404
    assert sign_in("administrator").get(f"/api/break-glass/{glass}").status_code == 200


@pytest.mark.parametrize("login", ["administrator", "supervisor"])
def test_a_request_that_waits_is_taken_back_or_refused(sign_in: SignIn, ask: Ask, login: str) -> None:
    asked = ask()
    assert sign_in(login).delete(f"/api/break-glass/{asked}").status_code == 204
    assert sign_in("supervisor").post(f"/api/break-glass/{asked}/approve").status_code == 409


def test_it_is_asked_by_number_with_a_reason(sign_in: SignIn, number: int) -> None:
    path, body = "/api/break-glass", {"number": number, "reason": REASON}
    for login in ("officer", "coordinator", "supervisor", "evaluator"):
        assert sign_in(login).post(path, json=body).status_code == 403, login
    unknown = sign_in("administrator").post(path, json={**body, "number": number + 1})
    foreign = sign_in("other_administrator").post(path, json=body)
    assert (unknown.status_code, unknown.text) == (foreign.status_code, foreign.text)
    assert unknown.status_code == 404
    for wrong in (
        {"number": number}, {**body, "reason": "x" * 9}, {**body, "reason": "x" * 301}, {**body, "reason": "two\nlines in it"},
        {**body, "number": 0}, {**body, "number": str(number)}, {**body, "number": 2**53}, {**body, "more": 1},
    ):  # fmt: skip
        assert sign_in("administrator").post(path, json=wrong).status_code == 422, wrong
    for length in (10, 300):
        own = sign_in("administrator")
        asked = own.post(path, json={**body, "reason": "x" * length})
        assert asked.status_code == 201, length
        own.delete(f"{path}/{asked.json()['asked_id']}")


def test_every_step_asks_for_a_fresh_proof(
    sign_in: SignIn, clock: FakeClock, ask: Ask, glass: str, number: int
) -> None:  # fmt: skip
    asked = ask()
    administrator, supervisor = sign_in("administrator"), sign_in("supervisor")
    clock.advance(minutes=5, milliseconds=1)
    answers = [
        administrator.post("/api/break-glass", json={"number": number, "reason": REASON}),
        supervisor.post(f"/api/break-glass/{asked}/approve"),
        administrator.get(f"/api/break-glass/{glass}"),
    ]
    assert [answer.json()["type"].rpartition(":")[2] for answer in answers] == ["proof-needed"] * 3


def test_whoever_lost_the_role_or_the_account_looks_no_more(
    sign_in: SignIn, database: Database, cast: Cast, glass: str
) -> None:
    own = sign_in("administrator")
    with database.write() as session:
        user = session.get_one(User, cast["administrator"].user_id)
        user.active = False
        session.add(user)
    assert own.get(f"/api/break-glass/{glass}").status_code == 401


def test_nothing_is_seen_of_an_expunged_referral(
    sign_in: SignIn, database: Database, glass: str, ask: Ask, number: int, enrol: Enrol
) -> None:
    [referral_id] = enrol("supervisor").views()
    asked_glass = ask()
    body = {"reason": "mistake"}
    asked = sign_in("supervisor").post(f"/api/referrals/{referral_id}/expunge", json=body).json()["asked_id"]
    assert sign_in("administrator").post(f"/api/expunge/{asked}/approve").status_code == 204
    assert sign_in("administrator").get(f"/api/break-glass/{glass}").status_code == 404
    assert sign_in("supervisor").post(f"/api/break-glass/{asked_glass}/approve").status_code == 409
    again = sign_in("administrator").post("/api/break-glass", json={"number": number, "reason": REASON})
    assert again.status_code == 404


def test_the_list_is_ones_own_and_the_programs(sign_in: SignIn, glass: str, number: int) -> None:
    for login in ("administrator", "supervisor"):
        [entry] = sign_in(login).get("/api/break-glass").json()["glasses"]
        assert (entry["id"], entry["number"], entry["name"]) == (glass, number, "Administrator Example")
        assert entry["open"] is True
    for login in ("other_administrator", "other_supervisor"):
        assert sign_in(login).get("/api/break-glass").json() == {"glasses": []}
