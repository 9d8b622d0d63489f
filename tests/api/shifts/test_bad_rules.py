"""What no rule and no body may say: refused by the edge, so that no database ever sees it."""

from __future__ import annotations

from typing import Any

import pytest

from api.rota.model import MAX_PEOPLE_PER_RULE, MAX_RULES_PER_LEVEL, MAX_TURNS
from tests.api.shifts.conftest import WEEK, World


@pytest.fixture
def database_kind() -> str:
    """The edge is the same before both."""
    return "sqlite"


def _bad_terms() -> list[Any]:
    nobody = "0de00000-0000-4000-8000-00000000dead"
    return [
        {"level": "lead"}, {"level": "boss"}, {"level": None}, {"zone": "Mars/Base"}, {"zone": ""}, {"zone": "America"},
        {"zone": 5},
        {"turns": []}, {"turns": [WEEK] * (MAX_TURNS + 1)},
        {"turns": [WEEK | {"weekday": 7}]}, {"turns": [WEEK | {"weekday": -1}]},
        {"turns": [WEEK | {"weekday": "0"}]}, {"turns": [WEEK | {"days": 8}]}, {"turns": [WEEK | {"days": 0}]},
        {"turns": [WEEK | {"start": "24:00"}]}, {"turns": [WEEK | {"start": "8:00"}]}, {"turns": [WEEK | {"end": "08:60"}]},
        {"turns": [WEEK | {"end": "08:01"}]}, {"turns": [{}]}, {"turns": [None]}, {"turns": [WEEK | {"mood": 1}]},
        {"people": []}, {"people": [nobody] * (MAX_PEOPLE_PER_RULE + 1)}, {"people": [""]}, {"people": [5]}, {"people": "x"},
        {"people": ["x" * 65]}, {"advance": "day"}, {"first_week": "2026-04-28"}, {"first_week": "1999-12-27"},
        {"first_week": "2200-01-06"}, {"first_week": 5}, {"first_week": "soon"}, {"ends": "2026-04-27"}, {"ends": "2026-04-20"},
        {"id": "x"}, {"mood": 1},
    ]  # fmt: skip


def test_what_no_rule_may_say_is_refused(world: World) -> None:
    wrong = []
    for change in _bad_terms():
        answer = world.save(world.terms("coordinator") | change)
        if answer.status_code != 422:
            wrong.append((change, answer.status_code))
    assert not wrong


def test_what_no_body_may_say_is_refused(world: World) -> None:
    version, good = world.rota()["version"], world.terms("coordinator")
    bodies: list[Any] = [
        {}, [], None, {"version": version}, {"rules": []}, {"version": "x", "rules": []}, {"version": 5, "rules": []},
        {"version": version, "rules": [good] * (MAX_RULES_PER_LEVEL + 1)}, {"version": version, "rules": {}},
        {"version": version, "rules": [], "mood": 1}, {"version": version.upper() + "\u0000", "rules": []},
    ]  # fmt: skip
    for body in bodies:
        assert world.client("supervisor").put("/api/rota/levels/on_call", json=body).status_code == 422, body
    assert (
        world.client("supervisor").put("/api/rota/levels/boss", json={"version": version, "rules": []}).status_code
        == 422
    )
    people = [world.id("coordinator")] * MAX_PEOPLE_PER_RULE
    full = world.terms(people=people, turns=[WEEK] * MAX_TURNS)
    assert world.save(*[full] * MAX_RULES_PER_LEVEL).status_code == 200
