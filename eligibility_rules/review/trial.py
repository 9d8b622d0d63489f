"""Determinations that were made, judged again by a draft: how many would come out otherwise, and by which rule.

Answers for reading de-identified determinations, one JSON object a line, and for comparing. Every line is either compared
or named with the reason why not. Leaves small counts and printing to `small_counts` and the command.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from eligibility_rules.days import is_iso_date
from eligibility_rules.errors import FactError
from eligibility_rules.evaluate import Determination, Outcome, check_facts, evaluate
from eligibility_rules.model import Pack
from eligibility_rules.review.flips import as_seen_by, causes_of, deciding

KEYS = frozenset({"pathway", "facts", "outcome", "pack", "incident_date"})
#: What a draft says of a pathway that it does not offer.
NO_PATHWAY = "no such pathway"
NOTHING = "nothing in the draft stands in the way"
#: A date of birth says who somebody is; `adult` or `age_years` says what the rules need.
IDENTIFYING = frozenset({"birth_date"})

Change = tuple[str, str]


@dataclass(frozen=True)
class Made:
    """One determination as it was recorded; `pack` is the hash of the version used, or None."""

    pathway: str
    facts: Mapping[str, object]
    outcome: Outcome
    pack: str | None
    incident_date: str


@dataclass
class Trial:
    """The comparison so far. `unread` holds line numbers by reason, `left_out` facts that the draft does not know."""

    compared: int = 0
    same: int = 0
    otherwise: Counter[Change] = field(default_factory=Counter)
    rules: dict[Change, Counter[str]] = field(default_factory=dict)
    unread: dict[str, list[int]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    unknown_packs: int = 0


def try_draft(
    draft: Pack, lines: Iterable[tuple[int, str]], read: Callable[[str], Any], by_hash: Callable[[str], Pack | None]
) -> Trial:
    """Judge each numbered line by the draft. `read` makes values of a line, `by_hash` finds the version it used."""
    trial = Trial()
    for number, line in lines:
        try:
            made = read_made(read(line))
            facts = _facts_for(draft, made, trial)
        except ValueError as error:
            trial.unread.setdefault(str(error), []).append(number)
            continue
        used = by_hash(made.pack) if made.pack is not None else None
        trial.unknown_packs += used is None
        _compare(draft, used, made, facts, trial)
    return trial


def read_made(data: Any) -> Made:
    """The determination in one line. Raises `ValueError` that says what is wrong with it."""
    if not isinstance(data, dict):
        raise ValueError("not an object")
    if missing := KEYS - data.keys():
        raise ValueError(f"{_named(missing)} missing")
    if extra := data.keys() - KEYS:
        raise ValueError(f"{_named(extra)} does not belong in a de-identified determination")
    facts = data["facts"]
    if not isinstance(facts, dict):
        raise ValueError("facts is not an object")
    if identifying := IDENTIFYING & facts.keys():
        raise ValueError(f"not de-identified: facts holds {_named(identifying)}")
    if data["outcome"] not in get_args(Outcome):
        raise ValueError(f"outcome is none of {', '.join(get_args(Outcome))}")
    if not isinstance(data["pathway"], str) or not (data["pack"] is None or isinstance(data["pack"], str)):
        raise ValueError("pathway or pack is not text")
    if not is_iso_date(data["incident_date"]):
        raise ValueError("incident_date is not a date, YYYY-MM-DD")
    return Made(data["pathway"], facts, data["outcome"], data["pack"], data["incident_date"])


def _named(keys: Iterable[object]) -> str:
    return ", ".join(sorted(str(key) for key in keys))


def _facts_for(draft: Pack, made: Made, trial: Trial) -> dict[str, object]:
    """The facts as the draft would have been told them. Raises `FactError` for a value that it cannot read."""
    facts = {"incident_date": made.incident_date, **made.facts}
    if "incident_date" not in draft.facts_by_id and "incident_date" not in made.facts:
        del facts["incident_date"]
    seen = as_seen_by(draft, facts)
    for name, value in facts.items():
        if name not in draft.facts_by_id:
            trial.left_out.add(name)
        elif value is not None and name not in seen:
            check_facts(draft, {name: value})
    return seen


def _compare(draft: Pack, used: Pack | None, made: Made, facts: Mapping[str, object], trial: Trial) -> None:
    trial.compared += 1
    after = evaluate(draft, made.pathway, facts) if made.pathway in draft.pathways else None
    outcome = NO_PATHWAY if after is None else after.outcome
    if outcome == made.outcome:
        trial.same += 1
        return
    change = (made.outcome, outcome)
    trial.otherwise[change] += 1
    rules = [NO_PATHWAY] if after is None else _rules(draft, used, made, after)
    trial.rules.setdefault(change, Counter()).update(rules)


def _rules(draft: Pack, used: Pack | None, made: Made, after: Determination) -> list[str]:
    """The rules behind the change: by both versions if the one used is known, else by the draft alone."""
    before = None if used is None else _again(used, made)
    if used is not None and before is not None and before.outcome == made.outcome:
        named = [
            f"{cause.rule} ({'draft' if cause.in_new else 'before'})" for cause in causes_of(used, draft, before, after)
        ]
    else:
        named = [f"{rule} (draft)" for rule, _, _ in deciding(after)]
    return named or [NOTHING]


def _again(used: Pack, made: Made) -> Determination | None:
    """What the version used says, if it can read its own facts."""
    if made.pathway not in used.pathways:
        return None
    try:
        return evaluate(used, made.pathway, made.facts)
    except FactError:
        return None
