"""Counts of people that are too small to be told, and those that would give them away.

Answers for one table whose cells add up to a total that is known: counts below `LEAST_TOLD` are not told, and as many
others are withheld as it takes that no small count can be worked out from the rest.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

#: As the cell size policy of the Centers for Medicare and Medicaid Services: 1 to 10 are not told, 0 is.
LEAST_TOLD = 11
FEWER = f"fewer than {LEAST_TOLD}"
WITHHELD = "withheld, so that no smaller count can be worked out"

Key = TypeVar("Key", bound=Hashable)


def in_words(cells: Mapping[Key, int], *, total_told: bool = True) -> dict[Key, str]:
    """Each cell as it may be told. Where the total is not told, nothing of the table is."""
    hidden = {key for key, count in cells.items() if 0 < count < LEAST_TOLD}
    if not total_told:
        hidden = {key for key, count in cells.items() if count > 0}
    others = sorted((key for key in cells if key not in hidden and cells[key] > 0), key=lambda key: cells[key])
    # Two hidden cells that together are large enough leave every small one in doubt.
    while others and hidden and (len(hidden) < 2 or sum(cells[key] for key in hidden) < LEAST_TOLD):
        hidden.add(others.pop(0))
    return {key: _said(count, key in hidden) for key, count in cells.items()}


def _said(count: int, hidden: bool) -> str:
    if not hidden:
        return f"{count:,}"
    return FEWER if count < LEAST_TOLD else WITHHELD
