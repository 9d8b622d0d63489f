"""Operations whose number claims more than is true: taken as the one operation of a device of their own."""

from __future__ import annotations

from typing import Any

import pytest

from sync import fold
from sync.out_of_turn import told_apart

DEVICE, OTHER = "dddddddd-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-000000000002"


def envelope(seq: int, **changes: Any) -> dict[str, Any]:
    return {
        "op_id": f"op-{seq}",
        "device_id": DEVICE,
        "seq": seq,
        "prev": None,
        "base": {DEVICE: seq - 1, OTHER: 4},
    } | changes


def state(**vectors: dict[str, int]) -> Any:
    return fold.empty("r", "p") | {"vectors": vectors}


@pytest.mark.parametrize(
    ("late", "vectors"),
    [(False, {"place": {DEVICE: 9}}), (True, {}), (True, {"place": {DEVICE: 4}}), (True, {"place": {OTHER: 9}})],
)
def test_what_is_in_turn_is_taken_as_it_is(late: bool, vectors: dict[str, dict[str, int]]) -> None:
    written = envelope(5)
    assert told_apart(written, state(**vectors), None, late=late) is written


@pytest.mark.parametrize("seen", [5, 6])
def test_what_was_adopted_after_a_later_one_counted_is_its_own_device(seen: int) -> None:
    taken = told_apart(envelope(5), state(place={DEVICE: 3}, status={DEVICE: seen}), None, late=True)
    assert (taken["device_id"], taken["seq"], taken["base"]) == ("op-5", 1, {DEVICE: 4, OTHER: 4})


@pytest.mark.parametrize(("forked_from", "own"), [(3, {DEVICE: 2}), (1, {}), (5, {DEVICE: 4})])
def test_a_forked_device_has_seen_nothing_of_its_own_from_the_fork_on(forked_from: int, own: dict[str, int]) -> None:
    taken = told_apart(envelope(5), state(), forked_from, late=False)
    assert (taken["device_id"], taken["seq"], taken["base"]) == ("op-5", 1, own | {OTHER: 4})


def test_it_has_seen_its_own_previous_one() -> None:
    written = envelope(6, prev="op-5")
    assert told_apart(written, state(case={"op-5": 1}), 5, late=False)["base"] == {DEVICE: 4, OTHER: 4, "op-5": 1}
    assert "op-5" not in told_apart(written, state(), 5, late=False)["base"]


def test_the_envelope_itself_is_left_alone() -> None:
    written = envelope(5)
    before = repr(written)
    told_apart(written, state(), 2, late=False)
    assert repr(written) == before
