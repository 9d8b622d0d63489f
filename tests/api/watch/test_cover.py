"""Where a step would reach nobody: hours in which nobody is called need nobody; everything else is needed by its own channels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.rota.hours import open_between
from api.rota.model import Change, Level, Rota, WeeklyRule
from api.rota.practice import Practice
from api.watch.cover import empty_steps

START = datetime(2026, 5, 4, 6, tzinfo=UTC)
"""Monday, midnight in Denver."""
HOURS = [{"weekday": day, "start": "08:00", "end": "17:00"} for day in range(5)]
DAYTIME = {"weekday": 0, "start": "09:00", "end": "16:00", "days": 0}
ALWAYS = {"weekday": 0, "start": "00:00", "end": "00:00", "days": 7}
REACHED = {"ana": frozenset({"push", "sms"}), "ben": frozenset({"email"})}


def rule(*people: str, level: Level = "on_call", turn: dict[str, object] = ALWAYS) -> WeeklyRule:
    return WeeklyRule.model_validate(
        {
            "id": f"{level}{people}", "level": level, "zone": "America/Denver", "turns": [turn], "people": people,
            "advance": "week", "first_week": "2026-05-04",
        }
    )  # fmt: skip


def practice(*steps: dict[str, object], **more: object) -> Practice:
    policy = {"name": "only", "steps": steps or [{"who": "on_call"}], **more}
    return Practice.model_validate({"time_zone": "America/Denver", "policies": [policy], "service_hours": HOURS})


def empty(practice: Practice, *rules: WeeklyRule, changes: tuple[Change, ...] = ()) -> list[tuple[str, float, float]]:
    """(level, hour, hour) of each empty stretch of that Monday."""
    rota = Rota(rules=rules, changes=changes)
    found = empty_steps(rota, practice, REACHED, START, START + timedelta(days=1))
    return [(each.level, _hour(each.start), _hour(each.end)) for each in found]


def _hour(instant: datetime) -> float:
    return (instant - START).total_seconds() / 3600


def test_somebody_in_reach_all_day_is_no_gap() -> None:
    assert empty(practice(), rule("ana")) == []


def test_hours_without_anybody_are_gaps_unless_the_service_is_closed_and_pages_wait() -> None:
    assert empty(practice(), rule("ana", turn=DAYTIME)) == [("on_call", 0, 9), ("on_call", 16, 24)]
    assert empty(practice(after_hours="next_morning"), rule("ana", turn=DAYTIME)) == [
        ("on_call", 8, 9), ("on_call", 16, 17),
    ]  # fmt: skip


@pytest.mark.parametrize(("channels", "gap"), [(["sms"], False), (["voice"], True), (["voice", "push"], False)])
def test_one_of_the_steps_own_channels_has_to_reach_somebody(channels: list[str], gap: bool) -> None:
    assert bool(empty(practice({"who": "on_call", "channels": channels}), rule("ana"))) is gap


def test_one_of_several_on_duty_is_enough() -> None:
    one_step = practice({"who": "on_call", "channels": ["email"]})
    assert empty(one_step, rule("ana"), rule("ben")) == []
    assert empty(one_step, rule("ana")) == [("on_call", 0, 24)]


def test_every_step_counts_and_gaps_of_one_level_are_joined() -> None:
    steps = practice(
        {"who": "on_call", "channels": ["push"]}, {"who": "on_call", "channels": ["voice"]}, {"who": "lead"}
    )
    assert empty(steps, rule("ana", turn=DAYTIME), rule("ana", level="lead")) == [("on_call", 0, 24)]
    assert empty(steps, rule("ana")) == [("on_call", 0, 24), ("lead", 0, 24)]


def test_everybody_is_called_where_there_is_no_rota_but_alone_whom_a_change_names() -> None:
    assert empty(practice()) == []
    added = Change.model_validate(
        {
            "id": "c", "place": 1, "level": "on_call", "kind": "add", "to_user_id": "nobody",
            "start": START + timedelta(hours=2), "end": START + timedelta(hours=3),
        }
    )  # fmt: skip
    assert empty(practice(), changes=(added,)) == [("on_call", 2, 3)]


def test_open_hours_are_cut_to_what_is_asked_and_joined() -> None:
    windows = practice().service_hours
    start = START + timedelta(hours=9)
    assert open_between(windows, "America/Denver", start, start + timedelta(hours=24)) == [
        (start, START + timedelta(hours=17)), (START + timedelta(hours=32), start + timedelta(hours=24)),
    ]  # fmt: skip
    assert open_between((), "America/Denver", start, start + timedelta(hours=1)) == [
        (start, start + timedelta(hours=1))
    ]
    assert open_between(windows, "America/Denver", START, START + timedelta(hours=8)) == []
