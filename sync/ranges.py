"""Sets of sequence numbers as sorted, disjoint, closed ranges: what a server knows of a device, normally one range."""

from collections.abc import Iterable

RANGES_LIMIT = 1000
"""More gaps than any phone makes by itself; beyond it the lowest ranges are forgotten, and what they held is sent again."""

Ranges = list[list[int]]


def add(ranges: Ranges, numbers: Iterable[int]) -> Ranges:
    """The ranges with the numbers added."""
    return join(ranges, [[number, number] for number in numbers])


def join(ranges: Ranges, others: Iterable[list[int]]) -> Ranges:
    """What lies in any of both."""
    spans = sorted([list(span) for span in (*ranges, *others)])
    joined: Ranges = []
    for low, high in spans:
        if joined and low <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], high)
        else:
            joined.append([low, high])
    return joined[-RANGES_LIMIT:]


def contains(ranges: Ranges, number: int) -> bool:
    """True if the number lies in one of the ranges."""
    return any(low <= number <= high for low, high in ranges)


def highest(ranges: Ranges) -> int:
    """The highest number, 0 if there is none."""
    return ranges[-1][1] if ranges else 0
