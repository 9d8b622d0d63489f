"""Who is on call: the one resolver, for paging and for every screen.

Answers for spans, for the people at an instant, and for the instants at which a duty begins. Leaves to `gaps` what is
missing or double. Pure: the rota and the instants are arguments. Every stretch is half open, [start, end), in UTC.

First the weekly rules lay out duties, then the changes apply in order, each to what the earlier ones left. A duty
remembers through whose hands it went. `instead` of a person matches the duties that the person holds, and those that
the person gave into other hands before: of two such words about the same holder the later wins. A swap gives the duty
away for good; one that matches nothing changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from api.rota.model import SPAN_LIMIT, Change, Level, Rota, Span, WeeklyRule, Why
from api.rota.wall_clock import day_at, instant_of

_MOMENT = timedelta(microseconds=1)
"""The smallest step of a datetime: nothing can change within it."""


class SpanTooLong(ValueError):
    """More was asked for than `SPAN_LIMIT`, or an end before its start."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person who was not on duty a moment before is on duty from `at`."""

    at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class _Duty:
    """`holders`: through whose hands it went; the last holds it now, None is nobody."""

    start: datetime
    end: datetime
    holders: tuple[str | None, ...]
    why: Why
    source_id: str


def resolve(rota: Rota, level: Level, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The spans of a level within [start, end), cut to it, sorted by start, then end, person and source.

    Adjacent spans of one person from one source are one. Raises SpanTooLong.
    """
    start, end = _asked(start, end)
    return _spans(_duties(rota, level, start, end)) if start < end else ()


def on_call(rota: Rota, level: Level, at: datetime) -> tuple[str, ...]:
    """The people on duty at an instant, each once: as the rules list them, then those who were added."""
    at = at.astimezone(UTC)
    holders = (duty.holders[-1] for duty in _duties(rota, level, at, at + _MOMENT))
    return tuple(dict.fromkeys(holder for holder in holders if holder is not None))


def handoffs(rota: Rota, level: Level, start: datetime, end: datetime) -> tuple[Handoff, ...]:
    """When somebody's duty begins within [start, end), sorted by instant and person.

    Who stays on duty, though by another rule or change, begins nothing. Raises SpanTooLong.
    """
    start, end = _asked(start, end)
    spans = _spans(_duties(rota, level, start - _MOMENT, end))
    found = []
    until: dict[str, datetime] = {}
    for span in spans:
        known = until.get(span.user_id)
        if span.start >= start and (known is None or known < span.start):
            found.append(Handoff(span.start, span.user_id))
        until[span.user_id] = span.end if known is None else max(known, span.end)
    return tuple(sorted(found, key=lambda handoff: (handoff.at, handoff.user_id)))


def _asked(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    # Two instants of one zone would be compared by the wall, which is wrong in the hour that comes twice.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if not timedelta(0) <= end - start <= SPAN_LIMIT:
        raise SpanTooLong(f"ask for a stretch of {SPAN_LIMIT.days} days at most, its end not before its start")
    return start, end


def _duties(rota: Rota, level: Level, start: datetime, end: datetime) -> list[_Duty]:
    duties = [duty for rule in rota.rules if rule.level == level for duty in _turns(rule, start, end)]
    for changes in _in_order(rota.changes, level, start, end):
        duties = _changed(duties, changes)
    return duties


def _turns(rule: WeeklyRule, start: datetime, end: datetime) -> Iterator[_Duty]:
    """A rule's duties within [start, end), cut to it."""
    zone = ZoneInfo(rule.zone)
    # A turn may end in the week after its own. A day is added because a clock put back at midnight shows the day before.
    first = (day_at(zone, start) - rule.first_week).days // 7 - 1
    last = (day_at(zone, end) + timedelta(1) - rule.first_week).days // 7
    if rule.ends is not None:
        last = min(last, (rule.ends - rule.first_week).days // 7 - 1)
    for week in range(max(first, 0), last + 1):
        monday = rule.first_week + timedelta(weeks=week)
        for i, turn in enumerate(rule.turns):
            begins = max(instant_of(zone, monday, turn.start_minute), start)
            until = min(instant_of(zone, monday, turn.end_minute), end)
            if begins < until:
                turns_before = week if rule.advance == "week" else week * len(rule.turns) + i
                person = rule.people[turns_before % len(rule.people)]
                yield _Duty(begins, until, (person,), "rule", rule.id)


def _in_order(changes: Iterable[Change], level: Level, start: datetime, end: datetime) -> list[list[Change]]:
    """The changes that touch [start, end), as made; both halves of a swap together, at the place of the earlier."""
    together: dict[tuple[bool, str], list[Change]] = {}
    for change in sorted(changes, key=lambda change: (change.place, change.id)):
        if change.level == level:
            together.setdefault((change.swap_id is not None, change.swap_id or change.id), []).append(change)
    # Only now: where a swap has its place must not depend on which half of it is asked for.
    touching = (
        [change for change in group if change.start < end and start < change.end] for group in together.values()
    )
    return [
        [change.model_copy(update={"start": max(change.start, start), "end": min(change.end, end)}) for change in group]
        for group in touching
        if group
    ]


def _changed(duties: list[_Duty], changes: list[Change]) -> list[_Duty]:
    """One change applied, or the halves of one swap at the same time."""
    bounds = sorted(bound for change in changes for bound in (change.start, change.end))
    match changes[0].kind:
        case "instead":
            return [_handed_on(piece, changes) for duty in duties for piece in _cut(duty, bounds)]
        case "add":
            kept = duties
        case "only":
            kept = [piece for duty in duties for piece in _cut(duty, bounds) if not _within(piece, changes[0])]
    come = changes[0]
    return [*kept, _Duty(come.start, come.end, (come.to_user_id,), come.why, come.id)]


def _cut(duty: _Duty, bounds: Sequence[datetime]) -> list[_Duty]:
    """The duty in pieces, cut at those of the sorted bounds that lie within it."""
    if duty.end <= bounds[0] or bounds[-1] <= duty.start:
        return [duty]
    inside = sorted({bound for bound in bounds if duty.start < bound < duty.end})
    return [replace(duty, start=a, end=b) for a, b in pairwise([duty.start, *inside, duty.end])] if inside else [duty]


def _within(duty: _Duty, change: Change) -> bool:
    return change.start <= duty.start and duty.end <= change.end


def _handed_on(duty: _Duty, changes: list[Change]) -> _Duty:
    """The duty in its next hands, or as it was where no change is about it. Of a swap at most one half applies."""
    for change in changes:
        if not _within(duty, change) or change.user_id not in duty.holders:
            continue
        given_by = duty.holders[: duty.holders.index(change.user_id) + 1]
        to = change.to_user_id
        if change.swap_id:
            holders: tuple[str | None, ...] = (to,)
        elif to in given_by:  # It comes back; those who held it in between have no more say in it.
            holders = given_by[: given_by.index(to) + 1]
        else:
            holders = (*given_by, to)
        return replace(duty, holders=holders, why=change.why, source_id=change.id)
    return duty


def _spans(duties: Iterable[_Duty]) -> tuple[Span, ...]:
    """Duties that somebody holds, joined where they touch, sorted."""
    joined: dict[tuple[str, Why, str], list[Span]] = {}
    for duty in sorted(duties, key=lambda duty: (duty.start, duty.end)):
        holder = duty.holders[-1]
        if holder is None:
            continue
        spans = joined.setdefault((holder, duty.why, duty.source_id), [])
        if spans and duty.start <= spans[-1].end:
            spans[-1] = replace(spans[-1], end=max(spans[-1].end, duty.end))
        else:
            spans.append(Span(holder, duty.start, duty.end, duty.why, duty.source_id))
    every = (span for spans in joined.values() for span in spans)
    return tuple(sorted(every, key=lambda span: (span.start, span.end, span.user_id, span.source_id)))
