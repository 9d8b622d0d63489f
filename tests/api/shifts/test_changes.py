"""Covers, hand-overs, swaps and a supervisor's word: who may, when it counts, what holds meanwhile, who is told."""

from __future__ import annotations

import pytest
from sqlmodel import select

from api.shifts import changes
from api.tables.people import User
from tests.api.conftest import PROGRAM
from tests.api.shifts.conftest import COVERED, EVENING, FIRST_DAYS, NEXT_WEEK, UNCHANGED, World


class TestCover:
    def test_it_holds_once_the_person_who_was_asked_agrees(self, world: World) -> None:
        asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
        assert world.notices == [(PROGRAM, "coordinator2", "cover_asked")]
        assert world.duty(**FIRST_DAYS) == UNCHANGED
        answer = world.settle("coordinator2", asked, "accept")
        assert (answer.status_code, answer.json()) == (200, {"ids": [asked], "state": "accepted"})
        assert world.duty(**FIRST_DAYS) == COVERED
        assert world.notices[1:] == [(PROGRAM, "coordinator", "rota_changed")]
        assert world.audited()[1:] == [
            ("rota.change", world.id("coordinator"), asked), ("rota.accept", world.id("coordinator2"), asked),
        ]  # fmt: skip

    def test_a_second_tap_says_the_same_and_tells_nobody(self, world: World) -> None:
        for how, state in (("accept", "accepted"), ("decline", "declined")):
            times = EVENING if how == "accept" else {"start": "2026-05-02T00:00:00Z", "end": "2026-05-02T04:00:00Z"}
            asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **times)
            first = world.settle("coordinator2", asked, how)
            before = (world.audited(), list(world.notices))
            second = world.settle("coordinator2", asked, how)
            assert (first.json(), second.status_code) == (second.json(), 200)
            assert (second.json()["state"], (world.audited(), world.notices)) == (state, before)

    @pytest.mark.parametrize(("by", "user"), [("coordinator2", "coordinator"), ("supervisor", "coordinator")])
    def test_who_comes_and_a_supervisor_need_nobodys_word(self, world: World, by: str, user: str) -> None:
        world.wished(by, "cover", "accepted", user=user, to="coordinator2", **EVENING)
        assert world.duty(**FIRST_DAYS) == COVERED
        told = {login for _, login, text in world.notices if text == "rota_changed"}
        assert told == {"coordinator", "coordinator2"} - {by}

    def test_a_coordinator_gives_nobody_elses_duty_to_a_third(self, world: World) -> None:
        answer = world.wish("case_manager", "cover", user="coordinator", to="coordinator2", **EVENING)
        assert answer.status_code == 403
        assert world.changes() == []

    def test_it_reaches_only_as_far_as_the_duty(self, world: World) -> None:
        world.wished(
            "coordinator",
            "cover",
            "proposed",
            to="coordinator2",
            start="2026-05-04T12:00:00Z",
            end="2026-05-05T00:00:00Z",
        )
        change = world.rota()["changes"][0]
        assert (change["start"], change["end"]) == ("2026-05-04T12:00:00.000Z", "2026-05-04T14:00:00.000Z")

    def test_what_is_not_ones_duty_cannot_be_given(self, world: World) -> None:
        answer = world.wish("coordinator2", "cover", to="case_manager", **EVENING)
        assert (answer.status_code, answer.json()["detail"]) == (409, changes.NOT_THEIRS)

    def test_time_that_has_passed_is_not_given(self, world: World) -> None:
        asked = world.wished(
            "coordinator", "cover", "proposed", to="coordinator2", start="2026-04-01T00:00:00Z", end=EVENING["end"]
        )
        assert world.rota()["changes"][0]["start"] == "2026-04-30T02:14:00.000Z"
        world.wait(hours=2)
        assert world.settle("coordinator2", asked, "accept").status_code == 200
        whole = {"from": "2026-04-30T00:00:00Z", "to": "2026-05-01T12:00:00Z"}
        assert world.duty(**whole) == [
            ("coordinator", "04-30T00:00", "04-30T04:14"), ("coordinator2", "04-30T04:14", "05-01T04:00"),
            ("coordinator", "05-01T04:00", "05-01T12:00"),
        ]  # fmt: skip

    def test_an_answer_after_the_end_comes_too_late(self, world: World) -> None:
        asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", end="2026-04-30T03:00:00Z")
        world.wait(minutes=46)
        answer = world.settle("coordinator2", asked, "accept")
        assert (answer.status_code, answer.json()["detail"]) == (409, changes.OVER)
        assert world.rota()["changes"] == []

    def test_somebody_who_has_left_can_be_replaced_and_cannot_come(self, world: World) -> None:
        asked = world.wished("coordinator", "cover", "proposed", to="case_manager", **EVENING)
        with world.database.write() as session:
            for login in ("coordinator", "case_manager"):
                session.exec(select(User).where(User.id == world.id(login))).one().active = False
        assert world.settle("supervisor", asked, "accept").status_code == 409
        assert world.wish("supervisor", "cover", user="coordinator", to="case_manager", **EVENING).status_code == 404
        world.wished("coordinator2", "cover", "accepted", user="coordinator", to="coordinator2", **EVENING)


class TestHandOver:
    def test_it_reaches_to_the_end_of_the_present_span(self, world: World) -> None:
        asked = world.wished("coordinator", "hand_over", "proposed", to="case_manager")
        assert world.now_on_call() == ["coordinator"]
        assert world.settle("case_manager", asked, "accept").status_code == 200
        assert world.now_on_call() == ["case_manager"]
        assert world.duty()[0] == ("case_manager", "04-30T02:14", "05-04T14:00")

    def test_a_duty_without_an_end_is_given_for_a_month(self, world: World) -> None:
        assert world.save(world.terms("coordinator")).status_code == 200
        world.wished("supervisor", "hand_over", "accepted", user="coordinator", to="coordinator2")
        assert world.duty(**{"from": "2026-05-30T02:14:00Z", "to": "2026-06-02T00:00:00Z"})[0][2] == "05-31T02:14"

    def test_whoever_is_not_on_call_has_nothing_to_hand_over(self, world: World) -> None:
        assert world.wish("coordinator2", "hand_over", to="coordinator").status_code == 409


class TestSwap:
    def test_each_comes_for_the_other_once_both_agree(self, world: World) -> None:
        answer = world.wish("coordinator", "swap", to="coordinator2", **EVENING, **NEXT_WEEK)
        mine, theirs = answer.json()["ids"]
        assert answer.json()["state"] == "proposed"
        shown = world.rota()["changes"]
        assert {change["swap_id"] for change in shown} == {mine}
        assert world.settle("coordinator2", theirs, "accept").json() == {"ids": [mine, theirs], "state": "accepted"}
        assert world.duty(**FIRST_DAYS) == COVERED
        there = {"from": "2026-05-05T00:00:00Z", "to": "2026-05-07T00:00:00Z"}
        assert world.duty(**there)[1] == ("coordinator", "05-06T00:00", "05-06T04:00")
        spans = world.rota()["levels"][0]["spans"]
        assert {span["why"] for span in spans} == {"rule", "swap"}
        assert world.settle("supervisor", theirs, "withdraw").status_code == 200
        assert world.duty(**FIRST_DAYS) == UNCHANGED

    def test_it_is_asked_even_of_a_supervisors_peer_and_decided_by_a_supervisor(self, world: World) -> None:
        answer = world.wish("supervisor", "swap", user="coordinator", to="coordinator2", **EVENING, **NEXT_WEEK)
        assert answer.json()["state"] == "accepted"
        assert {login for _, login, _ in world.notices} == {"coordinator", "coordinator2"}

    def test_both_must_hold_what_they_give(self, world: World) -> None:
        assert world.wish("coordinator", "swap", to="case_manager", **EVENING, **NEXT_WEEK).status_code == 409
        assert (
            world.wish(
                "coordinator2", "swap", user="coordinator", to="coordinator2", **EVENING, **NEXT_WEEK
            ).status_code
            == 403
        )


class TestSupervisors:
    @pytest.mark.parametrize("kind", ["add", "only", "off"])
    def test_these_are_theirs_alone(self, world: World, kind: str) -> None:
        assert world.wish("coordinator", kind, user="coordinator", **EVENING).status_code == 403

    def test_one_more_comes(self, world: World) -> None:
        world.wished("supervisor", "add", "accepted", user="case_manager", end="2026-05-01T02:14:00Z")
        assert world.now_on_call() == ["coordinator", "case_manager"]
        assert world.notices == [(PROGRAM, "case_manager", "rota_changed")]

    def test_one_alone_comes_and_fills_gaps_and_a_program_without_rules_has_a_rota_then(self, bare: World) -> None:
        bare.wished("supervisor", "only", "accepted", user="supervisor", end="2026-05-01T02:14:00Z")
        assert bare.now_on_call() == ["supervisor"]
        assert bare.notices == []
        bare.wait(days=1)
        assert bare.now_on_call() is None

    def test_somebody_off_leaves_a_gap(self, world: World) -> None:
        world.wished("supervisor", "off", "accepted", user="coordinator", **EVENING)
        assert world.rota()["levels"][0]["gaps"] == [
            {"start": "2026-05-01T00:00:00.000Z", "end": "2026-05-01T04:00:00.000Z"}
        ]
        world.wait(days=1)
        assert world.now_on_call() == []

    def test_what_changes_nothing_is_said(self, world: World) -> None:
        for kind in ("add", "only"):
            answer = world.wish("supervisor", kind, user="coordinator", **EVENING)
            assert (answer.status_code, answer.json()["detail"]) == (409, changes.NO_CHANGE)
        assert world.changes() == []

    def test_nobody_loses_a_duty_that_the_giver_gave_before(self, world: World) -> None:
        world.wished("coordinator2", "cover", "accepted", user="coordinator", to="coordinator2", **EVENING)
        around = {"start": "2026-04-30T20:00:00Z", "end": "2026-05-01T08:00:00Z"}
        for by, kind, people in (
            ("supervisor", "off", {"user": "coordinator"}), ("coordinator", "cover", {"to": "case_manager"}),
        ):  # fmt: skip
            answer = world.wish(by, kind, **people, **around)
            assert (answer.status_code, answer.json()["detail"]) == (409, changes.IN_OTHER_HANDS)
        assert world.duty(**FIRST_DAYS) == COVERED
