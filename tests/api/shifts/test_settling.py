"""What was asked is agreed to, declined or taken back: by whom, until when, and what no longer fits."""

from __future__ import annotations

import pytest

from api.shifts import changes
from tests.api.shifts.conftest import EVENING, FIRST_DAYS, UNCHANGED, World


def test_a_request_is_declined_and_the_duty_stays(world: World) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    assert world.settle("coordinator2", asked, "decline").json()["state"] == "declined"
    assert (world.duty(**FIRST_DAYS), world.rota()["changes"]) == (UNCHANGED, [])
    assert [each[1:] for each in world.notices] == [("coordinator2", "cover_asked"), ("coordinator", "cover_declined")]
    assert world.audited()[-1] == ("rota.decline", world.id("coordinator2"), asked)
    for by, how in (("coordinator2", "accept"), ("coordinator", "withdraw"), ("supervisor", "accept")):
        answer = world.settle(by, asked, how)
        assert (answer.status_code, answer.json()["detail"][:24]) == (409, "It has been declined alr")


def test_an_accept_after_a_withdrawal_is_refused(world: World) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    assert world.settle("coordinator", asked, "withdraw").json()["state"] == "withdrawn"
    assert world.settle("coordinator", asked, "withdraw").status_code == 200
    answer = world.settle("coordinator2", asked, "accept")
    assert (answer.status_code, "withdrawn" in answer.json()["detail"]) == (409, True)
    assert world.duty(**FIRST_DAYS) == UNCHANGED


@pytest.mark.parametrize("meanwhile", ["rules", "cover", "off", "shortened"])
def test_an_accept_of_what_the_asker_no_longer_holds_is_refused(world: World, meanwhile: str) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    if meanwhile == "rules":
        assert world.save(world.terms("case_manager")).status_code == 200
    elif meanwhile == "cover":
        world.wished("case_manager", "cover", "accepted", user="coordinator", to="case_manager", **EVENING)
    elif meanwhile == "off":
        world.wished("supervisor", "off", "accepted", user="coordinator", **EVENING)
    else:
        late = EVENING | {"start": "2026-05-01T03:00:00Z"}
        world.wished("supervisor", "off", "accepted", user="coordinator", **late)
    before = world.duty(**FIRST_DAYS)
    answer = world.settle("coordinator2", asked, "accept")
    assert (answer.status_code, answer.json()["detail"]) == (409, changes.NOT_THEIRS)
    assert world.duty(**FIRST_DAYS) == before


def test_the_middle_given_to_another_meanwhile_stays_theirs(world: World) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    middle = {"start": "2026-05-01T01:00:00Z", "end": "2026-05-01T02:00:00Z"}
    world.wished("case_manager", "cover", "accepted", user="coordinator", to="case_manager", **middle)
    assert world.settle("coordinator2", asked, "accept").json()["detail"] == changes.IN_OTHER_HANDS


def test_only_those_concerned_answer(world: World) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    for by, how in (
        ("case_manager", "accept"),
        ("coordinator", "accept"),
        ("coordinator", "decline"),
        ("case_manager", "withdraw"),
        ("coordinator2", "withdraw"),
    ):
        assert world.settle(by, asked, how).status_code == 403, (by, how)
    assert world.settle("supervisor", asked, "accept").json()["state"] == "accepted"
    assert world.settle("coordinator", asked, "withdraw").status_code == 409


def test_what_has_begun_is_cut_short_and_what_was_stays(world: World) -> None:
    change = world.wished("supervisor", "cover", "accepted", user="coordinator", to="coordinator2", end=EVENING["end"])
    world.wait(hours=3)
    world.notices.clear()
    assert world.settle("supervisor", change, "withdraw").json()["state"] == "withdrawn"
    assert world.duty(**{"from": "2026-04-30T02:14:00Z", "to": "2026-04-30T12:00:00Z"}) == [
        ("coordinator2", "04-30T02:14", "04-30T05:14"), ("coordinator", "04-30T05:14", "04-30T12:00"),
    ]  # fmt: skip
    assert {login for _, login, _ in world.notices} == {"coordinator", "coordinator2"}
    assert world.settle("supervisor", change, "withdraw").status_code == 409


def test_another_programs_changes_are_unknown(world: World) -> None:
    asked = world.wished("coordinator", "cover", "proposed", to="coordinator2", **EVENING)
    for how in ("accept", "decline", "withdraw"):
        for login in ("other_supervisor", "other_coordinator"):
            theirs = world.settle(login, asked, how)
            unknown = world.settle(login, "0de00000-0000-4000-8000-00000000dead", how)
            assert (theirs.status_code, theirs.content) == (unknown.status_code, unknown.content)
            assert theirs.status_code == 404
        assert world.settle("coordinator", "not-an-id", how).status_code == 422
    assert world.changes()[0].state == "proposed"
