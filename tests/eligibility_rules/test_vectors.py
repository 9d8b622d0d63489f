"""Every shared vector, in Python; `pwa/src/rules/vectors.test.ts` reads the same files."""

import json
from typing import Any

import pytest

from eligibility_rules import FactError, PathwayError, evaluate
from tests.eligibility_rules.shared_packs import PACKS_FILE, VECTORS, invented_packs, packs_text, shared_packs

PACKS = shared_packs()
FILES = sorted(path for path in VECTORS.glob("*.json") if path != PACKS_FILE)
CASES = [
    pytest.param(suite["pack"], case, id=f"{path.stem}: {case['name']}")
    for path in FILES
    for suite in [json.loads(path.read_text(encoding="utf-8"))]
    for case in suite["cases"]
]


def answer_of(pack: str, case: dict[str, Any]) -> dict[str, Any]:
    """What the evaluator says, in the words that a vector may expect."""
    try:
        found = evaluate(PACKS[pack], case["pathway"], case["facts"])
    except FactError as error:
        return {"refused": {"error": "fact", "fact": error.fact}}
    except PathwayError:
        return {"refused": {"error": "pathway"}}
    expected = case["expect"]
    answers = {reason.rule: reason.answer for reason in found.reasons}
    missing = {reason.rule: list(reason.missing) for reason in found.reasons}
    return {
        "outcome": found.outcome,
        "ask": list(found.ask),
        "confirm": list(found.confirm),
        "not_yes": {rule: answer for rule, answer in answers.items() if answer != "yes"},
        "answers": {rule: answers[rule] for rule in expected.get("answers", {})},
        "missing": {rule: missing[rule] for rule in expected.get("missing", {})},
        "facts": {
            reason.rule: list(reason.facts) for reason in found.reasons if reason.rule in expected.get("facts", {})
        },
    }


@pytest.mark.parametrize(("pack", "case"), CASES)
def test_the_evaluator_answers_as_the_vector_expects(pack: str, case: dict[str, Any]) -> None:
    answer = answer_of(pack, case)
    assert case["expect"], "a vector that expects nothing proves nothing"
    assert {key: answer.get(key) for key in case["expect"]} == case["expect"]


def test_the_names_of_the_vectors_are_their_own() -> None:
    for path in FILES:
        names = [case["name"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]]
        assert len(set(names)) == len(names), path.name


def test_the_shared_packs_are_current() -> None:
    message = "Run `python -m tests.eligibility_rules.shared_packs`."
    assert PACKS_FILE.read_text(encoding="utf-8") == packs_text(), message


@pytest.mark.parametrize("name", invented_packs())
def test_every_rule_is_seen_to_hold_and_to_fail(name: str) -> None:
    seen: dict[str, set[str]] = {rule.id: set() for rule in PACKS[name].rules}
    for param in CASES:
        pack, case = param.values
        assert isinstance(case, dict)
        if pack == name and "refused" not in case["expect"]:
            for reason in evaluate(PACKS[name], case["pathway"], case["facts"]).reasons:
                seen[reason.rule].add(reason.answer)
    assert {rule: answers for rule, answers in seen.items() if answers != {"yes", "no", "unknown"}} == {}
