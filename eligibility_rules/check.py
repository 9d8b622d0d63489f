"""Whether the parts of a well-shaped pack fit one another.

Answers for references, operators and values against the facts' types, tiers and their overrides, both languages, and
things named twice. Leaves the shape to `model`, the wording of file and line to `load`.
"""

from collections.abc import Iterable, Iterator

from eligibility_rules.conditions import LOOK_BACKS, Place, comparisons, depth, facts_of
from eligibility_rules.days import is_iso_date
from eligibility_rules.evaluate import is_whole_number
from eligibility_rules.model import NEVER, RECORD_FACTS, UNLISTED, Comparison, Condition, Fact, FactType, Operator, Pack
from eligibility_rules.vocabulary import Text

#: Where, what is wrong, what to do next.
Misfit = tuple[Place, str, str]

#: `all`, `any`, `not` and `first_known` inside one another; what lies deeper nobody can read aloud.
MAX_CONDITION_DEPTH = 4
DAYS_IN_ORDER: tuple[Operator, ...] = ("before", "on_or_before", "on_or_after", "after")
OPERATORS: dict[FactType, tuple[Operator, ...]] = {
    "bool": ("is",),
    "int": ("is", "is_not", "less_than", "at_most", "at_least", "more_than"),
    "enum": ("is", "is_not", "in", "not_in"),
    "date": ("is", "is_not", *DAYS_IN_ORDER),
    "event": ("is", "is_not", *DAYS_IN_ORDER),
    "code_list": ("any_in", "none_in", "all_in"),
}


def find_misfits(pack: Pack) -> list[Misfit]:
    """Everything about the pack that does not fit, in no particular order; empty for a sound pack."""
    parts = (_head, _practice, _doubles, _confusions, _charges, _facts, _rules, _texts)
    return [misfit for part in parts for misfit in part(pack)]


def _head(pack: Pack) -> Iterator[Misfit]:
    if pack.effective_until is not None and pack.effective_until < pack.effective_from:
        yield ("effective_until",), "The pack ends before it begins.", "Correct one of the dates."
    if pack.official and pack.unverified:
        step = "Remove it, or write official: false."
        yield ("unverified",), "An official pack has nothing that could not be verified.", step
    if not pack.official and not pack.unverified:
        step = "Add unverified: what the program itself has to confirm, in both languages."
        yield ("official",), "The pack is not official, and does not say what could not be verified.", step
    for pathway, referrers in pack.pathways.items():
        if not referrers:
            yield ("pathways", pathway), "Nobody may refer on this pathway.", "Name who may, or remove the pathway."


def _practice(pack: Pack) -> Iterator[Misfit]:
    practice = pack.practice
    for number, approval in enumerate(practice.approvals):
        yield from _pathways(pack, approval.applies_to, ("practice", "approvals", number))
    if isinstance(practice.service_hours, tuple):
        for number, hours in enumerate(practice.service_hours):
            if hours.begins == hours.until:
                step = "Correct one; for the whole day, write always, or from 00:00 until 23:59."
                yield ("practice", "service_hours", number, "until"), "The hours end when they begin.", step


def _doubles(pack: Pack) -> Iterator[Misfit]:
    practice = pack.practice
    yield from _repeated((charge.code for charge in pack.charges), ("charges",), "code")
    yield from _repeated((charge.order for charge in pack.charges), ("charges",), "order")
    yield from _repeated((fact.id for fact in pack.facts), ("facts",), "id")
    yield from _repeated((rule.id for rule in pack.rules), ("rules",), "id")
    yield from _repeated((approval.id for approval in practice.approvals), ("practice", "approvals"), "id")
    yield from _repeated(practice.languages, ("practice", "languages"))
    yield from _repeated(practice.consent_scripts, ("practice", "consent_scripts"))
    for number, charge in enumerate(pack.charges):
        yield from _repeated(charge.conditions, ("charges", number, "conditions"))
    for number, fact in enumerate(pack.facts):
        yield from _repeated((value.code for value in fact.values), ("facts", number, "values"), "code")
    for number, rule in enumerate(pack.rules):
        yield from _repeated(rule.applies_to, ("rules", number, "applies_to"))
    for number, approval in enumerate(practice.approvals):
        yield from _repeated(approval.applies_to, ("practice", "approvals", number, "applies_to"))
    if isinstance(practice.service_hours, tuple):
        for number, hours in enumerate(practice.service_hours):
            yield from _repeated(hours.days, ("practice", "service_hours", number, "days"))
    for pathway, referrers in pack.pathways.items():
        yield from _repeated(referrers, ("pathways", pathway))


def _repeated(names: Iterable[object], place: Place, *rest: str) -> Iterator[Misfit]:
    seen = set()
    for number, name in enumerate(names):
        if name in seen:
            yield (*place, number, *rest), f"{name!r} is there twice.", "Give each its own."
        seen.add(name)


def _confusions(pack: Pack) -> Iterator[Misfit]:
    """Names that stand for two things. A rule may be named for the fact that it reads."""
    rules = {rule.id for rule in pack.rules}
    for number, charge in enumerate(pack.charges):
        place: Place = ("charges", number, "code")
        if charge.code == UNLISTED:
            yield place, f"{UNLISTED!r} stands for a charge not on the list.", "Choose another code."
        if charge.code in pack.facts_by_id:
            yield place, f"{charge.code!r} is also the id of a fact.", "Name the fact for what is asked."
    for number, fact in enumerate(pack.facts):
        if fact.id in (NEVER, UNLISTED):
            yield ("facts", number, "id"), f"{fact.id!r} is a value with a meaning of its own.", "Choose another id."
    for number, approval in enumerate(pack.practice.approvals):
        if approval.id in rules or approval.id in pack.facts_by_id:
            step = "Name the approval for who gives it."
            yield ("practice", "approvals", number, "id"), f"{approval.id!r} is also a rule or a fact.", step


def _charges(pack: Pack) -> Iterator[Misfit]:
    read = {name for rule in pack.rules for name in facts_of(rule)}
    for number, charge in enumerate(pack.charges):
        for position, name in enumerate(charge.conditions):
            place: Place = ("charges", number, "conditions", position)
            fact = pack.facts_by_id.get(name)
            if fact is None:
                yield place, f"There is no fact {name!r}.", "Add it under facts, or correct the name."
            elif fact.type == "code_list" or fact.asked_of != "officer":
                step = "Use a fact that is asked of the officer, and is no list of codes."
                yield place, f"Fact {name!r} cannot be asked under a charge.", step
            elif name not in read:
                yield place, f"No rule reads {name!r}, so the answer would not count.", "Add the rule."


def _facts(pack: Pack) -> Iterator[Misfit]:
    for number, fact in enumerate(pack.facts):
        place: Place = ("facts", number)
        if (fact.unit is not None) != (fact.type == "int"):
            step = "Give an int its unit (mg, cents, days, …), and no other type one."
            yield (*place, "unit"), f"Fact {fact.id!r} is of type {fact.type}; its unit does not fit.", step
        elif fact.unit is not None and (named := _unit_in(fact.id)) not in (None, fact.unit):
            step = "Let both say the same."
            yield (*place, "unit"), f"Fact {fact.id!r} is named for {named}, and is counted in {fact.unit}.", step
        yield from _record(fact, place)
        if fact.type == "enum" and len(fact.values) < 2:
            yield (*place, "values"), f"Enum {fact.id!r} has fewer than two values.", "List them."
        elif fact.type not in ("enum", "code_list") and fact.values:
            yield (*place, "values"), f"Fact {fact.id!r} of type {fact.type} takes no values.", "Remove them."
        elif fact.type == "code_list" and not fact.values and not pack.charges:
            step = "List its values, or add charges."
            yield (*place, "values"), f"{fact.id!r} takes its codes from the charges; there are none.", step


def _unit_in(name: str) -> str | None:
    units = ("mg", "cents", "dosage_units", "days", "months", "years", "times")
    return next((unit for unit in units if name == unit or name.endswith(f"_{unit}")), None)


def _record(fact: Fact, place: Place) -> Iterator[Misfit]:
    if (fact.asked_of == "record") != (fact.id in RECORD_FACTS):
        step = f"The record holds {', '.join(RECORD_FACTS)}, and nobody is asked for them."
        yield (*place, "asked_of"), f"Fact {fact.id!r} and asked_of {fact.asked_of} do not go together.", step
    elif fact.id in RECORD_FACTS and fact.type != RECORD_FACTS[fact.id]:
        yield (*place, "type"), f"{fact.id!r} is of type {RECORD_FACTS[fact.id]} in every record.", "Correct the type."


def _rules(pack: Pack) -> Iterator[Misfit]:
    for number, rule in enumerate(pack.rules):
        place: Place = ("rules", number)
        if (rule.override_by is not None) != (rule.tier == "presumed_out"):
            step = "Name the role for presumed_out, and for no other tier."
            yield (*place, "override_by"), f"Rule {rule.id!r}: tier and override_by do not go together.", step
        yield from _pathways(pack, rule.applies_to, place)
        if rule.when is not None:
            yield from _condition(pack, rule.when, (*place, "when"))
        yield from _condition(pack, rule.must, (*place, "must"))


def _pathways(pack: Pack, applies_to: Iterable[str], place: Place) -> Iterator[Misfit]:
    for position, pathway in enumerate(applies_to):
        if pathway not in pack.pathways:
            step = "Add it under pathways, or remove it here."
            yield (*place, "applies_to", position), f"The program has no pathway {pathway!r}.", step


def _condition(pack: Pack, condition: Condition, place: Place) -> Iterator[Misfit]:
    if depth(condition) > MAX_CONDITION_DEPTH:
        yield place, f"Conditions lie more than {MAX_CONDITION_DEPTH} deep in one another.", "Make it several rules."
    for where, comparison in comparisons(condition, place):
        yield from _comparison(pack, comparison, where)


def _comparison(pack: Pack, comparison: Comparison, place: Place) -> Iterator[Misfit]:
    name, operator, value = comparison
    fact = pack.facts_by_id.get(name)
    if fact is None:
        yield (*place, 0), f"There is no fact {name!r}.", "Add it under facts, or correct the name."
    elif operator not in OPERATORS[fact.type]:
        step = f"Use one of: {', '.join(OPERATORS[fact.type])}."
        yield (*place, 1), f"{operator!r} does not fit {name!r}, of type {fact.type}.", step
    elif isinstance(value, LOOK_BACKS) and operator in DAYS_IN_ORDER:
        yield from _anchor(pack, name, value.before, (*place, 2, "before"))
    else:
        expected = _unfit_value(pack, fact, operator, value)
        if expected is not None:
            yield (*place, 2), f"The value for {name!r} does not fit.", f"Write {expected}."


def _anchor(pack: Pack, name: str, anchor: str, place: Place) -> Iterator[Misfit]:
    fact = pack.facts_by_id.get(anchor)
    if fact is None:
        yield place, f"There is no fact {anchor!r}.", "Add it under facts, or correct the name."
    elif anchor == name:
        yield place, f"{name!r} is counted back from itself.", "Count back from another date, as incident_date."
    elif fact.type != "date":
        yield place, f"{anchor!r} is of type {fact.type}: one cannot count back from it.", "Name a fact of type date."


def _unfit_value(pack: Pack, fact: Fact, operator: Operator, value: object) -> str | None:
    """What the value should be, or None if it fits."""
    match fact.type:
        case "bool":
            return None if isinstance(value, bool) else "true or false"
        case "int":
            return None if is_whole_number(value) else "a whole number, 0 or more"
        case "event" if operator in ("is", "is_not"):
            return None if value == NEVER else NEVER
        case "date" | "event":
            day = "a date, YYYY-MM-DD"
            either = f"{day}, or {{years: 1, before: incident_date}}" if operator in DAYS_IN_ORDER else day
            return None if is_iso_date(value) else either
        case "enum" | "code_list":
            codes = pack.codes_by_fact[fact.id]
            choice = ", ".join(sorted(codes))
            if operator in ("is", "is_not"):
                return None if isinstance(value, str) and value in codes else f"one of: {choice}"
            fits = isinstance(value, tuple) and len(set(value)) == len(value) > 0 and codes.issuperset(value)
            return None if fits else f"a list, each once, of: {choice}"


def texts_of(pack: Pack) -> Iterator[tuple[Place, Text]]:
    """Every sentence of the pack that people read, with the way to it."""
    yield ("way_on",), pack.way_on
    yield from ((("unverified", n), text) for n, text in enumerate(pack.unverified))
    for n, approval in enumerate(pack.practice.approvals):
        yield ("practice", "approvals", n, "text"), approval.text
    if pack.practice.intake is not None:
        yield ("practice", "intake", "if_missed"), pack.practice.intake.if_missed
    yield from ((("charges", n, "title"), charge.title) for n, charge in enumerate(pack.charges))
    for n, fact in enumerate(pack.facts):
        yield ("facts", n, "question"), fact.question
        yield from ((("facts", n, "values", k), value) for k, value in enumerate(fact.values))
    for n, rule in enumerate(pack.rules):
        yield ("rules", n, "why"), rule.why
        yield ("rules", n, "confirm"), rule.confirm


def _texts(pack: Pack) -> Iterator[Misfit]:
    for place, text in texts_of(pack):
        if text.en.casefold() == text.es.casefold():
            yield (*place, "es"), "The Spanish text is the English one.", "Translate it."
