"""What the loader refuses, with the line and the way on; and that what it accepts comes through unchanged."""

import json
from collections.abc import Callable

import pytest

from eligibility_rules import Pack, PackError, load_pack
from eligibility_rules.load import MAX_DEPTH, MAX_PACK_BYTES

SOUND = """\
program: example
version: 2025-01-01
effective_from: 2025-01-01
source: A page
official: false
officer_decides: first
pathways:
  arrest_diversion: [officer]
charges:
  - code: trespassing
    level: municipal
    title: {en: Trespassing, es: Entrada}
    cite: A page
    order: 1
    conditions: [adult]
facts:
  - id: adult
    type: bool
    asked_of: officer
    question: {en: Adult, es: Mayor}
  - id: charges
    type: code_list
    asked_of: officer
    question: {en: Charges, es: Cargos}
  - id: victim
    type: enum
    values: [absent, consents]
    asked_of: coordinator
    question: {en: Victim, es: Persona afectada}
rules:
  - id: adult
    applies_to: [arrest_diversion]
    must: [adult, is, true]
    tier: bars
    cite: A page
    why: {en: Under age, es: Menor de edad}
    confirm: {en: Age, es: Edad}
"""
ADULT = "must: [adult, is, true]"
MUST_LINE = 33
AMOUNT = "  - {id: grams, type: int, unit: mg, asked_of: officer, question: {en: Amount, es: Cantidad}}\n"
BORN = "  - {id: born, type: date, asked_of: officer, question: {en: Born, es: Nacimiento}}\n"


def must(condition: str) -> Callable[[str], str]:
    """The sound pack with another condition, and two more facts below the line of interest's section."""
    return lambda text: text.replace(ADULT, f"must: {condition}").replace("rules:\n", f"{AMOUNT}{BORN}rules:\n")


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) >= 1, old
        return text.replace(old, new, 1)

    return change


LINE_OF_MUST_WITH_MORE_FACTS = MUST_LINE + 2
AT = LINE_OF_MUST_WITH_MORE_FACTS
REFUSED = [
    ("an unknown key", swap("official: false", "official: false\ncolour: red"), 6, "'colour' in the pack is not a key"),
    ("an unknown key deep inside", swap("    tier: bars", "    tier: bars\n    unless: x"), 35, "'unless'"),
    ("a missing key", swap("source: A page\n", ""), 1, "'source' in the pack is missing"),
    (
        "a missing Spanish text",
        swap("{en: Under age, es: Menor de edad}", "{en: Under age}"),
        36,
        "(the Spanish text) is missing",
    ),
    ("an empty Spanish text", swap("es: Menor de edad", 'es: ""'), 36, "'es'"),
    ("Spanish that is the English", swap("es: Menor de edad", "es: under age"), 36, "is the English one"),
    ("a duplicate key", swap("source: A page\n", "source: A page\nsource: B\n"), 5, "'source' is also on line 4"),
    ("an anchor", swap("[adult, is, true]", "&a [adult, is, true]"), MUST_LINE, "Anchors and aliases"),
    ("an alias", swap("[adult, is, true]", "*a"), MUST_LINE, "Anchors and aliases"),
    ("a merge key", swap("official: false", "official: false\n<<: {a: b}"), 6, "'<<'"),
    ("a tag", swap("source: A page", "source: !!python/object:os.system A"), 4, "The tag"),
    ("a float", swap("order: 1", "order: 1.0"), 14, "neither a whole number nor a date"),
    ("a float with an exponent", swap("order: 1", "order: 1e3"), 14, "neither a whole number nor a date"),
    ("infinity", swap("order: 1", "order: .inf"), 14, "neither a whole number nor a date"),
    ("an octal number", swap("order: 1", "order: 0o17"), 14, "neither a whole number nor a date"),
    ("a number in sixties", swap("order: 1", "order: 1:30"), 14, "neither a whole number nor a date"),
    ("a number too large", swap("order: 1", "order: 9007199254740992"), 14, "neither a whole number nor a date"),
    ("a word that YAML reads as true", swap("official: false", "official: no"), 5, "can be misread"),
    ("a value that is not there", swap("source: A page", "source:"), 4, "can be misread"),
    ("text for true or false", swap("official: false", 'official: "false"'), 5, "valid boolean"),
    ("a number as text", swap("order: 1", 'order: "1"'), 14, "valid integer"),
    ("a date that does not exist", swap("version: 2025-01-01", "version: 2025-02-29"), 2, "'version'"),
    (
        "an end before the beginning",
        swap("source:", "effective_until: 2024-12-31\nsource:"),
        4,
        "ends before it begins",
    ),
    ("a second document", swap("rules:\n", "---\nrules:\n"), 30, "second document"),
    ("a list as a key", swap("official: false", "? [a]\n: b"), 5, "key must be a single word"),
    ("broken YAML", swap("pathways:\n", "pathways: [\n"), 9, "Not YAML"),
    ("a tab for indentation", swap("  arrest_diversion:", "\tarrest_diversion:"), 8, "Not YAML"),
    ("half a character", swap("source: A page", 'source: "A \\ud800"'), 4, "lone surrogate"),
    ("a character that does not print", swap("source: A page", 'source: "A\\u202Epage"'), 4, "do not print"),
    ("Unicode that is not composed", swap("source: A page", 'source: "An\\u0303o"'), 4, "NFC"),
    ("a look-alike in an identifier", swap("- id: adult\n    type", "- id: \u0430dult\n    type"), 17, "pattern"),
    ("an unknown pathway", swap("  arrest_diversion: [officer]", "  by_car: [officer]"), 8, "'by_car'"),
    ("an unknown referrer", swap("[officer]", "[neighbour]"), 8, "'officer'"),
    ("a rule for a pathway not offered", swap("[arrest_diversion]", "[community]"), 32, "no pathway 'community'"),
    ("an unknown tier", swap("tier: bars", "tier: maybe"), 34, "'bars'"),
    ("a presumption that nobody may override", swap("tier: bars", "tier: presumed_out"), 31, "do not go together"),
    ("a bar with an override", swap("tier: bars", "tier: bars\n    override_by: sergeant"), 35, "do not go together"),
    ("a fact id used twice", swap("- id: victim", "- id: adult"), 25, "'adult' is there twice"),
    ("a charge condition that is no fact", swap("conditions: [adult]", "conditions: [sober]"), 15, "no fact 'sober'"),
    ("a charge condition that is no yes or no", swap("conditions: [adult]", "conditions: [victim]"), 15, "yes or no"),
    ("a charge condition that no rule reads", must("[charges, none_in, [unlisted]]"), 15, "No rule reads 'adult'"),
    ("a charge called unlisted", swap("code: trespassing", "code: unlisted"), 10, "not on the list"),
    ("a unit on a bool", swap("type: bool", "type: bool\n    unit: mg"), 19, "unit does not fit"),
    ("values on a bool", swap("type: bool", "type: bool\n    values: [a]"), 19, "takes no values"),
    ("an enum with one value", swap("[absent, consents]", "[absent]"), 27, "fewer than two"),
    ("an enum with one value twice", swap("[absent, consents]", "[absent, absent]"), 27, "'absent' is there twice"),
    ("a condition on no fact", must("[sober, is, true]"), AT, "no fact 'sober'"),
    ("a condition that is text", must("adult"), AT, "is not a condition"),
    ("a condition that is neither all, any nor not", must("{none: []}"), AT, "is not a condition"),
    ("a condition with two keys", must("{all: [[adult, is, true]], any: [[adult, is, true]]}"), AT, "'any'"),
    ("an empty all", must("{all: []}"), AT, "is empty"),
    ("an empty any", must("{not: {any: []}}"), AT, "is empty"),
    ("a condition cut short", must("[adult, is]"), AT, "is missing"),
    ("a condition too long", must("[adult, is, true, false]"), AT, "'must'"),
    ("an operator that nobody knows", must("[adult, equals, true]"), AT, "'is'"),
    ("an operator for another type", must("[adult, at_least, true]"), AT, "Use one of: is."),
    ("an order of enums", must("[victim, more_than, absent]"), AT, "Use one of: is, is_not, in, not_in."),
    ("a bool compared with a number", must("[adult, is, 1]"), AT, "true or false"),
    ("an amount compared with text", must('[grams, at_most, "7000"]'), AT, "whole number"),
    ("an amount compared with true", must("[grams, at_most, true]"), AT, "whole number"),
    ("a negative amount", must("[grams, at_most, -1]"), AT, "whole number, 0 or more"),
    ("a date that does not exist in a condition", must("[born, before, 2025-02-29]"), AT, "a date, YYYY-MM-DD"),
    ("an enum value off the list", must("[victim, is, objects]"), AT, "one of: absent, consents"),
    ("a list where one value belongs", must("[victim, is, [absent]]"), AT, "one of: absent, consents"),
    ("one value where a list belongs", must("[victim, in, absent]"), AT, "a list, each once"),
    ("an empty list", must("[victim, in, []]"), AT, "a list, each once"),
    ("a charge that is not listed", must("[charges, any_in, [theft]]"), AT, "of: trespassing, unlisted"),
    ("a list of text for a name", swap("source: A page", "source: [A]"), 4, "valid string"),
]


def test_the_sound_pack_is_sound() -> None:
    pack = load_pack(SOUND, "example.yaml")
    assert [rule.id for rule in pack.rules] == ["adult"]
    assert load_pack(must("{not: [grams, more_than, 7000]}")(SOUND).replace("[adult]", "[]"), "x").facts[3].unit == "mg"


@pytest.mark.parametrize(("change", "line", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_the_loader_refuses_with_line_and_next_step(change: Callable[[str], str], line: int, message: str) -> None:
    with pytest.raises(PackError) as refused:
        load_pack(change(SOUND), "example.yaml")
    assert message in str(refused.value)
    assert line in [problem.line for problem in refused.value.problems]
    assert str(refused.value).startswith("example.yaml, ")
    assert all(problem.next_step for problem in refused.value.problems)


def test_every_problem_is_named_at_once() -> None:
    text = SOUND.replace("[absent, consents]", "[absent]").replace("tier: bars", "tier: presumed_out")
    with pytest.raises(PackError) as refused:
        load_pack(text, "example.yaml")
    assert [problem.line for problem in refused.value.problems] == [27, 31]


def test_a_pack_may_be_as_large_as_the_limit_and_no_larger() -> None:
    room = MAX_PACK_BYTES - len(SOUND.encode())
    assert load_pack(SOUND + "#" * (room - 1) + "\n", "example.yaml").program == "example"
    with pytest.raises(PackError, match="larger than"):
        load_pack(SOUND + "#" * room + "\n", "example.yaml")


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 60_000, "{a: " * 30_000, "? " * 60_000])
def test_deep_nesting_is_refused_without_exhausting_the_stack(text: str) -> None:
    with pytest.raises(PackError, match=f"Nested deeper than {MAX_DEPTH}|Not YAML|single word"):
        load_pack(text, "deep.yaml")


@pytest.mark.parametrize(
    "text", ["", "~", "7", "text", "[]", "- a", "# nothing", "\x00", "\ufeff", "\ud800", "%YAML 9.9\n--- a"]
)
def test_a_file_that_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(PackError):
        load_pack(text, "nothing.yaml")


def test_the_document_reads_back_as_the_same_pack() -> None:
    pack = load_pack(SOUND, "example.yaml")
    again = Pack.model_validate_json(json.dumps(pack.document()))
    assert again == pack
    assert again.hash == pack.hash
    assert load_pack(json.dumps(pack.document(), ensure_ascii=False), "document.json").hash == pack.hash


def test_one_letter_changes_the_hash_and_layout_does_not() -> None:
    pack = load_pack(SOUND, "example.yaml")
    assert load_pack(SOUND.replace("Under age", "Under 18"), "example.yaml").hash != pack.hash
    assert (
        load_pack("# A remark.\n" + SOUND.replace("{en: Age, es: Edad}", "\n      en: Age\n      es: Edad"), "x").hash
        == pack.hash
    )
