"""An officer who answers what the form asks, one question at a time, until nothing is left that could change the outcome.

Answers for how many questions that takes, for the tests and for the README's figures.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from eligibility_rules import Determination, Pack, evaluate
from eligibility_rules.conditions import facts_of
from eligibility_rules.vocabulary import Pathway
from tests.eligibility_rules.fuzzed_packs import Questions

#: How often somebody does not know.
UNKNOWN = 0.1


@dataclass(frozen=True)
class Asking:
    """What was asked, in order; what the pack said in the end; and what it says once everything is answered."""

    asked: list[str]
    everything: list[str]
    found: Determination
    with_everything: Determination


def officers_facts(pack: Pack, pathway: Pathway) -> list[str]:
    """All that an officer could be asked on this pathway."""
    read = {name for rule in pack.rules if pathway in rule.applies_to for name in facts_of(rule)}
    return [fact.id for fact in pack.facts if fact.asked_of == "officer" and fact.id in read]


def random_truth(random: Random, pack: Pack) -> dict[str, Any]:
    """What everybody would answer, on and beside the boundaries of the pack's rules."""
    values = Questions(random, pack, Counter())
    return {fact.id: None if random.random() < UNKNOWN else values.value(fact) for fact in pack.facts}


def ask(pack: Pack, pathway: Pathway, truth: dict[str, Any]) -> Asking:
    """Begin with what the record holds; ask the first question there is, and evaluate anew."""
    everything = officers_facts(pack, pathway)
    record = {fact.id: truth[fact.id] for fact in pack.facts if fact.asked_of == "record"}
    facts = dict(record)
    while (found := evaluate(pack, pathway, facts)).ask:
        facts[found.ask[0]] = truth[found.ask[0]]
    known = record | {name: truth[name] for name in everything}
    asked = [name for name in facts if name not in record]
    return Asking(asked, everything, found, evaluate(pack, pathway, known))
