"""Both sides of every limit of a wish, and everything that must not stand in one."""

from __future__ import annotations

from typing import Any

import pytest

from api.shifts import changes
from tests.api.shifts.conftest import EVENING, NEXT_WEEK, World


@pytest.mark.parametrize("login", ["other_coordinator", "officer", "administrator"])
def test_nobody_without_a_role_on_this_rota_is_put_on_duty(world: World, login: str) -> None:
    for answer in (
        world.wish("coordinator", "cover", to=login, **EVENING),
        world.wish("coordinator", "hand_over", to=login),
        world.wish("supervisor", "add", user=login, **EVENING),
        world.wish("supervisor", "only", user=login, **EVENING),
        world.wish("supervisor", "swap", user="coordinator", to=login, **EVENING, **NEXT_WEEK),
    ):
        assert answer.status_code == 404, answer.text
    assert world.changes() == []


def test_two_hundred_changes_are_open_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "OPEN_LIMIT", 2)
    for to in ("coordinator2", "case_manager"):
        last = world.wished("coordinator", "cover", "proposed", to=to, **EVENING)
    assert world.wish("coordinator", "cover", to="coordinator2", **EVENING).status_code == 409
    assert world.settle("coordinator", last, "withdraw").status_code == 200
    assert world.wish("coordinator", "cover", to="coordinator2", **EVENING).status_code == 201
    world.wait(days=2)
    assert world.wish("coordinator", "hand_over", to="coordinator2").status_code == 201


START = "2026-05-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"end": "2026-05-01T00:01:00Z", "start": START}, 201),
        ({"end": "2026-05-01T00:00:59Z", "start": START}, 422),
        ({"end": "2026-05-31T02:14:00Z"}, 201),
        ({"end": "2026-05-31T02:14:01Z"}, 422),
        ({"end": "2027-05-01T02:14:00Z", "start": "2027-05-01T00:00:00Z"}, 201),
        ({"end": "2027-05-01T02:14:01Z", "start": "2027-05-01T00:00:00Z"}, 422),
        ({"end": "2026-04-30T02:15:00Z"}, 201),
        ({"end": "2026-04-30T02:14:59Z"}, 422),
        ({"end": "2026-04-29T00:00:00Z", "start": "2026-04-28T00:00:00Z"}, 422),
        ({"end": START, "start": START}, 422),
        ({"end": START, "start": "2026-05-01T00:00:01Z"}, 422),
        ({}, 422),
        ({"end": None}, 422),
        ({"end": 1_800_000_000}, 422),
        ({"end": "0001-01-01T00:00:00+23:59"}, 422),
        ({"end": "9999-12-31T23:59:59-23:59"}, 422),
        ({"end": "2026-05-02T00:00:00"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "with_start": START}, 422),
        ({"end": "2026-05-02T00:00:00Z", "to_user_id": "0de00000-0000-4000-8000-00000000dead"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "user_id": "x"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "user_id": "\u0000"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "user_id": None}, 422),
        ({"end": "2026-05-02T00:00:00Z", "level": "boss"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "kind": "party"}, 422),
        ({"end": "2026-05-02T00:00:00Z", "mood": 1}, 422),
    ],
)
def test_both_sides_of_every_limit(world: World, body: dict[str, Any], status: int) -> None:
    whole = {"kind": "add", "level": "on_call", "user_id": world.id("case_manager")} | body
    assert world.client("supervisor").post("/api/rota/changes", json=whole).status_code == status


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("cover", {"end": EVENING["end"]}), ("cover", {"to": "coordinator2"}), ("hand_over", {}),
        ("hand_over", {"to": "coordinator2", "end": EVENING["end"]}), ("cover", {"to": "coordinator", **EVENING}),
        ("swap", {"to": "coordinator2", **EVENING}), ("swap", {"to": "coordinator2", **NEXT_WEEK}),
        ("swap", {"to": "coordinator2", **EVENING, **NEXT_WEEK, "with_end": NEXT_WEEK["with_start"]}),
        ("cover", {"to": "coordinator2", **EVENING, "with_end": NEXT_WEEK["with_end"]}),
    ],
)  # fmt: skip
def test_a_wish_says_what_its_kind_needs_and_nothing_else(world: World, kind: str, more: dict[str, Any]) -> None:
    assert world.wish("coordinator", kind, **more).status_code == 422


def test_a_month_of_nights_is_covered_at_once_and_the_days_stay(bare: World) -> None:
    nights = [{"weekday": day, "start": "20:00", "end": "08:00", "days": 1} for day in range(7)]
    days = [{"weekday": day, "start": "08:00", "end": "20:00", "days": 0} for day in range(7)]
    bare.save(bare.terms("coordinator", turns=nights), bare.terms("coordinator2", turns=days))
    bare.wished("coordinator", "cover", "proposed", to="case_manager", end="2026-05-03T00:00:00Z")
    asked = bare.rota()["changes"][0]
    assert (asked["start"], asked["end"]) == ("2026-04-30T02:14:00.000Z", "2026-05-02T14:00:00.000Z")
    assert bare.settle("case_manager", asked["id"], "accept").status_code == 200
    assert [login for login, _, _ in bare.duty()][:6] == ["case_manager", "coordinator2"] * 3
