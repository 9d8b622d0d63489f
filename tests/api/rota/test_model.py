"""A rota that cannot be resolved cannot be constructed, and the error says what to do."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from api.rota.model import (
    MAX_CHANGES,
    MAX_PEOPLE_PER_RULE,
    MAX_RULES_PER_LEVEL,
    MAX_TURNS,
    Change,
    Rota,
    Turn,
    WeeklyRule,
)
from tests.api.rota.rotas import change, every_day, rule, utc

RULE = """{"id": "r1", "level": "deputy", "zone": "Australia/Lord_Howe", "people": ["A", "B"], "advance": "week",
    "turns": [{"weekday": 0, "start": "08:00", "end": "08:00", "days": 7}], "first_week": "2026-01-05", "ends": null}"""
CHANGE: dict[str, Any] = {
    "id": "c1", "place": 3, "level": "on_call", "kind": "instead", "user_id": "A", "to_user_id": "B",
    "start": "2026-01-05T08:00:00-07:00", "end": "2026-01-05T18:00:00Z",
}  # fmt: skip


def test_a_rule_comes_out_of_json_as_it_went_in() -> None:
    read = WeeklyRule.model_validate_json(RULE)
    assert read.turns == (Turn(weekday=0, start="08:00", end="08:00", days=7),)
    assert read.first_week == date(2026, 1, 5)
    assert WeeklyRule.model_validate(read.model_dump(mode="json")) == read


def test_turns_stand_in_the_order_in_which_they_begin() -> None:
    turns = every_day("20:00", "08:00") + every_day("08:00", "20:00", days=0)
    begin = [turn.start_minute for turn in rule(turns=turns).turns]
    assert begin == sorted(begin)
    assert len(begin) == 14


@pytest.mark.parametrize(
    ("turn", "word"),
    [
        ({"weekday": 0, "start": "08:00", "end": "08:00", "days": 0}, "later end"),
        ({"weekday": 0, "start": "20:00", "end": "08:00", "days": 0}, "more days"),
        ({"weekday": 0, "start": "08:00", "end": "08:01", "days": 7}, "7 days at most"),
        ({"weekday": 0, "start": "08:00", "end": "08:00", "days": 8}, "less than or equal to 7"),
        ({"weekday": 7, "start": "08:00", "end": "09:00", "days": 0}, "less than or equal to 6"),
        ({"weekday": True, "start": "08:00", "end": "09:00", "days": 0}, "valid integer"),
        ({"weekday": 0, "start": "8:00", "end": "09:00", "days": 0}, "match pattern"),
        ({"weekday": 0, "start": "08:00\n", "end": "09:00", "days": 0}, "match pattern"),
        ({"weekday": 0, "start": "08:00", "end": "24:00", "days": 0}, "match pattern"),
        ({"weekday": 0, "start": "08:00", "end": "09:60", "days": 0}, "match pattern"),
        ({"weekday": 0, "start": "08:00", "end": "09:00", "days": 0, "who": "A"}, "Extra inputs"),
    ],
)
def test_a_turn_that_cannot_be_is_refused(turn: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Turn.model_validate(turn)


def test_a_turn_lasts_a_minute_or_seven_days() -> None:
    assert Turn(weekday=6, start="23:59", end="00:00", days=1).end_minute == 7 * 24 * 60
    assert Turn(weekday=6, start="23:59", end="23:59", days=7).end_minute == 14 * 24 * 60 - 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"zone": "Mars/Olympus"}, "America/Denver"),
        ({"zone": "America"}, "America/Denver"),
        ({"zone": "../etc/passwd"}, "America/Denver"),
        ({"zone": ""}, "at least 1 character"),
        ({"people": ()}, "at least 1 item"),
        ({"people": ("A",) * (MAX_PEOPLE_PER_RULE + 1)}, f"at most {MAX_PEOPLE_PER_RULE}"),
        ({"people": ("",)}, "at least 1 character"),
        ({"turns": [Turn(weekday=0, start="08:00", end="09:00", days=0)] * (MAX_TURNS + 1)}, f"at most {MAX_TURNS}"),
        ({"turns": []}, "at least 1 item"),
        ({"level": "boss"}, "'on_call', 'deputy' or 'lead'"),
        ({"advance": "day"}, "'turn' or 'week'"),
        ({"first_week": "2026-01-06"}, "give a Monday; that week's is 2026-01-05"),
        ({"first_week": 1767571200}, "YYYY-MM-DD"),
        ({"first_week": "2026-01-05T00:00:00"}, "YYYY-MM-DD"),
        ({"first_week": datetime(2026, 1, 5, tzinfo=UTC)}, "YYYY-MM-DD"),
        ({"first_week": "1999-12-27"}, r"datetime.date\(2000, 1, 1\)"),
        ({"first_week": "2200-01-06"}, r"datetime.date\(2199, 12, 31\)"),
        ({"ends": date(2023, 1, 2)}, "later Monday"),
        ({"ends": date(2023, 1, 10)}, "give a Monday"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(changed: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        rule(**changed)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"end": "2026-01-05T15:00:00Z"}, "later end"),
        ({"end": "2026-01-05T18:00:00"}, "timezone"),
        ({"user_id": None}, "who goes"),
        ({"to_user_id": "A"}, "another person"),
        ({"to_user_id": None, "swap_id": "s"}, "the other one"),
        ({"kind": "add"}, "leave user_id and swap_id out"),
        ({"kind": "only"}, "leave user_id and swap_id out"),
        ({"kind": "add", "user_id": None, "to_user_id": None}, "who comes"),
        ({"kind": "only", "user_id": None, "swap_id": "s"}, "leave user_id and swap_id out"),
        ({"kind": "perhaps"}, "'add', 'instead' or 'only'"),
        ({"place": -1}, "greater than or equal to 0"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(changed: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Change.model_validate(CHANGE | changed)


def test_a_change_tells_its_instants_in_utc() -> None:
    read = Change.model_validate(CHANGE)
    assert (read.start, read.start.tzinfo) == (utc("2026-01-05 15:00"), UTC)
    assert Change.model_validate(CHANGE | {"to_user_id": None}).to_user_id is None
    assert Change.model_validate_json(read.model_dump_json()) == read


def test_a_rota_has_a_bound_for_each_level_and_for_changes() -> None:
    many = [rule(id=f"r{i}", level=level) for level in ("on_call", "deputy") for i in range(MAX_RULES_PER_LEVEL)]
    assert len(Rota(rules=tuple(many)).rules) == 2 * MAX_RULES_PER_LEVEL
    with pytest.raises(ValidationError, match="20 rules at most: end or join some of 'deputy'"):
        Rota(rules=(*many, rule(id="more", level="deputy")))
    one = change("add", None, "A", utc("2026-01-05 08:00"), utc("2026-01-05 09:00"))
    with pytest.raises(ValidationError, match=f"at most {MAX_CHANGES}"):
        Rota(changes=(one,) * (MAX_CHANGES + 1))
