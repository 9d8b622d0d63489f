"""A pack laid out for people who read and sign it: sections of sentences, in one language.

Answers for what is shown and in which order, the same in the terminal, on paper and in the app. Leaves how it looks to
`printed` and to the commands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eligibility_rules.model import AskedOf, Charge, Fact, Pack, Rule
from eligibility_rules.practice import Approval, Hours, Practice
from eligibility_rules.sheets.phrases import Language, say
from eligibility_rules.sheets.wording import Clause, amount, as_sentences, clause, day, joined, text

#: Labels, and what is said beside them.
Rows = tuple[tuple[str, Clause], ...]
ASKED: tuple[AskedOf, ...] = ("officer", "participant", "coordinator", "record")


@dataclass(frozen=True)
class Entry:
    """One thing with a name, and what is said of it: label and words."""

    title: str
    rows: Rows


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    heading: str
    notes: tuple[str, ...] = ()
    table: Table | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Sheet:
    title: str
    about: tuple[tuple[str, str], ...]
    official: bool
    sections: tuple[Section, ...]
    promise: str
    signatures: tuple[str, ...]
    date_label: str


def sheet(pack: Pack, language: Language) -> Sheet:
    """Everything that the pack says, in the order in which people read it."""
    sections = [
        _unverified(pack, language),
        _pathways(pack, language),
        _charges(pack, language),
        _rules(pack, language),
        *_questions(pack, language),
        _practice(pack.practice, language),
        _approvals(pack.practice, language),
    ]
    return Sheet(
        title=say("title", language, program=pack.program),
        about=about(pack, language),
        official=pack.official,
        sections=tuple(section for section in sections if section is not None),
        promise=say("signed_for", language, version=pack.version.isoformat()),
        signatures=(say("program_manager", language), say("district_attorney", language)),
        date_label=say("date", language),
    )


def tier_in_words(rule: Rule, language: Language) -> str:
    """What the rule's tier is called, and what it means for the person."""
    role = say(f"the_{rule.override_by}", language) if rule.override_by else ""
    return f"{say(f'tier_{rule.tier}', language)}. {say(f'means_{rule.tier}', language, role=role)}"


def about(pack: Pack, language: Language) -> tuple[tuple[str, str], ...]:
    """The pack's head: version, days in force, standing, source and hash."""
    begins = day(pack.effective_from.isoformat(), language)
    if pack.effective_until is None:
        in_force = say("from_day", language, day=begins)
    else:
        in_force = say("from_until", language, day=begins, until=day(pack.effective_until.isoformat(), language))
    return (
        (say("version", language), pack.version.isoformat()),
        (say("in_force", language), in_force),
        (say("standing", language), say("official" if pack.official else "unofficial", language)),
        (say("source", language), pack.source),
        (say("hash", language), pack.hash),
    )


def _unverified(pack: Pack, language: Language) -> Section | None:
    notes = tuple(text(note, language) for note in pack.unverified)
    return Section(say("unverified", language), notes) if notes else None


def _pathways(pack: Pack, language: Language) -> Section:
    rows = tuple(
        (say(pathway, language), names(referrers, language) if referrers else say("nobody", language))
        for pathway, referrers in pack.pathways.items()
    )
    columns = (say("pathway", language), say("who_may_refer", language))
    way_on = f"{say('way_on', language)}: {text(pack.way_on, language)}"
    return Section(say("pathways", language), (way_on,), Table(columns, rows))


def _charges(pack: Pack, language: Language) -> Section:
    if not pack.charges:
        return Section(say("charges", language), (say("no_charges", language),))
    rows = [rows_of_charge(pack, charge, language) for charge in sorted(pack.charges, key=lambda each: each.order)]
    columns = tuple(label for label, _ in rows[0])
    return Section(
        say("charges", language), table=Table(columns, tuple(tuple(w.words for _, w in row) for row in rows))
    )


def rows_of_charge(pack: Pack, charge: Charge, language: Language) -> Rows:
    """What is said of a charge."""
    words = {
        "charge": text(charge.title, language),
        "level": say(charge.level, language),
        "class": charge.klass or "",
        "statute": charge.statute or "",
        "also_asked": " ".join(text(pack.facts_by_id[name].question, language) for name in charge.conditions),
        "source": charge.cite,
    }
    return _labelled(words, language)


def rows_of_rule(pack: Pack, rule: Rule, language: Language) -> Rows:
    """What is said of a rule."""
    rows = [(say("applies_to", language), Clause(names(rule.applies_to, language)))]
    if rule.when is not None:
        rows.append((say("only_when", language), as_sentences(clause(pack, rule.when, language))))
    rows.append((say("must_hold", language), as_sentences(clause(pack, rule.must, language))))
    words = {
        "tier": tier_in_words(rule, language),
        "why": text(rule.why, language),
        "confirm": text(rule.confirm, language),
        "source": rule.cite,
    }
    return (*rows, *_labelled(words, language))


def rows_of_fact(fact: Fact, language: Language) -> Rows:
    """What is said of a question."""
    asked = Clause(say(f"asked_{fact.asked_of}", language))
    return *_labelled({"facts": text(fact.question, language), "answers_are": _answers(fact, language)}, language), (
        "",
        asked,
    )


def rows_of_practice(practice: Practice, language: Language) -> Rows:
    """How the program works."""
    intake = practice.intake
    if intake is None:
        by_when = say("intake_not_stated", language)
    else:
        within = say("intake_days", language, days=amount(intake.days, "days", language))
        by_when = f"{within}. {text(intake.if_missed, language)} ({intake.cite})"
    words = {
        "officer_decides": say(f"decides_{practice.officer_decides}", language),
        "intake": by_when,
        "notice": say("no" if practice.notice_to_officer == "never" else "yes", language),
        "service_hours": _hours(practice, language),
        "languages": names(practice.languages, language),
        "consent_scripts": ", ".join(practice.consent_scripts),
    }
    return _labelled(words, language)


def rows_of_approval(approval: Approval, language: Language) -> Rows:
    """Who else has to agree, and when."""
    words = {
        "by": f"{say(approval.by, language)}, {say(f'agreed_{approval.when}', language)}",
        "applies_to": names(approval.applies_to, language),
        "source": approval.cite,
    }
    return _labelled(words, language)


def names(phrases: Iterable[str], language: Language) -> str:
    """Pathways, roles or days by what people call them."""
    return joined((say(phrase, language) for phrase in phrases), "and", language)


def _labelled(words: Mapping[str, str], language: Language) -> Rows:
    return tuple((say(label, language), Clause(said)) for label, said in words.items())


def _rules(pack: Pack, language: Language) -> Section:
    entries = tuple(
        Entry(f"{number}. {rule.id}", rows_of_rule(pack, rule, language)) for number, rule in enumerate(pack.rules, 1)
    )
    return Section(say("rules", language), entries=entries)


def _questions(pack: Pack, language: Language) -> list[Section]:
    sections = []
    for asked_of in ASKED:
        asked = [rows_of_fact(fact, language) for fact in pack.facts if fact.asked_of == asked_of]
        if asked:
            columns = tuple(label for label, _ in asked[0][:2])
            table = Table(columns, tuple(tuple(words.words for _, words in rows[:2]) for rows in asked))
            sections.append(Section(say(f"asked_{asked_of}", language), table=table))
    return sections


def _answers(fact: Fact, language: Language) -> str:
    """What may be answered; `don't know` always may."""
    match fact.type:
        case "bool":
            return joined((say("yes", language), say("no", language)), "or", language)
        case "int":
            return say("counted_in", language, unit=say(f"unit_{fact.unit}", language))
        case "date":
            return say("a_day", language)
        case "event":
            return joined((say("a_day", language), say("never", language)), "or", language)
        case "enum" | "code_list":
            return "; ".join(text(value, language) for value in fact.values) or say("the_charges", language)


def _practice(practice: Practice, language: Language) -> Section:
    return Section(say("practice", language), entries=(Entry("", rows_of_practice(practice, language)),))


def _hours(practice: Practice, language: Language) -> str:
    if isinstance(practice.service_hours, str):
        return say(practice.service_hours, language)
    return "; ".join(_each_hours(hours, language) for hours in practice.service_hours)


def _each_hours(hours: Hours, language: Language) -> str:
    until = say("next_day", language, until=hours.until) if hours.until < hours.begins else hours.until
    return say("hours", language, days=names(hours.days, language), begins=hours.begins, until=until)


def _approvals(practice: Practice, language: Language) -> Section:
    heading = say("approvals", language)
    if not practice.approvals:
        return Section(heading, (say("no_approvals", language),))
    entries = tuple(Entry(text(each.text, language), rows_of_approval(each, language)) for each in practice.approvals)
    return Section(heading, entries=entries)
