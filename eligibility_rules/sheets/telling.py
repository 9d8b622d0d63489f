"""Changes between two versions, told in sentences: what was, what is, and for whom it matters.

Answers for the words, in English or Spanish, for the command `diff` and for the app. Leaves finding the changes to
`changes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eligibility_rules.model import Pack
from eligibility_rules.review.changes import Change, Changes
from eligibility_rules.review.flips import Cause, Flip
from eligibility_rules.sheets.phrases import Language, say
from eligibility_rules.sheets.sheet import (
    Rows,
    about,
    names,
    rows_of_approval,
    rows_of_charge,
    rows_of_fact,
    rows_of_practice,
    rows_of_rule,
    tier_in_words,
)
from eligibility_rules.sheets.wording import Clause, in_one_line, known, text, value_in_words

SECTIONS = ("head", "pathways", "charges", "facts", "rules", "approvals", "practice")


@dataclass(frozen=True)
class Told:
    """A heading and what stands under it."""

    heading: str
    lines: tuple[Clause, ...]


def tell(old: Pack, new: Pack, found: Changes, language: Language) -> tuple[Told, ...]:
    """Every change by section, then for whom the outcome changes; says so where there is nothing."""
    told = []
    for section in SECTIONS:
        lines = tuple(_change(old, new, item, language) for item in found.items if item.section == section)
        if lines:
            told.append(Told(say(f"changed_{section}", language), lines))
    if not told:
        told.append(Told(say("changed_head", language), (Clause(say("nothing_changed", language)),)))
    flips = tuple(Clause(tell_flip(old, new, flip, language)) for flip in found.flips)
    return (*told, Told(say("for_whom", language), flips or (Clause(say("no_flip", language)),)))


def tell_flip(old: Pack, new: Pack, flip: Flip, language: Language) -> str:
    """`Instead of booking: a person with … was eligible, is now not eligible, because …`"""
    rest = [name for name in flip.facts if name not in flip.decisive]
    said = say(
        "flip" if flip.decisive else "flip_of_anybody",
        language,
        pathway=say(flip.pathway, language),
        facts=_known(old, new, {name: flip.facts[name] for name in flip.decisive}, language),
        before=say(flip.before, language),
        after=say(flip.after, language),
        causes="; ".join(tell_cause(old, new, cause, language) for cause in flip.causes),
    )
    if not rest:
        return said
    others = _known(old, new, {name: flip.facts[name] for name in rest}, language)
    return f"{said} {say('flip_rest', language, facts=others)}"


def tell_cause(old: Pack, new: Pack, cause: Cause, language: Language) -> str:
    """Why the rule changes the outcome, in its own words."""
    here, there = (new, old) if cause.in_new else (old, new)
    rule = next(rule for rule in here.rules if rule.id == cause.rule)
    own = text(rule.why if cause.answer == "no" else rule.confirm, language).removesuffix(".")
    said = f"{own} [{rule.id}]"
    if cause.in_new:
        return said
    other = next((rule for rule in there.rules if rule.id == cause.rule), None)
    if other is None:
        return say("rule_gone", language, rule=said)
    if other.tier != rule.tier:
        return say("rule_softer", language, rule=said, tier=tier_in_words(other, language).removesuffix("."))
    return say("rule_holds", language, rule=said)


def _known(old: Pack, new: Pack, facts: Mapping[str, object], language: Language) -> str:
    """Each question with its answer, in the words of the version that asks it (the new one, if both do)."""
    said = []
    for name, value in facts.items():
        pack = new if name in new.facts_by_id else old
        fact = pack.facts_by_id[name]
        if isinstance(value, (list, tuple)):
            # A charge that only the old version lists keeps the name it had there.
            titles = [_code(old, new, name, str(code), language) for code in value]
            answer = ", ".join(titles) or say("none_listed", language)
        else:
            answer = value_in_words(pack, fact, value, language)
        said.append(known(fact, answer, language))
    return "; ".join(said)


def _code(old: Pack, new: Pack, name: str, code: str, language: Language) -> str:
    knows_it = [pack for pack in (new, old) if name in pack.facts_by_id and code in pack.codes_by_fact[name]]
    pack = knows_it[0] if knows_it else new
    return value_in_words(pack, pack.facts_by_id[name], [code], language)


def _change(old: Pack, new: Pack, item: Change, language: Language) -> Clause:
    if item.kind == "moved":
        return Clause(say("order_changed", language))
    rows = _rows_of(item.section, item.name, language)
    before = rows(old) if item.kind != "added" else ()
    after = rows(new) if item.kind != "removed" else ()
    title = say(item.name, language) if item.section == "pathways" else item.name
    if item.kind != "changed":
        said = tuple(
            Clause(f"{label}: {in_one_line(words)}" if label else words.words) for label, words in before or after
        )
        return Clause(say(item.kind, language, name=title), said)
    parts = tuple(_changed_rows(before, after, language)) or (
        Clause(say("only_in_data", language, parts=", ".join(item.parts) or item.name)),
    )
    return parts[0] if item.section in ("head", "practice") else Clause(say("changed", language, name=title), parts)


def _changed_rows(before: Rows, after: Rows, language: Language) -> list[Clause]:
    old, new = dict(before), dict(after)
    found = []
    for label in dict.fromkeys([*old, *new]):
        was, now = old.get(label), new.get(label)
        if was != now:
            words = [in_one_line(each) if each and each.words else say("nothing_said", language) for each in (was, now)]
            found.append(Clause(say("was_now", language, label=label, was=words[0], now=words[1]).removeprefix(": ")))
    return found


def _rows_of(section: str, name: str, language: Language) -> Callable[[Pack], Rows]:
    """How a part is read aloud, by the section it is in."""
    if section == "charges":
        return lambda pack: rows_of_charge(pack, next(c for c in pack.charges if c.code == name), language)
    if section == "facts":
        return lambda pack: rows_of_fact(pack.facts_by_id[name], language)
    if section == "rules":
        return lambda pack: rows_of_rule(pack, next(r for r in pack.rules if r.id == name), language)
    if section == "approvals":
        return lambda pack: _approval(pack, name, language)
    if section == "pathways":
        return lambda pack: _pathway(pack, name, language)
    if section == "practice":
        label = say(PRACTICE_LABELS[name], language)
        return lambda pack: tuple(row for row in rows_of_practice(pack.practice, language) if row[0] == label)
    return lambda pack: _head(pack, name, language)


PRACTICE_LABELS = {
    "officer_decides": "officer_decides", "intake": "intake", "notice_to_officer": "notice",
    "service_hours": "service_hours", "languages": "languages", "consent_scripts": "consent_scripts",
}  # fmt: skip
HEAD_LABELS = {"in_force": "in_force", "source": "source", "official": "standing"}


def _approval(pack: Pack, name: str, language: Language) -> Rows:
    approval = next(each for each in pack.practice.approvals if each.id == name)
    return (("", Clause(text(approval.text, language))), *rows_of_approval(approval, language))


def _pathway(pack: Pack, name: str, language: Language) -> Rows:
    referrers = next(each for pathway, each in pack.pathways.items() if pathway == name)
    return ((say("who_may_refer", language), Clause(names(referrers, language))),)


def _head(pack: Pack, name: str, language: Language) -> Rows:
    if name == "way_on":
        return ((say("way_on", language), Clause(text(pack.way_on, language))),)
    if name == "unverified":
        notes = " ".join(text(note, language) for note in pack.unverified)
        return ((say("unverified", language), Clause(notes)),)
    label = say(HEAD_LABELS[name], language)
    return tuple((each, Clause(words)) for each, words in about(pack, language) if each == label)
