"""Views show a role's groups and nothing else; decided cases are in `tests/vectors/sync/fold/views.json`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.fields import GROUPS, Group, group_of
from sync.fold import blocked, fold
from sync.operations import canonical
from sync.payloads import ENTRY_GROUPS, groups_of
from sync.views import BLOCKED_GROUPS, render, visible_groups
from tests.sync.factories import Phone
from tests.sync.worlds import World, worlds

some_groups = st.sets(st.sampled_from(GROUPS)).map(frozenset)


@given(worlds(), some_groups)
def test_a_view_holds_every_part_of_its_groups_and_no_other(world: World, groups: frozenset[Group]) -> None:
    state = world.state()
    view = render(state, groups)
    shown = groups - BLOCKED_GROUPS if blocked(state) else groups
    for key in state["registers"]:
        assert (key in view["registers"]) == (group_of(key) in shown)
    for op_id, entry in state["entries"].items():
        assert (op_id in view["entries"]) == (ENTRY_GROUPS[entry["kind"]] in shown)
        assert (op_id in view["strikes"]) == (op_id in state["strikes"] and op_id in view["entries"])
    for conflict_id, conflict in state["conflicts"].items():
        assert (conflict_id in view["conflicts"]) == (group_of(conflict["key"]) in shown)
    assert view["consent"] == (state["consent"] if "consent" in shown else {})


@given(worlds(), some_groups)
def test_the_vector_counts_the_operations_of_visible_groups_only(world: World, groups: frozenset[Group]) -> None:
    state = world.state()
    shown = visible_groups(state, groups)
    expected: dict[str, int] = {}
    for operation in world.log:
        if groups_of(operation["kind"], operation["payload"]) & shown:
            expected[operation["device_id"]] = max(expected.get(operation["device_id"], 0), operation["seq"])
    assert render(state, groups)["vector"] == expected


@given(worlds(), some_groups)
def test_an_operation_outside_a_role_s_groups_leaves_its_view_as_it_was(world: World, groups: frozenset[Group]) -> None:
    """A feed moves a referral only when the rendered view changed."""
    for count, operation in enumerate(world.log):
        if count == 0 or groups_of(operation["kind"], operation["payload"]) & (groups | {"consent"}):
            continue
        before = canonical(render(fold(world.log[:count]), groups))
        assert canonical(render(fold(world.log[: count + 1]), groups)) == before


@given(worlds())
def test_a_blocked_referral_shows_nothing_of_the_person_to_anyone(world: World) -> None:
    log = [*world.log, Phone("d0d0d0d0", "officer").write("consent.withdraw")]
    view = render(fold(log), frozenset(GROUPS))
    assert view["blocked"]
    assert {entry["kind"] for entry in view["entries"].values()} <= {"release.give"}, (
        "that there was one stays to be seen"
    )
    assert {strike["entry_kind"] for strike in view["strikes"].values()} <= {"release.give"}
    assert not {group_of(key) for key in view["registers"]} & BLOCKED_GROUPS
    assert not {group_of(conflict["key"]) for conflict in view["conflicts"].values()} & BLOCKED_GROUPS


@pytest.mark.parametrize("group", sorted(BLOCKED_GROUPS))
def test_each_protected_group_is_hidden_while_blocked_and_shown_again_after(group: Group) -> None:
    phone = Phone("c00d0000", "coordinator")
    kinds = {"notes": "note.add", "contacts": "contact.add", "safety": "safety.add", "approvals": "override.add"}
    fields = {"identity": "name", "needs": "needs", "demographics": "race_self", "assessment": "assessment.court"}
    payload = {"fields": {fields[group]: None}} if group in fields else None
    withdrawal = phone.write("consent.withdraw")
    log = [phone.write(kinds.get(group, "referral.set"), payload), withdrawal]
    hidden = render(fold(log), {group})
    assert (hidden["registers"], hidden["entries"], hidden["vector"]) == ({}, {}, {})
    shown = render(fold([*log, phone.write("consent.grant", saw=[withdrawal["op_id"]])]), {group})
    assert shown["registers"] or shown["entries"]
    assert shown["vector"] == {phone.device_id: 2}


@pytest.mark.parametrize("group", sorted(set(GROUPS) - BLOCKED_GROUPS))
def test_other_groups_stay_visible_while_blocked(group: Group) -> None:
    state = fold([Phone("c00d0000", "coordinator").write("consent.withdraw")])
    assert visible_groups(state, frozenset(GROUPS)) >= {group}


@given(worlds(), some_groups)
def test_rendering_changes_no_state(world: World, groups: frozenset[Group]) -> None:
    state = world.state()
    before = json.dumps(state)
    view = render(state, groups)
    view["registers"].clear()
    view["consent"].clear()
    view["vector"].clear()
    assert json.dumps(state) == before
