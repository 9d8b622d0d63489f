"""Phones are tested by themselves when a duty begins: once, whoever of several servers is first; silence is spoken of."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import col, update

from api.tables.people import User
from api.watch import shift_tests
from tests.api.watch.conftest import WatchWorld
from tests.bench.world import NOW

HANDOFF = timedelta(days=4, hours=11, minutes=46)
"""From the world's first instant until Monday 08:00 in Denver, when Ben follows Ana."""


def begin(world: WatchWorld, after: timedelta = timedelta()) -> None:
    """Ben's duty has begun so long ago; a turn of the watchman."""
    world.clock.instant = NOW + HANDOFF + after
    world.test_shifts()


def test_whoevers_duty_begins_gets_a_test_and_nobody_else(world: WatchWorld) -> None:
    world.test_shifts()
    assert world.tests() == [], "Ana's duty began on Monday, and merely goes on"
    world.clock.instant = NOW + HANDOFF - timedelta(milliseconds=2)
    world.test_shifts()
    assert world.tests() == []
    begin(world)
    assert world.tests() == [("ben", "on_call", "")]
    assert world.sent("test") == [("ben", "push", "test")]
    for seconds in (20, 60, 119):
        begin(world, timedelta(seconds=seconds))
    assert len(world.sent("test")) == 1
    world.paging.work()
    assert world.paging.texts("ben") == [("test", "test")]


def test_whoever_stays_on_duty_for_ever_is_tested_once_a_week_by_day(bare: WatchWorld) -> None:
    bare.add("ana", "coordinator")
    bare.rule("ana")
    monday = NOW + HANDOFF + timedelta(hours=2)
    for week in range(2):
        bare.clock.instant = monday + timedelta(weeks=week, milliseconds=-2)
        bare.test_shifts()
        assert len(bare.tests()) == week
        for seconds in (0, 20, 590, 700):
            bare.clock.instant = monday + timedelta(weeks=week, seconds=seconds)
            bare.test_shifts()
        assert len(bare.tests()) == week + 1


def test_the_weekly_test_passes_over_whoever_had_one_that_week(world: WatchWorld) -> None:
    begin(world)
    begin(world, timedelta(hours=2))
    assert [name for name, _, _ in world.tests()] == ["ben"]


@pytest.mark.parametrize(("minutes", "tested"), [(9.99, True), (10.01, False)])
def test_a_duty_that_began_long_ago_is_not_tested(world: WatchWorld, minutes: float, tested: bool) -> None:
    begin(world, timedelta(minutes=minutes))
    assert bool(world.tests()) is tested


def test_who_stays_on_duty_by_another_rule_or_change_is_not_tested_again(world: WatchWorld) -> None:
    world.change("add", NOW, NOW + HANDOFF + timedelta(hours=8), to="ben")
    begin(world)
    assert world.tests() == []


def test_a_change_that_puts_somebody_on_duty_is_tested_too(world: WatchWorld) -> None:
    world.change("instead", NOW, NOW + timedelta(hours=2), of="ana", to="ben")
    world.test_shifts()
    assert world.tests() == [("ben", "on_call", "")]
    world.clock.forward(hours=2)
    world.test_shifts()
    assert [(name, level) for name, level, _ in world.tests()] == [("ana", "on_call"), ("ben", "on_call")]


def test_a_phone_that_shows_it_has_answered(world: WatchWorld) -> None:
    begin(world)
    world.see("ben")
    begin(world, timedelta(seconds=20))
    assert world.tests() == [("ben", "on_call", "seen")]
    begin(world, timedelta(minutes=5))
    assert world.sent("notice") == []


def test_silence_is_told_after_two_minutes_to_the_person_otherwise_and_to_the_lead(world: WatchWorld) -> None:
    world.add("lea", "supervisor")
    world.rule("lea", level="lead")
    world.contact("ben", "sms")
    begin(world)
    assert world.tests() == [("ben", "on_call", "")]
    begin(world, timedelta(seconds=119))
    assert world.sent("notice") == []
    begin(world, timedelta(seconds=120))
    assert world.tests() == [("ben", "on_call", "silent")]
    told = [("ben", "sms", "phone_silent"), ("lea", "push", "colleague_silent")]
    assert world.sent("notice") == told
    begin(world, timedelta(seconds=140))
    assert world.sent("notice") == told, "once"


def test_without_a_lead_the_supervisors_hear_of_it(world: WatchWorld) -> None:
    world.add("second", "supervisor")
    begin(world)
    begin(world, timedelta(minutes=2))
    assert world.sent("notice") == [("second", "push", "colleague_silent"), ("sol", "push", "colleague_silent")]


def test_a_lead_whose_own_phone_is_silent_is_not_the_one_to_be_told(world: WatchWorld) -> None:
    world.rule("ana", "ben", level="lead")
    begin(world)
    assert world.sent("test") == [("ben", "push", "test")], "one message serves both levels"
    begin(world, timedelta(minutes=2))
    assert world.tests() == [("ben", "lead", "silent"), ("ben", "on_call", "silent")]
    assert world.sent("notice") == [("sol", "push", "colleague_silent")]


def test_somebody_without_a_phone_is_told_at_once(bare: WatchWorld) -> None:
    bare.add("ana")
    bare.add("ben", phone=False)
    bare.add("sol", "supervisor")
    bare.contact("ben", "email")
    bare.rule("ana", "ben")
    begin(bare)
    assert bare.tests() == [("ben", "on_call", "no_phone")]
    assert bare.sent("test") == []
    assert bare.sent("notice") == [("ben", "email", "phone_silent"), ("sol", "push", "colleague_silent")]


def test_somebody_who_left_the_program_is_not_tested(world: WatchWorld) -> None:
    with world.database.write() as session:
        session.exec(update(User).where(col(User.id) == world.id("ben")).values(active=False))
    begin(world)
    assert world.tests() == []


def test_several_servers_send_one_test(world: WatchWorld) -> None:
    world.clock.instant = NOW + HANDOFF
    together = threading.Barrier(4)
    failed: list[BaseException] = []

    def serve() -> None:
        try:
            together.wait()
            shift_tests.run(world.database, world.now)
        except BaseException as error:
            failed.append(error)

    def all_at_once() -> None:
        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_at_once()
    assert len(world.sent("test")) == 1
    world.clock.forward(minutes=2)
    all_at_once()
    assert failed == []
    assert world.tests() == [("ben", "on_call", "silent")]
    assert len(world.sent("notice")) == 1


def test_looking_for_what_is_not_there_never_takes_the_write_turn(world: WatchWorld) -> None:
    with world.database.write():
        finished = threading.Thread(target=world.test_shifts)
        finished.start()
        finished.join(20)
        assert not finished.is_alive()
