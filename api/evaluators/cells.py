"""Withholding small cells: afterwards every row is one of at least `SMALLEST_CELL` that are alike in every column. Pure.

This is k-anonymity over whole rows, not over a few columns that somebody thought of as telling. What it does not do: where all
rows of one kind share an outcome, whoever knows that a person is among them knows the outcome; and two exports of
different days differ by what happened between them. So exports are audited, and a month appears once it is over.
"""

from collections import defaultdict
from collections.abc import Sequence

SMALLEST_CELL = 11
"""Fewer than these are never shown as a group: the figure that health agencies of the states publish by."""
WITHHELD = "withheld"

Row = tuple[str, ...]


def large_cells(rows: Sequence[Row], smallest: int = SMALLEST_CELL) -> list[Row]:
    """As many rows, with values withheld from the last columns first; none at all if there are fewer than `smallest`.

    The order of the columns is the order in which they matter. Sorted, so that the place of a row tells nothing.
    """
    return sorted(_parted(list(rows), 0, smallest)) if len(rows) >= smallest else []


def _parted(rows: list[Row], column: int, smallest: int) -> list[Row]:
    """The rows, alike up to a column, parted by it and then by those behind it."""
    if not rows or column == len(rows[0]):
        return rows
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    hidden: list[Row] = []
    found: list[Row] = []
    # From the smallest on: groups that are too small stand together, with the next larger one if they are still too few.
    for _, group in sorted(groups.items(), key=lambda item: (len(item[1]), item[0])):
        if len(group) < smallest or 0 < len(hidden) < smallest:
            hidden += [(*row[:column], WITHHELD, *row[column + 1 :]) for row in group]
        else:
            found += _parted(group, column + 1, smallest)
    return found + _parted(hidden, column + 1, smallest)
