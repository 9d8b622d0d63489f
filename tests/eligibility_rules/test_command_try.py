"""`try`: what would change is counted by rule; no small count comes out; no line is dropped without a word."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eligibility_rules.catalog import Catalog
from eligibility_rules.review.small_counts import FEWER, LEAST_TOLD, WITHHELD, in_words
from eligibility_rules.review.trial import read_made
from tests.eligibility_rules.small_packs import AMOUNT, SMALL, run, small, small_pack, write

STRICTER = (AMOUNT, "must: [amount_mg, at_most, 3000]")
SEED = 11


def made(amount: int | None = 3500, **changes: Any) -> dict[str, Any]:
    """A determination by the small pack: eligible there, for review under the stricter one."""
    return {
        "pathway": "arrest_diversion",
        "facts": {"charges": ["possession"], "adult": True, "amount_mg": amount},
        "outcome": "eligible",
        "pack": small_pack().hash,
        "incident_date": "2026-06-30",
        **changes,
    }


def tried(
    folder: Path, lines: list[Any], *words: str, draft: str | None = None, used: str | None = SMALL
) -> tuple[int, str]:
    """Run on these lines (written as JSON, unless they are text), the version used lying beside the draft."""
    if used is not None:
        write(folder, "2025-01-01.yaml", used)
    path = write(folder, "2026-01-01.yaml", draft or small(STRICTER))
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return run("try", path, write(folder, "june.jsonl", text + "\n"), *words)


def test_changes_are_counted_from_what_to_what_and_by_rule(tmp_path: Path) -> None:
    lines = [made(3500)] * 12 + [made(3000)] * 20
    assert tried(tmp_path, lines) == (
        0,
        "Compared: 32.\nUnchanged: 20.\nWould change:\n"
        "  from eligible to needs_review: 12\n    by small_amount (draft): 12\n",
    )


def test_a_softer_draft_names_the_rule_that_stood_in_the_way_before(tmp_path: Path) -> None:
    strict = small_pack(STRICTER)
    lines = [made(3500, outcome="needs_review", pack=strict.hash)] * 11
    _, said = tried(tmp_path, lines, draft=SMALL, used=small(STRICTER))
    assert "from needs_review to eligible: 11\n    by small_amount (before): 11" in said


def test_without_the_version_used_the_draft_speaks_alone_and_it_is_said(tmp_path: Path) -> None:
    lines = [made(3500, pack=None)] * 11 + [made(3000, outcome="needs_review", pack="0" * 64)] * 11
    _, said = tried(tmp_path, lines)
    assert "by small_amount (draft): 11" in said
    assert "by nothing in the draft stands in the way: 11" in said
    assert "the version used is not at hand" in said
    strict = small_pack(("source: A page", "source: Another page"))
    lines = [made(3500, pack=strict.hash)] * 11
    against = write(tmp_path, "elsewhere/used.yaml", small(("source: A page", "source: Another page")))
    assert "not at hand" in tried(tmp_path, lines)[1]
    assert "not at hand" not in tried(tmp_path, lines, "--against", str(against))[1]


def test_a_pathway_that_the_draft_drops_is_a_change(tmp_path: Path) -> None:
    _, said = tried(tmp_path, [made(pathway="community")] * 11)
    assert "from eligible to no such pathway: 11" in said


@pytest.mark.parametrize(("few", "told"), [(LEAST_TOLD - 1, FEWER), (LEAST_TOLD, str(LEAST_TOLD)), (0, "none")])
def test_small_counts_are_told_only_to_those_who_may_see_them(tmp_path: Path, few: int, told: str) -> None:
    lines = [made(3500)] * few + [made(3000)] * 50
    _, said = tried(tmp_path, lines)
    if few:
        assert f"from eligible to needs_review: {told}" in said
        assert f"by small_amount (draft): {told}" in said
    else:
        assert "Would change: none." in said
    assert ("Unchanged: 50." in said) == (told != FEWER), "the rest of a total gives a small count away"
    assert "Compared: " in said
    _, open_said = tried(tmp_path, lines, "--small-counts")
    assert "Unchanged: 50." in open_said
    assert f"from eligible to needs_review: {few}" in open_said or not few


def test_a_small_total_is_not_told_either(tmp_path: Path) -> None:
    _, said = tried(tmp_path, [made(3500)] * 4 + [made(3000)] * 6)
    assert "10" not in said
    assert "4" not in said
    assert "6" not in said
    assert said.startswith(f"Compared: {FEWER}.\nUnchanged: {FEWER}.")


def test_no_small_count_can_be_worked_out_from_the_others() -> None:
    random = Random(SEED)
    for _ in range(2_000):
        cells = {n: random.choice([0, 1, 5, 10, 11, 12, 40, 500]) for n in range(random.randint(1, 6))}
        told = in_words(cells)
        hidden = [cells[key] for key, words in told.items() if words in (FEWER, WITHHELD)]
        for key, count in cells.items():
            assert (told[key] == FEWER) == (0 < count < LEAST_TOLD), cells
            assert told[key] in (FEWER, WITHHELD, f"{count:,}")
        if hidden and len(hidden) < len([count for count in cells.values() if count]):
            assert len(hidden) >= 2, cells
            assert sum(hidden) >= LEAST_TOLD, cells
        if not any(0 < count < LEAST_TOLD for count in cells.values()):
            assert not hidden, cells


def test_where_the_total_is_withheld_so_is_all_of_it() -> None:
    assert in_words({"a": 40, "b": 3, "c": 0}, total_told=False) == {"a": WITHHELD, "b": FEWER, "c": "0"}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"pathway": "community", "pathway": "community"}', "'pathway' is there twice"),
        (made(name="A. Person"), "name does not belong in a de-identified determination"),
        (made(facts={"birth_date": "1990-01-01"}), "not de-identified: facts holds birth_date"),
        (made(facts=[]), "facts is not an object"),
        (made(outcome="maybe"), "outcome is none of eligible, ineligible, needs_review"),
        (made(outcome=[]), "outcome is none of eligible, ineligible, needs_review"),
        (made(incident_date="2026-02-30"), "incident_date is not a date"),
        (made(pathway=3), "pathway or pack is not text"),
        (made("much"), "Fact 'amount_mg': expected a whole number"),  # type: ignore[arg-type]
        (made(facts={"charges": [["possession"]]}), "Fact 'charges'"),
        ({key: value for key, value in made().items() if key != "pack"}, "pack missing"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_by_number(tmp_path: Path, line: Any, what: str) -> None:
    status, said = tried(tmp_path, [made(), "", line, *[made()] * 20, line])
    assert status == 1
    assert "2 lines could not be compared:\n" in said
    (named,) = [each for each in said.splitlines() if each.startswith("  line ")]
    assert named.startswith(f"  line 3, 24: {what}")
    assert "Compared: 21." in said


def test_following_numbers_are_told_as_a_range(tmp_path: Path) -> None:
    _, said = tried(tmp_path, ["x", "x", "x", made(), "x"])
    assert "  line 1-3, 5: not JSON" in said


def test_a_charge_that_the_draft_drops_counts_as_not_on_its_list(tmp_path: Path) -> None:
    dropped = (
        "  - {code: trespassing, level: municipal, title: {en: Trespassing, es: Entrada}, cite: A page, order: 1}\n"
    )
    facts = {"charges": ["trespassing"], "adult": True}
    _, said = tried(tmp_path, [made(facts=facts)] * 11, draft=small((dropped, "")))
    assert "from eligible to ineligible: 11\n    by charge_listed (draft): 11" in said


def test_a_fact_that_the_draft_does_not_know_is_left_out_and_named(tmp_path: Path) -> None:
    facts = {**made(3000)["facts"], "height": 180}
    status, said = tried(tmp_path, [made(facts=facts)] * 11)
    assert status == 0
    assert "Facts that the draft does not know were left out: height." in said
    assert "Would change: none." in said


def test_the_day_of_the_incident_is_a_fact_where_the_draft_asks_for_it(tmp_path: Path) -> None:
    fact = '  - {id: incident_date, type: date, asked_of: record, question: {en: "When?", es: "¿Cuándo?"}}\n'
    draft = small(("rules:\n", f"{fact}rules:\n"), (AMOUNT, "must: [incident_date, before, 2026-06-30]"))
    _, said = tried(tmp_path, [made(incident_date="2026-06-29")] * 20 + [made()] * 11, draft=draft)
    assert "Unchanged: 20." in said
    assert "by small_amount (draft): 11" in said


def test_a_shipped_version_is_found_by_its_hash(tmp_path: Path) -> None:
    denver = Catalog.shipped().of("denver")[0]
    _, said = tried(tmp_path, [made(pack=denver.hash)] * 20)
    assert "not at hand" not in said


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    assert tried(tmp_path, []) == (0, "No determination was compared.\n")


def test_every_line_is_compared_or_named(tmp_path: Path) -> None:
    random = Random(SEED)
    read = [made(amount) for amount in (2999, 3001, None)]
    pool: list[Any] = [*read, "{", made(outcome="no"), made(facts={"amount_mg": "x"})]
    lines = [random.choice(pool) for _ in range(300)]
    _, said = tried(tmp_path, lines, "--small-counts")
    counts = Counter(json.dumps(line) for line in lines)
    readable = sum(counts[json.dumps(line)] for line in pool[:3])
    assert f"Compared: {readable}." in said
    assert f"{300 - readable} lines could not be compared" in said


def test_a_determination_reads_as_it_was_written() -> None:
    read = read_made(made())
    assert (read.pathway, read.outcome, read.pack) == ("arrest_diversion", "eligible", small_pack().hash)
    with pytest.raises(ValueError, match="does not belong"):
        read_made(made(address="1 Street"))
