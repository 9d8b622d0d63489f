"""A clock that jumps: back an hour, forward a day, under a worker that goes on and under one that starts anew."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from api.paging import life, queries
from api.paging.worker import LEASE, Worker
from api.tables.paging import PageEvent, WorkerBeat
from api.tables.records import FeedRow
from tests.api.paging_channels import ToldChannels, quiet_world
from tests.api.paging_world import PagingWorld

STEP = timedelta(minutes=5)
OPENING = timedelta(minutes=10)
HOUR = timedelta(hours=1)
ACKNOWLEDGE = {"eta_minutes": 20, "user_id": None}
Work = Callable[[], None]


@pytest.fixture
def world(database_url: str) -> Iterator[PagingWorld]:
    made = quiet_world(database_url)
    made.officer()
    made.add("ana", "coordinator")
    made.add("sol", "supervisor")
    yield made
    made.database.close()


@pytest.fixture
def channels() -> ToldChannels:
    return ToldChannels()


@pytest.fixture(params=["goes on", "starts anew"])
def work(request: pytest.FixtureRequest, world: PagingWorld, channels: ToldChannels) -> Iterator[Work]:
    """Works until nothing is due: with one worker all the time, or with a new one each time."""
    loop = asyncio.new_event_loop()
    workers = [Worker(world.database, world.clock, channels)]

    async def run() -> None:
        if request.param == "starts anew":
            workers.append(Worker(world.database, world.clock, channels))
        while await workers[-1].tick():
            await workers[-1].drain()

    yield lambda: loop.run_until_complete(run())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def history(world: PagingWorld) -> list[str]:
    with world.database.read() as session:
        return [row.what for row in session.exec(select(PageEvent).order_by(col(PageEvent.id)))]


def shown(world: PagingWorld, referral_id: str) -> list[Any]:
    """What the screens are told of the page, in each scope."""
    with world.database.read() as session:
        rows = session.exec(select(FeedRow).where(FeedRow.kind == "page", FeedRow.item_id == referral_id)).all()
    return [json.loads(row.item)["page"] for row in rows]


def test_back_an_hour_the_next_step_is_still_one_step_away(
    world: PagingWorld, work: Work, channels: ToldChannels
) -> None:
    referral_id = world.alert(world.people["officer"])
    work()
    world.clock.instant -= HOUR
    work()
    page = world.page(referral_id)
    assert page.next_step_at == world.clock.now() + STEP
    told = shown(world, referral_id)
    assert told
    assert all(one == life.status(page) for one in told)
    assert len(channels.sent) == 1
    world.clock.instant += STEP
    work()
    assert len(channels.sent) == 2


def test_back_an_hour_an_acknowledgement_expires_when_it_would_have(world: PagingWorld, work: Work) -> None:
    referral_id = world.alert(world.people["officer"])
    work()
    world.act(world.people["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE)
    world.clock.instant -= HOUR
    work()
    page = world.page(referral_id)
    assert (page.state, page.ack_expires_at) == ("acknowledged", world.clock.now() + OPENING)
    world.clock.instant += OPENING
    work()
    assert world.page(referral_id).state == "open"


def test_back_an_hour_what_waits_in_the_outbox_goes_at_once(
    world: PagingWorld, work: Work, channels: ToldChannels
) -> None:
    world.alert(world.people["officer"])
    world.clock.instant -= HOUR
    work()
    assert len(channels.sent) == 1


def test_forward_a_day_is_one_step_and_no_more(world: PagingWorld, work: Work, channels: ToldChannels) -> None:
    referral_id = world.alert(world.people["officer"])
    work()
    world.clock.instant += timedelta(days=1)
    work()
    assert history(world) == ["opened", "again"]
    assert len(channels.sent) == 2
    assert world.page(referral_id).next_step_at == world.clock.now() + STEP


def test_a_lease_from_the_future_ends_a_lease_from_now(world: PagingWorld, work: Work, channels: ToldChannels) -> None:
    world.alert(world.people["officer"])
    with world.database.write() as session:
        assert queries.claim(session, "killed", world.clock.now(), LEASE, 10)
    world.clock.instant -= HOUR
    work()
    assert channels.sent == []
    world.clock.instant += LEASE
    work()
    assert len(channels.sent) == 1


def test_a_dead_worker_does_not_look_alive_because_its_last_beat_lies_ahead(world: PagingWorld, work: Work) -> None:
    with world.database.write() as session:
        session.add(WorkerBeat(worker_id="dead", at=world.clock.now()))
    world.clock.instant -= HOUR
    work()
    back = world.clock.now()
    with world.database.read() as session:
        assert {beat.at for beat in session.exec(select(WorkerBeat))} == {back}
