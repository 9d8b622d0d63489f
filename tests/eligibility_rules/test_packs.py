"""What must hold of every shipped pack: its own cases, kind words, few questions, nothing that gives the roster away."""

import re
from itertools import product
from pathlib import Path
from random import Random

import pytest

from eligibility_rules import Pack, evaluate
from eligibility_rules.check import texts_of
from eligibility_rules.conditions import facts_of
from eligibility_rules.review.cases import facts_of_case
from tests.eligibility_rules.cases import FILES, file_id, pack_of, suite_of
from tests.eligibility_rules.completeness import gaps
from tests.eligibility_rules.questioning import ask, random_truth
from tests.eligibility_rules.twin import compare_with_typescript

by_program = pytest.mark.parametrize("path", FILES, ids=map(file_id, FILES))
#: Words that INTERFACE keeps off every screen.
UNKIND = re.compile(
    r"offender|suspect\b|subject\b|addict|clean\b|junkie|relapse|delincuente|sospechos|\badict|recaída|!|¡",
    re.IGNORECASE,
)
MAX_QUESTIONS_UNDER_ONE_CHARGE = 4


def denver() -> Pack:
    return pack_of(max(path for path in FILES if path.parent.name == "denver"))


@by_program
def test_its_cases_hold(path: Path) -> None:
    assert suite_of(path).problems == ()


@by_program
def test_its_cases_are_complete(path: Path) -> None:
    assert gaps(suite_of(path)) == []


def test_typescript_answers_every_case_the_same(tmp_path: Path) -> None:
    suites = [suite_of(path) for path in FILES]
    packs = [suite.pack for suite in suites]
    questions = [
        (at, case.pathway, facts_of_case(suite.file, case))
        for at, suite in enumerate(suites)
        for case in suite.file.cases
    ]
    assert compare_with_typescript(packs, questions, tmp_path / "cases.json") == len(questions)


@by_program
def test_every_sentence_uses_plain_kind_words(path: Path) -> None:
    pack = pack_of(path)
    for _, text in texts_of(pack):
        assert UNKIND.search(text.en) is None, text.en
        assert UNKIND.search(text.es) is None, text.es


@by_program
def test_questions_ask_and_reasons_state(path: Path) -> None:
    pack = pack_of(path)
    for fact in pack.facts:
        assert "?" in fact.question.en
        assert fact.question.es.count("¿") == fact.question.es.count("?") == 1
    for rule in pack.rules:
        for text in (rule.why, rule.confirm):
            assert text.en.endswith(".")
            assert text.es.endswith(".")


@by_program
def test_officers_are_never_asked_about_the_roster(path: Path) -> None:
    pack = pack_of(path)
    for fact in pack.facts:
        if fact.asked_of == "officer":
            assert re.search(r"roster|participant|enrolled", fact.question.en) is None, fact.question.en
            assert re.search(r"lista|participante|inscrit", fact.question.es) is None, fact.question.es


@by_program
def test_every_fact_is_read_by_a_rule(path: Path) -> None:
    pack = pack_of(path)
    read = {name for rule in pack.rules for name in facts_of(rule)}
    assert read == set(pack.facts_by_id)


@by_program
def test_what_is_not_asked_would_have_changed_nothing(path: Path) -> None:
    pack, random = pack_of(path), Random(path.parent.name)
    for pathway in pack.pathways:
        for _ in range(50):
            asking = ask(pack, pathway, random_truth(random, pack))
            assert len(set(asking.asked)) == len(asking.asked)
            assert set(asking.asked) <= set(asking.everything)
            assert asking.found.outcome == asking.with_everything.outcome, asking


def test_denver_asks_few_questions_under_any_one_charge() -> None:
    for charge in denver().charges:
        asked = evaluate(denver(), "arrest_diversion", {"charges": [charge.code]}).ask
        assert len(asked) <= MAX_QUESTIONS_UNDER_ONE_CHARGE, (charge.code, asked)


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
