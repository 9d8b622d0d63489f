"""Conditions made into functions, once per pack, so that judging costs microseconds.

Answers for the meaning of a condition: Kleene's three values, operators, look-backs, and which facts keep a condition
unknown. Pure. Leaves rules, tiers and outcomes to `evaluate`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from eligibility_rules.conditions import LOOK_BACKS
from eligibility_rules.days import day_before
from eligibility_rules.model import (
    NEVER,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FirstKnown,
    LookBack,
    Not,
    Operator,
    Rule,
)

Facts = Mapping[str, object]
#: The answer (None: unknown) and, if unknown, the facts that keep it so, each once, in the order written.
Judgement = tuple[bool | None, tuple[str, ...]]
Judge = Callable[[Facts], Judgement]
Test = Callable[[Any], bool]

YES: Judgement = (True, ())
NO: Judgement = (False, ())


def compile_rule(rule: Rule) -> Judge:
    """A rule holds where its `when` does not, and where its `must` does."""
    must = compile_condition(rule.must)
    return must if rule.when is None else _combined((_negated(compile_condition(rule.when)), must), settled_by=True)


def compile_condition(condition: Condition) -> Judge:
    """The function that judges facts by this condition. The facts must have passed `check_facts`."""
    match condition:
        case AllOf():
            return _combined(tuple(map(compile_condition, condition.all)), settled_by=False)
        case AnyOf():
            return _combined(tuple(map(compile_condition, condition.any)), settled_by=True)
        case Not():
            return _negated(compile_condition(condition.negated))
        case FirstKnown():
            return _first_known(tuple(map(compile_condition, condition.first_known)))
        case _:
            return _comparison(condition)


def _combined(parts: tuple[Judge, ...], *, settled_by: bool) -> Judge:
    """`all` is settled by a no, `any` by a yes; an unknown part counts only if nothing settles the whole."""
    settled, otherwise = (YES, NO) if settled_by else (NO, YES)

    def judge(facts: Facts) -> Judgement:
        missing: tuple[str, ...] = ()
        for part in parts:
            answer, still_missing = part(facts)
            if answer is settled_by:
                return settled
            if answer is None:
                missing = _union(missing, still_missing)
        return (None, missing) if missing else otherwise

    return judge


def _first_known(parts: tuple[Judge, ...]) -> Judge:
    def judge(facts: Facts) -> Judgement:
        missing: tuple[str, ...] = ()
        for part in parts:
            judgement = part(facts)
            if judgement[0] is not None:
                return judgement
            missing = _union(missing, judgement[1])
        return None, missing

    return judge


def _negated(part: Judge) -> Judge:
    def judge(facts: Facts) -> Judgement:
        answer, missing = part(facts)
        return (None, missing) if answer is None else NO if answer else YES

    return judge


def _union(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*some, *(fact for fact in more if fact not in some)) if some else more


def _comparison(comparison: Comparison) -> Judge:
    fact, operator, expected = comparison
    if isinstance(expected, LOOK_BACKS):
        return _look_back(fact, operator, expected)
    unknown: Judgement = (None, (fact,))
    test = _test(operator, expected)

    def judge(facts: Facts) -> Judgement:
        actual = facts.get(fact)
        return unknown if actual is None else YES if test(actual) else NO

    return judge


def _look_back(fact: str, operator: Operator, back: LookBack) -> Judge:
    """The fact against the day counted back. What never happened needs no anchor: it is before every day."""
    anchor_fact = back.before
    anchor_unknown: Judgement = (None, (anchor_fact,))
    fact_unknown: Judgement = (None, (fact,))
    both_unknown: Judgement = (None, (fact, anchor_fact))
    never = YES if operator in ("before", "on_or_before") else NO

    def judge(facts: Facts) -> Judgement:
        actual, anchor = facts.get(fact), facts.get(anchor_fact)
        if actual is None:
            return both_unknown if anchor is None else fact_unknown
        if actual == NEVER:
            return never
        if anchor is None:
            return anchor_unknown
        return YES if _in_order(operator, actual, day_before(str(anchor), back)) else NO

    return judge


def _test(operator: Operator, expected: Any) -> Test:
    match operator:
        case "is":
            return lambda actual: bool(actual == expected)
        case "is_not":
            return lambda actual: bool(actual != expected)
        case "in":
            return frozenset(expected).__contains__
        case "not_in":
            return lambda actual, listed=frozenset(expected): actual not in listed  # type: ignore[misc]
        case "any_in":
            return lambda actual, listed=frozenset(expected): not listed.isdisjoint(actual)  # type: ignore[misc]
        case "none_in":
            return frozenset(expected).isdisjoint
        case "all_in":
            return frozenset(expected).issuperset
        case _:
            return lambda actual: _in_order(operator, actual, expected)


def _in_order(operator: Operator, actual: Any, expected: Any) -> bool:
    """Amounts by size, days by date (ISO text sorts as days do); `never` before every day."""
    if actual == NEVER:
        return operator in ("before", "on_or_before")
    match operator:
        case "less_than" | "before":
            return bool(actual < expected)
        case "at_most" | "on_or_before":
            return bool(actual <= expected)
        case "at_least" | "on_or_after":
            return bool(actual >= expected)
    return bool(actual > expected)
