"""What is found, on both sides of each boundary; a healthy program has nothing to be found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from api.settings import Settings
from api.tables.paging import Delivery, Page, PushSubscription, ShiftTest, WorkerBeat
from api.tables.people import Membership, Program
from tests.api.watch.conftest import WatchWorld
from tests.bench.world import NOW, PROGRAM

MONDAY = "2026-05-04T14:00:00.000Z"
TOMORROW = "2026-05-01T02:14:00.000Z"
HERE = "2026-04-30T02:14:00.000Z"
LEAD = {"name": "night", "steps": [{"who": "lead"}]}


def page(world: WatchWorld, **changes: object) -> str:
    """A page that calls; its referral's id."""
    referral_id = world.paging.alert(world.paging.people["officer"])
    with world.database.write() as session:
        row = session.exec(select(Page).where(Page.subject == referral_id)).one()
        for name, value in changes.items():
            setattr(row, name, value)
    return referral_id


def test_where_all_is_well_nothing_is_found(world: WatchWorld) -> None:
    page(world)
    world.paging.work()
    assert world.found() == []


@pytest.mark.parametrize(("after", "found"), [(30, False), (31, True)])
def test_a_page_whose_step_did_not_come_is_stalled(world: WatchWorld, after: int, found: bool) -> None:
    page(world)
    world.paging.work()
    world.clock.forward(minutes=5, seconds=after)
    assert ("stalled" in world.codes()) is found


def test_stalled_pages_are_counted_with_the_oldest(world: WatchWorld) -> None:
    for minutes in (9, 4):
        page(world, next_step_at=NOW - timedelta(minutes=minutes))
    page(world, state="closed", next_step_at=NOW - timedelta(minutes=30))
    page(world, program_id="bench", until_morning=True, next_step_at=NOW + timedelta(hours=9))
    assert world.one("stalled") == {"count": 2, "minutes": 9}


@pytest.mark.parametrize(("late", "read", "found"), [(30, False, False), (31, False, True), (31, True, False)])
def test_an_answer_that_ran_out_and_did_not_open_the_page_again(
    world: WatchWorld, late: int, read: bool, found: bool
) -> None:
    page(
        world, state="acknowledged", next_step_at=None, ack_expires_at=NOW - timedelta(seconds=late),
        read_at=NOW if read else None,
    )  # fmt: skip
    assert ("stalled" in world.codes()) is found


@pytest.mark.parametrize(("late", "state", "found"), [
    (60, "pending", False), (61, "pending", True), (61, "sent", False), (61, "cancelled", False),
])  # fmt: skip
def test_a_message_that_nobody_sent_is_late(world: WatchWorld, late: int, state: str, found: bool) -> None:
    world.deliver(state, due=-timedelta(seconds=late))
    assert ("late_deliveries" in world.codes()) is found


def test_a_worker_that_stopped(world: WatchWorld) -> None:
    world.clock.forward(seconds=30)
    assert "no_worker" not in world.codes()
    world.clock.forward(seconds=1)
    assert "no_worker" in world.codes()
    with world.database.write() as session:
        session.delete(session.get_one(WorkerBeat, "w"))
    assert "no_worker" in world.codes(), "there never was one"


def test_addresses_that_died_under_an_open_page(world: WatchWorld) -> None:
    page_id = world.paging.page(page(world)).id
    for call, target in ((1, "a"), (2, "a"), (2, "b")):
        world.deliver("dead", due=timedelta(), page_id=page_id, call=call, target_id=target)
    world.deliver("dead", due=timedelta(), target_id="c")
    assert world.one("dead_deliveries") == {"count": 2}
    with world.database.write() as session:
        session.exec(update(Page).values(state="closed"))
    assert "dead_deliveries" not in world.codes()


@pytest.mark.parametrize(("outcome", "state", "minutes", "found"), [
    ("refused 403", "pending", 0, True), ("refused 403", "dead", 15, True), ("refused 403", "dead", 15.02, False),
    ("refused AddressNotPublic", "cancelled", 1, True), ("again 500", "pending", 0, False), ("", "pending", 0, False),
])  # fmt: skip
def test_a_carrier_that_refuses_us(world: WatchWorld, outcome: str, state: str, minutes: float, found: bool) -> None:
    world.deliver(state, due=-timedelta(minutes=minutes), outcome=outcome, channel="sms", origin="sms")
    assert ("refused_channel" in world.codes()) is found
    if found:
        assert world.one("refused_channel") == {"channel": "sms", "origin": "sms"}


def test_a_refusal_is_still_told_when_somebody_answered_meanwhile(world: WatchWorld) -> None:
    subscription = world.paging.people["ana"].subscription
    assert subscription is not None
    world.paging.service.behaviours[subscription.path] = "refused"
    referral_id = page(world)
    world.paging.work()
    assert world.one("refused_channel")["channel"] == "push"
    world.paging.act(world.paging.people["ben"], referral_id, "page.acknowledge", {"eta_minutes": 5, "user_id": None})
    assert {row.state for row in world.paging.deliveries() if row.kind == "page"} == {"cancelled"}
    assert world.one("refused_channel")["channel"] == "push"
    world.clock.forward(minutes=16)
    assert "refused_channel" not in world.codes()


def test_nobody_on_duty_has_an_address(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.exec(
            update(PushSubscription).where(col(PushSubscription.user_id) == world.id("ana")).values(disabled_at=NOW)
        )
    assert world.one("empty_step") == {"level": "on_call", "from": HERE, "to": TOMORROW}
    world.contact("ana", "sms")
    assert "empty_step" not in world.codes()


def test_a_channel_that_the_server_does_not_have_reaches_nobody(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.exec(update(PushSubscription).values(disabled_at=NOW))
    world.contact("ana", "sms")
    assert [each.code for each in world.found(Settings()) if each.code == "empty_step"] == ["empty_step"]


def test_somebody_who_left_the_program_covers_nothing(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.exec(update(Membership).where(col(Membership.user_id) == world.id("ana")).values(until_at=NOW))
    assert world.one("empty_step")["level"] == "on_call"


def test_a_gap_within_the_next_day_is_told_from_when_to_when(world: WatchWorld) -> None:
    start, end = NOW + timedelta(hours=3), NOW + timedelta(hours=5)
    world.change("instead", start, end, of="ana")
    assert world.one("empty_step") == {
        "level": "on_call", "from": "2026-04-30T05:14:00.000Z", "to": "2026-04-30T07:14:00.000Z",
    }  # fmt: skip
    world.change("only", start, end, to="ben")
    assert world.found() == []


def test_a_gap_after_tomorrow_is_not_told_yet(world: WatchWorld) -> None:
    world.change("instead", NOW + timedelta(hours=24), NOW + timedelta(hours=30), of="ana")
    assert world.found() == []
    world.clock.forward(seconds=1)
    assert "empty_step" in world.codes()


def test_a_level_that_a_policy_names_and_nobody_keeps(world: WatchWorld) -> None:
    world.configure(policies=[LEAD])
    assert world.one("empty_step") == {"level": "lead", "from": HERE, "to": TOMORROW}
    world.rule("sol", level="lead")
    assert world.found() == []


def test_a_program_without_a_rota_needs_one_coordinator_in_reach(bare: WatchWorld) -> None:
    bare.add("sol", "supervisor")
    bare.add("ana", phone=False)
    assert bare.codes() == ["nobody_subscribed"]
    bare.contact("ana", "sms", proven=False)
    assert bare.codes() == ["nobody_subscribed"]
    bare.contact("ana", "voice")
    assert bare.codes() == []


def test_a_program_with_a_pager_of_its_own_needs_nobody_in_the_app(bare: WatchWorld) -> None:
    bare.configure(
        webhook_url="https://pager.example/x",
        policies=[{"name": "all", "steps": [{"who": "on_call", "channels": ["webhook"]}]}],
    )
    assert bare.codes() == []


def unanswered(world: WatchWorld, name: str, outcome: str = "silent") -> None:
    with world.database.write() as session:
        session.add(
            ShiftTest(
                id=name, program_id=PROGRAM, level="on_call", user_id=world.id(name), starts_at=NOW, sent_at=NOW,
                outcome=outcome, settled_at=NOW,
            )
        )  # fmt: skip


@pytest.mark.parametrize(("outcome", "found"), [("silent", True), ("no_phone", True), ("seen", False), ("", False)])
def test_a_phone_of_somebody_on_duty_that_did_not_answer_its_test(world: WatchWorld, outcome: str, found: bool) -> None:
    unanswered(world, "ana", outcome)
    assert [each.values for each in world.found()] == ([{"name": "ana"}] if found else [])


def test_a_silent_phone_of_somebody_off_duty_is_nobodys_trouble(world: WatchWorld) -> None:
    unanswered(world, "ben")
    assert world.found() == []


def test_a_silent_phone_that_shows_a_notice_later_is_forgiven(world: WatchWorld) -> None:
    unanswered(world, "ana")
    page(world)
    world.see("ana")
    assert world.found() == []


def test_people_left_with_the_card_are_counted_for_a_week(world: WatchWorld) -> None:
    for days in (0, 7, 7.01):
        page(world, state="closed", left_at=NOW - timedelta(days=days))
    assert world.one("left_with_card") == {"count": 2, "days": 7}


def another_program(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.add(Program(id="other", name="Other", config={}, created_at=NOW))
        session.flush()
        session.exec(update(Page).values(program_id="other"))
        session.exec(update(Delivery).values(program_id="other"))


SETUPS: list[Callable[[WatchWorld], object]] = [
    lambda world: page(world, next_step_at=NOW - timedelta(minutes=9)),
    lambda world: page(world, state="acknowledged", ack_expires_at=NOW - timedelta(minutes=9)),
    lambda world: page(world, state="closed", left_at=NOW),
    lambda world: world.deliver("pending", due=-timedelta(minutes=5)),
    lambda world: world.deliver("dead", due=timedelta(), page_id=world.paging.page(page(world)).id),
    lambda world: world.deliver("pending", due=timedelta(), outcome="refused 403"),
]


@pytest.mark.parametrize("setup", SETUPS)
def test_what_is_wrong_in_one_program_is_not_told_in_another(
    world: WatchWorld, setup: Callable[[WatchWorld], object]
) -> None:
    setup(world)
    assert len(world.found()) == 1
    another_program(world)
    assert world.found() == []
