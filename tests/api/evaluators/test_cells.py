"""Small cells: whatever the rows are, each that is shown is one of enough that are alike in every column."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from api.evaluators.cells import SMALLEST_CELL, WITHHELD, Row, large_cells


def cells(rows: Sequence[Row], smallest: int = SMALLEST_CELL) -> Counter[Row]:
    return Counter(large_cells(rows, smallest))


def test_the_threshold_is_eleven() -> None:
    assert SMALLEST_CELL == 11


@pytest.mark.parametrize(("count", "shown"), [(10, 0), (11, 11), (12, 12)])
def test_fewer_rows_than_the_threshold_are_not_shown_at_all(count: int, shown: int) -> None:
    assert len(large_cells([("a", "b")] * count)) == shown


@pytest.mark.parametrize(("small", "values"), [(11, {"a", "b"}), (10, {WITHHELD})])
def test_a_group_below_it_is_withheld_together_with_the_next_larger_one(small: int, values: set[str]) -> None:
    """Withheld alone it would still be those ten, and everybody would know it."""
    assert {row[0] for row in large_cells([("a",)] * 20 + [("b",)] * small)} == values


def test_groups_that_are_too_small_are_enough_together() -> None:
    rows: Sequence[Row] = [("a",)] * 20 + [("b",)] * 6 + [("c",)] * 5
    assert cells(rows) == {("a",): 20, (WITHHELD,): 11}


def test_the_last_columns_are_withheld_first() -> None:
    rows: Sequence[Row] = [("a", f"{number}") for number in range(11)] + [("b", "x")] * 11
    assert cells(rows) == {("a", WITHHELD): 11, ("b", "x"): 11}


def test_what_stands_behind_a_withheld_column_may_still_be_shown() -> None:
    rows: list[Row] = [("a" if number else "b", "x") for number in range(12)]
    assert cells(rows) == {(WITHHELD, "x"): 12}


def test_the_order_of_the_rows_tells_nothing() -> None:
    rows: list[Row] = [("ab"[number % 2], "x") for number in range(30)]
    assert large_cells(rows) == large_cells(rows[::-1]) == sorted(large_cells(rows))


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_rows_are_nobody_stands_alone_and_nobody_is_lost(seed: int) -> None:
    dice = random.Random(seed)
    width, smallest = dice.randint(1, 6), dice.choice([2, 3, 11])
    spread = [dice.randint(1, 9) for _ in range(width)]
    rows: list[Row] = [
        tuple(str(min(dice.randrange(each), dice.randrange(each))) for each in spread)
        for _ in range(dice.randint(0, 120))
    ]
    shown = large_cells(rows, smallest)
    assert len(shown) == (len(rows) if len(rows) >= smallest else 0), seed
    assert all(count >= smallest for count in Counter(shown).values()), seed
    left = Counter(rows)
    for row in shown:
        fits = [true for true in left if all(said in (WITHHELD, word) for said, word in zip(row, true, strict=True))]
        assert fits, (seed, row, "a row is never told otherwise than it was")
