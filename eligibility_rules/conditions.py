"""Walking through conditions: which comparisons they hold, and which facts they read.

Answers for the order in which things are written, which is the order in which they are told. Leaves the meaning to
`compile`.
"""

from collections.abc import Iterator
from typing import get_args

from eligibility_rules.model import AllOf, AnyOf, Comparison, Condition, FirstKnown, LookBack, Not, Rule

#: The way to a part of a pack, as in `("rules", 0, "must", 2)`.
Place = tuple[str | int, ...]

LOOK_BACKS = get_args(LookBack)


def parts_of(condition: Condition) -> Iterator[tuple[Place, Condition]]:
    """The conditions directly inside this one, each with the way to it; none inside a comparison."""
    match condition:
        case AllOf():
            yield from ((("all", number), part) for number, part in enumerate(condition.all))
        case AnyOf():
            yield from ((("any", number), part) for number, part in enumerate(condition.any))
        case FirstKnown():
            yield from ((("first_known", number), part) for number, part in enumerate(condition.first_known))
        case Not():
            yield ("not",), condition.negated


def comparisons(condition: Condition, place: Place = ()) -> Iterator[tuple[Place, Comparison]]:
    """Every comparison in the condition, in the order written, with the way to it."""
    if isinstance(condition, tuple):
        yield place, condition
        return
    for step, part in parts_of(condition):
        yield from comparisons(part, (*place, *step))


def depth(condition: Condition) -> int:
    """How many conditions lie inside one another; a comparison counts 0."""
    return max((1 + depth(part) for _, part in parts_of(condition)), default=0)


def facts_read(condition: Condition) -> Iterator[str]:
    """The facts that a condition reads, as often as it names them; a look-back's anchor after its fact."""
    for _, (fact, _, value) in comparisons(condition):
        yield fact
        if isinstance(value, LOOK_BACKS):
            yield value.before


def facts_of(rule: Rule) -> tuple[str, ...]:
    """The facts that a rule reads, each once, in the order written: those of `when` first."""
    gate = () if rule.when is None else facts_read(rule.when)
    return tuple(dict.fromkeys((*gate, *facts_read(rule.must))))
