"""Everybody at once: workers over the same rows, people against the clock, answers against what is being sent."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlmodel import col, select

from api.clock import rfc3339
from api.database import Database
from api.paging import notices, outbox, queries, service
from api.paging.channels.answers import CALLING_KINDS, Answer
from api.paging.worker import LEASE, Worker
from api.tables.paging import Page, PageEvent
from tests.api.at_once import PATIENCE_SECONDS, check_log_order, on_postgresql, together
from tests.api.exchange_world import check_projection
from tests.api.paging_channels import ToldChannels, quiet_world
from tests.api.paging_world import PagingWorld
from tests.bench.world import PROGRAM

DELIVERIES = 1_200
PAGES = 200
SETTLED_PAGES = 60
SETTLED_AT_ONCE = 25
Act = Callable[[], None]


@pytest.fixture
def world(database_url: str) -> Iterator[PagingWorld]:
    made = quiet_world(database_url)
    made.officer()
    for name in ("ana", "ben", "cas"):
        made.add(name, "coordinator")
    made.add("sol", "supervisor")
    yield made
    made.database.close()


@pytest.fixture
def deadlocks(world: PagingWorld) -> list[str]:
    """Fills with every deadlock that the database had to break, even where somebody tried again."""
    found: list[str] = []

    @event.listens_for(world.database.writer, "handle_error")
    def _note(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, psycopg.errors.DeadlockDetected):
            found.append(str(context.original_exception))

    return found


def alerts(world: PagingWorld, count: int) -> list[Page]:
    ids = [world.alert(world.people["officer"]) for _ in range(count)]
    return [world.page(referral_id) for referral_id in ids]


def test_two_workers_send_nothing_twice(world: PagingWorld) -> None:
    for _ in range(DELIVERIES // 4):
        with world.database.write() as session:
            told = [(world.people[name].user_id, "rota_changed") for name in ("ana", "ben", "cas", "sol")]
            notices.tell(session, PROGRAM, told, world.clock.now())
    channels = [ToldChannels(), ToldChannels()]

    def second() -> Database:
        return Database(world.database.url, world.database.cipher)

    async def race() -> None:
        await asyncio.gather(*(_work(Worker(second(), world.clock, one)) for one in channels))

    asyncio.run(race())
    sent = Counter(message.delivery_id for one in channels for _, message in one.sent)
    assert set(sent.values()) == {1}
    assert len(sent) == DELIVERIES
    assert {row.state for row in world.deliveries()} == {"sent"}
    assert all(one.sent for one in channels), "only one of them ever worked: that was no race"


async def _work(worker: Worker) -> None:
    while await worker.tick():
        await asyncio.sleep(0)  # whoever waits for an answer goes on
    await worker.drain()
    if await worker.tick():
        await _work(worker)
    worker._database.close()


def test_an_answer_and_the_next_step_never_contradict_each_other(world: PagingWorld, deadlocks: list[str]) -> None:
    """Eight threads on 200 pages: two taps, two operations, two escalations, a sign of life, and an opening each."""
    pages = alerts(world, PAGES)
    world.clock.forward(minutes=5)
    tokens = {(row.page_id, row.user_id): row.token for row in world.deliveries()}

    def tap(name: str) -> Callable[[Page], None]:
        def act(page: Page) -> None:
            token = tokens[page.id, world.people[name].user_id]
            with world.database.write() as session:
                answer = service.acknowledge_by_token(session, page.id, token, world.clock.now())
            assert answer is not None

        return act

    def operate(name: str) -> Callable[[Page], None]:
        def act(page: Page) -> None:
            payload = {"eta_minutes": 5, "user_id": None}
            phone = world.people[name].phone
            operation = phone.write(str(page.referral_id), "page.acknowledge", payload, rfc3339(world.clock.now()))
            assert world.push(world.people[name], [operation])[0] in ("applied", "merged")

        return act

    def escalate(page: Page) -> None:
        with world.database.write() as session:
            service.advance(session, page.id, world.clock.now())

    def see(page: Page) -> None:
        with world.database.write() as session:
            outbox.seen(session, page.id, tokens[page.id, world.people["cas"].user_id], world.clock.now())

    def look(page: Page) -> None:
        with world.database.write() as session:
            service.opened(session, str(page.referral_id), world.people["ben"].user_id, world.clock.now())

    ended = threading.Event()
    each = [tap("ana"), tap("ben"), operate("ana"), operate("cas"), escalate, escalate, see, look]
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(check_log_order, world.database, ended)
        try:
            together([_over(pages, act, seed) for seed, act in enumerate(each)])
        finally:
            ended.set()
        watching.result(PATIENCE_SECONDS)
    assert not deadlocks
    _check_answers(world)
    check_projection(world.database)


def _over(pages: list[Page], act: Callable[[Page], None], seed: int) -> Act:
    order = random.Random(seed).sample(pages, len(pages))

    def run() -> None:
        for page in order:
            act(page)

    return run


def _check_answers(world: PagingWorld) -> None:
    """Each page has one first answer, nothing was called after it, and the officer was told of it once."""
    with world.database.read() as session:
        events = list(session.exec(select(PageEvent).order_by(col(PageEvent.id))))
        pages = list(session.exec(select(Page)))
    deliveries = world.deliveries()
    for page in pages:
        happened = [row.what for row in events if row.page_id == page.id]
        after = happened[happened.index("acknowledged") :]
        assert page.state == "acknowledged"
        assert not {"again", "nobody_reachable", "expired"} & set(after), happened
        mine = [row for row in deliveries if row.page_id == page.id]
        assert sum(row.kind == "acknowledged" for row in mine) == 1
        assert not [row for row in mine if row.kind in CALLING_KINDS and row.state == "pending"]


@on_postgresql
def test_settling_answering_and_seeing_never_wait_for_each_other_in_a_circle(
    world: PagingWorld, deadlocks: list[str]
) -> None:
    pages = alerts(world, SETTLED_PAGES)
    workers = [Worker(world.database, world.clock, ToldChannels()) for _ in range(2)]
    tokens = [(row.page_id, row.token) for row in world.deliveries()]
    claimed: list[list[str]] = []
    for worker in workers:
        with world.database.write() as session:
            rows = queries.claim(session, worker.id, world.clock.now(), LEASE, len(tokens) // 2)
            claimed.append([row.id for row in rows])
    later = world.clock.now() + timedelta(minutes=5)

    def settle(worker: Worker, ids: list[str], seed: int) -> Act:
        numbers = random.Random(seed)
        kinds: list[Any] = ["accepted", "again", "gone", "never"]

        def run() -> None:
            left = numbers.sample(ids, len(ids))
            while left:
                part, left = left[:SETTLED_AT_ONCE], left[SETTLED_AT_ONCE:]
                worker._settle([(delivery_id, Answer(numbers.choice(kinds))) for delivery_id in part])

        return run

    def see() -> None:
        for page_id, token in random.Random(5).sample(tokens, len(tokens)):
            with world.database.write() as session:
                outbox.seen(session, str(page_id), token, world.clock.now())

    def answer(page: Page) -> None:
        mine = [token for page_id, token in tokens if page_id == page.id]
        with world.database.write() as session:
            assert service.acknowledge_by_token(session, page.id, mine[0], world.clock.now()) is not None

    def escalate(page: Page) -> None:
        with world.database.write() as session:
            service.advance(session, page.id, later)

    settling = [settle(worker, ids, seed) for seed, (worker, ids) in enumerate(zip(workers, claimed, strict=True))]
    together([*settling, see, see, _over(pages[::2], answer, 1), _over(pages, escalate, 2)])
    assert not deadlocks
    assert {world.page(str(page.referral_id)).state for page in pages[::2]} == {"acknowledged"}
