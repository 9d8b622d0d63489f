"""Outside service hours: what may wait wakes nobody, what may not still does, and the officer is told at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from api.paging import life, service
from api.tables.paging import PageEvent
from api.tables.people import Program
from tests.api.paging_world import PagingWorld, Person, paging_world
from tests.bench.world import PROGRAM
from tests.push_service import PushService

WAITS = {
    "name": "social",
    "officer_waiting": False,
    "steps": [{"who": "on_call", "minutes": 5}],
    "after_hours": "next_morning",
}
WAKES = {"name": "rest", "steps": [{"who": "on_call", "minutes": 2}, {"who": "everyone", "minutes": 3}]}
HOURS = [{"weekday": day, "start": "08:00", "end": "17:00"} for day in range(5)]
OPENING = timedelta(hours=11, minutes=46)
"""From the world's first instant, Wednesday 20:14 in Denver, until Thursday 08:00 there."""


@pytest.fixture
def world(database_url: str) -> Iterator[PagingWorld]:
    with PushService() as push_service:
        made = paging_world(database_url, push_service)
        configure(made, {"time_zone": "America/Denver", "policies": [WAITS, WAKES], "service_hours": HOURS})
        made.officer()
        made.add("ana", "coordinator")
        made.add("sol", "supervisor")
        yield made
        made.database.close()


def configure(world: PagingWorld, config: dict[str, Any]) -> None:
    with world.database.write() as session:
        program = session.get(Program, PROGRAM)
        assert program is not None
        program.config = config


def status_of(world: PagingWorld, referral_id: str) -> dict[str, Any]:
    return life.status(world.page(referral_id))


def history(world: PagingWorld) -> list[str]:
    with world.database.read() as session:
        return [row.what for row in session.exec(select(PageEvent).order_by(col(PageEvent.id)))]


def officer(world: PagingWorld) -> Person:
    return world.people["officer"]


def test_what_can_wait_wakes_nobody_and_says_until_when(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world), waiting=False)
    world.clock.forward(hours=11)
    world.work()
    assert world.texts("ana") == world.texts("sol") == []
    seen = status_of(world, referral_id)
    assert (seen["calling"], seen["until"]) == ("morning", "2026-04-30T14:00:00.000Z")
    assert history(world) == ["opened", "after_hours"]


def test_in_the_morning_it_begins_with_the_first_step(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world), waiting=False)
    world.clock.instant += OPENING
    world.work()
    assert world.texts("ana") == [("page", "referral_waiting")]
    page = world.page(referral_id)
    assert (page.step, page.calls, page.next_step_at) == (0, 1, world.clock.now() + timedelta(minutes=5))
    assert status_of(world, referral_id)["until"] is None


def test_a_moment_before_the_opening_nobody_is_woken(world: PagingWorld) -> None:
    world.alert(officer(world), waiting=False)
    world.clock.instant += OPENING - timedelta(milliseconds=1)
    world.work()
    assert world.texts("ana") == []


def test_an_officer_who_waits_wakes_whoever_is_on_call_at_any_hour(world: PagingWorld) -> None:
    world.alert(officer(world))
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]


def test_within_service_hours_nothing_waits(world: PagingWorld) -> None:
    world.clock.instant += OPENING
    world.alert(officer(world), waiting=False)
    world.work()
    assert world.texts("ana") == [("page", "referral_waiting")]


def test_what_waited_wakes_somebody_once_an_officer_waits_for_it(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world), waiting=False)
    world.act(officer(world), referral_id, "referral.alert", {"officer_waiting": True})
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]
    assert world.page(referral_id).until_morning is False


def test_what_waits_for_the_morning_can_be_answered_before(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world), waiting=False)
    world.act(world.people["ana"], referral_id, "page.acknowledge", {"eta_minutes": 30, "user_id": None})
    with world.database.write() as session:
        service.opened(session, referral_id, world.people["ana"].user_id, world.clock.now())
    world.clock.instant += OPENING
    world.work()
    assert world.texts("ana") == []
    assert status_of(world, referral_id)["state"] == "acknowledged"


def test_the_policy_is_frozen_into_the_page_when_it_opens(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world))
    configure(world, {"policies": [{"name": "other", "steps": [{"who": "supervisors", "minutes": 60}]}]})
    world.clock.forward(minutes=2)
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting"), ("repage", "officer_waiting")]
    page = world.page(referral_id)
    assert page.policy["name"] == "rest"
    assert page.next_step_at == world.clock.now() + timedelta(minutes=3)


def test_an_officer_who_leaves_the_card_is_counted_and_nobody_is_woken_any_more(world: PagingWorld) -> None:
    referral_id = world.alert(officer(world))
    world.work()
    assert world.act(officer(world), referral_id, "officer.leave", {"reason": "nobody_answered"}) == "applied"
    world.clock.forward(hours=8)
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]
    seen = status_of(world, referral_id)
    assert seen["left"] == {"reason": "nobody_answered", "at": "2026-04-30T02:14:00.000Z"}
    assert (seen["state"], seen["calling"]) == ("open", "morning")
    world.clock.instant += OPENING - timedelta(hours=8)
    world.work()
    assert world.texts("ana")[-1] == ("page", "referral_waiting")
