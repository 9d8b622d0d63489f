"""What a pack is refused for because its parts do not fit one another, with the line; and what fits by a hair."""

import pytest

from eligibility_rules import PackError, load_pack
from eligibility_rules.check import MAX_CONDITION_DEPTH
from tests.eligibility_rules.sound_pack import SOUND, Change, line_of, must, swap, when

PRESUMED = "tier: presumed_out\n    override_by: coordinator"
ANCHOR = "[moved_on, after, {years: 1, before: %s}]"
SECOND_APPROVAL = """    - id: %s
      by: liaison
      when: after
      applies_to: [arrest_diversion]
      text: {en: Another agrees., es: Otra persona acepta.}
      cite: A page
  intake:"""
SECOND_RULE = """  - id: %s
    applies_to: [arrest_diversion]
    must: [amount, at_most, 7]
    tier: warn
    cite: A page
    why: {en: Much, es: Mucho}
    confirm: {en: Amount, es: Cantidad}
"""
BORN = "  - {id: birth_date, type: %s, asked_of: %s, question: {en: Born, es: Nacimiento}}\nrules:\n"


def nested(depth: int) -> str:
    return "{any: [" * depth + "[adult, is, true]" + "]}" * depth


#: What is wrong, how it comes about, words of the line that must be named, words of the message.
REFUSED: list[tuple[str, Change, str, str]] = [
    # The head and the practice.
    (
        "an end before the beginning",
        swap("source:", "effective_until: 2024-12-31\nsource:"),
        "effective_until",
        "ends before",
    ),
    (
        "an official pack with doubts",
        swap("official: false", "official: true"),
        "unverified",
        "nothing that could not be",
    ),
    (
        "an example that doubts nothing",
        swap("unverified:\n  - {en: Who may refer., es: Quién puede remitir.}\n", ""),
        "official",
        "does not say what could not be verified",
    ),
    ("a pathway for nobody", swap("[officer]", "[]"), "arrest_diversion: []", "Nobody may refer"),
    (
        "a referrer named twice",
        swap("[officer]", "[officer, officer]"),
        "[officer, officer]",
        "'officer' is there twice",
    ),
    (
        "an approval on a pathway not offered",
        swap("applies_to: [arrest", "applies_to: [community, arrest"),
        "community",
        "no pathway",
    ),
    (
        "an approval named twice",
        swap("  intake:", SECOND_APPROVAL % "sergeant_agrees"),
        "- id: sergeant_agrees\n      by: liaison",
        "is there twice",
    ),
    (
        "an approval named for a rule",
        swap("- id: sergeant_agrees", "- id: adult"),
        "id: adult",
        "also a rule or a fact",
    ),
    (
        "an approval named for a fact",
        swap("- id: sergeant_agrees", "- id: victim"),
        "id: victim",
        "also a rule or a fact",
    ),
    ("hours that are none", swap('until: "17:00"', 'until: "08:00"'), "08:00", "end when they begin"),
    ("a day named twice", swap("[mon, tue]", "[mon, mon]"), "[mon, mon]", "'mon' is there twice"),
    ("a language named twice", swap("languages: [en, es]", "languages: [es, es]"), "languages", "'es' is there twice"),
    ("a consent script named twice", swap("[default-1]", "[default-1, default-1]"), "default-1", "is there twice"),
    ("the English text for Spanish", swap("es: Menor de edad", "es: under age"), "under age", "is the English one"),
    ("the English word for a value", swap("es: Ausente", "es: absent"), "es: absent", "is the English one"),
    ("the English way on", swap("es: Llame al programa.", "es: Call the program."), "way_on", "is the English one"),
    # Charges and facts.
    (
        "a fact named twice",
        swap("- id: victim", "- id: adult"),
        "- id: adult\n    type: enum",
        "'adult' is there twice",
    ),
    (
        "a rule named twice",
        lambda text: text + SECOND_RULE % "adult",
        "- id: adult\n    applies_to: [arrest_diversion]\n    must",
        "twice",
    ),
    ("a charge called unlisted", swap("code: trespassing", "code: unlisted"), "code: unlisted", "not on the list"),
    ("a charge called as a fact", swap("code: trespassing", "code: victim"), "code: victim", "also the id of a fact"),
    ("a fact called never", swap("id: moved_on", "id: never"), "id: never", "a meaning of its own"),
    ("a condition that is no fact", swap("conditions: [adult]", "conditions: [sober]"), "[sober]", "no fact 'sober'"),
    (
        "a condition that is a list",
        swap("conditions: [adult]", "conditions: [charges]"),
        "[charges]",
        "asked under a charge",
    ),
    (
        "a condition for somebody else",
        swap("conditions: [adult]", "conditions: [victim]"),
        "[victim]",
        "asked under a charge",
    ),
    (
        "a condition that no rule reads",
        swap("conditions: [adult]", "conditions: [amount]"),
        "[amount]",
        "No rule reads 'amount'",
    ),
    ("a unit on a bool", swap("type: bool", "type: bool\n    unit: mg"), "unit: mg", "unit does not fit"),
    ("an amount without a unit", swap("type: int, unit: mg", "type: int"), "id: amount", "unit does not fit"),
    ("a unit that the name contradicts", swap("id: amount,", "id: amount_cents,"), "amount_cents", "named for cents"),
    (
        "values on a bool",
        swap("type: bool", "type: bool\n    values: [{code: a, en: A, es: B}]"),
        "values",
        "takes no values",
    ),
    (
        "an enum with one value",
        swap("      - {code: consents, en: Agrees, es: De acuerdo}\n", ""),
        "values:",
        "fewer than two",
    ),
    ("a value there twice", swap("code: consents", "code: absent"), "en: Agrees", "'absent' is there twice"),
    (
        "a record fact of another name",
        swap("- {id: moved_on, type: date, asked_of: coordinator", "- {id: moved_on, type: date, asked_of: record"),
        "moved_on",
        "do not go together",
    ),
    (
        "a record fact asked of somebody",
        swap("rules:\n", BORN % ("date", "officer")),
        "birth_date",
        "do not go together",
    ),
    (
        "a record fact of another type",
        swap("rules:\n", BORN % ("bool", "record")),
        "birth_date",
        "is of type date in every record",
    ),
    # Rules.
    (
        "a rule for a pathway not offered",
        lambda text: text + (SECOND_RULE % "more").replace("arrest_diversion", "community"),
        "community",
        "no pathway",
    ),
    (
        "a presumption nobody may override",
        swap("tier: bars", "tier: presumed_out"),
        "- id: adult\n    applies",
        "do not go together",
    ),
    (
        "a bar with an override",
        swap("tier: bars", "tier: bars\n    override_by: sergeant"),
        "override_by",
        "do not go together",
    ),
    ("a condition on no fact", must("[sober, is, true]"), "must", "no fact 'sober'"),
    ("a when on no fact", when("[sober, is, true]"), "sober", "no fact 'sober'"),
    ("a condition too deep", must(nested(MAX_CONDITION_DEPTH + 1)), "must", "deep in one another"),
    ("an operator for another type", must("[adult, at_least, true]"), "must", "Use one of: is."),
    ("an order of enums", must("[victim, more_than, absent]"), "must", "Use one of: is, is_not, in, not_in."),
    ("an amount before another", must("[amount, before, 7]"), "must", "Use one of: is, is_not, less_than"),
    ("a bool compared with a number", must("[adult, is, 1]"), "must", "true or false"),
    ("an amount compared with text", must('[amount, at_most, "7000"]'), "must", "whole number"),
    ("an amount compared with true", must("[amount, at_most, true]"), "must", "whole number"),
    ("a negative amount", must("[amount, at_most, -1]"), "must", "whole number, 0 or more"),
    ("a day that does not exist", must("[moved_on, before, 2025-02-29]"), "must", "a date, YYYY-MM-DD"),
    ("a date that never was", must("[moved_on, is, never]"), "must", "a date, YYYY-MM-DD"),
    ("an event on one day", must("[last_conviction, is, 2025-01-01]"), "must", "Write never"),
    ("an event before never", must("[last_conviction, before, never]"), "must", "a date, YYYY-MM-DD, or {years"),
    (
        "an event exactly so long ago",
        must("[last_conviction, is, {years: 1, before: incident_date}]"),
        "must",
        "Write never",
    ),
    (
        "a date exactly so long ago",
        must("[moved_on, is, {years: 1, before: incident_date}]"),
        "must",
        "Write a date, YYYY-MM-DD.",
    ),
    ("an amount so long ago", must("[amount, at_most, {years: 1, before: incident_date}]"), "must", "whole number"),
    ("a look-back from no fact", must(ANCHOR % "yesterday"), "must", "no fact 'yesterday'"),
    ("a look-back from itself", must(ANCHOR % "moved_on"), "must", "counted back from itself"),
    ("a look-back from a yes or no", must(ANCHOR % "adult"), "must", "cannot count back from it"),
    ("a look-back from an event", must(ANCHOR % "last_conviction"), "must", "cannot count back from it"),
    ("an enum value off the list", must("[victim, is, objects]"), "must", "one of: absent, consents"),
    ("a list where one value belongs", must("[victim, is, [absent]]"), "must", "one of: absent, consents"),
    ("one value where a list belongs", must("[victim, in, absent]"), "must", "a list, each once"),
    ("an empty list", must("[victim, in, []]"), "must", "a list, each once"),
    ("a value listed twice", must("[victim, in, [absent, absent]]"), "must", "a list, each once"),
    ("a charge that is not listed", must("[charges, any_in, [theft]]"), "must", "of: trespassing, unlisted"),
]


@pytest.mark.parametrize(("change", "marker", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_does_not_fit_is_refused_with_file_line_and_next_step(change: Change, marker: str, message: str) -> None:
    text = change(SOUND)
    marker = f"\n    {marker}" if marker == "must" else marker
    line = line_of(text, marker) + marker.startswith("\n")
    with pytest.raises(PackError) as refused:
        load_pack(text, "example.yaml")
    told = [problem for problem in refused.value.problems if message in f"{problem.what} {problem.next_step}"]
    assert told, str(refused.value)
    assert line in [problem.line for problem in told]
    assert str(refused.value).startswith("example.yaml, ")
    assert all(problem.next_step for problem in refused.value.problems)


ACCEPTED: list[tuple[str, Change]] = [
    ("an end on the first day", swap("source:", "effective_until: 2025-01-01\nsource:")),
    (
        "an official pack without doubts",
        lambda text: swap("unverified:\n  - {en: Who may refer., es: Quién puede remitir.}\n", "")(
            text.replace("official: false", "official: true")
        ),
    ),
    ("two referrers", swap("[officer]", "[officer, provider]")),
    ("two approvals", swap("  intake:", SECOND_APPROVAL % "liaison_agrees")),
    ("two rules", lambda text: text + SECOND_RULE % "amount"),
    ("a rule named for its fact", swap("- id: adult\n    applies_to", "- id: victim\n    applies_to")),
    (
        "an amount as a condition",
        lambda text: swap("conditions: [adult]", "conditions: [amount]")(text) + SECOND_RULE % "more",
    ),
    ("a unit that the name repeats", swap("id: amount,", "id: amount_mg,")),
    ("a record fact", swap("rules:\n", BORN % ("date", "record"))),
    ("hours over midnight", swap('until: "17:00"', 'until: "07:59"')),
    ("a presumption with an override", swap("tier: bars", PRESUMED)),
    ("a condition as deep as allowed", must(nested(MAX_CONDITION_DEPTH))),
    ("an amount of nothing", must("[amount, at_most, 0]")),
    ("the largest amount", must("[amount, at_most, 9007199254740991]")),
    ("29 February", must("[moved_on, before, 2024-02-29]")),
    ("an event that never was", must("[last_conviction, is_not, never]")),
    ("an event before a day", must("[last_conviction, before, 2025-01-01]")),
    ("an event so long ago", must("[last_conviction, before, {years: 10, before: incident_date}]")),
    ("a date so long ago", must("[moved_on, on_or_before, {months: 1, before: incident_date}]")),
    ("a look-back from another date", must("[incident_date, after, {days: 1, before: moved_on}]")),
]


@pytest.mark.parametrize("change", [change for _, change in ACCEPTED], ids=[name for name, _ in ACCEPTED])
def test_what_fits_by_a_hair_is_accepted(change: Change) -> None:
    assert load_pack(change(SOUND), "example.yaml").program == "example"
