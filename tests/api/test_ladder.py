"""The ladder of channels on both databases: real pushes, real posts to a telephone provider, a real worker."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import col, select
from uuid6 import uuid7

from api.clock import rfc3339
from api.paging import outbox, queries, service
from api.paging.channels.answers import DEADLINE_SECONDS, Message
from api.paging.channels.switchboard import Channels
from api.paging.worker import LEASE, PER_ORIGIN, Worker
from api.settings import from_environment
from api.tables.paging import ContactPoint, Delivery, PageEvent, PushSubscription
from api.tables.people import Program
from tests.api.paging_world import PagingWorld, Person
from tests.bench.world import NOW, PROGRAM, found
from tests.databases import opened_at
from tests.http_service import HttpService
from tests.push_service import PushService, Subscription

ANAS_NUMBER = "+13035550121"
STEPS = [{"who": "on_call", "minutes": 6}, {"who": "lead", "minutes": 5}, {"who": "supervisors", "minutes": 7}]
TEXTS = "/2010-04-01/Accounts/AC1/Messages.json"
CALLS = "/2010-04-01/Accounts/AC1/Calls.json"


@dataclass
class Ladder(PagingWorld):
    """The paging world with a telephone provider beside the push service."""

    provider: HttpService = field(default_factory=HttpService)

    def channels(self) -> Channels:
        settings = from_environment(
            {
                **self.service.environment(),
                "HANDOFF_PRIVATE_HOSTS": f"{self.service.host},{self.provider.host}",
                "HANDOFF_SMS_URL": self.provider.url,
                "HANDOFF_SMS_ACCOUNT": "AC1",
                "HANDOFF_SMS_TOKEN": "secret",
                "HANDOFF_SMS_FROM": "+13035550199",
                "HANDOFF_VOICE_FROM": "+13035550199",
            }
        )
        return Channels(settings, ec.generate_private_key(ec.SECP256R1()), bytes(32))

    def number(self, name: str, channel: str, number: str) -> None:
        """A number of somebody's, already proven."""
        with self.database.write() as session:
            session.add(
                ContactPoint(
                    id=str(uuid7()), user_id=self.people[name].user_id, channel=channel, address=number,
                    created_at=NOW, verified_at=NOW,
                )
            )  # fmt: skip

    def numbers(self, path: str = TEXTS) -> list[str]:
        """To whom a text (or a call) went, in order."""
        return [parse_qs(one.body.decode())["To"][0] for one in self.provider.received if one.path == path]


@pytest.fixture
def world(database_url: str) -> Iterator[Ladder]:
    with PushService() as push_service, HttpService(tls=False) as provider:
        made = Ladder(found(opened_at(database_url), officers=1), push_service, provider=provider)
        for path in (TEXTS, CALLS):
            provider.behave(path, 201, b'{"sid": "SM1"}')
        configure(made, {"policies": [{"name": "all", "steps": STEPS}]})
        made.officer()
        made.add("ana", "coordinator")
        made.add("sol", "supervisor")
        made.number("ana", "sms", ANAS_NUMBER)
        yield made
        made.database.close()


def configure(world: PagingWorld, config: dict[str, Any]) -> None:
    with world.database.write() as session:
        program = session.get(Program, PROGRAM)
        assert program is not None
        program.config = config


def officer(world: PagingWorld) -> Person:
    return world.people["officer"]


def behave(world: PagingWorld, name: str, behaviour: str) -> None:
    subscription = world.people[name].subscription
    assert subscription is not None
    world.service.behave(subscription, behaviour)  # type: ignore[arg-type]


def history(world: PagingWorld) -> list[tuple[str, str]]:
    with world.database.read() as session:
        return [(row.what, row.detail) for row in session.exec(select(PageEvent).order_by(col(PageEvent.id)))]


def see(world: PagingWorld, name: str) -> None:
    subscription = world.people[name].subscription
    assert subscription is not None
    message = [one for one in world.service.received if one.path == subscription.path][-1]
    with world.database.write() as session:
        assert outbox.seen(session, message.body["page"], message.body["token"], world.clock.now())


def test_no_sign_of_life_in_45_seconds_sends_the_text(world: Ladder) -> None:
    world.alert(officer(world))
    world.work()
    world.clock.forward(seconds=44.9)
    world.work()
    assert (world.texts("ana"), world.numbers()) == ([("page", "officer_waiting")], [])
    world.clock.forward(seconds=0.1)
    world.work()
    assert world.numbers() == [ANAS_NUMBER]


def test_a_phone_that_showed_the_notice_puts_the_text_off_to_its_share_of_the_step(world: Ladder) -> None:
    world.alert(officer(world))
    world.work()
    see(world, "ana")
    world.clock.forward(minutes=3, milliseconds=-1)  # two channels share six minutes
    world.work()
    assert world.numbers() == []
    world.clock.forward(milliseconds=1)
    world.work()
    assert world.numbers() == [ANAS_NUMBER]


def test_a_sign_of_life_from_somebody_who_was_only_told_moves_nothing(world: Ladder) -> None:
    """The officer's phone shows the answer; that is no sign that a coordinator's phone shows the call."""
    referral_id = world.alert(officer(world))
    world.work()
    world.act(world.people["ana"], referral_id, "page.acknowledge", {"eta_minutes": 5, "user_id": None})
    world.work()
    see(world, "officer")
    told = next(row for row in world.deliveries() if row.kind == "acknowledged")
    assert told.seen_at == world.clock.now()


def test_a_dead_phone_brings_the_text_forward_to_now(world: Ladder) -> None:
    behave(world, "ana", "gone")
    world.alert(officer(world))
    world.work()
    assert ANAS_NUMBER in world.numbers()
    assert ("page", "officer_waiting") in [(row.kind, row.text) for row in world.deliveries() if row.channel == "sms"]


def test_when_all_of_a_call_is_dead_the_next_step_comes_at_once(world: Ladder) -> None:
    behave(world, "ana", "gone")
    world.provider.behave(TEXTS, 400, b'{"code": 21211}')
    referral_id = world.alert(officer(world))
    world.work()
    assert world.texts("sol") == [("repage", "officer_waiting")]
    page = world.page(referral_id)
    assert page.next_step_at == world.clock.now() + timedelta(minutes=7)
    assert [what for what, _ in history(world)] == [
        "opened",
        "undeliverable",
        "undeliverable",
        "again",
        "nobody_reachable",
    ]


def test_a_step_that_reaches_nobody_is_recorded_and_the_next_is_tried_in_the_same_transaction(world: Ladder) -> None:
    configure(world, {"policies": [{"name": "all", "steps": STEPS[1:]}]})  # there is no lead
    referral_id = world.alert(officer(world))
    page = world.page(referral_id)
    assert history(world) == [("opened", ""), ("nobody_reachable", "lead")]
    assert (page.step, page.called) == (1, [world.people["sol"].user_id])
    assert page.next_step_at == world.clock.now() + timedelta(minutes=7)


def test_the_last_step_repeats_for_ever(world: Ladder) -> None:
    world.alert(officer(world))
    world.work()
    world.clock.forward(minutes=6)
    for repeat in range(1, 6):
        world.work()
        assert len(world.texts("sol")) == repeat
        world.clock.forward(minutes=7)


def test_giving_it_to_one_tells_the_others_each_time(world: Ladder) -> None:
    """An answer, a change of hands and another answer within one call: each is told, none breaks on the one before."""
    for name in ("ben", "cas"):
        world.add(name, "coordinator")
    referral_id = world.alert(officer(world))
    world.work()
    acknowledge = {"eta_minutes": 5, "user_id": None}
    assert world.act(world.people["ana"], referral_id, "page.acknowledge", acknowledge) == "applied"
    world.work()
    for name in ("ben", "cas"):
        assert world.texts(name)[-1] == ("taken", "taken_by")
    given = {"user_id": world.people["ben"].user_id}
    assert world.act(world.people["sol"], referral_id, "referral.assign", given) == "applied"
    world.work()
    assert world.texts("ben")[-1] == ("page", "officer_waiting")
    assert [kind for kind, _ in world.texts("cas")] == ["page", "taken", "taken"]
    assert world.act(world.people["ben"], referral_id, "page.acknowledge", acknowledge) == "applied"
    world.work()
    assert [kind for kind, _ in world.texts("cas")] == ["page", "taken", "taken", "taken"]
    assert [kind for kind, _ in world.texts("officer")] == ["acknowledged", "acknowledged"]


@pytest.mark.parametrize(("kind", "who"), [("referral.assign", "sol"), ("page.acknowledge", "ben")])
def test_what_arrives_late_about_a_referral_that_has_ended_wakes_nobody(world: Ladder, kind: str, who: str) -> None:
    ben = world.add("ben", "coordinator")
    referral_id = world.alert(officer(world))
    world.work()
    world.act(world.people["ana"], referral_id, "referral.close", {"reason": "person_left"})
    payload = {"user_id": ben.user_id} if kind == "referral.assign" else {"user_id": None, "eta_minutes": 5}
    late = world.people[who].phone.write(referral_id, kind, payload, rfc3339(world.clock.now()))
    world.push(world.people[who], [late])
    world.clock.forward(hours=1)
    world.work()
    assert world.page(referral_id).state == "closed"
    assert [text for text in world.texts("ben") if text[0] != "taken"] == [("page", "officer_waiting")]


def test_the_owner_of_a_phone_that_is_gone_hears_of_it_by_another_channel(world: Ladder) -> None:
    behave(world, "ana", "gone")
    world.alert(officer(world))
    world.work()
    told = [(row.channel, row.kind, row.user_id) for row in world.deliveries() if row.text == "phone_removed"]
    assert told == [("sms", "notice", world.people["ana"].user_id)]
    assert len(world.numbers()) == 2  # the page, and the word about the phone
    with world.database.read() as session:
        phone = session.exec(select(PushSubscription).where(PushSubscription.user_id == told[0][2])).one()
    assert (phone.disabled_at, phone.reason) == (world.clock.now(), "gone")


def test_a_refusal_of_our_own_credentials_never_prunes(world: Ladder) -> None:
    behave(world, "ana", "refused")
    world.alert(officer(world))
    for _ in range(12):
        world.work()
        world.clock.forward(seconds=40)
    with world.database.read() as session:
        phones = session.exec(select(PushSubscription).where(col(PushSubscription.disabled_at).is_not(None))).all()
    assert list(phones) == []
    assert world.service.count(world.people["ana"].subscription) > 5  # type: ignore[arg-type]
    assert not [row for row in world.deliveries() if row.text == "phone_removed"]


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured_in_both_its_forms(world: Ladder, as_date: bool) -> None:
    behave(world, "ana", "busy")
    asked = timedelta(seconds=90)
    said = format_datetime(datetime.now(UTC) + asked, usegmt=True) if as_date else "90"
    world.service.retry_after = said
    world.alert(officer(world))
    world.work()
    row = next(row for row in world.deliveries() if row.channel == "push" and row.state == "pending")
    wait = row.due_at - world.clock.now()
    assert timedelta(seconds=60) < wait <= asked if as_date else wait == asked
    world.clock.instant += wait - timedelta(milliseconds=1)
    before = world.service.count(world.people["ana"].subscription)  # type: ignore[arg-type]
    world.work()
    assert world.service.count(world.people["ana"].subscription) == before  # type: ignore[arg-type]


def test_one_hung_service_with_forty_rows_holds_up_no_other(world: Ladder) -> None:
    """The look after the first takes every row of the sound service, and none of the one that holds all its places."""
    now = world.clock.now()
    for number in range(40):
        _row(world, "https://hung.example", now - timedelta(seconds=60 - number))
    for _ in range(3):
        _row(world, "https://sound.example", now)
    worker = Worker(world.database, world.clock, world.channels())
    first = worker._claim(100)
    assert [letter.origin for letter, _ in first] == ["https://hung.example"] * PER_ORIGIN + [
        "https://sound.example"
    ] * 3
    for letter, _ in first[:PER_ORIGIN]:
        worker._under_way[letter.origin] += 1
    assert worker._claim(100) == []
    _row(world, "https://sound.example", now)
    assert [letter.origin for letter, _ in worker._claim(100)] == ["https://sound.example"]
    given_back = [row for row in world.deliveries() if row.lease_until == outbox.LONG_AGO]
    assert {row.attempts for row in given_back} == {0}
    assert len(given_back) == 40 - PER_ORIGIN


def test_what_hangs_takes_no_connection_that_another_needs(world: Ladder) -> None:
    """As many as may hang at one service, at two: a third answers before any of them has given up."""

    async def play() -> tuple[str, bool]:
        channels = world.channels()
        hanging = [asyncio.create_task(channels.send("push", message)) for message in letters]
        while len(world.service.attempts) < len(letters):
            await asyncio.sleep(0.01)
        answer = await channels.send("push", _letter(sound))
        early = not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        await channels.close()
        return answer.kind, early

    hung, sound = world.service.subscribe(), world.service.subscribe()
    world.service.behave(hung, "hang")
    letters = [_letter(hung) for _ in range(2 * PER_ORIGIN)]
    assert asyncio.run(asyncio.wait_for(play(), 60)) == ("accepted", True)


def _letter(to: Subscription) -> Message:
    keys = to.keys
    return Message(
        delivery_id=str(uuid7()), kind="notice", text="rota_changed", address=to.endpoint, p256dh=keys["p256dh"],
        auth=keys["auth"],
    )  # fmt: skip


def _row(world: Ladder, origin: str, due_at: datetime) -> None:
    with world.database.write() as session:
        session.add(
            Delivery(
                id=str(uuid7()), kind="notice", text="rota_changed", user_id=world.people["ana"].user_id, target_id="x",
                program_id=PROGRAM, origin=origin, due_at=due_at, lease_until=outbox.LONG_AGO, created_at=due_at,
            )
        )  # fmt: skip


def test_what_only_tells_of_an_answer_gives_no_right_to_answer(world: Ladder) -> None:
    """The officer's phone holds a token too; with it the officer could silence the own page when it opens again."""
    referral_id = world.alert(officer(world))
    world.work()
    world.act(world.people["ana"], referral_id, "page.acknowledge", {"eta_minutes": 5, "user_id": None})
    world.work()
    world.clock.forward(minutes=10)
    world.work()
    page = world.page(referral_id)
    assert page.state == "open"
    token = world.service.wait_for(lambda message: message.body["kind"] == "acknowledged").body["token"]
    with world.database.write() as session:
        assert service.acknowledge_by_token(session, page.id, token, world.clock.now()) is None
    assert world.page(referral_id).state == "open"


def test_a_page_that_cannot_be_moved_holds_up_no_other(world: Ladder) -> None:
    broken, sound = world.alert(officer(world)), world.alert(officer(world))
    world.work()
    with world.database.write() as session:
        page = queries.lock_page(session, broken)
        assert page is not None
        page.policy = {"name": "nonsense"}
    world.clock.forward(minutes=6)
    world.work()
    assert world.page(sound).calls == 2
    assert world.page(broken).calls == 1


def test_a_lease_is_longer_than_any_channel_takes() -> None:
    assert timedelta(seconds=DEADLINE_SECONDS) < LEASE
