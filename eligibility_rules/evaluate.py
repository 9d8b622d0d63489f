"""Judging facts by a pack: yes, no or unknown for every rule, and what is still worth asking.

Answers for the three-valued logic and the order of questions; `pwa/src/rules/evaluate.ts` is its twin and
must give the same JSON. Leaves the decision to the officer and the coordinator, and to the caller who may see
it: a determination that rests on a coordinator's answer (the roster) is not for an officer's screen.

Unknown is a third answer, by Kleene: `all` is no as soon as one part is no, `any` is yes as soon as one part
is yes, `not` leaves unknown unknown. A fact is unknown while it is missing, and when its value is null
("don't know").
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, TypeGuard

from eligibility_rules.errors import FactError, PathwayError
from eligibility_rules.model import (
    MAX_WHOLE_NUMBER,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    Frozen,
    Not,
    Pack,
    Tier,
)

#: Years 1000 to 2999: text of this form sorts as its days do, and both languages read it the same way.
ISO_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")

Answer = Literal["yes", "no", "unknown"]
Outcome = Literal["eligible", "ineligible", "needs_review"]
Judgement = tuple[bool | None, tuple[str, ...]]


class Reason(Frozen):
    """One rule's answer; `missing` are the facts that keep it unknown, in the rule's order."""

    rule: str
    answer: Answer
    tier: Tier
    missing: tuple[str, ...]


class Determination(Frozen):
    """What a pack says of a set of facts.

    `reasons` holds every rule of the pathway, in the pack's order. `ask` and `confirm` together are all facts
    that keep a rule open which counts: `ask` those that an officer has not been asked and whose answer could
    change the outcome, best first; `confirm` the others, in the order of the rules. Both are empty once the
    outcome is `ineligible`.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    ask: tuple[str, ...]
    confirm: tuple[str, ...]
    pack: str


def evaluate(pack: Pack, pathway: str, facts: Mapping[str, object]) -> Determination:
    """Judge `facts` by the pack's rules for `pathway`.

    A fact that fails a `bars` rule makes the outcome `ineligible`. Otherwise a failed `presumed_out` or
    `ask_coordinator` rule, or an unknown `bars` or `presumed_out` rule, makes it `needs_review`. `warn` never
    counts. Raises `PathwayError` for a pathway not offered and `FactError` for a fact that is not the pack's
    or not of its type.
    """
    if pathway not in pack.pathways:
        raise PathwayError(pathway, list(pack.pathways))
    check_facts(pack, facts)
    reasons = []
    for rule in pack.rules:
        if pathway in rule.applies_to:
            answer, missing = judge(rule.must, facts)
            word: Answer = "unknown" if answer is None else "yes" if answer else "no"
            reasons.append(Reason(rule=rule.id, answer=word, tier=rule.tier, missing=missing))
    outcome = _outcome(reasons)
    ask = [] if outcome == "ineligible" else _questions(pack, reasons, facts)
    confirm = [] if outcome == "ineligible" else _to_confirm(reasons, ask)
    return Determination(
        outcome=outcome, reasons=tuple(reasons), ask=tuple(ask), confirm=tuple(confirm), pack=pack.hash
    )


def check_facts(pack: Pack, facts: Mapping[str, object]) -> None:
    """Raise `FactError` for the first fact, in the mapping's order, that the pack does not know or cannot
    read.
    """
    for name, value in facts.items():
        fact = pack.facts_by_id.get(name)
        if fact is None:
            raise FactError(name, "this pack has no such fact. Send only facts that the pack lists.")
        expected = None if value is None else _mismatch(pack, fact, value)
        if expected is not None:
            raise FactError(name, f"expected {expected}, or null for don't know.")


def judge(condition: Condition, facts: Mapping[str, object]) -> Judgement:
    """The answer (None: unknown) and, if unknown, the facts that keep it so, each once, in the order
    written.
    """
    match condition:
        case AllOf():
            return _combine(condition.all, facts, settled_by=False)
        case AnyOf():
            return _combine(condition.any, facts, settled_by=True)
        case Not():
            answer, missing = judge(condition.negated, facts)
            return (None if answer is None else not answer), missing
        case _:
            return _compare(condition, facts)


def is_iso_date(value: object) -> TypeGuard[str]:
    """Whether `value` is text of the form YYYY-MM-DD that names a day which exists."""
    if not isinstance(value, str) or ISO_DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_whole_number(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number from 0 to 2^53 - 1. True and False are not numbers here."""
    return type(value) is int and 0 <= value <= MAX_WHOLE_NUMBER


def _mismatch(pack: Pack, fact: Fact, value: object) -> str | None:
    """What the fact's value should have been, or None if it fits."""
    match fact.type:
        case "bool":
            return None if isinstance(value, bool) else "true or false"
        case "int":
            return None if is_whole_number(value) else f"a whole number ({fact.unit}), 0 or more"
        case "date":
            return None if is_iso_date(value) else "a date, YYYY-MM-DD"
        case "enum":
            allowed = pack.codes_by_fact[fact.id]
            return None if isinstance(value, str) and value in allowed else "one of the fact's values"
        case "code_list":
            return None if _is_code_list(pack, fact, value) else "a list of the fact's codes, each once"


def _is_code_list(pack: Pack, fact: Fact, value: object) -> bool:
    if not isinstance(value, (list, tuple)) or not all(isinstance(code, str) for code in value):
        return False
    # An empty list of charges would satisfy "none of them is …": an arrest without a charge is not an arrest.
    enough = len(value) > 0 or len(fact.values) > 0
    return enough and len(set(value)) == len(value) and pack.codes_by_fact[fact.id].issuperset(value)


def _combine(parts: Sequence[Condition], facts: Mapping[str, object], *, settled_by: bool) -> Judgement:
    """`all` is settled by a no, `any` by a yes; an unknown part counts only if nothing settles the whole."""
    missing: dict[str, None] = {}
    for part in parts:
        answer, still_missing = judge(part, facts)
        if answer is settled_by:
            return settled_by, ()
        missing.update(dict.fromkeys(still_missing))
    return (None, tuple(missing)) if missing else (not settled_by, ())


def _compare(comparison: Comparison, facts: Mapping[str, object]) -> Judgement:
    fact, operator, expected = comparison
    actual = facts.get(fact)
    if actual is None:
        return None, (fact,)
    if isinstance(actual, (list, tuple)):
        codes = set(actual)
        listed = set(expected) if isinstance(expected, tuple) else set()
        match operator:
            case "any_in":
                return not codes.isdisjoint(listed), ()
            case "none_in":
                return codes.isdisjoint(listed), ()
            case _:
                return codes <= listed, ()
    match operator:
        case "is":
            return actual == expected, ()
        case "is_not":
            return actual != expected, ()
        case "in":
            return isinstance(expected, tuple) and actual in expected, ()
        case "not_in":
            return not (isinstance(expected, tuple) and actual in expected), ()
    return _in_order(operator, actual, expected), ()


def _in_order(operator: str, actual: object, expected: object) -> bool:
    """Amounts by size, dates by day; ISO dates sort as text."""
    if isinstance(actual, int) and isinstance(expected, int):
        sign = (actual > expected) - (actual < expected)
    else:
        sign = (str(actual) > str(expected)) - (str(actual) < str(expected))
    match operator:
        case "less_than" | "before":
            return sign < 0
        case "at_most" | "on_or_before":
            return sign <= 0
        case "at_least" | "on_or_after":
            return sign >= 0
    return sign > 0


def _outcome(reasons: Sequence[Reason]) -> Outcome:
    failed = {reason.tier for reason in reasons if reason.answer == "no"}
    unknown = {reason.tier for reason in reasons if reason.answer == "unknown"}
    if "bars" in failed:
        return "ineligible"
    if failed & {"presumed_out", "ask_coordinator"} or unknown & {"bars", "presumed_out"}:
        return "needs_review"
    return "eligible"


def _questions(pack: Pack, reasons: Sequence[Reason], facts: Mapping[str, object]) -> list[str]:
    """The officer's questions, the one that settles most first.

    Once a rule has failed that sends the referral to review, only an open `bars` rule can still change the
    outcome. Greedy: take the fact that alone settles most open `bars` rules; then, of those equal, most open
    rules; then the one on which most open rules bear; then the pack's order of facts. Count it as answered,
    and choose again.
    """
    in_review = any(r.answer == "no" and r.tier in ("presumed_out", "ask_coordinator") for r in reasons)
    tiers = {"bars"} if in_review else {"bars", "presumed_out", "ask_coordinator"}
    still_open = [(r.tier, set(r.missing)) for r in reasons if r.answer == "unknown" and r.tier in tiers]
    waiting = {name for _, missing in still_open for name in missing}
    candidates = [
        fact.id for fact in pack.facts
        if fact.id in waiting and fact.asked_of == "officer" and fact.id not in facts
    ]  # fmt: skip
    chosen: list[str] = []
    while candidates:
        best = max(candidates, key=lambda name: _weight(name, still_open))
        chosen.append(best)
        candidates.remove(best)
        still_open = [(tier, missing - {best}) for tier, missing in still_open if missing != {best}]
    return chosen


def _weight(name: str, still_open: Sequence[tuple[Tier, set[str]]]) -> tuple[int, int, int]:
    alone = [tier for tier, missing in still_open if missing == {name}]
    return alone.count("bars"), len(alone), sum(name in missing for _, missing in still_open)


def _to_confirm(reasons: Sequence[Reason], ask: Sequence[str]) -> list[str]:
    counting = [reason for reason in reasons if reason.tier != "warn"]
    open_facts = dict.fromkeys(name for reason in counting for name in reason.missing)
    return [name for name in open_facts if name not in ask]
