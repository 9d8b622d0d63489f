"""People who change one rota at the same moment: one after the other, and whoever is late hears of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import Session

from api.auth.sessions import SESSIONS_PER_PERSON
from api.problems import Conflict
from api.shifts import changes, queries, service
from api.shifts.changes import Made
from api.shifts.models import RulesBody
from api.shifts.service import Actor
from tests.api.at_once import PATIENCE_SECONDS, together, until_blocked
from tests.api.conftest import PROGRAM
from tests.api.shifts.conftest import EVENING, FIRST_DAYS, UNCHANGED, World

Act = Callable[[Session], Any]


def second_waits(world: World, first: Act, second: Act) -> None:
    """The second begins before the first has committed, and hears of a conflict. On SQLite it cannot even begin."""

    def act() -> None:
        with world.database.write() as session:
            second(session)

    with ThreadPoolExecutor(1) as pool:
        with world.database.write() as session:
            first(session)
            session.flush()
            waiting = pool.submit(act)
            if not world.database.embedded:
                until_blocked(world.database)
        with pytest.raises(Conflict):
            waiting.result(PATIENCE_SECONDS)


def acting(world: World, login: str) -> Actor:
    return Actor(world.id(login), PROGRAM, login == "supervisor", "test")


def settled(world: World, login: str, change_id: str, how: Callable[[Session, Actor, str, Any], Made]) -> Act:
    return lambda session: how(session, acting(world, login), change_id, world.clock.now())


def edited(world: World, login: str, version: str) -> Act:
    body = RulesBody.model_validate({"version": version, "rules": [world.terms(login)]})
    return lambda session: service.set_rules(session, acting(world, "supervisor"), "on_call", body, world.clock.now())


def asked_of(world: World, login: str) -> str:
    return world.wished("coordinator", "cover", "proposed", to=login, **EVENING)


def test_two_who_were_asked_accept_at_once_and_one_comes(world: World) -> None:
    one, other = asked_of(world, "coordinator2"), asked_of(world, "case_manager")
    second_waits(
        world,
        settled(world, "coordinator2", one, changes.accept),
        settled(world, "case_manager", other, changes.accept),
    )
    assert [login for login, _, _ in world.duty(**FIRST_DAYS)] == ["coordinator", "coordinator2", "coordinator"]


def test_an_accept_while_it_is_withdrawn(world: World) -> None:
    asked = asked_of(world, "coordinator2")
    second_waits(
        world,
        settled(world, "coordinator", asked, changes.withdraw),
        settled(world, "coordinator2", asked, changes.accept),
    )
    assert world.duty(**FIRST_DAYS) == UNCHANGED


def test_a_withdrawal_while_it_is_accepted(world: World) -> None:
    asked = asked_of(world, "coordinator2")
    second_waits(
        world,
        settled(world, "coordinator2", asked, changes.accept),
        settled(world, "coordinator", asked, changes.withdraw),
    )
    assert world.changes()[0].state == "accepted"


def test_an_accept_while_a_supervisor_edits(world: World) -> None:
    asked = asked_of(world, "coordinator2")
    with world.database.read() as session:
        version = queries.version(session, PROGRAM)
    second_waits(world, edited(world, "case_manager", version), settled(world, "coordinator2", asked, changes.accept))
    assert [login for login, _, _ in world.duty(**FIRST_DAYS)] == ["case_manager"]


def test_a_supervisor_edits_while_somebody_accepts(world: World) -> None:
    asked = asked_of(world, "coordinator2")
    with world.database.read() as session:
        version = queries.version(session, PROGRAM)
    second_waits(world, settled(world, "coordinator2", asked, changes.accept), edited(world, "case_manager", version))
    assert len(world.rules()) == 1


def test_taps_at_once_in_every_session_accept_it_once(world: World) -> None:
    asked = asked_of(world, "coordinator2")
    clients = [world.sign_in("coordinator2") for _ in range(SESSIONS_PER_PERSON)]
    answers = together(
        [lambda client=client: client.post(f"/api/rota/changes/{asked}/accept") for client in clients]  # type: ignore[misc]
    )
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "accepted")}
    assert [action for action, _, _ in world.audited()].count("rota.accept") == 1
    assert [text for _, _, text in world.notices].count("rota_changed") == 1
