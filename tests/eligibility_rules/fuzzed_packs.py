"""Random packs and facts for the differential test: small, sound, and near every boundary.

Every pack is checked like any other, so it can say nothing that a real one could not. What was generated is counted, so
that the test can tell when a kind of construct is no longer met.
"""

import json
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

from eligibility_rules import Fact, Pack, load_pack
from eligibility_rules.check import DAYS_IN_ORDER, OPERATORS, find_misfits
from eligibility_rules.conditions import LOOK_BACKS, comparisons
from eligibility_rules.days import day_before
from eligibility_rules.model import MAX_WHOLE_NUMBER, NEVER, RECORD_FACTS, Comparison

PATHWAYS = ["arrest_diversion", "social_contact", "community"]
TIERS = ["bars", "presumed_out", "warn", "ask_coordinator"]
TYPES = ["bool", "bool", "int", "enum", "date", "event", "event", "code_list", "code_list"]
#: Few words, so that facts meet the conditions; some are properties that JavaScript objects inherit.
CODES = ["none", "one", "two", "constructor", "valueof"]
NAMES = ["f0", "f1", "f2", "f3", "tostring", "constructor", "f6"]
AMOUNTS = [0, 1, 2, 6999, 7000, 7001, MAX_WHOLE_NUMBER]
DATES = [
    "1000-01-01", "1004-02-29", "1900-02-28", "1900-03-01", "2000-02-29", "2008-02-29", "2024-02-29", "2024-03-31",
    "2025-01-31", "2025-03-01", "2025-12-31", "2026-05-31", "2100-02-28", "2999-12-31",
]  # fmt: skip
LOOK_BACK_LENGTHS = {"years": [1, 4, 10, 18, 100, 120], "months": [1, 2, 3, 11, 12, 1440], "days": [1, 30, 365, 43_800]}
WRONG: list[Any] = [
    -1, 1.5, 2**53, "", "yes", "2007-02-29", "2025-02-29\n", "0999-12-31", "3000-01-01", "Never", NEVER, [], ["absent"],
    [1], {}, [["one"]], ["one", "one"], True, 7, "none",
]  # fmt: skip
ABSENT = ["absent", "__proto__", "hasownproperty"]
MAX_NESTING = 3
#: One pack in so many is read from its YAML by the loader (JSON is YAML here); reading all of them takes minutes.
READ_BY_LOADER = 50


def random_pack(random: Random, met: Counter[str]) -> Pack:
    """A sound pack of up to eleven facts and nine rules; what it holds is added to `met`."""
    pathways = random.sample(PATHWAYS, random.randint(1, 3))
    charges = [_charge(code, order) for order, code in enumerate(random.sample(CODES[:3], random.randint(1, 3)), 1)]
    facts = [_fact(random, name) for name in NAMES[: random.randint(1, 7)]]
    facts += [_record_fact(name) for name in RECORD_FACTS if random.random() < 0.6]
    codes = [charge["code"] for charge in charges] + ["unlisted"]
    condition = _Conditions(random, facts, codes, met)
    rules = []
    for number in range(random.randint(1, 9)):
        tier = random.choice(TIERS)
        rule: dict[str, Any] = {
            "id": f"r{number}", "applies_to": random.sample(pathways, random.randint(1, len(pathways))),
            "must": condition.any_kind(MAX_NESTING), "tier": tier, "cite": "Invented",
            "override_by": "coordinator" if tier == "presumed_out" else None,
            "why": {"en": "No.", "es": "No se cumple."}, "confirm": {"en": "Unknown.", "es": "No se sabe."},
        }  # fmt: skip
        if random.random() < 0.4:
            met["when"] += 1
            rule["when"] = condition.any_kind(MAX_NESTING - 1)
        rules.append(rule)
    document = {
        "program": "fuzz", "version": "2025-01-01", "effective_from": "2025-01-01", "source": "Invented",
        "official": False, "unverified": [{"en": "All.", "es": "Todo."}],
        "practice": {"officer_decides": "first", "notice_to_officer": "never", "service_hours": "always"},
        "way_on": {"en": "Call.", "es": "Llame."}, "pathways": {pathway: ["officer"] for pathway in pathways},
        "charges": charges, "facts": facts, "rules": rules,
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False)
    pack = load_pack(text, "fuzz.yaml") if random.random() * READ_BY_LOADER < 1 else Pack.model_validate_json(text)
    assert find_misfits(pack) == []
    return pack


def _charge(code: str, order: int) -> dict[str, Any]:
    return {"code": code, "level": "state", "title": {"en": "T", "es": "Z"}, "cite": "Invented", "order": order}


def _fact(random: Random, name: str) -> dict[str, Any]:
    kind = random.choice(TYPES)
    fact: dict[str, Any] = {
        "id": name, "type": kind, "unit": "mg" if kind == "int" else None, "question": {"en": "What?", "es": "¿Qué?"},
        "asked_of": random.choice(["officer", "officer", "officer", "participant", "coordinator"]),
    }  # fmt: skip
    if kind == "enum" or (kind == "code_list" and random.random() < 0.5):
        codes = random.sample(CODES, random.randint(2, 4))
        fact["values"] = [{"code": code, "en": "V", "es": "W"} for code in codes]
    return fact


def _record_fact(name: str) -> dict[str, Any]:
    unit = "years" if RECORD_FACTS[name] == "int" else None
    question = {"en": "What?", "es": "¿Qué?"}
    return {"id": name, "type": RECORD_FACTS[name], "unit": unit, "question": question, "asked_of": "record"}


class _Conditions:
    """Conditions on the facts of one pack."""

    def __init__(self, random: Random, facts: list[dict[str, Any]], charges: list[str], met: Counter[str]) -> None:
        self.random, self.facts, self.charges, self.met = random, facts, charges, met
        self.anchors = [fact["id"] for fact in facts if fact["type"] == "date"]

    def any_kind(self, depth: int) -> Any:
        draw = self.random.random()
        if depth == 0 or draw < 0.4:
            return self.comparison(self.random.choice(self.facts))
        if draw < 0.5:
            self.met["not"] += 1
            return {"not": self.any_kind(depth - 1)}
        kind = self.random.choice(["all", "any", "first_known"])
        self.met[kind] += 1
        least = 2 if kind == "first_known" else 1
        return {kind: [self.any_kind(depth - 1) for _ in range(self.random.randint(least, 3))]}

    def comparison(self, fact: dict[str, Any]) -> list[Any]:
        operator = self.random.choice(OPERATORS[fact["type"]])
        self.met[f"{fact['type']} {operator}"] += 1
        return [fact["id"], operator, self.value(fact, operator)]

    def value(self, fact: dict[str, Any], operator: str) -> Any:
        match fact["type"]:
            case "bool":
                return self.random.random() < 0.5
            case "int":
                return self.random.choice(AMOUNTS)
            case "event" if operator in ("is", "is_not"):
                return NEVER
            case "date" | "event":
                return self.day_or_look_back(fact["id"], operator)
        codes = [value["code"] for value in fact.get("values", [])] or self.charges
        if operator in ("is", "is_not"):
            return self.random.choice(codes)
        return self.random.sample(codes, self.random.randint(1, len(codes)))

    def day_or_look_back(self, name: str, operator: str) -> Any:
        anchors = [anchor for anchor in self.anchors if anchor != name]
        if operator not in DAYS_IN_ORDER or not anchors or self.random.random() < 0.3:
            return self.random.choice(DATES)
        unit = self.random.choice(list(LOOK_BACK_LENGTHS))
        self.met[f"look-back in {unit}"] += 1
        return {unit: self.random.choice(LOOK_BACK_LENGTHS[unit]), "before": self.random.choice(anchors)}


def comparisons_of(pack: Pack) -> list[Comparison]:
    conditions = [condition for rule in pack.rules for condition in (rule.when, rule.must) if condition is not None]
    return [comparison for condition in conditions for _, comparison in comparisons(condition)]


class Questions:
    """Pathways and facts to ask one pack about: missing, null, on and beside every boundary, now and then refused."""

    def __init__(self, random: Random, pack: Pack, met: Counter[str]) -> None:
        self.random, self.pack, self.met = random, pack, met
        self.offered = sorted(pack.pathways)
        self.compared = [(name, value) for name, _, value in comparisons_of(pack)]

    def next(self) -> tuple[str, dict[str, Any]]:
        random = self.random
        pathway = random.choice(PATHWAYS) if random.random() < 0.05 else random.choice(self.offered)
        facts: dict[str, Any] = {}
        for fact in self.pack.facts:
            draw = random.random()
            if draw < 0.6:
                facts[fact.id] = self.value(fact)
            elif draw < 0.75:
                facts[fact.id] = None
        for name, back in self.compared:
            if isinstance(back, LOOK_BACKS) and random.random() < 0.6:
                self.stand_on_the_boundary(name, back, facts)
        if random.random() < 0.08:
            # One at most, so that both sides name the same fact whatever order they read in.
            facts[random.choice([*self.pack.facts_by_id, *ABSENT])] = random.choice(WRONG)
        return pathway, facts

    def stand_on_the_boundary(self, name: str, back: Any, facts: dict[str, Any]) -> None:
        anchor, actual = facts.get(back.before), facts.get(name)
        if actual == NEVER:
            self.met["never against a look-back"] += 1
        elif anchor is None and actual is None:
            self.met["fact and anchor unknown"] += 1
        elif anchor is None:
            self.met["anchor unknown"] += 1
        elif actual is not None:
            boundary = day_before(anchor, back)
            step = self.random.choice([-1, 0, 0, 1])
            self.met["clamped to a month's end"] += boundary[8:] != anchor[8:] and not hasattr(back, "days")
            self.met["clamped to the first day"] += boundary == DATES[0]
            self.met["on the boundary of a look-back"] += step == 0
            facts[name] = max(DATES[0], (date.fromisoformat(boundary) + timedelta(step)).isoformat())

    def value(self, fact: Fact) -> Any:
        random = self.random
        near = [value for name, value in self.compared if name == fact.id]
        match fact.type:
            case "bool":
                return random.random() < 0.5
            case "int":
                beside = [value + step for value in near if isinstance(value, int) for step in (-1, 0, 1)]
                return random.choice([value for value in beside if 0 <= value <= MAX_WHOLE_NUMBER] or AMOUNTS)
            case "event" if random.random() < 0.3:
                return NEVER
            case "date" | "event":
                return random.choice([value for value in near if value in DATES] * 3 + DATES)
        codes = sorted(self.pack.codes_by_fact[fact.id])
        if fact.type == "enum":
            return random.choice(codes)
        return random.sample(codes, random.randint(0 if fact.values else 1, len(codes)))
