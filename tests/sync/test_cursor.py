"""Cursors, which phones echo and strangers invent; and ranges of known sequence numbers."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import ranges
from sync.cursor import CURSOR_LIMIT, PROJECTION_VERSION, Anchor, Cursor, parse, still_valid

ANCHOR = Anchor(4819, "0196803b-6a00-7000-8000-000000000001", 1777514040000)
GOOD = Cursor("e9e9e9e9-0000-4000-8000-000000000000", 4821, "0123456789abcdef", ANCHOR)


def coded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_a_cursor_comes_back_as_it_was() -> None:
    assert parse(GOOD.text()) == GOOD
    assert len(GOOD.text()) < CURSOR_LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "é", "\ud800", "A" * (CURSOR_LIMIT + 1), coded(None), coded({}), coded([]), coded(["e", 1, "s", 1]),
        coded(["e", -1, "s", [0, "", 0], 1]), coded(["e", "1", "s", [0, "", 0], 1]), coded(["e", True, "s", [0, "", 0], 1]),
        coded(["e", 1.0, "s", [0, "", 0], 1]), coded([1, 1, "s", [0, "", 0], 1]), coded(["e", 1, None, [0, "", 0], 1]),
        coded(["e", 1, "s", [0, "", 0], True]), coded(["e", 1, "s", [0, "", 0], 1, 1]), coded(["e", 1, "s", [0, ""], 1]),
        coded(["e", 1, "s", [0, "", -1], 1]), coded(["e", 1, "s", [0, "", "0"], 1]),
        coded(["e", 1, "s", ["0", "", 0], 1]), coded(["e", 1, "s", [0, 0, 0], 1]), coded(["e", 1, "s", None, 1]),
        coded(["e", 2**63, "s", [0, "", 0], 1]), coded(["e", 1, "s", [2**63, "", 0], 1]),
        base64.urlsafe_b64encode(b"[" * 250).decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)  # fmt: skip
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=CURSOR_LIMIT))
def test_no_text_makes_it_raise(text: str) -> None:
    parse(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=6))
def test_no_json_makes_it_raise(value: Any) -> None:
    found = parse(coded(value))
    assert found is None or found.position >= 0


@pytest.mark.parametrize(
    ("cursor", "valid"),
    [
        (GOOD, True),
        (GOOD._replace(position=4822), True),
        (GOOD._replace(position=4823), False),
        (GOOD._replace(epoch="another"), False),
        (GOOD._replace(scopes="another"), False),
        (GOOD._replace(anchor=ANCHOR._replace(op_id="another")), False),
        (GOOD._replace(anchor=ANCHOR._replace(received_ms=ANCHOR.received_ms + 1)), False),
        (GOOD._replace(projection=PROJECTION_VERSION + 1), False),
    ],
    ids=[
        "behind", "at the head", "beyond", "another epoch", "another scope", "another log", "put there again",
        "another projection",
    ],
)  # fmt: skip
def test_a_cursor_holds_in_its_epoch_scope_and_projection_up_to_the_head(cursor: Cursor, valid: bool) -> None:
    assert still_valid(cursor, GOOD.epoch, 4822, GOOD.scopes, ANCHOR) is valid


@given(st.lists(st.lists(st.integers(1, 60), max_size=12), max_size=6))
def test_ranges_hold_exactly_what_was_added(batches: list[list[int]]) -> None:
    found: ranges.Ranges = []
    for batch in batches:
        before = [list(span) for span in found]
        grown = ranges.add(found, batch)
        assert found == before, "the argument is not changed"
        found = grown
    numbers = {number for batch in batches for number in batch}
    assert {number for number in range(70) if ranges.contains(found, number)} == numbers
    assert ranges.highest(found) == max(numbers, default=0)
    assert all(first[1] + 1 < second[0] for first, second in pairwise(found)), "disjoint and sorted"


def test_ranges_are_bounded_and_forget_the_lowest() -> None:
    found = ranges.add([], range(1, 4 * ranges.RANGES_LIMIT, 2))
    assert len(found) == ranges.RANGES_LIMIT
    assert not ranges.contains(found, 1)
    assert ranges.highest(found) == 4 * ranges.RANGES_LIMIT - 1
