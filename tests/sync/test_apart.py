"""An assessment and the rest of a referral: apart nothing is lost or shown twice, together they are what they were."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given

from sync.apart import ASSESSMENT, divided, joined, writes_assessment
from sync.fields import FIELDS, group_of
from sync.fold import empty
from sync.operations import canonical
from sync.payloads import ENTRY_GROUPS, KINDS, groups_of
from tests.sync.factories import PAYLOADS, PROGRAM, REFERRAL
from tests.sync.worlds import World, worlds

ITEM = {"answer": "yes", "text": "canary"}


def check(world: World) -> None:
    state = world.state()
    before = canonical(state)
    common, assessment = divided(copy.deepcopy(state))
    assert canonical(joined(common, assessment)) == before
    assert joined(common, assessment) == state
    assert canonical(divided(state)) == canonical([common, assessment]), "dividing changes nothing"
    assert canonical(state) == before
    assert not {key for key in common["registers"] if group_of(key) == ASSESSMENT}
    assert not {one["kind"] for one in common["entries"].values() if ENTRY_GROUPS[one["kind"]] == ASSESSMENT}
    assert not [one for one in common["strikes"].values() if ENTRY_GROUPS[one["entry_kind"]] == ASSESSMENT]
    assert not [one for one in common["conflicts"].values() if group_of(one["key"]) == ASSESSMENT]
    assert ASSESSMENT not in common["vectors"]
    if assessment is None:
        return
    assert {group_of(key) for key in assessment["registers"]} <= {ASSESSMENT}
    assert {group_of(one["key"]) for one in assessment["conflicts"].values()} <= {ASSESSMENT}
    assert set(assessment["vectors"]) <= {ASSESSMENT}


@given(worlds())
def test_divided_and_joined_are_each_other_s_inverse(world: World) -> None:
    check(world)


@given(worlds())
def test_entries_of_the_group_would_be_divided_as_well(world: World) -> None:
    """There is none today; contacts stand in for one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENTRY_GROUPS, "contact.add", ASSESSMENT)
        check(world)


def test_without_an_assessment_there_is_nothing_apart() -> None:
    state = empty(REFERRAL, PROGRAM)
    assert divided(state) == (state, None)


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_every_field_is_on_the_side_of_its_group(key: str) -> None:
    state = empty(REFERRAL, PROGRAM)
    state["registers"][key] = {
        "value": None, "op": "o", "device": "d", "seq": 1, "by": "u", "at": "", "base": {}, "rank": 0,
    }  # fmt: skip
    common, assessment = divided(state)
    assert (assessment is not None) == (FIELDS[key].group == ASSESSMENT)
    assert (key in common["registers"]) == (FIELDS[key].group != ASSESSMENT)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"referral.set", "conflict.resolve"}))
def test_no_other_kind_writes_one(kind: str) -> None:
    assert not writes_assessment(kind, PAYLOADS[kind])


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("referral.set", {"fields": {"assessment.court": ITEM}}),
        ("referral.set", {"fields": {"place": "Here", "assessment.court": ITEM}}),
        ("referral.set", {"fields": {"intake_on": "2026-04-30"}}),
        ("referral.set", {"fields": {"review_facts": {}}}),
        ("conflict.resolve", {"key": "assessment.court", "value": ITEM, "conflicts": ["a"]}),
        ("referral.set", {"fields": {"assesment.court": ITEM}}),
        ("referral.set", {"fields": {"place": "Here"}, "assessment.court": ITEM}),
        ("referral.set", {"fields": 5}),
        ("note.add", {"text": "Here", "assessment.court": ITEM}),
        ("assessment.add", {"text": "canary"}),
    ],
)
def test_what_writes_one_or_cannot_be_read_is_kept_apart(kind: str, payload: dict[str, object]) -> None:
    assert writes_assessment(kind, payload)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("referral.set", {"fields": {"place": "Here", "name": None}}),
        ("conflict.resolve", {"key": "place", "value": "Here", "conflicts": ["a"]}),
    ],
)
def test_what_writes_none_is_not(kind: str, payload: dict[str, object]) -> None:
    assert not writes_assessment(kind, payload)
    assert ASSESSMENT not in groups_of(kind, payload)
