"""Whether the parts of a well-shaped pack fit one another.

Answers for references, operators and values against the facts' types, tiers and their overrides, both
languages, and things named twice. Leaves the shape to `model` and the wording of file and line to `load`.
"""

from collections.abc import Iterable, Iterator

from eligibility_rules.evaluate import is_iso_date, is_whole_number
from eligibility_rules.model import (
    UNLISTED,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactType,
    Not,
    Operator,
    Pack,
    Rule,
    Text,
)

#: The way to a part of a pack, as in `("rules", 0, "must", 2)`.
Place = tuple[str | int, ...]
#: Where, what is wrong, what to do next.
Misfit = tuple[Place, str, str]

OPERATORS: dict[FactType, tuple[Operator, ...]] = {
    "bool": ("is",),
    "int": ("is", "is_not", "less_than", "at_most", "at_least", "more_than"),
    "enum": ("is", "is_not", "in", "not_in"),
    "date": ("is", "is_not", "before", "on_or_before", "on_or_after", "after"),
    "code_list": ("any_in", "none_in", "all_in"),
}


def find_misfits(pack: Pack) -> list[Misfit]:
    """Everything about the pack that does not fit, in no particular order; empty for a sound pack."""
    return [*_dates(pack), *_doubles(pack), *_charges(pack), *_facts(pack), *_rules(pack), *_texts(pack)]


def facts_read(condition: Condition) -> Iterator[str]:
    """The facts that a condition reads, as often as it names them."""
    for _, (fact, _, _) in _comparisons(condition, ()):
        yield fact


def _dates(pack: Pack) -> Iterator[Misfit]:
    if pack.effective_until is not None and pack.effective_until < pack.effective_from:
        yield ("effective_until",), "The pack ends before it begins.", "Correct one of the dates."


def _doubles(pack: Pack) -> Iterator[Misfit]:
    columns: dict[Place, Iterable[object]] = {
        ("charges", "code"): (charge.code for charge in pack.charges),
        ("charges", "order"): (charge.order for charge in pack.charges),
        ("facts", "id"): (fact.id for fact in pack.facts),
        ("rules", "id"): (rule.id for rule in pack.rules),
    }
    for (section, key), names in columns.items():
        yield from _repeated(names, (section,), str(key))
    for number, charge in enumerate(pack.charges):
        yield from _repeated(charge.conditions, ("charges", number, "conditions"))
    for number, fact in enumerate(pack.facts):
        yield from _repeated(fact.values, ("facts", number, "values"))
    for number, rule in enumerate(pack.rules):
        yield from _repeated(rule.applies_to, ("rules", number, "applies_to"))
    for pathway, referrers in pack.pathways.items():
        yield from _repeated(referrers, ("pathways", pathway))


def _repeated(names: Iterable[object], place: Place, *rest: str) -> Iterator[Misfit]:
    seen = set()
    for number, name in enumerate(names):
        if name in seen:
            yield (*place, number, *rest), f"{name!r} is there twice.", "Give each its own."
        seen.add(name)


def _charges(pack: Pack) -> Iterator[Misfit]:
    read = {name for rule in pack.rules for name in facts_read(rule.must)}
    for number, charge in enumerate(pack.charges):
        if charge.code == UNLISTED:
            step = "Choose another code."
            yield ("charges", number, "code"), f"{UNLISTED!r} stands for a charge not on the list.", step
        for position, name in enumerate(charge.conditions):
            place: Place = ("charges", number, "conditions", position)
            fact = pack.facts_by_id.get(name)
            if fact is None:
                yield place, f"There is no fact {name!r}.", "Add it under facts, or correct the name."
            elif fact.type != "bool" or fact.asked_of != "officer":
                step = "Use a bool that is asked of the officer."
                yield place, f"Fact {name!r} is not the officer's yes or no.", step
            elif name not in read:
                yield place, f"No rule reads {name!r}, so the answer would not count.", "Add the rule."


def _facts(pack: Pack) -> Iterator[Misfit]:
    for number, fact in enumerate(pack.facts):
        place: Place = ("facts", number)
        if (fact.unit is not None) != (fact.type == "int"):
            step = "Give an int its unit (mg, cents, days, …), and no other type one."
            yield (*place, "unit"), f"Fact {fact.id!r} is of type {fact.type}; its unit does not fit.", step
        if fact.type == "enum" and len(fact.values) < 2:
            yield (*place, "values"), f"Enum {fact.id!r} has fewer than two values.", "List them."
        elif fact.type not in ("enum", "code_list") and fact.values:
            yield (*place, "values"), f"Fact {fact.id!r} of type {fact.type} takes no values.", "Remove them."
        elif fact.type == "code_list" and not fact.values and not pack.charges:
            step = "List its values, or add charges."
            yield (*place, "values"), f"{fact.id!r} takes its codes from the charges; there are none.", step


def _rules(pack: Pack) -> Iterator[Misfit]:
    for number, rule in enumerate(pack.rules):
        place: Place = ("rules", number)
        if (rule.override_by is not None) != (rule.tier == "presumed_out"):
            step = "Name the role for presumed_out, and for no other tier."
            yield (*place, "override_by"), f"Rule {rule.id!r}: tier and override_by do not go together.", step
        yield from _pathways(pack, rule, place)
        for where, comparison in _comparisons(rule.must, (*place, "must")):
            yield from _comparison(pack, comparison, where)


def _pathways(pack: Pack, rule: Rule, place: Place) -> Iterator[Misfit]:
    for position, pathway in enumerate(rule.applies_to):
        if pathway not in pack.pathways:
            step = "Add it under pathways, or remove it here."
            yield (*place, "applies_to", position), f"The program has no pathway {pathway!r}.", step


def _comparisons(condition: Condition, place: Place) -> Iterator[tuple[Place, Comparison]]:
    match condition:
        case AllOf():
            for number, part in enumerate(condition.all):
                yield from _comparisons(part, (*place, "all", number))
        case AnyOf():
            for number, part in enumerate(condition.any):
                yield from _comparisons(part, (*place, "any", number))
        case Not():
            yield from _comparisons(condition.negated, (*place, "not"))
        case _:
            yield place, condition


def _comparison(pack: Pack, comparison: Comparison, place: Place) -> Iterator[Misfit]:
    name, operator, value = comparison
    fact = pack.facts_by_id.get(name)
    if fact is None:
        yield (*place, 0), f"There is no fact {name!r}.", "Add it under facts, or correct the name."
    elif operator not in OPERATORS[fact.type]:
        step = f"Use one of: {', '.join(OPERATORS[fact.type])}."
        yield (*place, 1), f"{operator!r} does not fit {name!r}, of type {fact.type}.", step
    else:
        expected = _unfit_value(pack, fact, operator, value)
        if expected is not None:
            yield (*place, 2), f"The value for {name!r} does not fit.", f"Write {expected}."


def _unfit_value(pack: Pack, fact: Fact, operator: Operator, value: object) -> str | None:
    """What the value should be, or None if it fits."""
    match fact.type:
        case "bool":
            return None if isinstance(value, bool) else "true or false"
        case "int":
            return None if is_whole_number(value) else "a whole number, 0 or more"
        case "date":
            return None if is_iso_date(value) else "a date, YYYY-MM-DD"
        case "enum" | "code_list":
            codes = pack.codes_by_fact[fact.id]
            choice = ", ".join(sorted(codes))
            if operator in ("is", "is_not"):
                return None if isinstance(value, str) and value in codes else f"one of: {choice}"
            fits = isinstance(value, tuple) and len(set(value)) == len(value) > 0 and codes.issuperset(value)
            return None if fits else f"a list, each once, of: {choice}"


def _texts(pack: Pack) -> Iterator[Misfit]:
    texts: list[tuple[Place, Text]] = []
    texts += [(("charges", n, "title"), charge.title) for n, charge in enumerate(pack.charges)]
    texts += [(("facts", n, "question"), fact.question) for n, fact in enumerate(pack.facts)]
    texts += [(("rules", n, "why"), rule.why) for n, rule in enumerate(pack.rules)]
    texts += [(("rules", n, "confirm"), rule.confirm) for n, rule in enumerate(pack.rules)]
    for place, text in texts:
        if text.en.casefold() == text.es.casefold():
            yield (*place, "es"), "The Spanish text is the English one.", "Translate it."
