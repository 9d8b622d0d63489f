"""Supervisors write the weekly rules of a level: kept, checked, versioned, audited; and what a page asks of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from api.rota.resolve import on_call
from api.shifts import queries
from api.tables.people import User
from tests.api.at_once import together
from tests.api.conftest import PROGRAM
from tests.api.shifts.conftest import HANDOFF, World


def test_saving_gives_the_document_and_tells_those_whose_duty_changed(bare: World) -> None:
    answer = bare.save(bare.terms("coordinator", "supervisor"))
    assert answer.status_code == 200
    assert answer.json() == bare.rota()
    assert bare.notices == [(PROGRAM, "coordinator", "rota_changed")]
    assert bare.audited() == [("rota.rules", bare.id("supervisor"), "on_call")]
    assert bare.now_on_call() == ["coordinator"]


def test_a_rule_said_again_stays_the_same_and_others_end(world: World) -> None:
    old = world.rules()[0]
    kept = world.terms("coordinator", "coordinator2")
    assert world.save(kept, world.terms("case_manager")).status_code == 200
    assert [(row.id == old.id, row.ended_at) for row in world.rules()] == [(True, None), (False, None)]
    world.wait(minutes=1)
    world.notices.clear()
    assert world.save(world.terms("case_manager")).status_code == 200
    first, second = world.rules()
    assert (first.ended_at, first.ended_by, second.ended_at) == (world.clock.now(), world.id("supervisor"), None)
    assert {login for _, login, _ in world.notices} == {"coordinator", "coordinator2"}


def test_saving_what_stands_already_changes_nothing_and_tells_nobody(world: World) -> None:
    before = world.rota()
    acts = world.audited()
    assert world.save(world.terms("coordinator", "coordinator2")).json() == before
    assert (world.notices, world.audited(), len(world.rules())) == ([], acts, 1)


def test_the_same_rule_twice_stands_twice(world: World) -> None:
    terms = world.terms("coordinator", "coordinator2")
    assert world.save(terms, terms).status_code == 200
    assert len(world.rota()["levels"][0]["rules"]) == 2


def test_no_rules_are_no_rota(world: World) -> None:
    assert world.save().status_code == 200
    assert world.rota()["levels"][0]["gaps"] == []
    assert world.now_on_call() is None


def test_each_level_is_by_itself(world: World) -> None:
    assert world.save(world.terms("coordinator2", level="deputy"), level="deputy").status_code == 200
    assert world.now_on_call() == ["coordinator"]
    assert world.now_on_call("deputy") == ["coordinator2"]
    assert world.now_on_call("lead") is None
    with world.database.read() as session:
        assert [queries.has_level(session, PROGRAM, level) for level in ("on_call", "deputy", "lead")] == [
            True,
            True,
            False,
        ]
        assert not queries.has_level(session, "dona-ana", "on_call")


class TestVersion:
    def test_a_stale_one_is_refused_and_nothing_is_saved(self, world: World) -> None:
        stale = world.rota()["version"]
        assert world.save(world.terms("case_manager")).status_code == 200
        answer = world.save(world.terms("supervisor"), version=stale)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "conflict")
        assert "Nothing was saved" in answer.json()["detail"]
        assert world.now_on_call() == ["case_manager"]

    def test_every_change_that_counts_makes_another_and_a_request_does_not(self, world: World) -> None:
        versions = [world.rota()["version"]]

        def moved() -> bool:
            versions.append(world.rota()["version"])
            return versions[-1] not in versions[:-1]

        times = {"start": "2026-05-01T00:00:00Z", "end": "2026-05-01T04:00:00Z"}
        asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **times)
        assert not moved()
        assert world.settle("coordinator2", asked, "accept").status_code == 200
        assert moved()
        assert world.settle("supervisor", asked, "withdraw").status_code == 200
        assert moved()
        begun = world.wished("supervisor", "add", "accepted", user="case_manager", end="2026-05-01T04:00:00Z")
        assert moved()
        world.wait(hours=1)
        assert world.settle("supervisor", begun, "withdraw").status_code == 200
        assert moved()
        assert world.save().status_code == 200
        assert moved()

    def test_of_two_supervisors_at_once_one_saves_and_one_hears_of_it(self, world: World) -> None:
        version = world.rota()["version"]
        clients = [world.sign_in("supervisor") for _ in range(2)]
        bodies = [{"version": version, "rules": [world.terms(login)]} for login in ("coordinator2", "case_manager")]
        answers = together(
            [
                lambda client=client, body=body: client.put("/api/rota/levels/on_call", json=body)  # type: ignore[misc]
                for client, body in zip(clients, bodies, strict=True)
            ]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert sum(row.ended_at is None for row in world.rules()) == 1


@pytest.mark.parametrize("login", ["coordinator", "case_manager"])
def test_those_who_are_on_the_rota_do_not_write_it(world: World, login: str) -> None:
    assert world.save(world.terms(login), by=login).status_code == 403
    body = {"level": "on_call", "rules": []}
    assert world.client(login).post("/api/rota/preview", json=body).status_code == 403


@pytest.mark.parametrize("login", ["other_coordinator", "officer", "administrator", "nobody", "closed"])
def test_only_people_with_a_role_that_stands_on_the_rota_are_put_on_it(world: World, login: str) -> None:
    if login == "closed":
        with world.database.write() as session:
            session.exec(select(User).where(User.id == world.id("case_manager"))).one().active = False
    people = [
        {"nobody": "0de00000-0000-4000-8000-00000000dead", "closed": world.id("case_manager")}.get(login)
        or world.id(login)
    ]
    for answer in (
        world.save(world.terms(people=people)),
        world.client("supervisor").post(
            "/api/rota/preview", json={"level": "on_call", "rules": [world.terms(people=people)]}
        ),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"].endswith("Choose somebody else.")
    assert len(world.rules()) == 1


def test_a_preview_shows_four_weeks_with_the_changes_that_stand_and_writes_nothing(world: World) -> None:
    world.wished("supervisor", "only", "accepted", user="supervisor", end="2026-05-01T02:14:00Z")
    body = {"level": "on_call", "rules": [world.terms("case_manager")]}
    level = world.client("supervisor").post("/api/rota/preview", json=body).json()
    assert [(span["user_id"], span["start"][:10], span["end"][:10]) for span in level["spans"]] == [
        (world.id("supervisor"), "2026-04-30", "2026-05-01"), (world.id("case_manager"), "2026-05-01", "2026-05-28"),
    ]  # fmt: skip
    assert level["rules"][0]["people"] == [world.id("case_manager")]
    assert world.now_on_call() == ["supervisor"]
    assert len(world.rules()) == 1


def test_who_is_on_call_now_is_one_statement_and_as_the_resolver_says(world: World) -> None:
    world.wished("supervisor", "add", "accepted", user="case_manager", end="2026-05-01T02:14:00Z")
    boundary = datetime(2026, 5, 1, 2, 14, tzinfo=UTC)
    handoff = datetime.fromisoformat(HANDOFF)
    tick = timedelta(microseconds=1)
    asked: list[str] = []
    event.listen(world.database.reader, "before_cursor_execute", lambda *each: asked.append(each[2]))
    for at in (world.clock.now(), boundary - tick, boundary, boundary + tick, handoff - tick, handoff, handoff + tick):
        with world.database.read() as session:
            rota = queries.rota_of(session, PROGRAM, at - timedelta(days=1), at + timedelta(days=1))
            before = len(asked)
            found = queries.on_call_now(session, PROGRAM, "on_call", at)
            assert (found, len(asked) - before) == (on_call(rota, "on_call", at), 1)
    assert found == (world.id("coordinator2"),)
