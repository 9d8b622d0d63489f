"""Properties of the fold over random histories; the decided cases are in `tests/vectors/sync/fold`."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.fields import FIELDS, group_of
from sync.fold import apply, blocked, consented, empty, fold, overlay
from sync.operations import canonical
from sync.payloads import groups_of
from sync.records import Committed, State, View
from sync.views import BLOCKED_GROUPS, render
from tests.sync.factories import PROGRAM, REFERRAL, Phone
from tests.sync.worlds import World, reads_in, with_keys_reversed, worlds, written_keys


def value_of(operation: Committed, key: str) -> bytes:
    """What an operation says a register is, whatever becomes of it."""
    return canonical(fold([operation])["registers"][key]["value"])


@given(worlds())
def test_the_fold_is_determined_by_the_log_alone(world: World) -> None:
    kept = copy.deepcopy(world.log)
    once = canonical(fold(world.log))
    assert world.log == kept, "the fold changes no operation"
    assert canonical(fold(json.loads(json.dumps(world.log)))) == once
    assert canonical(fold([with_keys_reversed(operation) for operation in world.log])) == once


@given(worlds())
def test_folding_further_is_folding_from_the_start(world: World) -> None:
    state = empty(REFERRAL, PROGRAM)
    for count, operation in enumerate(world.log, start=1):
        apply(state, operation)
        assert canonical(state) == canonical(fold(world.log[:count]))


@given(worlds())
def test_no_value_is_overwritten_in_silence(world: World) -> None:
    """Judged by what each author truly knew, not by the vectors that their operations carry."""
    state = empty(REFERRAL, PROGRAM)
    by_id = {operation["op_id"]: operation for operation in world.log}
    for operation in world.log:
        me = operation["op_id"]
        before = {key: register["op"] for key, register in state["registers"].items()}
        opened = apply(state, operation)
        for key in written_keys(operation) - {"origin"}:
            earlier, now = before.get(key), state["registers"][key]["op"]
            if earlier is None:
                assert now == me
            elif now == me:
                assert earlier in world.known[me] or f"{key}|{me}|{earlier}" in opened
            else:
                assert now == earlier
                agreed = value_of(by_id[earlier], key) == value_of(operation, key)
                assert agreed or me in world.known[earlier] or f"{key}|{earlier}|{me}" in opened


@given(worlds())
def test_a_conflict_ends_only_by_someone_who_saw_both_sides_or_named_it(world: World) -> None:
    state = empty(REFERRAL, PROGRAM)
    for operation in world.log:
        before = dict(state["conflicts"])
        apply(state, operation)
        for conflict_id, conflict in before.items():
            if conflict_id in state["conflicts"]:
                continue
            named = operation["kind"] == "conflict.resolve" and conflict_id in operation["payload"]["conflicts"]
            assert conflict["key"] in written_keys(operation)
            assert named or conflict["lost"] in world.known[operation["op_id"]]


@given(worlds())
def test_equal_values_never_conflict(world: World) -> None:
    state = empty(REFERRAL, PROGRAM)
    by_id = {operation["op_id"]: operation for operation in world.log}
    for operation in world.log:
        for conflict_id in apply(state, operation):
            conflict = state["conflicts"][conflict_id]
            lost = value_of(by_id[conflict["lost"]], conflict["key"])
            assert canonical(conflict["lost_value"]) == lost
            assert value_of(by_id[conflict["kept"]], conflict["key"]) != lost


@given(worlds())
def test_no_conflict_opens_where_one_side_was_written_in_sight_of_the_other(world: World) -> None:
    """In whatever order they arrive: a restored server must not reopen what people had settled."""
    state = empty(REFERRAL, PROGRAM)
    by_id = {operation["op_id"]: operation for operation in world.log}

    def in_sight(operation: Committed, other: Committed, key: str) -> bool:
        readable = other["device_id"] == operation["device_id"] or group_of(key) not in operation.get("blind", [])
        return readable and other["seq"] <= operation["base"].get(other["device_id"], 0)

    for operation in world.log:
        for conflict_id in apply(state, operation):
            conflict = state["conflicts"][conflict_id]
            kept, lost = by_id[conflict["kept"]], by_id[conflict["lost"]]
            assert not in_sight(kept, lost, conflict["key"])
            assert not in_sight(lost, kept, conflict["key"])


@given(worlds(), st.data())
def test_consent_and_entries_do_not_depend_on_the_order(world: World, data: st.DataObject) -> None:
    first = fold(world.log)
    second = fold(data.draw(st.permutations(world.log)))
    assert (consented(first), blocked(first)) == (consented(second), blocked(second))
    assert canonical(first["consent"]) == canonical(second["consent"])
    assert canonical(first["entries"]) == canonical(second["entries"])
    assert canonical(first["vectors"]) == canonical(second["vectors"])


@given(worlds(), st.data())
def test_a_withdrawal_that_nobody_named_always_wins(world: World, data: st.DataObject) -> None:
    late = Phone("d0d0d0d0", "officer").write("consent.withdraw")
    log = [*world.log]
    log.insert(data.draw(st.integers(0, len(log))), late)
    state = fold(log)
    assert blocked(state)
    assert not consented(state)


@given(worlds())
def test_a_phone_foretells_what_the_server_will_answer(world: World) -> None:
    for author in world.authors:
        view = world.view_for(author)
        foretold = overlay(view, author.outbox)
        answered = fold([*world.log, *author.outbox])
        # What is hidden by a withdrawal, or by a role that may not read consent, cannot be foretold.
        known = reads_in(author.phone.role, answered)
        if view["blocked"] or "consent" not in known:
            known -= BLOCKED_GROUPS
        mine, theirs = render(foretold, known), render(answered, known)
        for part in ("registers", "entries", "conflicts", "consent"):
            assert canonical(mine[part]) == canonical(theirs[part]), part
        for entry in theirs["entries"]:
            assert mine["strikes"].get(entry) == theirs["strikes"].get(entry)
        if "consent" in known:
            assert (mine["blocked"], mine["consented"]) == (theirs["blocked"], theirs["consented"])


@given(worlds())
def test_an_answer_lost_on_the_way_changes_nothing_that_the_phone_wrote_last_or_whose_successor_saw_it(
    world: World,
) -> None:
    """The phone still counts as waiting what the view it pulled already holds."""
    state = world.state()
    for author in world.authors:
        delivered = [operation for operation in world.log if operation in author.written]
        view = render(state, author.reads)
        again = overlay(view, delivered)
        for key, register in view["registers"].items():
            seen = register["base"].get(author.phone.device_id, 0)
            mine = [operation for operation in delivered if key in written_keys(operation)]
            if all(operation["op_id"] == register["op"] or operation["seq"] <= seen for operation in mine):
                assert again["registers"][key] == register
        for op_id, entry in view["entries"].items():
            assert again["entries"][op_id] == entry
            assert again["strikes"].get(op_id) == view["strikes"].get(op_id)


@given(worlds())
def test_the_overlay_changes_neither_view_nor_operations(world: World) -> None:
    for author in world.authors:
        view = world.view_for(author)
        before = canonical([view, author.outbox])
        overlay(view, author.outbox)
        assert canonical([view, author.outbox]) == before


def test_nothing_known_has_no_state() -> None:
    with pytest.raises(ValueError, match="begins with an operation"):
        fold([])
    with pytest.raises(ValueError, match="no view and no operation"):
        overlay(None, [])


def test_pending_operations_are_folded_in_the_order_they_were_made() -> None:
    phone = Phone("0ff1ce00", "officer")
    first = phone.write("referral.set", {"fields": {"name": "Ana"}})
    second = phone.write("referral.set", {"fields": {"name": "Ana Maria"}})
    assert overlay(None, [second, first])["registers"]["name"]["value"] == "Ana"


@pytest.mark.parametrize("value", ["relapsed", "", None, 40, True, ["closed"], {"closed": 1}])
def test_a_settled_status_that_is_none_has_no_rank_and_breaks_nothing(value: Any) -> None:
    coordinator, supervisor = Phone("c00d0000", "coordinator"), Phone("50be0000", "supervisor")
    log = [
        coordinator.write("handoff.record"),
        supervisor.write("conflict.resolve", {"key": "status", "value": value, "conflicts": ["status|a|b"]}),
    ]
    state: State = fold(log)
    assert state["registers"]["status"]["value"] == "handed_off"
    assert len(state["conflicts"]) == 1


def test_every_field_can_be_written_and_lands_in_its_group() -> None:
    phone = Phone("c00d0000", "coordinator")
    operation = phone.write("referral.set", {"fields": dict.fromkeys(FIELDS)})
    state = fold([operation])
    view: View = render(state, groups_of(operation["kind"], operation["payload"]))
    assert set(state["registers"]) == set(FIELDS) == set(view["registers"])
    assert {group for group, vector in state["vectors"].items() if vector} == {field.group for field in FIELDS.values()}
