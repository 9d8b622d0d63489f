"""Where nobody is on duty, and where more than one person is.

A gap is what supervisors must mend. An overlap is only shown: two people on duty may well be meant.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from api.rota.model import Span


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on duty from `start` until just before `end` (UTC)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    """The same two or more people, sorted, are on duty from `start` until just before `end` (UTC)."""

    start: datetime
    end: datetime
    user_ids: tuple[str, ...]


def gaps(spans: Iterable[Span], start: datetime, end: datetime) -> tuple[Gap, ...]:
    """The stretches of [start, end) that no span covers, sorted."""
    covered, end = start.astimezone(UTC), end.astimezone(UTC)
    found = []
    for span in sorted(spans, key=lambda span: span.start):
        if span.start >= end:
            break
        if covered < span.start:
            found.append(Gap(covered, span.start))
        covered = max(covered, span.end)
    if covered < end:
        found.append(Gap(covered, end))
    return tuple(found)


def overlaps(spans: Iterable[Span]) -> tuple[Overlap, ...]:
    """The stretches in which two or more different people are on duty, sorted; a new one where their number or names change."""
    steps: dict[datetime, Counter[str]] = {}
    for span in spans:
        steps.setdefault(span.start, Counter())[span.user_id] += 1
        steps.setdefault(span.end, Counter())[span.user_id] -= 1
    found: list[Overlap] = []
    present: Counter[str] = Counter()
    before: datetime | None = None
    for at in sorted(steps):
        people = tuple(sorted(person for person, times in present.items() if times > 0))
        if before is not None and len(people) > 1:
            if found and found[-1].end == before and found[-1].user_ids == people:
                found[-1] = replace(found[-1], end=at)
            else:
                found.append(Overlap(before, at, people))
        present.update(steps[at])
        before = at
    return tuple(found)
