"""That the demand for complete cases can fail: each kind of gap, told by what is missing."""

import pytest

from eligibility_rules import load_pack
from eligibility_rules.review.cases import load_cases, run_cases
from tests.eligibility_rules.cases import Suite
from tests.eligibility_rules.completeness import gaps
from tests.eligibility_rules.sound_pack import SOUND

LARGE = """  - id: amount_small
    applies_to: [arrest_diversion]
    must: {all: [[amount, at_most, 7], [victim, is, absent]]}
    tier: bars
    cite: A page
    why: {en: Much, es: Mucho}
    confirm: {en: Amount, es: Cantidad}
  - id: long_ago
    applies_to: [arrest_diversion]
    must: [last_conviction, before, {years: 1, before: incident_date}]
    tier: warn
    cite: A page
    why: {en: Recent, es: Reciente}
    confirm: {en: When, es: Cuándo}
"""
BASE = """base:
  arrest_diversion:
    {charges: [trespassing], adult: true, amount: 7, victim: absent, last_conviction: 2024-01-30, incident_date: 2025-01-31}
cases:
"""
CASES = {
    "under age": 'change: {adult: false}\n    outcome: ineligible\n    not_yes: {adult: "no"}',
    "one beyond": 'change: {amount: 8}\n    outcome: ineligible\n    not_yes: {amount_small: "no"}',
    "on the day": 'change: {last_conviction: 2024-01-31}\n    outcome: eligible\n    not_yes: {long_ago: "no"}',
    "somebody": 'change: {victim: consents}\n    outcome: ineligible\n    not_yes: {amount_small: "no"}',
    "unlisted": "change: {charges: [unlisted], adult: false}\n    outcome: eligible\n    not_yes: {}",
    "nothing is known": "change: {victim: null, incident_date: null}\n    unasked: [charges, adult, amount, last_conviction]\n"
    "    outcome: needs_review\n    not_yes: {adult: unknown, amount_small: unknown, long_ago: unknown}",
}


def suite(cases: dict[str, str], head: str = "") -> Suite:
    pack = load_pack(SOUND + LARGE, "example.yaml")
    text = head + BASE + "".join(f"  - name: {n}\n    pathway: arrest_diversion\n    {c}\n" for n, c in cases.items())
    file, lines = load_cases(text, "example.cases.yaml")
    return Suite(pack, file, tuple(map(str, run_cases(pack, file, lines))))


def test_complete_cases_have_no_gap() -> None:
    assert suite(CASES).problems == ()
    assert gaps(suite(CASES)) == []


@pytest.mark.parametrize(
    ("without", "gap"),
    [
        ("under age", "no case in which rule adult is the only no"),
        ("one beyond", "rule amount_small, ['amount', 'at_most', 7]: no case a single step beyond it"),
        ("on the day", "no case exactly at the boundary"),
        ("somebody", "no case in which victim is or holds consents"),
        ("unlisted", "no case in which charges is or holds unlisted"),
        ("nothing is known", "arrest_diversion: no case in which adult is not known"),
    ],
)
def test_a_case_that_is_missing_leaves_a_gap(without: str, gap: str) -> None:
    found = gaps(suite({name: case for name, case in CASES.items() if name != without}))
    assert any(gap in each for each in found), found


@pytest.mark.parametrize(
    ("change", "head", "gap"),
    [
        (
            "change: {adult: true}\n    outcome: eligible\n    not_yes: {}",
            "",
            "adult is changed to what it is in the base",
        ),
        ("unasked: [moved_on]\n    outcome: eligible\n    not_yes: {}", "", "moved_on is not in the base"),
        (
            "outcome: eligible\n    not_yes: {}",
            "never_alone: [adult]\n",
            "adult is alone in a case, and said to be never_alone",
        ),
        ("outcome: eligible\n    not_yes: {}", "never_alone: [nobody]\n", "never_alone names nobody, which is no rule"),
    ],
)
def test_a_slip_of_the_pen_is_a_gap(change: str, head: str, gap: str) -> None:
    found = gaps(suite(CASES | {"a slip": change}, head))
    assert any(gap in each for each in found), found


def test_a_base_that_does_not_hold_is_a_gap() -> None:
    whole = suite(CASES)
    spoilt = {"arrest_diversion": whole.file.base["arrest_diversion"] | {"amount": 8}}
    assert any("the base of arrest_diversion is ineligible" in gap for gap in gaps(with_base(whole, spoilt)))
    assert "arrest_diversion has no base" in gaps(with_base(whole, {}))


def with_base(whole: Suite, base: dict[str, dict[str, object]]) -> Suite:
    return Suite(whole.pack, whole.file.model_copy(update={"base": base}), ())
