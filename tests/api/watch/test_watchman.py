"""The watchman: tells the outside service that all is well, only then, and says each fault once. Against a real server."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, update

from api.database import Database
from api.logs import JsonLines
from api.paging.channels.switchboard import available
from api.settings import Settings, SettingsError, from_environment
from api.tables.paging import Page, PushSubscription
from api.watch.deadman import DeadMan
from api.watch.watchman import Watchman
from tests.api.watch.conftest import WatchWorld
from tests.bench.world import NOW
from tests.http_service import HttpService


@pytest.fixture(scope="module")
def outside() -> Iterator[HttpService]:
    with HttpService() as service:
        yield service


@pytest.fixture
def settings(outside: HttpService) -> Settings:
    outside.received.clear()
    url = outside.behave("/ping", 200, b"OK")
    return Settings(deadman_url=url, push_ca_file=outside.ca_file, private_hosts=outside.host)


def looks(world: WatchWorld, settings: Settings, times: int = 1, database: Database | None = None) -> Watchman:
    """A watchman that has looked so often."""

    async def run() -> Watchman:
        deadman = DeadMan(settings)
        watchman = Watchman(database or world.database, world.clock, available(settings), deadman)
        for _ in range(times):
            await watchman.turn(look=True)
        await deadman.close()
        return watchman

    return asyncio.run(run())


def pings(outside: HttpService) -> list[str]:
    return [each.path for each in outside.received]


def test_all_is_well_and_it_says_so_at_each_look(world: WatchWorld, outside: HttpService, settings: Settings) -> None:
    watchman = looks(world, settings, times=2)
    assert pings(outside) == ["/ping", "/ping"]
    assert watchman.turned_at == world.now


def overdue(world: WatchWorld) -> None:
    world.paging.alert(world.paging.people["officer"])
    world.paging.work()
    with world.database.write() as session:
        session.exec(update(Page).values(next_step_at=NOW - timedelta(minutes=1)))


def no_worker(world: WatchWorld) -> None:
    world.clock.forward(minutes=1)


def empty_step(world: WatchWorld) -> None:
    world.change("instead", NOW + timedelta(hours=20), NOW + timedelta(hours=21), of="ana")


def nobody_in_reach(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.exec(
            update(PushSubscription).where(col(PushSubscription.user_id) == world.id("ana")).values(disabled_at=NOW)
        )


def late(world: WatchWorld) -> None:
    world.deliver("pending", due=-timedelta(minutes=2))


def cannot_be_read(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.connection().execute(text("ALTER TABLE page_event RENAME TO lost"))
        session.connection().execute(text("ALTER TABLE worker_beat RENAME TO lost_too"))


FAULTS: list[Callable[[WatchWorld], None]] = [overdue, no_worker, empty_step, nobody_in_reach, late, cannot_be_read]


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_silent_when_anything_is_wrong(
    world: WatchWorld, outside: HttpService, settings: Settings, fault: Callable[[WatchWorld], None]
) -> None:
    fault(world)
    looks(world, settings)
    assert pings(outside) == []


def test_it_is_silent_when_the_database_is_gone(world: WatchWorld, outside: HttpService, settings: Settings) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    watchman = looks(world, settings, database=gone)
    assert pings(outside) == []
    assert watchman.turned_at is None


def test_it_is_silent_when_its_own_tests_cannot_be_sent(
    world: WatchWorld, outside: HttpService, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("api.watch.shift_tests.run", fail)
    looks(world, settings)
    assert pings(outside) == []


def test_people_left_with_the_card_do_not_raise_the_alarm(
    world: WatchWorld, outside: HttpService, settings: Settings
) -> None:
    referral_id = world.paging.alert(world.paging.people["officer"])
    with world.database.write() as session:
        session.exec(update(Page).where(col(Page.subject) == referral_id).values(state="closed", left_at=NOW))
        session.connection().execute(text("UPDATE delivery SET state = 'cancelled'"))
    assert world.codes() == ["left_with_card"]
    looks(world, settings)
    assert pings(outside) == ["/ping"]


@pytest.mark.parametrize("way", ["drop", "answer"])
def test_an_outside_service_that_fails_is_said_and_survived(
    world: WatchWorld, outside: HttpService, settings: Settings, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "handoff")
    outside.behave("/ping", 500, way=way)  # type: ignore[arg-type]
    watchman = looks(world, settings, times=2)
    assert [record.msg for record in caplog.records] == ["watch.deadman_failed"] * 2
    assert watchman.turned_at == world.now


def test_an_address_that_is_not_public_is_never_asked(
    world: WatchWorld, outside: HttpService, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    looks(world, settings.model_copy(update={"private_hosts": ""}))
    assert pings(outside) == []
    assert "watch.deadman_failed" in [record.msg for record in caplog.records]


def test_each_fault_is_said_once_by_ids_and_once_when_it_is_over(
    world: WatchWorld, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "handoff")
    empty_step(world)

    async def run() -> None:
        watchman = Watchman(world.database, world.clock, available(settings), None)
        for _ in range(3):
            await watchman.turn(look=True)
            world.clock.forward(seconds=20)
            world.beat()
        world.change("only", NOW + timedelta(hours=19), NOW + timedelta(hours=22), to="ben")
        await watchman.turn(look=True)

    asyncio.run(run())
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [(line["event"], line["kind"], line["program_id"]) for line in lines] == [
        ("watch.found", "empty_step", "bench"), ("watch.over", "empty_step", "bench"),
    ]  # fmt: skip
    assert all("ana" not in json.dumps(line) for line in lines)


@pytest.mark.parametrize(("url", "taken"), [
    ("", True), ("https://hc.example/uuid", True), ("http://relay.internal:8080/x", True),
    ("http://hc.example/uuid", False), ("http://relay.internal:8081/x", False), ("https://", False),
    ("https://user:word@hc.example/x", False), ("ftp://hc.example", False), ("https://hc.example:many/", False),
])  # fmt: skip
def test_the_outside_address_is_https_or_a_private_host(url: str, taken: bool) -> None:
    environment = {"HANDOFF_DEADMAN_URL": url, "HANDOFF_PRIVATE_HOSTS": "relay.internal:8080"}
    if taken:
        assert from_environment(environment).deadman_url == url
        return
    with pytest.raises(SettingsError, match="HANDOFF_DEADMAN_URL"):
        from_environment(environment)


def test_it_ends_when_told(world: WatchWorld) -> None:
    async def run() -> None:
        watchman = Watchman(world.database, world.clock, available(Settings()), None)
        task = asyncio.create_task(watchman.run())
        await asyncio.sleep(0)
        watchman.stop()
        await asyncio.wait_for(task, 10)

    asyncio.run(run())
