"""What the loader refuses in the writing of a pack, with the line and the way on; what it accepts comes through unchanged.

`test_check.py` holds what it refuses because the parts of a pack do not fit one another.
"""

import json

import pytest

from eligibility_rules import Pack, PackError, load_pack
from eligibility_rules.load import MAX_DEPTH, MAX_PACK_BYTES
from tests.eligibility_rules.sound_pack import SOUND, Change, cut, line_of, must, swap, when

#: What is wrong, how it comes about, words of the line that must be named, words of the message.
REFUSED = [
    # The keys.
    (
        "an unknown key",
        swap("official: false", "official: false\ncolour: red"),
        "colour",
        "'colour' in the pack is not a key",
    ),
    ("an unknown key deep inside", swap("    tier: bars", "    tier: bars\n    unless: x"), "unless", "'unless'"),
    (
        "a key of the old form",
        swap("practice:", "officer_decides: first\npractice:"),
        "officer_decides",
        "'officer_decides'",
    ),
    ("a missing key", swap("source: A page\n", ""), "program", "'source' in the pack is missing"),
    (
        "no practice",
        lambda text: cut(text, "practice", "way_on"),
        "program",
        "'practice' in the pack",
    ),
    (
        "no way on",
        swap("way_on: {en: Call the program., es: Llame al programa.}\n", ""),
        "program",
        "'way_on' in the pack",
    ),
    (
        "a missing Spanish text",
        swap("{en: Under age, es: Menor de edad}", "{en: Under age}"),
        "Under age",
        "(the Spanish text) is missing",
    ),
    (
        "a value without Spanish",
        swap("en: Absent, es: Ausente", "en: Absent"),
        "Absent",
        "(the Spanish text) is missing",
    ),
    ("an empty Spanish text", swap("es: Menor de edad", 'es: ""'), "Under age", "'es'"),
    (
        "a duplicate key",
        swap("source: A page\n", "source: A page\nsource: B\n"),
        "source: B",
        "'source' is also on line 4",
    ),
    ("a list as a key", swap("official: false", "? [a]\n: b"), "? [a]", "key must be a single word"),
    # The part of YAML.
    ("an anchor", swap("[adult, is, true]", "&a [adult, is, true]"), "&a", "Anchors and aliases"),
    ("an alias", swap("[adult, is, true]", "*a"), "*a", "Anchors and aliases"),
    (
        "a bomb of aliases",
        swap("source: A page", "source: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"),
        "source",
        "Anchors and aliases",
    ),
    ("a merge key", swap("official: false", "official: false\n<<: {a: b}"), "<<", "'<<'"),
    ("a tag", swap("source: A page", "source: !!python/object:os.system A"), "source", "The tag"),
    ("a second document", swap("rules:\n", "---\nrules:\n"), "---", "second document"),
    ("broken YAML", swap("pathways:\n", "pathways: [\n"), "charges:", "Not YAML"),
    ("a tab for indentation", swap("  arrest_diversion:", "\tarrest_diversion:"), "\tarrest", "Not YAML"),
    # Plain values.
    ("a float", swap("order: 1", "order: 1.0"), "order", "neither a whole number nor a date"),
    ("a float with an exponent", swap("order: 1", "order: 1e3"), "order", "neither a whole number nor a date"),
    ("infinity", swap("order: 1", "order: .inf"), "order", "neither a whole number nor a date"),
    ("an octal number", swap("order: 1", "order: 0o17"), "order", "neither a whole number nor a date"),
    ("a number in sixties", swap("order: 1", "order: 1:30"), "order", "neither a whole number nor a date"),
    ("a number too large", swap("order: 1", "order: 9007199254740992"), "order", "neither a whole number nor a date"),
    ("a word that YAML reads as true", swap("official: false", "official: no"), "official", "can be misread"),
    ("a value that is not there", swap("source: A page", "source:"), "source", "can be misread"),
    ("text for true or false", swap("official: false", 'official: "false"'), "official", "valid boolean"),
    ("a number as text", swap("order: 1", 'order: "1"'), "order", "valid integer"),
    ("a list of text for a name", swap("source: A page", "source: [A]"), "source", "valid string"),
    ("a date that does not exist", swap("version: 2025-01-01", "version: 2025-02-29"), "version", "'version'"),
    # Letters that deceive the eye.
    ("half a character", swap("source: A page", 'source: "A \\ud800"'), "source", "lone surrogate"),
    (
        "a mark of direction, written out",
        swap("source: A page", 'source: "A\\u202Epage"'),
        "source",
        "U+202E, RIGHT-TO-LEFT",
    ),
    ("a mark of direction", swap("source: A page", "source: A \u202epage"), "source", "U+202E, RIGHT-TO-LEFT"),
    ("a mark of direction in a remark", swap("source: A page", "source: A page # \u2067x"), "source", "U+2067"),
    ("a space without width", swap("es: Mayor", "es: Ma\u200byor"), "Mayor"[:2], "U+200B, ZERO WIDTH SPACE"),
    ("a space that does not break", swap("es: Mayor", "es: Ma\u00a0yor"), "es: Ma\u00a0yor", "U+00A0"),
    ("a Cyrillic letter in a text", swap("en: Adult", "en: \u0410dult"), "\u0410dult", "CYRILLIC CAPITAL LETTER A"),
    (
        "a Cyrillic letter, written out",
        swap("en: Adult", 'en: "\\u0410dult"'),
        "u0410dult",
        "CYRILLIC CAPITAL LETTER A",
    ),
    (
        "a Greek letter in an id",
        swap("- id: adult\n    type", "- id: \u03b1dult\n    type"),
        "\u03b1dult",
        "GREEK SMALL LETTER ALPHA",
    ),
    ("a wide letter", swap("en: Adult", "en: \uff21dult"), "\uff21dult", "FULLWIDTH LATIN"),
    ("a digit of another script", swap("en: Adult", "en: Adult \u0661\u0668"), "en: Adult", "ARABIC-INDIC DIGIT ONE"),
    ("a mark over a letter", swap("en: Adult", "en: Adu\u0337lt"), "en: Adu", "COMBINING"),
    ("Unicode that is not composed", swap("source: A page", 'source: "An\\u0303o"'), "source", "NFC"),
    ("a capital in an id", swap("- id: adult\n    type", "- id: Adult\n    type"), "id: Adult", "pattern"),
    # The words of the form.
    ("an unknown pathway", swap("  arrest_diversion: [officer]", "  by_car: [officer]"), "by_car", "'by_car'"),
    ("an unknown referrer", swap("[officer]", "[neighbour]"), "neighbour", "'officer'"),
    ("an unknown tier", swap("tier: bars", "tier: maybe"), "tier", "'bars'"),
    ("an unknown approver", swap("by: sergeant", "by: mayor"), "mayor", "'sergeant'"),
    ("an unknown level", swap("level: county", "level: federal"), "federal", "'county'"),
    (
        "an unknown order of deciding",
        swap("officer_decides: first", "officer_decides: never"),
        "officer_decides",
        "'after_check'",
    ),
    ("an intake within no days", swap("days: 30", "days: 0"), "days: 0", "greater than or equal to 1"),
    ("an hour that does not exist", swap('"08:00"', '"24:00"'), "24:00", "pattern"),
    ("values as bare codes", swap("{code: absent, en: Absent, es: Ausente}", "absent"), "- absent", "values"),
    # Conditions.
    ("a condition that is text", must("adult"), "must", "is not a condition"),
    ("a condition that is neither all nor any", must("{none: []}"), "must", "is not a condition"),
    ("a condition with two keys", must("{all: [[adult, is, true]], any: [[adult, is, true]]}"), "must", "'any'"),
    ("an empty all", must("{all: []}"), "must", "is empty"),
    ("an empty any", must("{not: {any: []}}"), "must", "is empty"),
    ("an empty first_known", when("{first_known: []}"), "when: {", "is empty"),
    ("a first_known of one", must("{first_known: [[adult, is, true]]}"), "must", "fewer than 2"),
    ("a condition cut short", must("[adult, is]"), "must", "is missing"),
    ("a condition too long", must("[adult, is, true, false]"), "must", "'must'"),
    ("an operator that nobody knows", must("[adult, equals, true]"), "must", "'is'"),
    ("no value at all", must("[adult, is, null]"), "must", "is not a value"),
    ("a look-back in weeks", must("[moved_on, after, {weeks: 3, before: incident_date}]"), "must", "is not a value"),
    (
        "a look-back of nothing",
        must("[moved_on, after, {days: 0, before: incident_date}]"),
        "must",
        "greater than or equal to 1",
    ),
    (
        "a look-back beyond a life",
        must("[moved_on, after, {years: 121, before: incident_date}]"),
        "must",
        "less than or equal to 120",
    ),
    ("a look-back from nowhere", must("[moved_on, after, {years: 1}]"), "must", "is missing"),
    (
        "a look-back in two units",
        must("[moved_on, after, {years: 1, days: 1, before: incident_date}]"),
        "must",
        "'days'",
    ),
]


def test_the_sound_pack_is_sound() -> None:
    pack = load_pack(SOUND, "example.yaml")
    assert [rule.id for rule in pack.rules] == ["adult"]
    assert pack.practice.intake is not None
    assert pack.charges[0].statute == "18-4-504"


@pytest.mark.parametrize(("change", "marker", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_the_loader_refuses_with_file_line_and_next_step(change: Change, marker: str, message: str) -> None:
    text = change(SOUND)
    with pytest.raises(PackError) as refused:
        load_pack(text, "example.yaml")
    told = [problem for problem in refused.value.problems if message in problem.what]
    assert told, str(refused.value)
    assert line_of(text, marker) in [problem.line for problem in told]
    assert str(refused.value).startswith("example.yaml, ")
    assert all(problem.next_step for problem in refused.value.problems)


@pytest.mark.parametrize(
    "change",
    [
        swap("source: A page", "source: Ñandú, “año” – §2.º ¿Qué?"),
        swap("order: 1", "order: 9007199254740991"),
        swap("days: 30", "days: 1"),
        swap('"08:00"', '"23:59"'),
        swap("program: example", "\ufeffprogram: example"),
        lambda text: text.replace("\n", "\r\n"),
        must("{first_known: [[adult, is, true], [victim, is, absent]]}"),
        must("[moved_on, after, {days: 1, before: incident_date}]"),
        must("[moved_on, after, {years: 120, before: incident_date}]"),
        must("[moved_on, after, {months: 1440, before: incident_date}]"),
    ],
)
def test_what_lies_just_on_this_side_is_accepted(change: Change) -> None:
    assert load_pack(change(SOUND), "example.yaml").program == "example"


def test_every_problem_is_named_at_once() -> None:
    text = SOUND.replace("      - {code: consents, en: Agrees, es: De acuerdo}\n", "").replace(
        "tier: bars", "tier: presumed_out"
    )
    with pytest.raises(PackError) as refused:
        load_pack(text, "example.yaml")
    assert [problem.line for problem in refused.value.problems] == [
        line_of(text, "values:"),
        line_of(text, "  - id: adult\n    applies"),
    ]


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
