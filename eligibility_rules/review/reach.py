"""What in a sound pack can never matter: found by trying every value that could make a difference.

Answers for rules that can never be no or never be yes, for a `when` that never or always holds, for facts that nothing
reads or that never change the answer of a rule which reads them, and for charges that change nothing. Within
`MOST_COMBINATIONS` the answer is exact; beyond it a sample is taken, and the finding says so. Leaves to `check` what does
not fit, and to the caller where the parts stand in a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from eligibility_rules.compile import Judge, compile_condition, compile_rule
from eligibility_rules.conditions import LOOK_BACKS, Place, comparisons, facts_of, facts_read
from eligibility_rules.model import UNLISTED, Comparison, Pack, Rule
from eligibility_rules.review.representatives import Domain, conditions_of, domain

#: Combinations of values tried for one rule; all of them, if there are no more than this.
MOST_COMBINATIONS = 50_000
SEED = 20_250_101

Answers = dict[tuple[object, ...], bool | None]


@dataclass(frozen=True)
class Finding:
    """Something that can never matter: where, what, and what to do. A finding that is not `certain` is a warning."""

    place: Place
    what: str
    next_step: str
    certain: bool = True


def find_unreachable(pack: Pack) -> list[Finding]:
    """Everything in the pack that can never matter, in the order of its sections."""
    rules = [finding for number, rule in enumerate(pack.rules) for finding in _rule(pack, rule, ("rules", number))]
    return [*_pathways(pack), *_charges(pack), *_facts(pack), *rules]


def _pathways(pack: Pack) -> Iterator[Finding]:
    governed = {pathway for rule in pack.rules for pathway in rule.applies_to if rule.tier != "warn"}
    for pathway in pack.pathways:
        if pathway not in governed:
            what = f"No rule applies to pathway {pathway!r}, so everybody would be eligible."
            yield Finding(("pathways", pathway), what, "Add a rule, or remove the pathway.")


def _facts(pack: Pack) -> Iterator[Finding]:
    read = {name for rule in pack.rules for name in facts_of(rule)}
    for number, fact in enumerate(pack.facts):
        if fact.id not in read:
            what = f"No rule reads fact {fact.id!r}, so its answer would not count."
            yield Finding(("facts", number), what, "Add the rule, or remove the fact.")


def _rule(pack: Pack, rule: Rule, place: Place) -> Iterator[Finding]:
    names = facts_of(rule)
    answers, whole = _answers(compile_rule(rule), names, domain([pack], conditions_of(rule)))
    found = set(answers.values())
    if not whole:
        what = f"Rule {rule.id!r} has more combinations of answers than were tried ({len(answers)})."
        what += f" With these it was {_in_words(found)}."
        step = "Make it several rules, so that all of it can be checked."
        yield Finding((*place, "must"), what, step, certain=False)
        return
    yield from _when(pack, rule, place)
    for answer, word in ((True, "yes"), (False, "no")):
        if answer not in found:
            what = f"Rule {rule.id!r} can never be {word}."
            yield Finding((*place, "must"), what, "Correct its condition, or remove the rule.")
    if {True, False} <= found:
        # What a look-back counts from matters as the fact does: only the distance between the two is tried.
        anchors = {value.before for _, (_, _, value) in _compared(rule) if isinstance(value, LOOK_BACKS)}
        for position, name in enumerate(names):
            if name not in anchors and not _matters(answers, position):
                what = f"Rule {rule.id!r} reads {name!r}, whose answer never changes that of the rule."
                yield Finding((*place, "must"), what, "Correct the condition, or leave the fact out of it.")


def _compared(rule: Rule) -> Iterator[tuple[Place, Comparison]]:
    for condition in conditions_of(rule):
        yield from comparisons(condition)


def _when(pack: Pack, rule: Rule, place: Place) -> Iterator[Finding]:
    if rule.when is None:
        return
    names = tuple(dict.fromkeys(facts_read(rule.when)))
    answers, whole = _answers(compile_condition(rule.when), names, domain([pack], [rule.when]))
    found = set(answers.values())
    if whole and True not in found:
        what = f"The `when` of rule {rule.id!r} can never hold, so the rule never counts."
        yield Finding((*place, "when"), what, "Correct it, or remove the rule.")
    elif whole and False not in found:
        what = f"The `when` of rule {rule.id!r} always holds, so it says nothing."
        yield Finding((*place, "when"), what, "Correct it, or remove the `when`.")


def _charges(pack: Pack) -> Iterator[Finding]:
    """A charge changes nothing if no rule tells it from one that is not on the list."""
    lists = {fact.id for fact in pack.facts if fact.type == "code_list" and not fact.values}
    reading = [rule for rule in pack.rules if lists.intersection(facts_of(rule))]
    for number, charge in enumerate(pack.charges):
        if not any(_tells_apart(pack, rule, lists, charge.code) for rule in reading):
            what = f"Charge {charge.code!r} changes nothing: every rule treats it as one that is not on the list."
            step = "Add the rule that reads it, or remove the charge."
            yield Finding(("charges", number), what, step)


def _tells_apart(pack: Pack, rule: Rule, lists: set[str], code: str) -> bool:
    names = facts_of(rule)
    tried = domain([pack], conditions_of(rule), apart={code: "this", UNLISTED: "unlisted"})
    judge = compile_rule(rule)
    for values in _combinations(tried, names):
        facts = dict(zip(names, values, strict=True))
        swapped = {name: _swapped(value, code) if name in lists else value for name, value in facts.items()}
        if swapped != facts and judge(facts)[0] is not judge(swapped)[0]:
            return True
    # A sample that shows no difference proves nothing; the rule's own warning speaks of it.
    return not _is_whole(tried, names)


def _swapped(value: object, code: str) -> object:
    """The list with `unlisted` in the place of the charge, once."""
    if not isinstance(value, tuple) or code not in value:
        return value
    return tuple(dict.fromkeys(UNLISTED if each == code else each for each in value))


def _answers(judge: Judge, names: Sequence[str], tried: Domain) -> tuple[Answers, bool]:
    """The answer for each combination tried, and whether these stand for all."""
    answers = {values: judge(dict(zip(names, values, strict=True)))[0] for values in _combinations(tried, names)}
    return answers, _is_whole(tried, names)


def _is_whole(tried: Domain, names: Sequence[str]) -> bool:
    return tried.whole and tried.size(names) <= MOST_COMBINATIONS


def _combinations(tried: Domain, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """All combinations of values if they are within the bound, else as many drawn with a fixed seed."""
    if tried.size(names) <= MOST_COMBINATIONS:
        yield from product(*(tried.values[name] for name in names))
        return
    random = Random(SEED)
    for _ in range(MOST_COMBINATIONS):
        yield tuple(random.choice(tried.values[name]) for name in names)


def _matters(answers: Answers, position: int) -> bool:
    """Whether another value of the fact at `position`, all else equal, gives another answer."""
    first: Answers = {}
    for values, answer in answers.items():
        others = (*values[:position], *values[position + 1 :])
        if first.setdefault(others, answer) is not answer:
            return True
    return False


def _in_words(found: set[bool | None]) -> str:
    words = [word for answer, word in ((True, "yes"), (False, "no"), (None, "unknown")) if answer in found]
    return ", ".join(words)
