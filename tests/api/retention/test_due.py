"""How long what has ended is kept: the program's days by the server's clock, both sides of each, and what is never due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from api.accounts.program import Retention
from api.database import Database
from api.retention.due import Ending, due_at, ending
from api.retention.service import purge
from api.tables.people import Program
from sync import fold
from sync.records import State
from tests.api import exchange_world as world
from tests.api.conftest import PROGRAM, START, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.retention.conftest import Two

KEPT = Retention()


def state(**values: Any) -> State:
    """A folded referral with these registers; each was written by an operation named after it."""
    found = fold.empty("r", "p")
    for name, value in values.items():
        found["registers"][name] = {"value": value, "op": f"op-{name}"}  # type: ignore[typeddict-item]  # what is read
    return found


NOT_ELIGIBLE = {"outcome": "not_eligible", "reason": None}
ACCEPTED = {"decision": {"outcome": "accepted", "reason": None}, "accepted": True}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"status": "handed_off"}, None),
        ({"decision": {"outcome": "waitlist", "reason": None}}, None),
        (ACCEPTED, None),
        ({"decision": NOT_ELIGIBLE}, Ending(30, ("op-decision",))),
        ({"decision": NOT_ELIGIBLE, "status": "closed"}, Ending(30, ("op-decision", "op-status"))),
        ({"closure": {"reason": "declined"}, "status": "closed"}, Ending(30, ("op-status",))),
        ({"closure": {"reason": "not_eligible"}, "status": "closed"}, Ending(30, ("op-status",))),
        ({"closure": {"reason": "entered_by_mistake"}, "status": "closed"}, Ending(30, ("op-status",))),
        ({"closure": {"reason": "declined"}, "status": "handed_off"}, None),
        ({"closure": {"reason": "moved_or_died"}, "status": "closed"}, Ending(1095, ("op-status",))),
        ({"status": "closed"}, Ending(1095, ("op-status",))),
        ({**ACCEPTED, "closure": {"reason": "declined"}, "status": "closed"}, Ending(1095, ("op-status",))),
        ({"accepted": True, "decision": NOT_ELIGIBLE, "status": "submitted"}, None),
    ],
)  # fmt: skip
def test_what_ended_it_says_how_long_it_is_kept(values: dict[str, Any], expected: Ending | None) -> None:
    assert ending(state(**values), KEPT) == expected


def test_it_counts_from_the_last_of_what_ended_it() -> None:
    arrived = {"a": START, "b": START + timedelta(days=2)}
    assert due_at(Ending(30, ("a", "b")), arrived) == START + timedelta(days=32)
    assert due_at(Ending(None, ("a",)), arrived) is None


@pytest.mark.parametrize("days", [0, -1, 36_501, 1.5, "30"])
def test_days_have_bounds(days: Any) -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate({"closed_days": days}, strict=True)
    assert Retention(closed_days=1, declined_or_ineligible_days=36_500).closed_days == 1


@pytest.fixture
def coordinator(enrol: Enrol) -> TestDevice:
    return enrol("coordinator")


@pytest.fixture
def ended(coordinator: TestDevice, refer: Callable[..., str]) -> Callable[..., str]:
    """A referral that a coordinator closes for a reason."""

    def close(reason: str = "declined") -> str:
        referral_id = refer({"place": "CANARYPLACE"})
        coordinator.pull()
        [receipt] = coordinator.push(coordinator.write(referral_id, "referral.close", {"reason": reason}))
        assert receipt["status"] == "applied", receipt
        return referral_id

    return close


def purged(app: FastAPI, clock: FakeClock) -> int:
    return purge(app.state.database, app.state.keys.by_id, clock.now())


def gone(database: Database, referral_id: str) -> bool:
    return bool(world.state(database, referral_id).get("expunged"))


@pytest.mark.parametrize(("reason", "days"), [("declined", 30), ("transitioned_out", 1095)])
def test_it_is_erased_after_its_days_and_not_a_moment_before(
    app: FastAPI, database: Database, clock: FakeClock, ended: Callable[..., str], refer: Callable[..., str], reason: str,
    days: int,
) -> None:  # fmt: skip
    referral_id, open_one = ended(reason), refer({"place": "Elsewhere"})
    clock.advance(days=days, milliseconds=-1)
    assert purged(app, clock) == 0
    assert not gone(database, referral_id)
    clock.advance(milliseconds=1)
    assert purged(app, clock) == 1
    assert gone(database, referral_id)
    assert not gone(database, open_one)
    assert purged(app, clock) == 0


def test_a_program_may_keep_for_ever(
    app: FastAPI, database: Database, clock: FakeClock, ended: Callable[..., str]
) -> None:  # fmt: skip
    referral_id = ended()
    with database.write() as session:
        program = session.get_one(Program, PROGRAM)
        program.config = program.config | {"retention": {"declined_or_ineligible_days": None, "closed_days": 10}}
        session.add(program)
    clock.advance(days=10_000)
    assert purged(app, clock) == 0
    assert not gone(database, referral_id)


def test_a_hold_keeps_it_until_it_is_over(
    app: FastAPI, database: Database, clock: FakeClock, two: Two, ended: Callable[..., str]
) -> None:
    referral_id = ended()
    two.hold(referral_id, "2026-07-31")
    clock.advance(days=60)
    assert purged(app, clock) == 0
    assert not gone(database, referral_id)
    clock.advance(days=60)
    assert purged(app, clock) == 1
    assert gone(database, referral_id)


def test_a_backdated_phone_hastens_nothing(
    app: FastAPI, database: Database, clock: FakeClock, coordinator: TestDevice, refer: Callable[..., str]
) -> None:
    referral_id = refer({"place": "Here"})
    coordinator.pull()
    close = coordinator.write(referral_id, "referral.close", {"reason": "declined"}, made_at="2026-03-20T00:00:00.000Z")
    assert coordinator.push(close)[0]["status"] == "applied"
    clock.advance(days=29)
    assert purged(app, clock) == 0


def test_supervisors_see_what_becomes_due_within_thirty_days_without_a_name(
    clock: FakeClock, two: Two, database: Database, ended: Callable[..., str], sign_in: SignIn
) -> None:
    first = ended()
    clock.advance(minutes=20)
    second, later = ended("not_eligible"), ended("transitioned_out")
    two.hold(second)
    numbers = {}
    for name, referral_id in (("first", first), ("second", second), ("later", later)):
        row = world.referral(database, referral_id)
        assert row is not None
        numbers[name] = row.number
    answer = sign_in("supervisor").get("/api/retention")
    assert answer.json() == {
        "kept": {"declined_or_ineligible_days": 30, "closed_days": 1095},
        "due": [
            {"number": numbers["first"], "at": "2026-05-30T02:14:00.000Z", "held": False},
            {"number": numbers["second"], "at": "2026-05-30T02:34:00.000Z", "held": True},
        ],
    }
    assert "CANARY" not in answer.text
    assert sign_in("other_supervisor").get("/api/retention").json()["due"] == []
    for login in ("officer", "coordinator", "administrator", "evaluator"):
        assert sign_in(login).get("/api/retention").status_code == 403


@pytest.mark.parametrize(("extra", "listed"), [(0, 1), (1, 0)])
def test_the_look_ahead_ends_after_thirty_days(
    database: Database, clock: FakeClock, ended: Callable[..., str], sign_in: SignIn, extra: int, listed: int
) -> None:
    with database.write() as session:
        program = session.get_one(Program, PROGRAM)
        program.config = program.config | {
            "retention": {"declined_or_ineligible_days": 30 + extra, "closed_days": None}
        }
        session.add(program)
    ended()
    assert len(sign_in("supervisor").get("/api/retention").json()["due"]) == listed
