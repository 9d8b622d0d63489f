"""A program is called 24/7 only when it is; whatever stands against it is said with what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.paging.channels.switchboard import available
from api.settings import Settings
from api.watch.around_the_clock import Standing, standing
from tests.api.watch.conftest import TELEPHONE, WatchWorld
from tests.bench.world import NOW, PROGRAM

HOURS = [{"weekday": day, "start": "08:00", "end": "17:00"} for day in range(5)]
WAITS = {"name": "street", "officer_waiting": False, "steps": [{"who": "on_call"}], "after_hours": "next_morning"}
REST = {"name": "rest", "steps": [{"who": "on_call"}]}
PAGER = {"name": "pager", "steps": [{"who": "on_call", "channels": ["webhook", "push"]}]}


def judged(world: WatchWorld, settings: Settings = TELEPHONE) -> Standing:
    with world.database.read() as session:
        return standing(session, PROGRAM, available(settings), world.now)


@pytest.fixture
def ready(world: WatchWorld) -> WatchWorld:
    """Both who are on call have a phone and a number that was proven."""
    world.contact("ana", "sms")
    world.contact("ben", "voice")
    return world


def test_a_rota_without_gaps_of_people_with_two_ways_is_24_7(ready: WatchWorld) -> None:
    assert judged(ready) == Standing("24/7", ())


def test_a_gap_within_the_week_is_named_in_the_programs_own_time(ready: WatchWorld) -> None:
    ready.change("instead", NOW + timedelta(days=6), NOW + timedelta(days=6, hours=2), of="ben")
    [reason] = judged(ready).reasons
    assert "from Tue 05 May 20:14 to Tue 05 May 22:14" in reason
    ready.change("only", NOW + timedelta(days=6), NOW + timedelta(days=7), to="ana")
    assert judged(ready).sound


def test_a_gap_after_the_week_does_not_count_yet(ready: WatchWorld) -> None:
    ready.change("instead", NOW + timedelta(days=7), NOW + timedelta(days=8), of="ben")
    assert judged(ready).sound


def test_everybody_on_the_rota_needs_a_phone_and_a_second_proven_channel(world: WatchWorld) -> None:
    world.contact("ana", "sms", proven=False)
    world.contact("ben", "email")
    reasons = judged(world).reasons
    assert [reason.split(":")[0] for reason in reasons] == [
        f"{name} has no second channel that this server can send by" for name in ("ana", "ben")
    ]


def test_a_channel_that_the_server_cannot_send_is_no_second_one(ready: WatchWorld) -> None:
    assert len(judged(ready, Settings()).reasons) == 2


def test_somebody_without_the_app_is_named(bare: WatchWorld) -> None:
    bare.add("ana", phone=False)
    bare.contact("ana", "sms")
    bare.rule("ana")
    assert [reason.split(":")[0] for reason in judged(bare).reasons] == ["ana has no phone with the app"]


def test_without_a_rota_all_coordinators_are_looked_at(bare: WatchWorld) -> None:
    bare.add("ana")
    bare.add("cas", "case_manager")
    bare.add("sol", "supervisor")
    bare.contact("ana", "sms")
    assert [reason.split()[0] for reason in judged(bare).reasons] == ["cas"]
    bare.contact("cas", "voice")
    assert judged(bare) == Standing("24/7", ())


def test_a_program_without_anybody_is_not_24_7(bare: WatchWorld) -> None:
    assert judged(bare).reasons == ("nobody is called at all: give somebody a role, or a place on the rota",)


@pytest.mark.parametrize(("state", "sound"), [("sent", True), ("dead", False), ("pending", False), (None, False)])
def test_a_pager_of_its_own_counts_once_it_took_its_last_message(
    bare: WatchWorld, state: str | None, sound: bool
) -> None:
    bare.configure(webhook_url="https://pager.example/x", policies=[PAGER])
    bare.deliver("sent", due=-timedelta(days=2), channel="webhook", target_id="webhook", attempts=1, program_id="other")
    if state is not None:
        before = "dead" if sound else "sent"
        bare.deliver(before, due=-timedelta(hours=2), channel="webhook", target_id="webhook", attempts=1)
        bare.deliver(state, due=-timedelta(hours=1), channel="webhook", target_id="webhook", attempts=1)
    assert judged(bare).sound is sound


def test_a_program_that_closes_at_night_is_described_as_such(ready: WatchWorld) -> None:
    ready.configure(policies=[REST | {"after_hours": "next_morning"}], service_hours=HOURS)
    assert judged(ready) == Standing("closed nights: outside the service hours pages wait until morning", ())
    ready.configure(policies=[WAITS, REST], service_hours=HOURS)
    assert judged(ready).says == "closed nights: outside the service hours pages of street wait until morning"


def test_a_program_that_closes_at_night_needs_nobody_then_but_by_day(ready: WatchWorld) -> None:
    ready.configure(policies=[REST | {"after_hours": "next_morning"}], service_hours=HOURS)
    ready.change("instead", NOW, NOW + timedelta(hours=11, minutes=46), of="ana")
    assert judged(ready).sound
    ready.change("instead", NOW + timedelta(hours=12), NOW + timedelta(hours=13), of="ana")
    assert not judged(ready).sound
