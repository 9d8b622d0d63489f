"""The few values of a fact that stand for all of them, as far as given conditions can tell.

Answers for conditions taken apart, and for values on both sides of every boundary that they draw: an amount at, one
below and one above each threshold; days likewise, look-backs included; codes grouped by which comparisons name them.
`reach` and `flips` enumerate them instead of guessing. Leaves the meaning of a condition to `evaluate`.
"""

import calendar
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from eligibility_rules.conditions import LOOK_BACKS, comparisons, facts_read, parts_of
from eligibility_rules.days import FIRST_DAY, day_before
from eligibility_rules.model import (
    MAX_WHOLE_NUMBER,
    NEVER,
    Comparison,
    Condition,
    DaysBefore,
    Fact,
    FirstKnown,
    LookBack,
    MonthsBefore,
    Pack,
    Rule,
)

#: Groups of codes of which every combination is taken; of more groups, only lists of one or two and the full one.
MOST_GROUPS = 10
#: Days taken for one fact. A pack with more boundaries between days than this is not enumerated whole.
MOST_DAYS = 400
#: Days to count back from where days meet months or years: among them every length that a span of months can have.
CALENDAR = tuple(date(2023 + (month - 1) // 12, (month - 1) % 12 + 1, 1) for month in range(3, 27))
FIRST, LAST = date.fromisoformat(FIRST_DAY), date(2999, 12, 31)
YES_AND_NO = (True, False)


@dataclass(frozen=True)
class Domain:
    """The values to try for each fact, and whether they stand for all of them."""

    values: dict[str, tuple[object, ...]]
    whole: bool

    def size(self, names: Iterable[str]) -> int:
        """How many combinations the named facts make."""
        product = 1
        for name in names:
            product *= len(self.values[name])
        return product


@dataclass
class _Days:
    """Days found so far by fact, and the look-backs that relate two facts."""

    found: dict[str, set[date]] = field(default_factory=dict)
    relations: list[tuple[str, LookBack]] = field(default_factory=list)
    whole: bool = True


def conditions_of(rule: Rule) -> tuple[Condition, ...]:
    """What the rule is made of: its `when`, if it has one, and its `must`."""
    return (rule.must,) if rule.when is None else (rule.when, rule.must)


def falls_back(condition: Condition) -> bool:
    """Whether an unknown fact may be answered by another: then not knowing is a value of its own."""
    return isinstance(condition, FirstKnown) or any(falls_back(part) for _, part in parts_of(condition))


def domain(
    packs: Sequence[Pack], conditions: Sequence[Condition], apart: Mapping[str, Hashable] | None = None
) -> Domain:
    """The values to try for every fact that `conditions` read; the first pack that has a fact says its type.

    `apart` marks charge codes that have to be told from others although no comparison names them.
    """
    facts = {fact.id: fact for pack in reversed(packs) for fact in pack.facts}
    written = [comparison for condition in conditions for _, comparison in comparisons(condition)]
    names = [name for condition in conditions for name in facts_read(condition) if name in facts]
    days = _days(written, facts, packs[0].effective_from)
    open_to_doubt = {name for condition in conditions if falls_back(condition) for name in facts_read(condition)}
    values: dict[str, tuple[object, ...]] = {}
    whole = days.whole
    for name in dict.fromkeys(names):
        fact = facts[name]
        own = [(operator, value) for read, operator, value in written if read == name]
        if fact.type in ("enum", "code_list"):
            codes = {code: None for pack in packs if name in pack.facts_by_id for code in _codes(pack, fact)}
            groups = _groups(tuple(codes), own, {} if fact.values else apart or {})
            whole = whole and (fact.type == "enum" or len(groups) <= MOST_GROUPS)
            tried: Sequence[object] = groups if fact.type == "enum" else _lists(groups, empty_allowed=bool(fact.values))
        else:
            tried = _plain_values(fact, own, days.found.get(name, set()))
        values[name] = (*tried, None) if name in open_to_doubt else tuple(tried)
    return Domain(values, whole)


def _codes(pack: Pack, fact: Fact) -> list[str]:
    """The fact's codes in the pack's order, `unlisted` last; by name where the pack gives no order."""
    allowed = pack.codes_by_fact[fact.id]
    ordered = [choice.code for choice in pack.facts_by_id[fact.id].values] or [
        charge.code for charge in sorted(pack.charges, key=lambda charge: charge.order)
    ]
    return [*ordered, *sorted(allowed - set(ordered))]


def _plain_values(fact: Fact, own: Sequence[tuple[str, object]], days: set[date]) -> Sequence[object]:
    if fact.type == "bool":
        return YES_AND_NO
    if fact.type == "int":
        marks = {value for _, value in own if type(value) is int} or {0}
        near = {mark + step for mark in marks for step in (-1, 0, 1)}
        return sorted(number for number in near if 0 <= number <= MAX_WHOLE_NUMBER)
    texts = [day.isoformat() for day in sorted(days)]
    return [NEVER, *texts] if fact.type == "event" else texts


def _groups(codes: Sequence[str], own: Sequence[tuple[str, object]], apart: Mapping[str, Hashable]) -> list[str]:
    """One code for each set of codes that no comparison tells apart."""
    first: dict[Hashable, str] = {}
    for code in codes:
        named = tuple(code == value or (isinstance(value, tuple) and code in value) for _, value in own)
        first.setdefault((named, apart.get(code)), code)
    return list(first.values())


def _lists(groups: Sequence[str], *, empty_allowed: bool) -> list[tuple[str, ...]]:
    """Lists of codes, the shortest first. An arrest has at least one charge."""
    sizes: Iterable[int] = range(1, len(groups) + 1) if len(groups) <= MOST_GROUPS else (1, 2, len(groups))
    lists = [chosen for size in sizes for chosen in combinations(groups, size)]
    return [*lists, ()] if empty_allowed else lists


def _days(written: Sequence[Comparison], facts: Mapping[str, Fact], usual_day: date) -> _Days:
    """Days around every boundary. Only the distance between related facts matters, so days spread from those that a
    comparison names, or else from `usual_day`, along each chain of look-backs once.
    """
    days = _Days()
    named: dict[str, set[date]] = {}
    anchors: dict[str, None] = {}
    for name, _, value in written:
        if name not in facts or facts[name].type not in ("date", "event"):
            continue
        named.setdefault(name, set())
        if isinstance(value, LOOK_BACKS):
            days.relations.append((name, value))
            named.setdefault(value.before, set())
            anchors[value.before] = None
        elif isinstance(value, str) and value != NEVER:
            named[name] |= set(_around(date.fromisoformat(value)))
    for name in [*anchors, *named]:
        related = _related(name, days.relations)
        if name in anchors and _is_mixed(related, days.relations):
            named[name] |= set(CALENDAR)
        elif not any(named[other] for other in related):
            named[name] = {usual_day}
    for name, seeds in named.items():
        for day in seeds:
            _spread(days, name, day, frozenset())
    return days


def _related(name: str, relations: Sequence[tuple[str, LookBack]]) -> set[str]:
    """The facts tied to this one by look-backs, itself included."""
    reached, waiting = {name}, [name]
    while waiting:
        here = waiting.pop()
        for fact, look_back in relations:
            if here in (fact, look_back.before):
                found = {fact, look_back.before} - reached
                reached |= found
                waiting += found
    return reached


def _is_mixed(names: set[str], relations: Sequence[tuple[str, LookBack]]) -> bool:
    """Whether days are counted beside months or years, so that it matters how long the months are."""
    by_day = {isinstance(look_back, DaysBefore) for fact, look_back in relations if fact in names}
    return len(by_day) == 2


def _spread(days: _Days, name: str, day: date, passed: frozenset[str]) -> None:
    found = days.found.setdefault(name, set())
    if len(found) >= MOST_DAYS and day not in found:
        days.whole = False
        return
    found.add(day)
    passed = passed | {name}
    for fact, look_back in days.relations:
        if fact not in passed and look_back.before == name:
            for next_day in _around(date.fromisoformat(day_before(day.isoformat(), look_back))):
                _spread(days, fact, next_day, passed)
        elif fact == name and look_back.before not in passed:
            # Several anchors may count back to one day (28 to 31 March, a month back): step past all of them.
            later = _later(day, look_back)
            for next_day in {*_around(later), _bounded(later, 4)}:
                _spread(days, look_back.before, next_day, passed)


def _around(day: date) -> tuple[date, ...]:
    return tuple(dict.fromkeys((day, _bounded(day, -1), _bounded(day, 1))))


def _bounded(day: date, steps: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + steps, FIRST.toordinal()), LAST.toordinal()))


def _later(day: date, back: LookBack) -> date:
    """About the day from which the look-back counts to `day`; never after the last day there is."""
    if isinstance(back, DaysBefore):
        return _bounded(day, back.days)
    months = back.months if isinstance(back, MonthsBefore) else 12 * back.years
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LAST.year:
        return LAST
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
