"""Conditions and values as sentences that can be read aloud, in English or Spanish.

Answers for saying exactly what a condition says, no less: a `not` is carried inwards until it stands in a single
comparison, which three-valued logic allows. Leaves layout to those who print.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from eligibility_rules.conditions import LOOK_BACKS
from eligibility_rules.days import is_iso_date
from eligibility_rules.model import (
    NEVER,
    RECORD_FACTS,
    UNLISTED,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    DaysBefore,
    Fact,
    FirstKnown,
    LookBack,
    MonthsBefore,
    Not,
    Pack,
)
from eligibility_rules.sheets.phrases import MONTHS, Language, say
from eligibility_rules.vocabulary import Text

OPPOSITE = {
    "is": "is_not", "is_not": "is", "less_than": "at_least", "at_least": "less_than", "at_most": "more_than",
    "more_than": "at_most", "before": "on_or_after", "on_or_after": "before", "on_or_before": "after",
    "after": "on_or_before", "in": "not_in", "not_in": "in", "any_in": "none_in", "none_in": "any_in",
    "all_in": "not_all_in",
}  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A sentence, or the words that introduce several."""

    words: str
    parts: tuple["Clause", ...] = ()


def clause(pack: Pack, condition: Condition, language: Language) -> Clause:
    """The condition as a sentence, or as a tree of them."""
    return _clause(pack, condition, language, denied=False)


def indented(part: Clause, depth: int = 0) -> list[tuple[int, str]]:
    """The sentences one by one, each with its depth, the outermost first."""
    lines = [(depth, part.words)]
    for inner in part.parts:
        lines += indented(inner, depth + 1)
    return lines


def as_sentences(part: Clause) -> Clause:
    """The same, each with a capital and a full stop."""
    return Clause(sentence(part.words), tuple(as_sentences(inner) for inner in part.parts))


def in_one_line(part: Clause) -> str:
    """The whole condition in one line, brackets keeping together what belongs together."""
    if not part.parts:
        return part.words
    return f"{part.words} ({'; '.join(in_one_line(inner).removesuffix('.') for inner in part.parts)})"


def text(words: Text, language: Language) -> str:
    return words.es if language == "es" else words.en


def fact_in_words(fact: Fact, language: Language) -> str:
    """The question that the fact answers, or what the record calls it."""
    return say(fact.id, language) if fact.id in RECORD_FACTS else text(fact.question, language)


def known(fact: Fact, answer: str, language: Language) -> str:
    """A fact with its answer: the question in quotation marks, unless the record or the arrest itself says it."""
    if fact.id in RECORD_FACTS:
        return say("record_known", language, fact=say(fact.id, language), value=answer)
    if fact.type == "code_list" and not fact.values:
        return say("record_known", language, fact=say("charges_of_arrest", language), value=answer)
    return say("fact_known", language, fact=text(fact.question, language), value=answer)


def value_in_words(pack: Pack, fact: Fact, value: object, language: Language) -> str:
    """An answer as people say it: yes, 4,000 mg, January 1, 2025, the words of a choice."""
    match value:
        case None:
            return say("unknown", language)
        case bool():
            return say("yes" if value else "no", language)
        case int():
            return amount(value, fact.unit, language)
        case str():
            return _word(pack, fact, value, language)
        case list() | tuple():
            return joined((_word(pack, fact, str(code), language) for code in value), "and", language)
    raise TypeError(f"A fact is never a {type(value).__name__}.")


def amount(number: int, unit: str | None, language: Language) -> str:
    """A whole number with its unit; money in dollars, whole grams also in grams."""
    if unit == "cents":
        return f"${number // 100:,}.{number % 100:02}"
    if unit == "mg":
        grams = f" ({number // 1000:,} g)" if number >= 1000 and number % 1000 == 0 else ""
        return f"{number:,} mg{grams}"
    if unit is None:
        return f"{number:,}"
    return say(f"one_{unit}" if number == 1 else unit, language, count=f"{number:,}")


def day(iso: str, language: Language) -> str:
    """A date as it is written in a letter."""
    on = date.fromisoformat(iso)
    month = MONTHS[language][on.month - 1]
    return f"{on.day} de {month} de {on.year}" if language == "es" else f"{month} {on.day}, {on.year}"


def joined(words: Iterable[str], last: str, language: Language) -> str:
    """`a, b and c`; `none` if there is nothing."""
    several = list(words)
    if len(several) < 2:
        return several[0] if several else say("none_listed", language)
    return f"{', '.join(several[:-1])} {say(last, language)} {several[-1]}"


def sentence(words: str) -> str:
    """With a capital at the start and a full stop at the end."""
    begun = words[:1].upper() + words[1:]
    return begun if begun.endswith((".", ":", "?")) else f"{begun}."


def _clause(pack: Pack, condition: Condition, language: Language, *, denied: bool) -> Clause:
    match condition:
        case Not():
            return _clause(pack, condition.negated, language, denied=not denied)
        case AllOf():
            return _several(pack, "any" if denied else "all", condition.all, language, denied)
        case AnyOf():
            return _several(pack, "all" if denied else "any", condition.any, language, denied)
        case FirstKnown():
            return _several(pack, "first_known", condition.first_known, language, denied)
        case _:
            return Clause(_comparison(pack, condition, language, denied=denied))


def _several(pack: Pack, phrase: str, parts: Sequence[Condition], language: Language, denied: bool) -> Clause:
    clauses = tuple(_clause(pack, part, language, denied=denied) for part in parts)
    return clauses[0] if len(clauses) == 1 else Clause(say(phrase, language), clauses)


def _comparison(pack: Pack, comparison: Comparison, language: Language, *, denied: bool) -> str:
    name, written, value = comparison
    operator = OPPOSITE[written] if denied else written
    fact = pack.facts_by_id[name]
    if fact.type == "code_list":
        codes = value if isinstance(value, tuple) else (str(value),)
        last = {"any_in": "or", "none_in": "nor"}.get(operator, "and")
        named = joined((_word(pack, fact, code, language) for code in codes), last, language)
        whose = say("answers", language, question=text(fact.question, language))
        return say(operator, language, fact=whose if fact.values else say("charges_of_arrest", language), value=named)
    said = _expected(pack, fact, operator, value, language)
    if name in RECORD_FACTS:
        return say("record_is", language, fact=say(name, language), value=said)
    return say("answer_is", language, question=text(fact.question, language), value=said)


def _expected(pack: Pack, fact: Fact, operator: str, value: object, language: Language) -> str:
    """What the answer has to be, after `is`."""
    if isinstance(value, bool):
        return say("yes" if value is (operator == "is") else "no", language)
    if value == NEVER:
        return say("never" if operator == "is" else "has_happened", language)
    if isinstance(value, LOOK_BACKS):
        named = _look_back(pack, value, language)
    elif isinstance(value, tuple):
        named = joined((_word(pack, fact, code, language) for code in value), "or", language)
    elif is_iso_date(value):
        named = say("on_day", language, day=day(value, language))
    else:
        named = value_in_words(pack, fact, value, language)
    phrases = {"is": "is_any", "in": "is_any", "not_in": "is_none_of"}
    # Spanish contracts "a el" to "al".
    said = say(phrases.get(operator, operator), language, value=named).replace(" a el ", " al ")
    if fact.type == "event" and operator in ("before", "on_or_before"):
        return say("never_or", language, value=said)
    return said


def _look_back(pack: Pack, value: LookBack, language: Language) -> str:
    if isinstance(value, DaysBefore):
        unit, count = "days", value.days
    elif isinstance(value, MonthsBefore):
        unit, count = "months", value.months
    else:
        unit, count = "years", value.years
    anchor = pack.facts_by_id[value.before]
    named = say(anchor.id, language) if anchor.id in RECORD_FACTS else _answer_to(anchor, language)
    return say(f"one_{unit}_before" if count == 1 else f"{unit}_before", language, count=count, anchor=named)


def _answer_to(fact: Fact, language: Language) -> str:
    return say("the_answer", language, question=text(fact.question, language))


def _word(pack: Pack, fact: Fact, code: str, language: Language) -> str:
    """What people call a code, a day or `never`."""
    if fact.type in ("date", "event"):
        return day(code, language) if is_iso_date(code) else say("never", language)
    choices = {choice.code: choice for choice in pack.facts_by_id[fact.id].values}
    titles = {charge.code: charge.title for charge in pack.charges}
    if code in choices:
        return f"“{text(choices[code], language)}”" if language == "en" else f"«{text(choices[code], language)}»"
    if code in titles and not choices:
        return text(titles[code], language)
    return say("unlisted", language) if code == UNLISTED else code
