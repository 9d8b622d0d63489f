"""Two versions of a pack on the same person: what each sees of the facts, and which rules are behind a difference.

Answers for what a flip is and what caused it; both `flip_search` and the trying of a draft ask here. Leaves finding flips
to `flip_search` and the sentences to `telling`.
"""

from collections.abc import Mapping
from typing import Any

from eligibility_rules.errors import FactError
from eligibility_rules.evaluate import Answer, Determination, Outcome, check_facts
from eligibility_rules.model import UNLISTED, Pack, Tier
from eligibility_rules.vocabulary import Frozen, Pathway

STRICTNESS: dict[Outcome, int] = {"eligible": 0, "needs_review": 1, "ineligible": 2}

Facts = dict[str, object]


class Cause(Frozen):
    """A rule that decides in one version and not, or otherwise, in the other."""

    rule: str
    in_new: bool
    tier: Tier
    answer: Answer


class Flip(Frozen):
    """Facts for which the outcome changes; no fact can be left out without losing the change.

    `decisive` are those that the causes read, in their order; the rest only keep other rules from deciding.
    """

    pathway: Pathway
    facts: Mapping[str, Any]
    decisive: tuple[str, ...]
    before: Outcome
    after: Outcome
    causes: tuple[Cause, ...]


def as_seen_by(pack: Pack, facts: Mapping[str, object]) -> Facts:
    """The facts as this version would have been told them.

    A fact that it does not know is not asked; a charge that it does not list is `unlisted`; an answer that it does not
    offer is not known.
    """
    return {name: seen for name, value in facts.items() if (seen := seen_by(pack, name, value)) is not None}


def causes_of(old: Pack, new: Pack, before: Determination, after: Determination) -> tuple[Cause, ...]:
    """The rules behind the difference: of the stricter determination, those that decide it and did not otherwise."""
    in_new = STRICTNESS[after.outcome] >= STRICTNESS[before.outcome]
    stricter, other, pack = (after, before, new) if in_new else (before, after, old)
    behind, also = deciding(stricter), set(deciding(other))
    chosen = [each for each in behind if each not in also] or behind
    order = {rule.id: number for number, rule in enumerate(pack.rules)}
    return tuple(
        Cause(rule=rule, in_new=in_new, tier=tier, answer=answer)
        for rule, tier, answer in sorted(chosen, key=lambda each: order[each[0]])
    )


def deciding(said: Determination) -> list[tuple[str, Tier, Answer]]:
    """The rules that alone suffice for this outcome."""
    reasons = [(reason.rule, reason.tier, reason.answer) for reason in said.reasons]
    if said.outcome == "ineligible":
        return [each for each in reasons if each[1] == "bars" and each[2] == "no"]
    if said.outcome == "eligible":
        return []
    sent = {("presumed_out", "no"), ("ask_coordinator", "no"), ("bars", "unknown"), ("presumed_out", "unknown")}
    return [each for each in reasons if (each[1], each[2]) in sent]


def seen_by(pack: Pack, name: str, value: object) -> object:
    """The value as this version would have been told it, or None."""
    fact = pack.facts_by_id.get(name)
    if fact is None or value is None:
        return None
    if fact.type == "code_list" and not fact.values and isinstance(value, (list, tuple)):
        known = pack.codes_by_fact[name]
        if all(isinstance(code, str) for code in value):
            value = tuple(dict.fromkeys(code if code in known else UNLISTED for code in value))
    try:
        check_facts(pack, {name: value})
    except FactError:
        return None
    return value
