"""That what can never matter is found, that nothing else is, and that trying few values is as good as trying all."""

import json
from datetime import date, timedelta
from itertools import chain, combinations, product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eligibility_rules import Pack, load_pack
from eligibility_rules.compile import compile_rule
from eligibility_rules.conditions import facts_of
from eligibility_rules.review.reach import MOST_COMBINATIONS, find_unreachable
from eligibility_rules.review.representatives import MOST_GROUPS, conditions_of, domain
from tests.eligibility_rules.small_packs import ADULT, AMOUNT, SHIPPED_FILES, small_pack

FACTS = """\
  - id: victim
    type: enum
    values: [{code: absent, en: No victim, es: No hay}, {code: agrees, en: Agrees, es: De acuerdo}]
    asked_of: officer
    question: {en: "The victim?", es: "¿La víctima?"}
  - {id: incident_date, type: date, asked_of: record, question: {en: "When?", es: "¿Cuándo?"}}
  - {id: birth_date, type: date, asked_of: record, question: {en: "Born?", es: "¿Nació?"}}
  - {id: last_conviction, type: event, asked_of: coordinator, question: {en: "The last?", es: "¿La última?"}}
"""
SEED = 7


def findings(must: str, when: str | None = None) -> list[str]:
    """What is said of a rule with this condition; that other facts are not read is left out."""
    condition = f"must: {must}" if when is None else f"when: {when}\n    must: {must}"
    pack = small_pack((ADULT, condition), ("rules:\n", f"{FACTS}rules:\n"))
    found = find_unreachable(pack)
    assert all(each.certain for each in found)
    return [each.what for each in found if each.place[0] == "rules"]


@pytest.mark.parametrize("path", SHIPPED_FILES, ids=lambda path: path.parent.name)
def test_everything_in_every_shipped_pack_can_matter(path: Path) -> None:
    assert find_unreachable(load_pack(path.read_text(encoding="utf-8"), path.name)) == []


@pytest.mark.parametrize(
    "must",
    [
        "[adult, is, true]",
        "[amount_mg, less_than, 1]",
        "[amount_mg, at_least, 1]",
        "{all: [[amount_mg, at_least, 5], [amount_mg, at_most, 5]]}",
        "[victim, is, absent]",
        "{all: [[charges, any_in, [trespassing]], [charges, any_in, [unlisted]]]}",
        "{all: [[birth_date, after, 2007-02-27], [birth_date, before, 2007-03-01]]}",
        "[last_conviction, is, never]",
        "[last_conviction, before, {years: 10, before: incident_date}]",
        "{all: [[last_conviction, before, {years: 5, before: incident_date}],"
        " [last_conviction, on_or_after, {years: 10, before: incident_date}]]}",
        "{all: [[birth_date, after, 2020-01-01], [birth_date, before, {years: 3, before: incident_date}]]}",
        "{first_known: [[birth_date, on_or_before, {years: 18, before: incident_date}], [adult, is, true]]}",
    ],
)
def test_a_rule_that_can_go_both_ways_is_left_alone(must: str) -> None:
    assert findings(must) == []


@pytest.mark.parametrize(
    ("must", "word"),
    [
        ("[amount_mg, less_than, 0]", "yes"),
        ("[amount_mg, at_least, 0]", "no"),
        ("{all: [[amount_mg, at_least, 6], [amount_mg, at_most, 5]]}", "yes"),
        ("{any: [[amount_mg, at_least, 5], [amount_mg, at_most, 4]]}", "no"),
        ("{all: [[adult, is, true], [adult, is, false]]}", "yes"),
        ("{any: [[adult, is, true], {not: [adult, is, true]}]}", "no"),
        ("[victim, in, [absent, agrees]]", "no"),
        ("[victim, not_in, [absent, agrees]]", "yes"),
        ("[charges, any_in, [trespassing, possession, unlisted]]", "no"),
        ("{all: [[charges, any_in, [trespassing]], [charges, all_in, [possession, unlisted]]]}", "yes"),
        ("{all: [[birth_date, after, 2007-02-28], [birth_date, before, 2007-03-01]]}", "yes"),
        ("{all: [[last_conviction, is, never], [last_conviction, after, 1999-01-01]]}", "yes"),
        (
            "{all: [[last_conviction, before, {years: 10, before: incident_date}],"
            " [last_conviction, on_or_after, {years: 5, before: incident_date}]]}",
            "yes",
        ),
        (
            "{any: [[last_conviction, before, {months: 12, before: incident_date}],"
            " [last_conviction, on_or_after, {years: 1, before: incident_date}]]}",
            "no",
        ),
    ],
)
def test_a_rule_that_can_only_go_one_way_is_found(must: str, word: str) -> None:
    assert findings(must) == [f"Rule 'adult' can never be {word}."]


@pytest.mark.parametrize(("days", "found"), [(366, []), (365, ["Rule 'adult' can never be yes."])])
def test_a_year_may_be_shorter_than_366_days_but_never_than_365(days: int, found: list[str]) -> None:
    between = (
        f"{{all: [[last_conviction, on_or_after, {{days: {days}, before: incident_date}}],"
        " [last_conviction, before, {years: 1, before: incident_date}]]}"
    )
    assert findings(between) == found


@pytest.mark.parametrize(("days", "found"), [(28, ["Rule 'adult' can never be yes."]), (29, []), (31, [])])
def test_a_month_may_be_shorter_than_29_days_but_never_than_28(days: int, found: list[str]) -> None:
    between = (
        f"{{all: [[last_conviction, on_or_after, {{days: {days}, before: incident_date}}],"
        " [last_conviction, before, {months: 1, before: incident_date}]]}"
    )
    assert findings(between) == found


@pytest.mark.parametrize(("days", "found"), [(30, []), (31, ["Rule 'adult' can never be yes."])])
def test_a_month_may_be_longer_than_30_days_but_never_than_31(days: int, found: list[str]) -> None:
    between = (
        "{all: [[last_conviction, on_or_after, {months: 1, before: incident_date}],"
        f" [last_conviction, before, {{days: {days}, before: incident_date}}]]}}"
    )
    assert findings(between) == found


def test_a_when_that_never_or_always_holds_is_found() -> None:
    never = "{all: [[adult, is, true], [adult, is, false]]}"
    assert findings("[victim, is, absent]", when=never) == [
        "The `when` of rule 'adult' can never hold, so the rule never counts.",
        "Rule 'adult' can never be no.",
    ]
    assert findings("[victim, is, absent]", when="[amount_mg, at_least, 0]") == [
        "The `when` of rule 'adult' always holds, so it says nothing.",
        "Rule 'adult' reads 'amount_mg', whose answer never changes that of the rule.",
    ]
    assert findings("[victim, is, absent]", when="[amount_mg, at_least, 1]") == []


def test_a_when_that_leaves_only_one_answer_is_found() -> None:
    assert findings("[amount_mg, at_least, 5]", when="[amount_mg, at_least, 5]") == ["Rule 'adult' can never be no."]
    assert findings("[amount_mg, at_least, 5]", when="[amount_mg, at_least, 4]") == []


def test_a_fact_that_a_rule_reads_in_vain_is_found() -> None:
    in_vain = "{any: [[adult, is, true], {all: [[adult, is, true], [amount_mg, at_most, 5]]}]}"
    assert findings(in_vain) == ["Rule 'adult' reads 'amount_mg', whose answer never changes that of the rule."]
    assert findings("{any: [[adult, is, true], [amount_mg, at_most, 5]]}") == []


def test_a_fact_that_nothing_reads_is_found_where_it_stands() -> None:
    (found,) = find_unreachable(small_pack((AMOUNT, "must: [adult, is, true]")))
    assert (found.place, found.what) == (("facts", 2), "No rule reads fact 'amount_mg', so its answer would not count.")


def test_a_charge_that_no_rule_tells_from_an_unlisted_one_is_found() -> None:
    # Whoever is charged with anything but possession is out, on the list or not.
    pack = small_pack(("must: [charges, none_in, [unlisted]]", "must: [charges, all_in, [possession]]"))
    (found,) = find_unreachable(pack)
    assert found.place == ("charges", 0)
    assert found.what.startswith("Charge 'trespassing' changes nothing")
    assert find_unreachable(small_pack()) == []


def test_a_charge_that_is_only_written_differently_changes_nothing_either() -> None:
    condition = "{any: [[charges, none_in, [unlisted, trespassing]], [charges, none_in, [trespassing, unlisted]]]}"
    pack = small_pack(("must: [charges, none_in, [unlisted]]", f"must: {condition}"))
    assert [each.place for each in find_unreachable(pack)] == [("charges", 0)]


def test_a_charge_that_counts_only_beside_an_unlisted_one_changes_something() -> None:
    either = "{any: [[charges, none_in, [trespassing]], [charges, none_in, [unlisted]]]}"
    assert find_unreachable(small_pack(("must: [charges, none_in, [unlisted]]", f"must: {either}"))) == []


def test_a_pathway_that_nothing_governs_is_found_though_it_may_warn() -> None:
    more = ("arrest_diversion: [officer]", "arrest_diversion: [officer]\n  social_contact: [officer]")
    (found,) = find_unreachable(small_pack(more))
    assert found.what == "No rule applies to pathway 'social_contact', so everybody would be eligible."
    governed = (f"[arrest_diversion]\n    {ADULT}", f"[arrest_diversion, social_contact]\n    {ADULT}")
    assert find_unreachable(small_pack(more, governed)) == []
    warns = (f"{ADULT}\n    tier: bars", f"{ADULT}\n    tier: warn")
    assert len(find_unreachable(small_pack(more, governed, warns))) == 1


def many(count: int) -> Pack:
    """A rule that reads so many facts that are yes or no."""
    names = [f"f{number}" for number in range(count)]
    question = "asked_of: officer, question: {en: A, es: B}"
    facts = "".join(f"  - {{id: {name}, type: bool, {question}}}\n" for name in names)
    parts = ", ".join(f"[{name}, is, true]" for name in names)
    return small_pack((ADULT, f"must: {{any: [[adult, is, true], {parts}]}}"), ("rules:\n", f"{facts}rules:\n"))


def test_past_the_bound_there_is_a_warning_and_no_verdict() -> None:
    assert 2**15 <= MOST_COMBINATIONS < 2**16
    assert find_unreachable(many(14)) == []
    (found,) = find_unreachable(many(15))
    assert not found.certain
    assert f"({MOST_COMBINATIONS})" not in found.what, "a draw repeats itself, so fewer different ones were tried"
    assert "more combinations of answers than were tried" in found.what


def test_more_groups_of_charges_than_are_combined_make_a_warning() -> None:
    def pack(groups: int) -> Pack:
        charge = "level: state, title: {en: A, es: B}, cite: A page"
        charges = "".join(f"  - {{code: c{n}, {charge}, order: {n + 3}}}\n" for n in range(groups))
        tests = ", ".join(f"{{all: [[charges, any_in, [c{n}]], [adult, is, true]]}}" for n in range(groups))
        return small_pack(("facts:\n", f"{charges}facts:\n"), (ADULT, f"must: {{any: [{tests}]}}"))

    # One group more for the charges that the rule does not name.
    assert all(each.certain for each in find_unreachable(pack(MOST_GROUPS - 1)))
    warnings = [each for each in find_unreachable(pack(MOST_GROUPS)) if not each.certain]
    assert [each.place for each in warnings] == [("rules", 1, "must")]


# Against every value there is, in a world small enough to try them all.

CODES = ("trespassing", "possession", "unlisted")
DAYS = [(date(2025, 1, 1) + timedelta(n)).isoformat() for n in range(-9, 30)]
WORLD: dict[str, list[Any]] = {
    "adult": [True, False, None],
    "amount_mg": [*range(8), None],
    "victim": ["absent", "agrees", None],
    "charges": [*chain.from_iterable(combinations(CODES, n) for n in (1, 2, 3)), None],
    "incident_date": [*DAYS, None],
    "birth_date": [*DAYS, None],
    "last_conviction": [*DAYS, "never", None],
}


def a_comparison(random: Random, names: list[str]) -> list[Any]:
    name = random.choice(names)
    if name == "adult":
        return [name, "is", random.random() < 0.5]
    if name == "amount_mg":
        operator = random.choice(["is", "is_not", "less_than", "at_most", "at_least", "more_than"])
        return [name, operator, random.randint(0, 5)]
    if name == "victim":
        return [name, random.choice(["is", "is_not"]), random.choice(["absent", "agrees"])]
    if name == "charges":
        codes = random.sample(CODES, random.randint(1, 2))
        return [name, random.choice(["any_in", "none_in", "all_in"]), codes]
    operator = random.choice(["before", "on_or_before", "on_or_after", "after"])
    if name != "incident_date" and random.random() < 0.6:
        return [name, operator, {"days": random.randint(1, 5), "before": "incident_date"}]
    return [name, operator, (date(2025, 1, 4) + timedelta(random.randint(0, 5))).isoformat()]


def a_condition(random: Random, names: list[str], depth: int = 2) -> Any:
    draw = random.random()
    if depth == 0 or draw < 0.3:
        return a_comparison(random, names)
    if draw < 0.4:
        return {"not": a_condition(random, names, depth - 1)}
    kind = "first_known" if draw < 0.5 else random.choice(["all", "any"])
    return {kind: [a_condition(random, names, depth - 1) for _ in range(random.randint(2, 3))]}


@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_few_values_find_the_answers_that_all_values_find(seed: int) -> None:
    """The answers with everything known (or doubted, where another fact stands in) are those of the whole world."""
    random = Random(seed)
    for _ in range(40):
        names = random.sample(sorted(WORLD), 2)
        written = json.dumps(a_condition(random, names))
        pack = small_pack((ADULT, f"must: {written}"), ("rules:\n", f"{FACTS}rules:\n"))
        rule = pack.rules[1]
        judge, reads = compile_rule(rule), facts_of(rule)
        tried = domain([pack], conditions_of(rule))
        few = {judge(dict(zip(reads, v, strict=True)))[0] for v in product(*(tried.values[n] for n in reads))}
        every = {judge(dict(zip(reads, v, strict=True)))[0] for v in product(*(WORLD[n] for n in reads))}
        assert few - {None} == every - {None}, (seed, written)
