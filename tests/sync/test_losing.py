"""Whom it is told that a value gave way: the author of what lost, and nobody of what they chose themselves."""

from __future__ import annotations

from typing import Any

from sync import fold, losing
from sync.records import State
from tests.sync.factories import PROGRAM, REFERRAL, Phone

OFFICER, COORDINATOR, SUPERVISOR = (
    f"{name}-0000-4000-9000-000000000000" for name in ("0ff1ce00", "c00d0000", "50be0000")
)


class Referral:
    """One referral and three phones; every write says whom it is told."""

    def __init__(self) -> None:
        self.state: State = fold.empty(REFERRAL, PROGRAM)
        self.officer, self.coordinator = Phone("0ff1ce00", "officer"), Phone("c00d0000", "coordinator")
        self.other = Phone("c00d0001", "coordinator")
        self.base: dict[str, int] = {}

    def write(self, phone: Phone, kind: str, payload: dict[str, Any], *, saw_all: bool = False) -> dict[str, Any]:
        operation = phone.write(kind, payload, self.base if saw_all else {})
        before = losing.before(self.state)
        opened = fold.apply(self.state, operation)
        self.base[phone.device_id] = phone.seq
        found = losing.told(before, self.state, operation, opened)
        return {user_id: told._asdict() for user_id, told in found.items()}

    def named(self, phone: Phone, **fields: str) -> dict[str, Any]:
        return self.write(phone, "referral.set", {"fields": fields})

    def chosen(self, phone: Phone, value: str) -> dict[str, Any]:
        payload = {"key": "name", "value": value, "conflicts": list(self.state["conflicts"])}
        return self.write(phone, "conflict.resolve", payload, saw_all=True)


def gave_way(*keys: str) -> dict[str, list[str]]:
    return {"gave_way": list(keys), "back": []}


def test_the_later_of_two_equals_is_told() -> None:
    referral = Referral()
    assert referral.named(referral.coordinator, name="Roza", alias="R") == {}
    assert referral.named(referral.officer, name="Rosa", alias="Ro") == {OFFICER: gave_way("alias", "name")}


def test_the_earlier_is_told_where_the_later_dominates() -> None:
    referral = Referral()
    referral.named(referral.coordinator, place="South gate")
    assert referral.named(referral.officer, place="North gate") == {COORDINATOR: gave_way("place")}


def test_equal_values_and_values_that_were_seen_are_not_worth_a_word() -> None:
    referral = Referral()
    referral.named(referral.coordinator, name="Rosa")
    assert referral.named(referral.officer, name="Rosa") == {}
    assert referral.write(referral.officer, "referral.set", {"fields": {"name": "Rosa D."}}, saw_all=True) == {}


def test_a_choice_tells_whoever_lost_by_it_and_not_the_one_who_chose() -> None:
    referral = Referral()
    referral.named(referral.coordinator, name="Roza")
    referral.named(referral.officer, name="Rosa")
    assert referral.chosen(referral.officer, "Rosa") == {COORDINATOR: gave_way("name")}


def test_a_third_persons_choice_tells_both_how_it_ended() -> None:
    referral = Referral()
    referral.named(referral.coordinator, name="Roza")
    referral.named(referral.officer, name="Rosa")
    chosen = referral.chosen(referral.other, "Rosa")
    assert chosen == {OFFICER: {"gave_way": [], "back": ["name"]}, COORDINATOR: gave_way("name")}


def test_a_third_value_displaces_both() -> None:
    referral = Referral()
    referral.named(referral.coordinator, name="Roza")
    referral.named(referral.officer, name="Rosa")
    assert referral.chosen(referral.other, "Rosa / Roza") == {OFFICER: gave_way("name"), COORDINATOR: gave_way("name")}


def test_whoever_saw_both_and_writes_anew_has_chosen() -> None:
    referral = Referral()
    referral.named(referral.coordinator, name="Roza")
    referral.named(referral.officer, name="Rosa")
    written = referral.write(referral.other, "referral.set", {"fields": {"name": "Roza"}}, saw_all=True)
    assert written == {OFFICER: gave_way("name"), COORDINATOR: {"gave_way": [], "back": ["name"]}}


def test_of_two_values_of_one_person_the_one_that_stands_counts() -> None:
    referral = Referral()
    tablet = Phone("0ff1ce00", "officer")
    referral.named(referral.coordinator, name="Roza")
    referral.named(referral.officer, name="Rosa")
    tablet.name = "0ff1ce01"
    operation = tablet.write("referral.set", {"fields": {"name": "Rosita"}})
    operation["user_id"] = OFFICER
    fold.apply(referral.state, operation)
    referral.base[operation["device_id"]] = operation["seq"]
    chosen = referral.chosen(referral.other, "Rosita")
    assert chosen == {OFFICER: {"gave_way": [], "back": ["name"]}, COORDINATOR: gave_way("name")}
