"""Whether a pack's cases are enough: each rule alone, each fact unknown, both sides of every boundary, every value.

Every function gives the gaps in words, none for a complete file; a gap says which case to add.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from eligibility_rules import evaluate
from eligibility_rules.conditions import LOOK_BACKS, comparisons, facts_of
from eligibility_rules.days import day_before
from eligibility_rules.model import NEVER, Comparison, Rule
from tests.eligibility_rules.cases import Suite

#: On which side of the boundary an operator's answer changes: one step before it (-1) or after it (+1).
OTHER_SIDE = {
    "is": (-1, 1), "is_not": (-1, 1), "less_than": (-1,), "at_least": (-1,), "at_most": (1,), "more_than": (1,),
    "before": (-1,), "on_or_after": (-1,), "on_or_before": (1,), "after": (1,),
}  # fmt: skip


def gaps(suite: Suite) -> list[str]:
    parts = (_idle, _base, _alone, _unknown, _boundaries, _values)
    return [gap for part in parts for gap in part(suite)]


def _idle(suite: Suite) -> Iterator[str]:
    """Parts of a case that say nothing: they are slips of the pen."""
    for case in suite.file.cases:
        base = suite.file.base.get(case.pathway, {})
        yield from (f"{case.name}: {name} is not in the base" for name in case.unasked if name not in base)
        same = [name for name, value in case.change.items() if name in base and base[name] == value]
        yield from (f"{case.name}: {name} is changed to what it is in the base" for name in same)


def _base(suite: Suite) -> Iterator[str]:
    for pathway in suite.pack.pathways:
        if pathway not in suite.file.base:
            yield f"{pathway} has no base"
            continue
        found = evaluate(suite.pack, pathway, suite.file.base[pathway])
        open_rules = [reason.rule for reason in found.reasons if reason.answer != "yes"]
        if open_rules or found.outcome != "eligible":
            yield f"the base of {pathway} is {found.outcome}; not yes: {open_rules}"
    yield from (
        f"the program has no pathway {name}, but a base" for name in set(suite.file.base) - set(suite.pack.pathways)
    )


def _alone(suite: Suite) -> Iterator[str]:
    alone = set()
    for _, _, found in suite.judged():
        failed = [reason.rule for reason in found.reasons if reason.answer == "no"]
        alone |= set(failed) if len(failed) == 1 else set()
    for rule in suite.pack.rules:
        if rule.id in suite.file.never_alone and rule.id in alone:
            yield f"rule {rule.id} is alone in a case, and said to be never_alone"
        elif rule.id not in suite.file.never_alone and rule.id not in alone:
            yield f"no case in which rule {rule.id} is the only no"
    known = {rule.id for rule in suite.pack.rules}
    yield from (f"never_alone names {name}, which is no rule" for name in suite.file.never_alone if name not in known)


def _unknown(suite: Suite) -> Iterator[str]:
    """A fact counts as unknown where the case says so, or where a rule of the case is open for it."""
    seen: dict[str, set[str]] = {pathway: set() for pathway in suite.pack.pathways}
    for case, facts, found in suite.judged():
        said = {*case.unasked, *(name for name in case.change if facts.get(name) is None)}
        seen[case.pathway] |= said | {name for reason in found.reasons for name in reason.missing}
    for pathway in suite.pack.pathways:
        read = dict.fromkeys(fact for rule in suite.pack.rules if pathway in rule.applies_to for fact in facts_of(rule))
        yield from (f"{pathway}: no case in which {name} is not known" for name in read if name not in seen[pathway])


def _boundaries(suite: Suite) -> Iterator[str]:
    for rule in suite.pack.rules:
        facts = [facts for case, facts, _ in suite.judged() if case.pathway in rule.applies_to]
        for comparison in _comparisons(rule):
            yield from (f"rule {rule.id}, {list(comparison)}: no case {gap}" for gap in _sides(comparison, facts))


def _comparisons(rule: Rule) -> Iterator[Comparison]:
    for condition in (rule.when, rule.must):
        if condition is not None:
            yield from (comparison for _, comparison in comparisons(condition))


def _sides(comparison: Comparison, facts: list[dict[str, Any]]) -> Iterator[str]:
    """Which of the boundary itself and the first step on its other side no case stands on."""
    name, operator, value = comparison
    if value == NEVER:
        known = {facts_of_case.get(name) == NEVER for facts_of_case in facts if facts_of_case.get(name) is not None}
        yield from (f"with {name} {'never' if happened else 'on a day'}" for happened in {True, False} - known)
        return
    steps = set()
    for each in facts:
        anchor = each.get(value.before) if isinstance(value, LOOK_BACKS) else None
        boundary = value if not isinstance(value, LOOK_BACKS) else anchor and day_before(anchor, value)
        steps.add(_step(each.get(name), boundary))
    if not _has_boundary(value):
        return
    if 0 not in steps:
        yield "exactly at the boundary"
    if not steps & set(OTHER_SIDE[operator]) and not (value == 0 and OTHER_SIDE[operator] == (-1,)):
        yield "a single step beyond it"


def _has_boundary(value: object) -> bool:
    return isinstance(value, LOOK_BACKS) or (isinstance(value, int) and not isinstance(value, bool)) or _is_day(value)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _step(actual: Any, boundary: Any) -> int | None:
    """How many units or days the value lies beyond the boundary, where that is one at most."""
    if _is_day(actual) and _is_day(boundary):
        distance = (date.fromisoformat(actual) - date.fromisoformat(boundary)) // timedelta(days=1)
    elif type(actual) is int and type(boundary) is int:
        distance = actual - boundary
    else:
        return None
    return distance if abs(distance) <= 1 else None


def _values(suite: Suite) -> Iterator[str]:
    seen: dict[str, set[str]] = {name: set() for name in suite.pack.codes_by_fact}
    for _, facts, _ in suite.judged():
        for name, found in seen.items():
            value = facts.get(name)
            found |= {value} if isinstance(value, str) else set(value or ())
    for name, codes in suite.pack.codes_by_fact.items():
        yield from (f"no case in which {name} is or holds {code}" for code in sorted(codes - seen[name]))
