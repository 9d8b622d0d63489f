"""Two at once: two supervisors, a supervisor and what arrives. Nothing counts twice, and nothing is left waiting for ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, Thread, current_thread
from time import monotonic
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from api.auth.sessions import Principal
from api.database import Database
from api.operations import storage
from api.problems import Conflict, Problem
from api.quarantine import deciding
from api.quarantine.deciding import Act
from api.tables.quarantine import QuarantineDecision
from tests.api import exchange_world as world
from tests.api.at_once import PATIENCE_SECONDS, on_postgresql, pusher, together
from tests.api.conftest import PROGRAM, START, Cast, Enrol
from tests.api.device import TestDevice
from tests.api.quarantine.conftest import Late, op_ids


def deciders(app: FastAPI, database: Database, cast: Cast) -> dict[str, Callable[[list[str]], Any]]:
    """Deciding as the routes do, from any thread; a refusal is its answer."""
    who = Principal(cast["supervisor"].user_id, PROGRAM, "supervisor", None, "", None, START, START, START)
    act = Act(who, "At the same moment.", START, "test")

    def told(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Problem as refusal:
            return type(refusal)

    return {
        "adopt": lambda ids: told(lambda: deciding.adopt(database, app.state.keys.by_id, ids, act)),
        "dismiss": lambda ids: told(lambda: deciding.dismiss(database, ids, act)),
    }


def decisions(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(row.decision for row in session.exec(select(QuarantineDecision)))


def test_of_two_supervisors_one_decides(app: FastAPI, database: Database, cast: Cast, late: Late) -> None:
    for verbs in (("adopt", "adopt"), ("adopt", "dismiss"), ("dismiss", "dismiss")):
        before = len(decisions(database))
        referral_id, operations = late()
        decide = deciders(app, database, cast)
        answers = together([partial(decide[verb], op_ids(operations)) for verb in verbs])
        assert sum(answer is Conflict for answer in answers) == 1, answers
        made = decisions(database)
        assert len(made) == before + len(operations)
        adopted = world.referral(database, referral_id) is not None
        states = {header.state for op in operations if (header := world.header(database, op["op_id"]))}
        assert states == ({"applied"} if adopted else {"dismissed"})
    world.check_projection(database)


def test_what_is_sent_again_while_it_is_adopted_counts_once(
    app: FastAPI, database: Database, cast: Cast, late: Late, removed: TestDevice
) -> None:
    referral_id, operations = late()
    decide, push = deciders(app, database, cast), pusher(database, app)
    together([lambda: decide["adopt"](op_ids(operations)), lambda: push(removed, operations)])
    state = world.state(database, referral_id)
    assert len(state["consent"]) == 1
    assert state["registers"]["status"]["value"] == "submitted"
    world.check_projection(database)


class Held:
    """Holds one thread's transaction open, once, right before it takes its positions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, thread: str) -> None:
        self.reached, self.go = Event(), Event()
        true = storage._take_positions

        def take(*arguments: Any) -> int:
            if current_thread().name == thread and not self.reached.is_set():
                self.reached.set()
                assert self.go.wait(PATIENCE_SECONDS)
            return true(*arguments)

        monkeypatch.setattr(storage, "_take_positions", take)


@on_postgresql
@pytest.mark.parametrize("slow", ["create", "adopt"])
def test_adopting_while_the_missing_predecessor_arrives(
    app: FastAPI, database: Database, cast: Cast, enrol: Enrol, removed: TestDevice, slow: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Neither can see the other's row; without a second look the adopted one would wait for what is there."""
    officer = enrol("officer")
    created = officer.create()
    held = removed.set(created["referral_id"], {"place": "Late Street"}, base={}, prev=None)
    removed.push(held)
    decide, push = deciders(app, database, cast), pusher(database, app)
    acts: dict[str, Callable[[], Any]] = {
        "create": lambda: push(officer, [created]),
        "adopt": lambda: decide["adopt"]([held["op_id"]]),
    }
    gate = Held(monkeypatch, slow)
    thread = Thread(target=acts[slow], name=slow)
    thread.start()
    assert gate.reached.wait(PATIENCE_SECONDS)
    [quick] = acts.keys() - {slow}
    acts[quick]()
    gate.go.set()
    thread.join(PATIENCE_SECONDS)
    assert world.state(database, created["referral_id"])["registers"]["place"]["value"] == "Late Street"
    header = world.header(database, held["op_id"])
    assert header is not None
    assert header.state == "applied"
    world.check_projection(database)


def until_blocked_or_done(database: Database, thread: Thread) -> None:
    """Wait until the thread's transaction waits for another's lock, or has ended without."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = monotonic() + PATIENCE_SECONDS
    while thread.is_alive() and monotonic() < deadline:
        with database.read() as session:
            if session.execute(waiting).scalar_one():
                return
        thread.join(0.05)


@on_postgresql
def test_dismissing_what_is_just_being_released(
    app: FastAPI, database: Database, cast: Cast, officer: TestDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts, or it is set aside; never both."""
    created = officer.create()
    waiting = officer.set(created["referral_id"], {"place": "Here"}, prev=None)
    officer.push(waiting)
    decide, push = deciders(app, database, cast), pusher(database, app)
    gate = Held(monkeypatch, "push")
    pushing = Thread(target=lambda: push(officer, [created]), name="push")
    pushing.start()
    assert gate.reached.wait(PATIENCE_SECONDS)
    answers: list[Any] = []
    dismissing = Thread(target=lambda: answers.append(decide["dismiss"]([waiting["op_id"]])), name="dismiss")
    dismissing.start()
    until_blocked_or_done(database, dismissing)
    gate.go.set()
    pushing.join(PATIENCE_SECONDS)
    dismissing.join(PATIENCE_SECONDS)
    header = world.header(database, waiting["op_id"])
    counts = "place" in world.state(database, created["referral_id"])["registers"]
    assert header is not None
    assert (header.state, counts, answers) in [("applied", True, [Conflict]), ("dismissed", False, [None])]
    world.check_projection(database)
