"""Judging facts by a pack: yes, no or unknown for every rule, and what is still worth asking.

Answers for outcomes, and for what is asked and confirmed; `compile` holds the three-valued logic, `questions` the
greedy order. `pwa/src/rules/evaluate.ts` is the twin and must give the same JSON. Leaves the decision to the officer and
the coordinator, and to the caller who may see it: a determination that rests on a coordinator's answer (the roster) is
not for an officer's screen.

Unknown is a third answer, by Kleene: `all` is no as soon as one part is no, `any` is yes as soon as one part is yes,
`not` leaves unknown unknown, `first_known` takes the first part that is known, and a rule's `when` makes it yes where it
does not hold. A fact is unknown while it is missing, and when its value is null ("don't know").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal, TypeGuard

from eligibility_rules.compile import Facts, Judge, compile_condition, compile_rule
from eligibility_rules.conditions import facts_of
from eligibility_rules.days import is_iso_date
from eligibility_rules.errors import FactError, PathwayError
from eligibility_rules.model import MAX_WHOLE_NUMBER, NEVER, Fact, Pack, Rule, Tier
from eligibility_rules.questions import in_greedy_order
from eligibility_rules.vocabulary import Frozen, Pathway

#: Packs kept ready to judge, and unknown answers kept per rule; far more than a server meets, few enough to bound it.
MAX_READY_PACKS = 256
MAX_UNKNOWNS = 64

Answer = Literal["yes", "no", "unknown"]
Outcome = Literal["eligible", "ineligible", "needs_review"]


class Reason(Frozen):
    """One rule's answer.

    `facts` are those that the rule reads, `missing` those that keep it unknown; each once, in the rule's order.
    """

    rule: str
    answer: Answer
    tier: Tier
    facts: tuple[str, ...]
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


def evaluate(pack: Pack, pathway: str, facts: Facts) -> Determination:
    """Judge `facts` by the pack's rules for `pathway`.

    A fact that fails a `bars` rule makes the outcome `ineligible`. Otherwise a failed `presumed_out` or
    `ask_coordinator` rule, or an unknown `bars` or `presumed_out` rule, makes it `needs_review`. `warn` never
    counts. Raises `PathwayError` for a pathway not offered and `FactError` for a fact that is not the pack's
    or not of its type.
    """
    ready = _ready(pack)
    rules = ready.rules.get(pathway)
    if rules is None:
        raise PathwayError(pathway, list(pack.pathways))
    _check(ready, facts)
    judged = [rule.judged(facts) for rule in rules]
    reasons = tuple([each.reason for each in judged])
    outcome, in_review = _outcome(reasons)
    ask: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    if outcome != "ineligible":
        ask = tuple(_questions(ready, judged, facts, BARS_ONLY if in_review else ASKED))
        confirm = tuple(_to_confirm(reasons, ask))
    return Determination(outcome=outcome, reasons=reasons, ask=ask, confirm=confirm, pack=pack.hash)


def check_facts(pack: Pack, facts: Facts) -> None:
    """Raise `FactError` for the first fact, in the mapping's order, that the pack does not know or cannot
    read.
    """
    _check(_ready(pack), facts)


def is_whole_number(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number from 0 to 2^53 - 1. True and False are not numbers here."""
    return type(value) is int and 0 <= value <= MAX_WHOLE_NUMBER


#: A warning never changes the outcome, so nobody is asked for its sake.
ASKED: frozenset[Tier] = frozenset({"bars", "presumed_out", "ask_coordinator"})
REVIEWED: frozenset[Tier] = frozenset({"presumed_out", "ask_coordinator"})
#: Once in review, only a bar can still change the outcome.
BARS_ONLY: frozenset[Tier] = frozenset({"bars"})


@dataclass(frozen=True, slots=True)
class _Judged:
    """A reason; and, while the rule is unknown, the rule and the facts it waits for that somebody can be asked."""

    reason: Reason
    rule: "_ReadyRule"
    waits_for: tuple[str, ...] = ()


class _ReadyRule:
    """A rule made ready: judging gives one of its few possible reasons, which are kept."""

    def __init__(self, rule: Rule, record: frozenset[str]) -> None:
        self.tier = rule.tier
        self._record = record
        self._when: Judge | None = None if rule.when is None else compile_condition(rule.when)
        self._judge = compile_rule(rule)
        reason = partial(Reason, rule=rule.id, tier=rule.tier, facts=facts_of(rule))
        self._yes = _Judged(reason(answer="yes", missing=()), self)
        self._no = _Judged(reason(answer="no", missing=()), self)
        self._unknown = lru_cache(MAX_UNKNOWNS)(
            lambda missing: _Judged(reason(answer="unknown", missing=missing), self, self._askable(missing))
        )

    def judged(self, facts: Facts) -> _Judged:
        answer, missing = self._judge(facts)
        return self._unknown(missing) if answer is None else self._yes if answer else self._no

    def gate(self, facts: Facts) -> tuple[str, ...]:
        """What the rule's `when` waits for."""
        return () if self._when is None else self._askable(self._when(facts)[1])

    def _askable(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in self._record)


@dataclass(frozen=True)
class _Ready:
    """A pack made ready to judge: its rules by pathway, and what each fact's value must be."""

    rules: Mapping[str, tuple[_ReadyRule, ...]]
    fits: Mapping[str, tuple[Callable[[object], bool], str]]
    asked: tuple[str, ...]


_READY: dict[str, _Ready] = {}


def _ready(pack: Pack) -> _Ready:
    """The pack made ready, once; known by its hash, as everywhere."""
    found = _READY.get(pack.hash)
    if found is None:
        if len(_READY) >= MAX_READY_PACKS:
            _READY.clear()
        found = _READY[pack.hash] = _prepare(pack)
    return found


def _prepare(pack: Pack) -> _Ready:
    record = frozenset(fact.id for fact in pack.facts if fact.asked_of == "record")
    rules = [(rule.applies_to, _ReadyRule(rule, record)) for rule in pack.rules]

    def of(pathway: Pathway) -> tuple[_ReadyRule, ...]:
        return tuple(rule for pathways, rule in rules if pathway in pathways)

    return _Ready(
        rules={pathway: of(pathway) for pathway in pack.pathways},
        fits={fact.id: _fits(pack, fact) for fact in pack.facts},
        asked=tuple(fact.id for fact in pack.facts if fact.asked_of == "officer"),
    )


def _check(ready: _Ready, facts: Facts) -> None:
    for name, value in facts.items():
        fits = ready.fits.get(name)
        if fits is None:
            raise FactError(name, "this pack has no such fact. Send only facts that the pack lists.")
        if value is not None and not fits[0](value):
            raise FactError(name, f"expected {fits[1]}, or null for don't know.")


def _fits(pack: Pack, fact: Fact) -> tuple[Callable[[object], bool], str]:
    """Whether a value is of the fact's type, never coerced; and what it should have been."""
    match fact.type:
        case "bool":
            return (lambda value: isinstance(value, bool)), "true or false"
        case "int":
            return is_whole_number, f"a whole number ({fact.unit}), 0 or more"
        case "date":
            return is_iso_date, "a date, YYYY-MM-DD"
        case "event":
            return (lambda value: value == NEVER or is_iso_date(value)), "a date, YYYY-MM-DD, or never"
        case "enum":
            codes = pack.codes_by_fact[fact.id]
            return (lambda value: isinstance(value, str) and value in codes), "one of the fact's values"
        case "code_list":
            codes = pack.codes_by_fact[fact.id]
            # An empty list of charges would satisfy "none of them is …": an arrest without a charge is not an arrest.
            least = 0 if fact.values else 1
            return (lambda value: _is_code_list(value, codes, least)), "a list of the fact's codes, each once"


def _is_code_list(value: object, codes: frozenset[str], least: int) -> bool:
    if not isinstance(value, (list, tuple)) or not all(isinstance(code, str) for code in value):
        return False
    return len(value) >= least and len(set(value)) == len(value) and codes.issuperset(value)


def _outcome(reasons: Sequence[Reason]) -> tuple[Outcome, bool]:
    """The outcome, and whether a rule has failed that sends the referral to review whatever else is answered."""
    open_question = in_review = False
    for reason in reasons:
        if reason.answer == "no":
            if reason.tier == "bars":
                return "ineligible", False
            in_review = in_review or reason.tier in REVIEWED
        elif reason.answer == "unknown":
            open_question = open_question or reason.tier in ("bars", "presumed_out")
    return ("needs_review" if in_review or open_question else "eligible"), in_review


def _questions(ready: _Ready, judged: Sequence[_Judged], facts: Facts, tiers: frozenset[Tier]) -> list[str]:
    """The officer's questions that could still change the outcome, in the greedy order of `questions`."""
    still_open = []
    waiting: set[str] = set()
    for each in judged:
        if each.waits_for and each.rule.tier in tiers:
            still_open.append((each.rule.tier == "bars", each.waits_for, each.rule.gate(facts)))
            waiting.update(each.waits_for)
    if waiting.isdisjoint(ready.asked):
        return []
    return in_greedy_order([name for name in ready.asked if name in waiting and name not in facts], still_open)


def _to_confirm(reasons: Sequence[Reason], ask: Sequence[str]) -> list[str]:
    counting = [reason for reason in reasons if reason.tier != "warn"]
    open_facts = dict.fromkeys(name for reason in counting for name in reason.missing)
    return [name for name in open_facts if name not in ask]
