"""A page's life in any order: people, phones, clocks and crashes, as Hypothesis thinks them up; the promises always hold."""

import asyncio
import json
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import col, select
from uuid6 import uuid7

from api.clock import rfc3339
from api.database import migrate
from api.paging import life, outbox, service
from api.paging.channels.answers import CALLING_KINDS, Answer, Message
from api.paging.worker import Worker
from api.rota.policy import Policy
from api.tables.paging import ContactPoint, Delivery, Page, PageEvent
from api.tables.people import Program
from api.tables.records import FeedRow
from tests.api.paging_channels import ACCEPTED, ToldChannels, quiet_world
from tests.bench.world import NOW, PROGRAM
from tests.memory import memory_folder

STAFF = ("ana", "ben", "cas", "sol")
REFERRALS = 2
TICKS = 60
LONGEST_WAIT = timedelta(days=8)
"""For a page that waits for the morning: service hours open every week."""
STEPS = [
    {"who": "on_call", "minutes": 2, "channels": ["push", "sms"]},
    {"who": "deputy", "minutes": 3},
    {"who": "everyone", "minutes": 4, "channels": ["push", "sms", "email"], "together": True},
]
CONFIG: dict[str, Any] = {
    "time_zone": "America/Denver",
    "open_within_minutes": 7,
    "service_hours": [{"weekday": day, "start": "08:00", "end": "17:00"} for day in range(5)],
    "policies": [
        {"name": "quiet", "officer_waiting": False, "steps": STEPS, "after_hours": "next_morning"},
        {"name": "rest", "steps": STEPS},
    ],
}
ANSWERS = [
    ACCEPTED, Answer("gone", note="410"), Answer("refused", note="403"), Answer("again", note="500"),
    Answer("again", 90.0, "429"), Answer("never", note="413"),
]  # fmt: skip
AMOUNTS = [timedelta(seconds=s) for s in (0.5, 10, 45, 60, 121, 240, 421, 900)] + [
    timedelta(hours=1), timedelta(hours=12), timedelta(days=1)
]  # fmt: skip
ENDS: list[tuple[str, dict[str, Any]]] = [
    ("handoff.record", {"outcome": "in_person"}),
    ("handoff.record", {"outcome": "could_not_meet"}),
    ("referral.close", {"reason": "person_left"}),
]
number = st.integers(0, REFERRALS - 1)
somebody = st.sampled_from(STAFF)
picked = st.integers(0, 9_999)


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="handoff-machine-")) / "template.db"
    migrate(f"sqlite:///{path}")
    return path


class PageLife(RuleBasedStateMachine):
    """Two referrals, three coordinators, a supervisor; one worker, which may be killed at any message."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=memory_folder())
        path = shutil.copyfile(_template(), Path(self.folder.name) / "handoff.db")
        self.world = quiet_world(f"sqlite:///{path}")
        self.database = self.world.database
        self.channels = ToldChannels()
        self.loop = asyncio.new_event_loop()
        self.worker = self._new_worker()
        self.referrals: list[str] = [str(uuid7()) for _ in range(REFERRALS)]
        self.history: list[tuple[Any, ...]] = []

    def _new_worker(self) -> Worker:
        return Worker(self.database, self.world.clock, self.channels)

    def teardown(self) -> None:
        self.loop.run_until_complete(self._kill())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.database.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.world.officer()
        for name in STAFF:
            self.world.add(name, "supervisor" if name == "sol" else "coordinator")
        with self.database.write() as session:
            program = session.get(Program, PROGRAM)
            assert program is not None
            program.config = CONFIG
            for name, channel in (("ana", "sms"), ("ben", "sms"), ("sol", "email")):
                user_id = self.world.people[name].user_id
                session.add(
                    ContactPoint(
                        id=str(uuid7()), user_id=user_id, channel=channel, address=f"{name} {channel}",
                        created_at=NOW, verified_at=NOW,
                    )
                )  # fmt: skip
        created = {"pathway": "arrest_diversion", "agency_id": self.world.world.agency_id}
        for referral_id in self.referrals:
            self._does("officer", referral_id, "referral.create", created, blind=False)

    def _does(self, name: str, referral_id: str, kind: str, payload: dict[str, Any], *, blind: bool) -> str:
        """One operation. Whoever is blind has not heard of anything that others did."""
        person, phones = self.world.people[name], [one.phone for one in self.world.people.values()]
        base = {} if blind else {phone.device_id: phone.seq for phone in phones if phone.seq}
        at = rfc3339(self.world.clock.now())
        [status] = self.world.push(person, [person.phone.write(referral_id, kind, payload, at, base=base)])
        return status

    @rule(which=number, waiting=st.booleans())
    def alert(self, which: int, waiting: bool) -> None:
        payload = {"officer_waiting": waiting}
        assert self._does("officer", self.referrals[which], "referral.alert", payload, blind=False) in (
            "applied",
            "merged",
        )

    @rule(which=number, name=somebody, blind=st.booleans(), eta=st.sampled_from([None, 15]))
    def acknowledge(self, which: int, name: str, blind: bool, eta: int | None) -> None:
        self._does(name, self.referrals[which], "page.acknowledge", {"eta_minutes": eta, "user_id": None}, blind=blind)

    def _message(self, pick: int) -> Message | None:
        """One of those sent so far. What is drawn may not depend on their order, which is the threads' own affair."""
        return self.channels.sent[pick % len(self.channels.sent)][1] if self.channels.sent else None

    @rule(pick=picked)
    def tap(self, pick: int) -> None:
        message = self._message(pick)
        if message is None:
            return
        before = self._page(message.page_id)
        with self.database.write() as session:
            answer = service.acknowledge_by_token(session, str(message.page_id), message.token, self.world.clock.now())
        after = self._page(message.page_id)
        if before is not None and after is not None and message.kind not in CALLING_KINDS:
            assert (answer, before.state) == (None, after.state), "what tells of an answer cannot answer"
        if answer is not None and after is not None:
            assert after.state != "open"
            with self.database.read() as session:
                delivery = session.get(Delivery, message.delivery_id)
            assert delivery is not None
            assert (answer[0] == "acknowledged") == (after.acknowledged_by == delivery.user_id), (before, answer)

    @rule(pick=picked)
    def see(self, pick: int) -> None:
        message = self._message(pick)
        if message is None:
            return
        with self.database.write() as session:
            assert outbox.seen(session, str(message.page_id), message.token, self.world.clock.now())

    @rule(which=number, name=somebody)
    def open(self, which: int, name: str) -> None:
        with self.database.write() as session:
            service.opened(session, self.referrals[which], self.world.people[name].user_id, self.world.clock.now())

    @rule(which=number, to=somebody, blind=st.booleans())
    def assign(self, which: int, to: str, blind: bool) -> None:
        payload = {"user_id": self.world.people[to].user_id}
        self._does("sol", self.referrals[which], "referral.assign", payload, blind=blind)

    @rule(which=number, reason=st.sampled_from(["nobody_answered", "after_hours", "cannot_come"]))
    def leave(self, which: int, reason: str) -> None:
        self._does("officer", self.referrals[which], "officer.leave", {"reason": reason}, blind=False)

    @rule(which=number, name=somebody, how=st.sampled_from(ENDS), blind=st.booleans())
    def end(self, which: int, name: str, how: tuple[str, dict[str, Any]], blind: bool) -> None:
        self._does(name, self.referrals[which], *how, blind=blind)

    @rule(name=somebody, channel=st.sampled_from(["push", "sms", "email"]), answer=st.sampled_from(ANSWERS))
    def behave(self, name: str, channel: str, answer: Answer) -> None:
        self.channels.answers[self._address(name, channel)] = answer

    def _address(self, name: str, channel: str) -> str:
        subscription = self.world.people[name].subscription
        assert subscription is not None
        return subscription.endpoint if channel == "push" else f"{name} {channel}"

    @rule(name=somebody)
    def subscribe_again(self, name: str) -> None:
        self.world.subscribe(self.world.people[name])

    @rule(amount=st.sampled_from(AMOUNTS))
    def time_passes(self, amount: timedelta) -> None:
        self.world.clock.instant += amount

    @rule(
        amount=st.sampled_from([timedelta(seconds=10), timedelta(minutes=3), timedelta(hours=1), timedelta(hours=26)])
    )
    def clock_is_put_back(self, amount: timedelta) -> None:
        """The promises hold again from the worker's next beat on, which comes at its next look."""
        self.world.clock.instant -= amount
        self.works()

    @rule()
    def works(self) -> None:
        resting = self._resting()
        already = len(self.channels.sent)
        self.loop.run_until_complete(self._work())
        woken = {m.page_id for _, m in self.channels.sent[already:] if m.kind in CALLING_KINDS}
        assert not woken & resting, "a page that rests woke somebody"
        for page in self._pages():
            assert page.state != "open" or (page.next_step_at or NOW) > self.world.clock.now(), "a step was left out"

    async def _work(self) -> None:
        for _ in range(TICKS):
            busy = await self.worker.tick()
            await self.worker.drain()
            if not busy:
                return
        raise AssertionError("the worker never comes to rest")

    @rule(name=somebody)
    def is_killed_while_sending(self, name: str) -> None:
        """The lease stays; another worker takes over when it runs out."""
        address = self._address(name, "push")
        self.channels.silent.add(address)
        self.loop.run_until_complete(self.worker.tick())
        self.channels.silent.discard(address)
        self.loop.run_until_complete(self._kill())
        self.worker = self._new_worker()

    async def _kill(self) -> None:
        for task in list(self.worker._sending):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _resting(self) -> set[str]:
        """Pages that may wake nobody at this instant, whatever lies in the outbox."""
        now = self.world.clock.now()
        return {
            page.id for page in self._pages()
            if page.state == "closed"
            or (page.state == "acknowledged" and (page.read_at is not None or (page.ack_expires_at or now) > now))
            or (page.until_morning and (page.next_step_at or now) > now)
        }  # fmt: skip

    def _page(self, page_id: str | None) -> Page | None:
        with self.database.read() as session:
            return session.get(Page, page_id)

    def _pages(self) -> list[Page]:
        with self.database.read() as session:
            return list(session.exec(select(Page)))

    @invariant()
    def the_next_step_is_never_further_away_than_one_steps_delay(self) -> None:
        now = self.world.clock.now()
        for page in self._pages():
            if page.state != "open":
                assert page.next_step_at is None, page
                continue
            minutes = Policy.model_validate(page.policy).step(page.step).minutes
            limit = LONGEST_WAIT if page.until_morning else timedelta(minutes=minutes)
            assert page.next_step_at is not None, page
            assert page.next_step_at <= now + limit, page

    @invariant()
    def an_answer_is_followed_up_or_expires(self) -> None:
        for page in self._pages():
            if page.state == "acknowledged":
                assert page.acknowledged_by is not None, page
                assert page.ack_expires_at is not None or page.read_at is not None, page

    @invariant()
    def what_was_answered_or_has_ended_calls_nobody(self) -> None:
        with self.database.read() as session:
            pending = select(Delivery.page_id).where(
                Delivery.state == "pending", col(Delivery.kind).in_(tuple(CALLING_KINDS))
            )
            waiting = set(session.exec(pending))
        assert not [page for page in self._pages() if page.state != "open" and page.id in waiting]

    @invariant()
    def every_screen_is_told_what_the_page_says(self) -> None:
        with self.database.read() as session:
            rows = session.exec(select(FeedRow).where(FeedRow.kind == "page")).all()
        shown = {(row.scope, row.item_id): json.loads(row.item)["page"] for row in rows}
        for page in self._pages():
            for (scope, item_id), told in shown.items():
                if item_id == page.referral_id:
                    assert told == life.status(page), scope
            if page.kind == "referral":
                assert any(item_id == page.referral_id for _, item_id in shown), "nobody is told of the page"

    @invariant()
    def history_is_only_added_to(self) -> None:
        with self.database.read() as session:
            rows = [_line(row) for row in session.exec(select(PageEvent).order_by(col(PageEvent.id)))]
        assert rows[: len(self.history)] == self.history
        self.history = rows


def _line(row: PageEvent) -> tuple[int | None, str, datetime, str, str | None, str]:
    return row.id, row.page_id, row.at, row.what, row.user_id, row.detail


TestPageLife = PageLife.TestCase
TestPageLife.settings = settings(max_examples=15, stateful_step_count=30)
