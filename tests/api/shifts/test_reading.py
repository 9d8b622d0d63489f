"""The document that every screen is drawn from: who is on duty, what is missing, what is asked, and whom one may ask."""

from __future__ import annotations

import pytest
from sqlmodel import select

from api.tables.paging import ContactPoint, PushSubscription
from api.tables.people import Membership, User
from tests.api.conftest import OTHER_PROGRAM, PROGRAM
from tests.api.shifts.conftest import HANDOFF, NOW, World


def test_two_weeks_from_now_are_shown_in_the_programs_zone(world: World) -> None:
    rota = world.rota("coordinator")
    assert (rota["zone"], rota["server_time"]) == ("America/Denver", NOW)
    assert [level["level"] for level in rota["levels"]] == ["on_call", "deputy", "lead"]
    first, second, third = rota["levels"][0]["spans"]
    rule = world.rules()[0].id
    assert first == {
        "user_id": world.id("coordinator"), "name": "Coordinator Example", "start": NOW, "end": HANDOFF, "why": "rule",
        "source_id": rule, "absent": False,
    }  # fmt: skip
    assert (second["name"], second["start"], second["end"]) == (
        "Coordinator2 Example",
        HANDOFF,
        "2026-05-11T14:00:00.000Z",
    )
    assert (third["user_id"], third["end"]) == (world.id("coordinator"), "2026-05-14T02:14:00.000Z")
    assert rota["levels"][0]["rules"] == [world.terms("coordinator", "coordinator2") | {"id": rule}]
    assert rota["levels"][0]["gaps"] == rota["levels"][0]["overlaps"] == []


def test_a_level_without_a_rule_has_no_gap(bare: World) -> None:
    for level in bare.rota()["levels"]:
        assert level["spans"] == level["gaps"] == level["overlaps"] == level["rules"] == []


def test_hours_that_no_turn_covers_are_gaps_and_double_ones_overlaps(bare: World) -> None:
    nights = {"weekday": 3, "start": "20:00", "end": "08:00", "days": 1}
    days = {"weekday": 4, "start": "06:00", "end": "18:00", "days": 0}
    answer = bare.save(bare.terms("coordinator", turns=[nights]), bare.terms("case_manager", turns=[days]))
    level = bare.rota(**{"from": "2026-05-01T00:00:00Z", "to": "2026-05-02T06:00:00Z"})["levels"][0]
    assert answer.json()["levels"][0]["gaps"][0]["start"] == NOW
    assert level["gaps"] == [
        {"start": "2026-05-01T00:00:00.000Z", "end": "2026-05-01T02:00:00.000Z"},
        {"start": "2026-05-02T00:00:00.000Z", "end": "2026-05-02T06:00:00.000Z"},
    ]
    both = sorted([bare.id("coordinator"), bare.id("case_manager")])
    assert level["overlaps"] == [
        {"start": "2026-05-01T12:00:00.000Z", "end": "2026-05-01T14:00:00.000Z", "user_ids": both}
    ]


@pytest.mark.parametrize("how", ["account closed", "role ended"])
def test_somebody_who_has_left_is_absent_and_leaves_a_gap(world: World, how: str) -> None:
    with world.database.write() as session:
        if how == "account closed":
            person = session.get(User, world.id("coordinator"))
            assert person is not None
            person.active = False
        else:
            for membership in session.exec(select(Membership).where(Membership.user_id == world.id("coordinator"))):
                membership.until_at = world.clock.now()
    rota = world.rota()
    level = rota["levels"][0]
    assert [(span["name"], span["absent"]) for span in level["spans"]] == [
        ("Coordinator Example", True), ("Coordinator2 Example", False), ("Coordinator Example", True),
    ]  # fmt: skip
    assert level["gaps"][0] == {"start": NOW, "end": HANDOFF}
    assert len(level["gaps"]) == 2
    assert world.id("coordinator") not in [person["id"] for person in rota["people"]]


def test_the_people_who_may_be_put_on_duty_are_named_with_whether_a_page_reaches_them(world: World) -> None:
    now = world.clock.now()
    with world.database.write() as session:
        for login, disabled in (("coordinator", None), ("coordinator2", now)):
            session.add(
                PushSubscription(
                    id=f"{login}-phone", user_id=world.id(login), program_id=PROGRAM, device_id="x", endpoint=login,
                    p256dh="", auth="", created_at=now, seen_at=now, disabled_at=disabled,
                )
            )  # fmt: skip
        for login, verified, disabled in (
            ("case_manager", now, None),
            ("supervisor", None, None),
            ("coordinator2", now, now),
        ):
            session.add(
                ContactPoint(
                    id=f"{login}-mail", user_id=world.id(login), channel="email", address=login, created_at=now,
                    verified_at=verified, disabled_at=disabled,
                )
            )  # fmt: skip
    people = {person["id"]: person for person in world.rota("case_manager")["people"]}
    assert {world.id(login): True for login in ("coordinator", "case_manager")} | {
        world.id(login): False for login in ("coordinator2", "supervisor")
    } == {user_id: person["reachable"] for user_id, person in people.items()}
    assert people[world.id("case_manager")] | {"id": ""} == {
        "id": "", "name": "Case_Manager Example", "role": "case_manager", "callback": "303-555-0111", "reachable": True,
    }  # fmt: skip


def test_what_is_asked_is_shown_to_all_until_it_is_over_and_what_stands_where_it_touches(world: World) -> None:
    times = {"start": "2026-05-01T00:00:00Z", "end": "2026-05-01T04:00:00Z"}
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **times)
    stands = world.wished("supervisor", "add", "accepted", user="case_manager", **times)
    shown = {change["id"]: change for change in world.rota("case_manager")["changes"]}
    assert shown[asked] == {
        "id": asked, "level": "on_call", "kind": "instead", "user_id": world.id("coordinator"),
        "to_user_id": world.id("coordinator2"), "start": "2026-05-01T00:00:00.000Z", "end": "2026-05-01T04:00:00.000Z",
        "swap_id": None, "state": "proposed", "asked_of": world.id("coordinator2"), "made_by": world.id("coordinator"),
        "made_at": NOW,
    }  # fmt: skip
    assert (shown[stands]["state"], shown[stands]["asked_of"]) == ("accepted", None)
    later = {"from": "2026-05-01T04:00:00Z", "to": "2026-05-02T04:00:00Z"}
    assert [change["id"] for change in world.rota(**later)["changes"]] == [asked]
    world.wait(days=2)
    earlier = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-02T04:00:00Z"}
    assert [change["id"] for change in world.rota(**earlier)["changes"]] == [stands]


def test_another_programs_rota_is_another(world: World) -> None:
    theirs = world.rota("other_supervisor")
    assert all(level["spans"] == level["rules"] == [] for level in theirs["levels"])
    assert {person["id"] for person in theirs["people"]} == {
        world.id("other_coordinator"),
        world.id("other_supervisor"),
    }
    answer = world.save(world.terms("other_coordinator"), by="other_supervisor")
    assert answer.status_code == 200
    assert {span["user_id"] for span in answer.json()["levels"][0]["spans"]} == {world.id("other_coordinator")}
    assert world.now_on_call() == ["coordinator"]
    assert world.now_on_call(program_id=OTHER_PROGRAM) == ["other_coordinator"]


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-04-30T02:14:00Z", "2026-07-01T02:14:00Z", 200),
        ("2026-04-30T02:14:00Z", "2026-07-01T02:14:01Z", 422),
        ("2026-04-30T02:14:00Z", "2026-04-30T02:14:00Z", 422),
        ("2026-04-30T02:14:01Z", "2026-04-30T02:14:00Z", 422),
        ("2025-04-29T02:14:00Z", "2025-04-30T02:14:00Z", 200),
        ("2025-04-29T02:13:59Z", "2025-04-30T02:14:00Z", 422),
        ("2027-04-30T02:14:00Z", "2027-05-01T02:14:00Z", 200),
        ("2027-04-30T02:14:00Z", "2027-05-01T02:14:01Z", 422),
        ("2026-04-30T02:14:00-06:00", "2026-05-01T02:14:00Z", 200),
        ("2026-04-30T02:14:00", "2026-05-01T02:14:00Z", 422),
        ("2026-04-30", "2026-05-01", 422),
        ("1777000000", "1777000001", 422),
        ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 422),
        ("", "", 422),
        ("\u0662\u0660\u0662\u0666-04-30T02:14:00Z", "2026-05-01T02:14:00Z", 422),
        ("2026-02-30T02:14:00Z", "2026-05-01T02:14:00Z", 422),
    ],
)
def test_the_stretch_that_may_be_asked_for(bare: World, start: str, end: str, status: int) -> None:
    assert bare.client("coordinator").get("/api/rota", params={"from": start, "to": end}).status_code == status


def test_the_days_of_a_clock_change_have_no_gap(world: World) -> None:
    world.wait(days=180)  # 27 October: the clock goes back on 1 November
    level = world.rota()["levels"][0]
    assert level["gaps"] == []
    ends = [span["end"] for span in level["spans"]]
    assert "2026-11-02T15:00:00.000Z" in ends
