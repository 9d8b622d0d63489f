"""`check`: each planted fault is named with file, line and what to do; a sound pack passes; nothing ends in a trace."""

from pathlib import Path

import pytest

from eligibility_rules.catalog import SHIPPED
from tests.eligibility_rules.small_packs import ADULT, AMOUNT, CASES, SMALL, line_of, run, small, write

LATER = (("version: 2025-01-01", "version: 2026-01-01"), ("effective_from: 2025-01-01", "effective_from: 2026-01-01"))
TITLE = "title: {en: Trespassing, es: Entrada}"


def check(folder: Path, text: str, cases: str | None = CASES) -> tuple[int, list[str]]:
    path = write(folder, "draft.yaml", text)
    if cases is not None:
        write(folder, "draft.cases.yaml", cases)
    status, said = run("check", path)
    return status, [line.replace(f"{folder}/", "") for line in said.splitlines()]


def test_every_shipped_pack_passes_with_its_cases() -> None:
    status, said = run("check", SHIPPED)
    assert (status, said.count("\n")) == (0, 1), said
    assert "nothing is wrong" in said


def test_a_sound_pack_passes(tmp_path: Path) -> None:
    assert check(tmp_path, SMALL) == (0, ["1 pack, 3 cases: nothing is wrong."])


@pytest.mark.parametrize(
    ("change", "piece", "what"),
    [
        ((TITLE, "title: {en: Trespassing}"), "title: {en: Trespassing}", "'es' in charges.0.title"),
        ((TITLE, "title: {en: Same, es: Same}"), "title: {en: Same", "The Spanish text is the English one."),
        ((ADULT, "must: [age, is, true]"), "must: [age", "There is no fact 'age'."),
        ((ADULT, "must: [adult, at_most, 3]"), "must: [adult, at_most", "'at_most' does not fit 'adult'"),
        ((ADULT, "must: [adult, is, 1.5]"), "must: [adult, is, 1.5", "neither a whole number nor a date"),
        ((ADULT, f"{ADULT}\n    {ADULT}"), f"    {ADULT}\n    tier", "Key 'must' is also on line"),
        ((AMOUNT, "must: [amount_mg, at_least, 0]"), "must: [amount_mg, at", "Rule 'small_amount' can never be no"),
        ((AMOUNT, ADULT), "id: amount_mg", "No rule reads fact 'amount_mg'"),
        (("when: [charges, any_in, [possession]]", "when: [amount_mg, at_least, 0]"), "when:", "always holds"),
        (("none_in, [unlisted]]", "all_in, [possession]]"), "{code: trespassing", "Charge 'trespassing' changes nothing"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], piece: str, what: str) -> None:
    text = small(change)
    status, said = check(tmp_path, text, cases=None)
    assert status == 1
    found = [line for line in said if line.startswith(f"draft.yaml:{line_of(text, piece)}: ") and what in line]
    assert found, said
    assert "to correct" in said[-1]


def test_a_case_that_the_pack_does_not_bear_out_is_named_with_its_line(tmp_path: Path) -> None:
    cases = CASES.replace("{amount_mg: 4001}", "{amount_mg: 4000}")
    status, said = check(tmp_path, SMALL, cases)
    line = line_of(CASES, "name: one milligram")
    assert status == 1
    assert [each.split(" Correct")[0] for each in said[:-1]] == [
        f"draft.cases.yaml:{line}: Case 'one milligram too much': the outcome is eligible, and the case says needs_review.",
        f"draft.cases.yaml:{line}: Case 'one milligram too much': rule 'small_amount' is yes, and the case says no.",
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (('not_yes: {adult: "no"}', 'not_yes: {adult: "no", small_amount: unknown}'), "rule 'small_amount' is yes"),
        (("outcome: ineligible", "outcome: ineligible\n    ask: [adult]"), "ask is [], and the case says ['adult']"),
        (("refused: pathway", "refused: adult"), "it is refused for 'pathway'"),
        (("change: {adult: false}", "change: {adult: 7}"), "it is refused for 'adult', and the case says that it is ineligible"),
        (("    refused: pathway\n", ""), "has no outcome, or two"),
        (("outcome: ineligible", "outcome: barred"), "cases.0.outcome"),
        (("name: one milligram too much", "name: a child is too young"), "is there twice"),
        (("adult: true, amount_mg: 4000}", "adult: true, amount_mg: 4001}"), "The base of 'arrest_diversion' is needs_review"),
    ],
)  # fmt: skip
def test_a_faulty_cases_file_is_refused_with_a_line(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    assert CASES.count(change[0]) == 1
    status, said = check(tmp_path, SMALL, CASES.replace(*change))
    assert status == 1
    assert any(line.startswith("draft.cases.yaml:") and what in line for line in said), said


def test_a_pack_without_cases_is_warned_of_and_passes(tmp_path: Path) -> None:
    status, said = check(tmp_path, SMALL, cases=None)
    assert status == 0
    assert said[0].startswith("draft.yaml: warning: The pack has no cases beside it.")
    assert said[-1] == "1 pack, 0 cases: nothing is wrong, 1 warning."


def test_overlapping_days_are_found_among_files_and_beside_a_file_checked_alone(tmp_path: Path) -> None:
    first = write(tmp_path, "example/2025-01-01.yaml", SMALL)
    second = write(tmp_path, "example/2026-01-01.yaml", small(*LATER))
    said = "It begins on 2026-01-01, while"
    for words in ([tmp_path], [first, second], [second], [first]):
        status, lines = run("check", *words)
        assert status == 1
        assert f"{second}:3: {said} {first} is still in force." in lines, words
    write(tmp_path, "example/2025-01-01.yaml", small(("source: A page", "effective_until: 2026-01-01\nsource: A page")))
    assert run("check", second)[0] == 1
    write(tmp_path, "example/2025-01-01.yaml", small(("source: A page", "effective_until: 2025-12-31\nsource: A page")))
    assert run("check", second)[0] == 0


def test_a_neighbour_that_cannot_be_loaded_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    write(tmp_path, "example/2025-01-01.yaml", "program: [")
    second = write(tmp_path, "example/2026-01-01.yaml", small(*LATER))
    status, said = run("check", second)
    assert status == 0
    assert "2025-01-01.yaml: warning: This neighbour cannot be loaded" in said


def test_in_a_folder_each_file_is_named_for_the_pack_it_holds(tmp_path: Path) -> None:
    path = write(tmp_path, "another/2025-01-01.yaml", SMALL)
    status, said = run("check", tmp_path)
    assert status == 1
    assert f"{path}: The file holds program 'example', version 2025-01-01. Move it to example/2025-01-01.yaml" in said
    assert run("check", path)[0] == 0


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("gone.yaml", None, "There is no file"),
        ("empty", "", "holds no pack"),
        ("latin.yaml", b"program: caf\xe9", "is not UTF-8 (byte 12)"),
        ("draft.cases.yaml", b"base: {}", "holds a pack's cases. Name the pack"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | str | None, what: str
) -> None:
    path = tmp_path / name
    if content == "":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    assert run("check", path)[0] == 2
    assert what in capsys.readouterr().err
