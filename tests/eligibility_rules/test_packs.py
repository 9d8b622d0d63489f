"""What must hold of every shipped pack: few questions, kind words, and nothing that gives the roster away."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from eligibility_rules import Catalog, Pack, Text, evaluate
from eligibility_rules.check import facts_read

DAY = date(2026, 4, 30)
PACKS = [pack for name in Catalog.shipped().programs if (pack := Catalog.shipped().in_force(name, DAY))]
by_program = pytest.mark.parametrize("pack", PACKS, ids=[pack.program for pack in PACKS])
#: Words that INTERFACE keeps off every screen.
UNKIND = re.compile(
    r"offender|suspect\b|subject\b|addict|clean\b|junkie|relapse|delincuente|sospechos|\badict|recaída|!|¡",
    re.IGNORECASE,
)
MAX_QUESTIONS_UNDER_ONE_CHARGE = 4


def denver() -> Pack:
    return next(pack for pack in PACKS if pack.program == "denver")


def texts(pack: Pack) -> Iterator[Text]:
    yield from (charge.title for charge in pack.charges)
    yield from (fact.question for fact in pack.facts)
    for rule in pack.rules:
        yield rule.why
        yield rule.confirm


@by_program
def test_every_sentence_uses_plain_kind_words(pack: Pack) -> None:
    for text in texts(pack):
        assert UNKIND.search(text.en) is None, text.en
        assert UNKIND.search(text.es) is None, text.es


@by_program
def test_questions_ask_and_reasons_state(pack: Pack) -> None:
    for fact in pack.facts:
        assert "?" in fact.question.en
        assert fact.question.es.count("¿") == fact.question.es.count("?") == 1
    for rule in pack.rules:
        for text in (rule.why, rule.confirm):
            assert text.en.endswith(".")
            assert text.es.endswith(".")


@by_program
def test_officers_answer_yes_or_no_and_are_never_asked_about_the_roster(pack: Pack) -> None:
    for fact in pack.facts:
        if fact.asked_of == "officer":
            assert fact.type == "bool" or fact.id == "charges"
            assert re.search(r"roster|participant|enrolled", fact.question.en) is None, fact.question.en
            assert re.search(r"lista|participante|inscrit", fact.question.es) is None, fact.question.es


@by_program
def test_every_fact_is_read_by_a_rule(pack: Pack) -> None:
    read = {name for rule in pack.rules for name in facts_read(rule.must)}
    assert read == set(pack.facts_by_id)


@by_program
def test_an_officer_answers_few_questions_under_any_one_charge(pack: Pack) -> None:
    for pathway in pack.pathways:
        for facts in [{"charges": [charge.code]} for charge in pack.charges] or [{}]:
            asked = evaluate(pack, pathway, facts).ask
            assert len(asked) <= MAX_QUESTIONS_UNDER_ONE_CHARGE, (pathway, facts, asked)


@by_program
def test_no_answer_of_an_officer_is_followed_by_a_question_already_answered(pack: Pack) -> None:
    for pathway in pack.pathways:
        for answer in (True, False, None):
            facts: dict[str, object] = {"charges": [pack.charges[0].code]} if pack.charges else {}
            while ask := [name for name in evaluate(pack, pathway, facts).ask if name != "charges"]:
                assert ask[0] not in facts
                facts[ask[0]] = answer


def test_denver_lists_what_its_page_lists() -> None:
    pack = denver()
    listed = {(charge.level, charge.klass) for charge in pack.charges}
    assert {("state", "DF4"), ("state", "DM1"), ("municipal", "Class 2")} <= listed
    assert len([charge for charge in pack.charges if charge.klass == "Class 2"]) == 7
    assert len(pack.charges) == 16


def test_no_answer_of_the_coordinator_about_orders_shows_on_an_officers_outcome() -> None:
    """Only enrolment tells "against a participant" from "against somebody else": the outcome must not."""
    clear = {"charges": ["trespassing"], "adult": True, "treatment_court_case": False}
    for known in (True, False, None):
        facts = {**clear, "contact_order_known": known, "contact_order_with_participant": True}
        assert evaluate(denver(), "arrest_diversion", facts).outcome == "needs_review"


def test_unknown_never_makes_anybody_eligible_or_ineligible_alone() -> None:
    """Kleene's promise: whatever is settled stays settled however the unknown turns out."""
    pack = denver()
    names = ["intent_to_distribute", "adult", "treatment_court_case", "contact_order_known"]
    for values in product([True, False, None], repeat=len(names)):
        facts: dict[str, object] = {"charges": ["possession_dm1"], **dict(zip(names, values, strict=True))}
        before = {r.rule: r.answer for r in evaluate(pack, "arrest_diversion", facts).reasons}
        for name in [name for name in names if facts[name] is None]:
            for value in (True, False):
                after = evaluate(pack, "arrest_diversion", {**facts, name: value})
                changed = {r.rule: r.answer for r in after.reasons if before[r.rule] != "unknown"}
                assert changed == {rule: answer for rule, answer in before.items() if answer != "unknown"}
