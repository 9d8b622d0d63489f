"""`diff`: what changed is said, and every example is true, changes sides as told, and holds no fact too many."""

from itertools import pairwise
from pathlib import Path

import pytest

from eligibility_rules import Pack, evaluate, load_pack
from eligibility_rules.review.changes import changes
from eligibility_rules.review.flips import Flip, as_seen_by
from eligibility_rules.sheets.phrases import LANGUAGES, Language
from eligibility_rules.sheets.telling import tell, tell_flip
from eligibility_rules.sheets.wording import indented
from tests.eligibility_rules.small_packs import ADULT, AMOUNT, SHIPPED_FILES, run, small, small_pack, write

SHIPPED = [load_pack(path.read_text(encoding="utf-8"), path.name) for path in SHIPPED_FILES]
TRESPASSING = (
    "  - {code: trespassing, level: municipal, title: {en: Trespassing, es: Entrada}, cite: A page, order: 1}\n"
)


def outcomes(old: Pack, new: Pack, flip: Flip, facts: dict[str, object]) -> tuple[str, str]:
    return (
        evaluate(old, flip.pathway, as_seen_by(old, facts)).outcome,
        evaluate(new, flip.pathway, as_seen_by(new, facts)).outcome,
    )


def flips(old: Pack, new: Pack) -> list[Flip]:
    """The examples, each tried anew."""
    found = changes(old, new).flips
    for flip in found:
        assert flip.before != flip.after
        assert flip.causes
        told = (flip.before, flip.after)
        assert outcomes(old, new, flip, dict(flip.facts)) == told
        for name in flip.facts:
            fewer = {other: value for other, value in flip.facts.items() if other != name}
            assert outcomes(old, new, flip, fewer) != told, (flip, name)
    return list(found)


def rendered(old: Pack, new: Pack, language: Language = "en") -> str:
    told = tell(old, new, changes(old, new), language)
    lines = [
        each.heading + "\n" + "\n".join(words for line in each.lines for _, words in indented(line)) for each in told
    ]
    return "\n".join(lines)


def test_a_stricter_limit_concerns_whoever_lies_between() -> None:
    old, new = small_pack(), small_pack((AMOUNT, "must: [amount_mg, at_most, 3000]"))
    (flip,) = flips(old, new)
    assert (flip.before, flip.after, flip.decisive) == ("eligible", "needs_review", ("charges", "amount_mg"))
    assert 3000 < flip.facts["amount_mg"] <= 4000
    assert tell_flip(old, new, flip, "en") == (
        "Instead of booking: a person with the charges: Possession; “How much?”: 3,001 mg was eligible, is now for review, "
        "because: More than 4 grams [small_amount]. (All else in order: “An adult?”: yes.)"
    )


def test_a_softer_limit_says_that_the_rule_no_longer_stands_in_the_way() -> None:
    old, new = small_pack((AMOUNT, "must: [amount_mg, at_most, 3000]")), small_pack()
    (flip,) = flips(old, new)
    assert (flip.before, flip.after) == ("needs_review", "eligible")
    assert "una regla ya no lo impide: Más de 4 gramos [small_amount]" in tell_flip(old, new, flip, "es")


def test_a_charge_off_the_list_is_one_that_is_not_on_it() -> None:
    old, new = small_pack(), small_pack((TRESPASSING, ""))
    (flip,) = flips(old, new)
    assert (flip.facts["charges"], flip.before, flip.after) == (("trespassing",), "eligible", "ineligible")
    assert "the charges: Trespassing was eligible, is now not eligible" in tell_flip(old, new, flip, "en")
    assert "Removed: trespassing" in rendered(old, new)
    (back,) = flips(new, old)
    assert (back.facts["charges"], back.before, back.after) == (("trespassing",), "ineligible", "eligible")


def test_another_tier_changes_the_outcome_and_is_said_in_words() -> None:
    old = small_pack()
    new = small_pack((f"{ADULT}\n    tier: bars", f"{ADULT}\n    tier: ask_coordinator"))
    found = flips(old, new)
    assert ("ineligible", "needs_review") in [(flip.before, flip.after) for flip in found]
    assert (
        "a rule has another effect now (Asks the coordinator. The coordinator decides): Under age [adult]"
        in rendered(old, new)
    )
    assert (
        "was “Bars. The person is not eligible.”, is now “Asks the coordinator. The coordinator decides.”"
        in rendered(old, new)
    )


def test_a_new_question_concerns_whoever_has_not_answered_it() -> None:
    fact = '  - {id: amenable, type: bool, asked_of: officer, question: {en: "Open?", es: "¿Dispuesta?"}}\n'
    rule = (
        "rules:\n  - {id: open, applies_to: [arrest_diversion], must: [amenable, is, true], tier: bars, cite: B page,\n"
        "     why: {en: Not open., es: No dispuesta.}, confirm: {en: Not asked yet., es: Aún no se sabe.}}\n"
    )
    old, new = small_pack(), small_pack(("rules:\n", fact + rule))
    told = {(flip.before, flip.after, flip.facts.get("amenable")) for flip in flips(old, new)}
    assert told == {("eligible", "ineligible", False), ("eligible", "needs_review", None)}
    said = rendered(old, new)
    for words in ("Added: amenable", "Added: open", "“Open?”: no was eligible", "because: Not asked yet [open]"):
        assert words in said
    assert "a rule is gone: Not open [open]" in rendered(new, old)


def test_a_rule_that_only_several_changes_bring_is_found_by_lot() -> None:
    """Either limit alone changes nothing here: whoever fails one fails the other."""
    both = "    must: {any: [[amount_mg, at_most, 4000], [adult, is, true]]}"
    old = small_pack((f"    {AMOUNT}", both), (ADULT, "must: [adult, is, true]"))
    new = small_pack((f"    {ADULT}", "    must: {any: [[adult, is, true], [amount_mg, at_most, 5000]]}"))
    assert {(flip.before, flip.after) for flip in flips(old, new)} >= {
        ("ineligible", "eligible"),
        ("eligible", "needs_review"),
    }


def test_words_alone_change_nobodys_outcome() -> None:
    old, new = (
        small_pack(),
        small_pack(("why: {en: Under age., es: Menor de edad.}", "why: {en: A child., es: Menor.}")),
    )
    assert flips(old, new) == []
    said = rendered(old, new)
    assert "Said if it does not hold: was “Under age.”, is now “A child.”" in said
    assert "No example was found for whom the outcome changes." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pack_does_not_differ_from_itself(language: Language) -> None:
    for pack in [small_pack(), *SHIPPED]:
        found = changes(pack, pack)
        assert (found.items, found.flips) == ((), ())
        told = tell(pack, pack, found, language)
        assert [len(each.lines) for each in told] == [1, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("officer_decides: after_check", "officer_decides: first"), "is now “first, before eligibility is checked”"),
        (("notice_to_officer: never", "notice_to_officer: intake_not_completed"), "was “no”, is now “yes”"),
        (("service_hours: always", "service_hours: not_stated"), "Service hours: was “always”, is now “not stated”"),
        (("way_on: {en: Call the program.", "way_on: {en: Write to us."), "is now “Write to us.”"),
        (("arrest_diversion: [officer]", "arrest_diversion: [officer, partner]"), "“officer and partner organization”"),
        (("effective_from: 2025-01-01", "effective_from: 2025-02-01"), "is now “from February 1, 2025 until replaced”"),
        (('question: {en: "How much?"', 'question: {en: "How many?"'), "was “How much?”, is now “How many?”"),
        (("cite: A page, order: 2", "cite: A page, order: 3"), "In the data alone: order"),
        (("source: A page", "source: B page"), "Source: was “A page”, is now “B page”"),
    ],
)  # fmt: skip
def test_each_part_is_said_as_it_was_and_as_it_is(change: tuple[str, str], words: str) -> None:
    assert words in rendered(small_pack(), small_pack(change))


def test_another_order_of_rules_is_said() -> None:
    text = small()
    rules = text[text.index("  - id: charge_listed") : text.index("  - id: adult\n    applies_to")]
    new = load_pack(text.replace(rules, "") + rules, "new.yaml")
    assert "Rules\nThey stand in another order." in rendered(small_pack(), new)


@pytest.mark.parametrize(("old", "new"), [*pairwise(SHIPPED)][::2], ids=lambda pack: pack.program)
def test_examples_between_any_two_packs_are_true_and_least(old: Pack, new: Pack) -> None:
    found = flips(old, new)
    for language in LANGUAGES:
        for flip in found:
            assert tell_flip(old, new, flip, language)
        assert rendered(old, new, language)


def test_the_command_prints_both_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = write(tmp_path, "old.yaml", small())
    new = write(tmp_path, "new.yaml", small((AMOUNT, "must: [amount_mg, at_most, 3000]")))
    status, said = run("diff", old, new)
    assert status == 0
    assert "Changed: small_amount" in said
    assert "FOR WHOM THE OUTCOME CHANGES" in said
    assert run("diff", old, tmp_path / "gone.yaml")[0] == 2
    assert "There is no file" in capsys.readouterr().err
