"""Random packs and facts for the differential test: small, sound, and near every boundary.

Each pack goes through the loader like any other (JSON is YAML here), so it can say nothing that a real one could not.
"""

import json
from random import Random
from typing import Any

from eligibility_rules import Fact, Pack, load_pack
from eligibility_rules.check import OPERATORS
from eligibility_rules.model import MAX_WHOLE_NUMBER

PATHWAYS = ["arrest_diversion", "social_contact", "community"]
TIERS = ["bars", "presumed_out", "warn", "ask_coordinator"]
#: Few words, so that facts meet the conditions; some are properties that JavaScript objects inherit.
CODES = ["none", "one", "two", "constructor", "valueof"]
AMOUNTS = [0, 1, 2, 6999, 7000, 7001, MAX_WHOLE_NUMBER]
DATES = ["1000-01-01", "2007-12-31", "2008-02-28", "2008-02-29", "2008-03-01", "2999-12-31"]
WRONG: list[Any] = [-1, 1.5, 2**53, "", "yes", "2007-02-29", [], ["absent"], [1], {}, [["one"]], True, 7, "none"]
MAX_NESTING = 3


def random_pack(random: Random) -> Pack:
    """A sound pack of up to seven facts and nine rules."""
    pathways = random.sample(PATHWAYS, random.randint(1, 3))
    charges = [_charge(code, order) for order, code in enumerate(random.sample(CODES, random.randint(1, 3)), 1)]
    facts = [
        _fact(random, name) for name in ["f0", "f1", "f2", "f3", "f4", "constructor", "f6"][: random.randint(1, 7)]
    ]
    codes = [charge["code"] for charge in charges] + ["unlisted"]
    rules = [
        {
            "id": f"r{number}",
            "applies_to": random.sample(pathways, random.randint(1, len(pathways))),
            "must": _condition(random, facts, codes, MAX_NESTING),
            "tier": tier,
            "override_by": "coordinator" if tier == "presumed_out" else None,
            "cite": "Invented",
            "why": {"en": "No.", "es": "No se cumple."},
            "confirm": {"en": "Unknown.", "es": "No se sabe."},
        }
        for number in range(random.randint(1, 9))
        for tier in [random.choice(TIERS)]
    ]
    document = {
        "program": "fuzz", "version": "2025-01-01", "effective_from": "2025-01-01", "source": "Invented",
        "official": False, "officer_decides": "first", "pathways": {pathway: ["officer"] for pathway in pathways},
        "charges": charges, "facts": facts, "rules": rules,
    }  # fmt: skip
    return load_pack(json.dumps(document, ensure_ascii=False), "fuzz.yaml")


def random_question(random: Random, pack: Pack) -> tuple[str, dict[str, Any]]:
    """A pathway, mostly one that is offered, and facts: missing, null, near a boundary, and now and then refused."""
    offered = sorted(pack.pathways)
    pathway = random.choice(PATHWAYS) if random.random() < 0.05 else random.choice(offered)
    facts: dict[str, Any] = {}
    for fact in pack.facts:
        draw = random.random()
        if draw < 0.55:
            facts[fact.id] = _value(random, pack, fact)
        elif draw < 0.7:
            facts[fact.id] = None
    if random.random() < 0.1:
        # One at most, so that both sides name the same fact whatever order they read in.
        facts[random.choice([*pack.facts_by_id, "absent"])] = random.choice(WRONG)
    return pathway, facts


def _charge(code: str, order: int) -> dict[str, Any]:
    return {"code": code, "level": "state", "title": {"en": "T", "es": "Z"}, "cite": "Invented", "order": order}


def _fact(random: Random, name: str) -> dict[str, Any]:
    kind = random.choice(["bool", "bool", "int", "enum", "date", "code_list", "code_list"])
    fact: dict[str, Any] = {
        "id": name,
        "type": kind,
        "unit": "mg" if kind == "int" else None,
        "question": {"en": "What?", "es": "¿Qué?"},
        "asked_of": random.choice(["officer", "officer", "officer", "participant", "coordinator"]),
    }
    if kind == "enum" or (kind == "code_list" and random.random() < 0.5):
        fact["values"] = random.sample(CODES, random.randint(2, 4))
    return fact


def _condition(random: Random, facts: list[dict[str, Any]], charges: list[str], depth: int) -> Any:
    draw = random.random()
    if depth == 0 or draw < 0.4:
        return _comparison(random, random.choice(facts), charges)
    if draw < 0.55:
        return {"not": _condition(random, facts, charges, depth - 1)}
    parts = [_condition(random, facts, charges, depth - 1) for _ in range(random.randint(1, 3))]
    return {random.choice(["all", "any"]): parts}


def _comparison(random: Random, fact: dict[str, Any], charges: list[str]) -> list[Any]:
    operator = random.choice(OPERATORS[fact["type"]])
    value: Any
    if fact["type"] == "bool":
        value = random.random() < 0.5
    elif fact["type"] == "int":
        value = random.choice(AMOUNTS)
    elif fact["type"] == "date":
        value = random.choice(DATES)
    else:
        codes = fact.get("values") or charges
        value = random.choice(codes)
        if operator not in ("is", "is_not"):
            value = random.sample(codes, random.randint(1, len(codes)))
    return [fact["id"], operator, value]


def _value(random: Random, pack: Pack, fact: Fact) -> Any:
    if fact.type == "bool":
        return random.random() < 0.5
    if fact.type == "int":
        return random.choice(AMOUNTS)
    if fact.type == "date":
        return random.choice(DATES)
    codes = sorted(pack.codes_by_fact[fact.id])
    if fact.type == "enum":
        return random.choice(codes)
    return random.sample(codes, random.randint(0 if fact.values else 1, len(codes)))
