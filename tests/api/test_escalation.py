"""Which policy, which ladder, which word: the pure part of what a page does next."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from api.paging import escalation
from api.paging.escalation import Address
from api.rota.hours import WeeklyWindow
from api.rota.policy import STEPS_LIMIT, Policy, Step, attention_policy, check_policies, choose, default_policy
from api.rota.practice import Practice
from tests.bench.world import NOW

PHONE = Address("phone", "ana", "push", "push.example")
TABLET = Address("tablet", "ana", "push", "push.example")
NUMBER = Address("number", "ana", "sms", "sms")
CALL = Address("call", "ana", "voice", "voice")
MAIL = Address("mail", "ana", "email", "email")


def offsets(addresses: list[Address], step: Step, seen_seconds: int = 45) -> list[tuple[str, int, float]]:
    rungs = escalation.ladder(addresses, step, seen_seconds, NOW)
    return [(rung.address.target_id, rung.slot, (rung.due_at - NOW).total_seconds()) for rung in rungs]


def policy(name: str, who: str = "on_call", **changes: object) -> Policy:
    return Policy.model_validate({"name": name, "steps": [{"who": who}], **changes})


def test_the_phone_goes_first_and_the_next_channel_waits_for_a_sign_of_life() -> None:
    assert offsets([MAIL, NUMBER, PHONE], Step(who="on_call", minutes=5)) == [
        ("phone", 0, 0), ("number", 1, 45), ("mail", 2, 90),
    ]  # fmt: skip


def test_all_phones_of_a_person_go_together() -> None:
    assert offsets([PHONE, TABLET, NUMBER], Step(who="on_call"))[:2] == [("phone", 0, 0), ("tablet", 0, 0)]


def test_a_step_that_goes_together_waits_for_nothing() -> None:
    assert {after for _, _, after in offsets([PHONE, NUMBER, MAIL], Step(who="on_call", together=True))} == {0}


def test_the_whole_ladder_fits_into_a_short_step() -> None:
    rungs = offsets([PHONE, NUMBER, CALL, MAIL], Step(who="on_call", minutes=1), seen_seconds=300)
    assert [after for _, _, after in rungs] == [0, 15, 30, 45]


def test_a_channel_that_the_step_does_not_name_is_left_alone() -> None:
    assert offsets([PHONE, NUMBER], Step(who="on_call", channels=("push",))) == [("phone", 0, 0)]


def test_somebody_with_none_of_the_steps_channels_is_called_by_what_there_is() -> None:
    assert offsets([MAIL], Step(who="on_call", channels=("push", "sms"))) == [("mail", 0, 0)]


def test_somebody_with_nothing_has_no_ladder() -> None:
    assert offsets([], Step(who="on_call")) == []


def test_the_first_policy_that_fits_is_taken() -> None:
    night = policy("night", officer_waiting=False, after_hours="next_morning")
    street = policy("street", pathways=["social_contact"])
    rest = policy("rest", "everyone")
    chosen = [
        choose((night, street, rest), pathway, waiting).name
        for pathway, waiting in (("social_contact", False), ("social_contact", True), ("arrest_diversion", True))
    ]
    assert chosen == ["night", "street", "rest"]


def test_without_policies_whoever_is_on_call_comes_twice_and_then_everybody() -> None:
    steps = choose((), "arrest_diversion", True, minutes=3).steps
    assert [(step.who, step.minutes) for step in steps] == [("on_call", 3), ("on_call", 3), ("everyone", 3)]
    assert attention_policy().steps[0].who == "supervisors"


def test_only_the_last_step_repeats() -> None:
    made = default_policy()
    assert [made.is_last(number) for number in range(4)] == [False, False, True, True]
    assert made.step(9) == made.steps[-1]


@pytest.mark.parametrize(("policies", "what"), [
    ([policy("a", pathways=["community"])], "fit every page"),
    ([policy("a"), policy("b", officer_waiting=True)], "fit every page"),
    ([policy("a"), policy("a")], "its own name"),
])  # fmt: skip
def test_policies_that_would_leave_a_page_without_one_are_refused(policies: list[Policy], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        check_policies(tuple(policies))
    with pytest.raises(ValidationError, match=what):
        Practice(policies=tuple(policies))


@pytest.mark.parametrize(("field", "least", "most"), [
    ("seen_seconds", 15, 300), ("open_within_minutes", 1, 120), ("page_minutes", 1, 120),
])  # fmt: skip
def test_each_limit_holds_on_both_sides(field: str, least: int, most: int) -> None:
    for good in (least, most):
        Practice.model_validate({field: good})
    for bad in (least - 1, most + 1):
        with pytest.raises(ValidationError):
            Practice.model_validate({field: bad})


def test_a_policy_has_a_named_most_of_steps() -> None:
    steps = [{"who": "on_call"}] * STEPS_LIMIT
    Policy.model_validate({"name": "long", "steps": steps})
    for bad in ([], [*steps, {"who": "on_call"}]):
        with pytest.raises(ValidationError):
            Policy.model_validate({"name": "bad", "steps": bad})
    with pytest.raises(ValidationError, match="each channel once"):
        Step(who="on_call", channels=("push", "push"))


def test_outside_service_hours_only_a_policy_that_says_so_waits_for_the_morning() -> None:
    hours = tuple(WeeklyWindow(weekday=day, start="08:00", end="17:00") for day in range(5))
    practice = Practice(time_zone="America/Denver", service_hours=hours)  # NOW is Wednesday, 20:14 there
    waits, wakes = policy("a", after_hours="next_morning"), policy("b")
    morning = escalation.opens_in_the_morning(waits, practice, NOW)
    assert morning is not None
    assert morning.isoformat() == "2026-04-30T14:00:00+00:00"
    assert escalation.opens_in_the_morning(wakes, practice, NOW) is None
    assert escalation.opens_in_the_morning(waits, practice, morning) is None
    assert escalation.opens_in_the_morning(waits, Practice(), NOW) is None


@pytest.mark.parametrize(("name", "short"), [
    ("Maya Example", "M. E."), ("Ana", "A."), ("", ""), ("Ana María de la Demo", "A. M. d."),
])  # fmt: skip
def test_a_lock_screen_names_a_colleague_by_initials(name: str, short: str) -> None:
    assert escalation.initials(name) == short


def test_the_time_between_channels_is_the_steps_shared_out() -> None:
    assert escalation.pace(Step(who="lead", minutes=6), 3) == timedelta(minutes=2)
