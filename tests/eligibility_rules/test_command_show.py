"""`show`: everything a pack says is there, in both languages; the page is well formed, escaped and by itself."""

import re
import string
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eligibility_rules import Pack, load_pack
from eligibility_rules.check import texts_of
from eligibility_rules.commands.show import render_text
from eligibility_rules.sheets.phrases import LANGUAGES, PHRASES, Language
from eligibility_rules.sheets.printed import render_html
from eligibility_rules.sheets.wording import amount, as_sentences, clause, in_one_line
from tests.eligibility_rules.small_packs import ADULT, SHIPPED_FILES, run, small, small_pack, write
from tests.eligibility_rules.test_reach import FACTS

VOID = {"meta"}
both_languages = pytest.mark.parametrize("language", LANGUAGES)
each_shipped = pytest.mark.parametrize("path", SHIPPED_FILES, ids=lambda path: path.parent.name)


class Page(HTMLParser):
    """The page's text and tags; fails where a tag is not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def everything(pack: Pack, language: Language) -> list[str]:
    """All that a reader must find, the sentences in the language of the page."""
    sentences = [getattr(text, language) for place, text in texts_of(pack)]
    cites = [rule.cite for rule in pack.rules] + [charge.cite for charge in pack.charges]
    approvals = [approval.cite for approval in pack.practice.approvals]
    return [*sentences, *cites, *approvals, *(rule.id for rule in pack.rules), pack.source, pack.hash]


@both_languages
@each_shipped
def test_the_page_holds_everything_the_pack_says(path: Path, language: Language) -> None:
    pack = load_pack(path.read_text(encoding="utf-8"), path.name)
    page = Page(render_html(pack, language))
    said = "\n".join(page.text)
    for words in everything(pack, language):
        assert words in said, words
    assert len([tag for tag, _ in page.tags if tag == "article"]) >= len(pack.rules)
    assert [attributes for tag, attributes in page.tags if attributes.get("class") == "signature"] == [
        {"class": "signature"},
        {"class": "signature"},
    ]


@both_languages
@each_shipped
def test_the_terminal_shows_everything_within_its_width(path: Path, language: Language) -> None:
    pack = load_pack(path.read_text(encoding="utf-8"), path.name)
    for width in (60, 100):
        said = render_text(pack, language, width)
        for line in said.splitlines():
            assert len(line) <= width or max(map(len, line.split())) > width // 3, line
        # Words beside one another in columns are cut over lines; what stands in one column alone must read on.
        for rule in pack.rules:
            assert rule.id in said
        assert pack.hash in said
    wide = squeezed(render_text(pack, language, 10_000))
    for words in everything(pack, language):
        assert squeezed(words) in wide, words


@both_languages
def test_the_page_refers_to_nothing_outside_itself(language: Language) -> None:
    for path in SHIPPED_FILES:
        html = render_html(load_pack(path.read_text(encoding="utf-8"), path.name), language)
        assert html.startswith("<!DOCTYPE html>\n")
        assert f'<html lang="{language}">' in html
        tags = Page(html).tags
        assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "a", "object"}
        assert not {key for _, attributes in tags for key in attributes} & {"src", "href", "style", "onclick"}
        assert "url(" not in html
        assert "@import" not in html
        assert "@media print" in html


def test_what_a_pack_says_is_escaped() -> None:
    evil = '<script>alert(1)</script> & "it\'s"'
    written = evil.replace('"', '\\"')
    pack = small_pack(
        ("why: {en: Under age., es: Menor de edad.}", f'why: {{en: "{written}", es: "{written} es"}}'),
        ('cite: "A page, 2"', 'cite: "</dd></style><b>"'),
        ("title: {en: Trespassing, es: Entrada}", 'title: {en: "<td>", es: "<tr>"}'),
        ("source: A page", 'source: "<!-- it"'),
    )
    page = Page(render_html(pack, "en"))
    assert not {tag for tag, _ in page.tags} & {"script", "b"}
    said = "".join(page.text)
    for words in (evil, "</dd></style><b>", "<td>", "<!-- it"):
        assert words in said


def test_an_example_is_marked_as_one_and_an_official_pack_is_not() -> None:
    note = "unverified:\n  - {en: Nothing was verified., es: No se verificó nada.}"
    example = small_pack(("official: true", f"official: false\n{note}"))
    assert 'class="example"' in render_html(example, "en")
    assert "Nothing was verified." in render_html(example, "en")
    assert 'class="example"' not in render_html(small_pack(), "en")


def test_every_phrase_is_there_in_both_languages_with_the_same_places() -> None:
    def places(phrase: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}

    for key, (english, spanish) in PHRASES.items():
        assert english, key
        assert spanish, key
        assert places(english) == places(spanish), key


def said(must: str, language: Language = "en") -> str:
    pack = small_pack((ADULT, f"must: {must}"), ("rules:\n", f"{FACTS}rules:\n"))
    return in_one_line(as_sentences(clause(pack, pack.rules[1].must, language)))


@pytest.mark.parametrize(
    ("must", "english", "spanish"),
    [
        ("[adult, is, true]", "The answer to “An adult?” is yes.", "La respuesta a «¿Una persona adulta?» es sí."),
        ("{not: [adult, is, true]}", "The answer to “An adult?” is no.", "La respuesta a «¿Una persona adulta?» es no."),
        (
            "[amount_mg, at_most, 4000]",
            "The answer to “How much?” is 4,000 mg (4 g) or less.",
            "La respuesta a «¿Cuánto?» es 4,000 mg (4 g) o menos.",
        ),
        (
            "{not: [amount_mg, at_most, 4001]}",
            "The answer to “How much?” is more than 4,001 mg.",
            "La respuesta a «¿Cuánto?» es más de 4,001 mg.",
        ),
        (
            "[charges, none_in, [trespassing, unlisted]]",
            "The charges do not include Trespassing or a charge that is not on the list.",
            "Los cargos no incluyen Entrada ni un cargo que no está en la lista.",
        ),
        ("[victim, not_in, [agrees]]", "The answer to “The victim?” is none of “Agrees”.", None),
        (
            "[birth_date, on_or_before, {years: 18, before: incident_date}]",
            "The date of birth is on or before the day 18 years before the day of the incident.",
            "La fecha de nacimiento es el día que cae 18 años antes de la fecha del incidente o un día anterior.",
        ),
        (
            "[last_conviction, before, {days: 1, before: incident_date}]",
            "The answer to “The last?” is never, or before the day before the day of the incident.",
            "La respuesta a «¿La última?» es nunca, o un día anterior a la víspera de la fecha del incidente.",
        ),
        ("{not: [last_conviction, is, never]}", "The answer to “The last?” is a day, not never.", None),
        (
            "[last_conviction, after, 2024-02-29]",
            "The answer to “The last?” is after February 29, 2024.",
            "La respuesta a «¿La última?» es un día posterior al 29 de febrero de 2024.",
        ),
        (
            "{not: {all: [[adult, is, true], {not: [amount_mg, less_than, 5]}]}}",
            "At least one of these: (The answer to “An adult?” is no; The answer to “How much?” is less than 5 mg)",
            None,
        ),
        (
            "{first_known: [[adult, is, true], [victim, is, absent]]}",
            "The first of these that is known: (The answer to “An adult?” is yes; The answer to “The victim?” is “No victim”)",
            None,
        ),
    ],
)  # fmt: skip
def test_conditions_are_read_aloud(must: str, english: str, spanish: str | None) -> None:
    assert said(must) == english
    if spanish is not None:
        assert said(must, "es") == spanish


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (999, "mg", "999 mg"),
        (1000, "mg", "1,000 mg (1 g)"),
        (1001, "mg", "1,001 mg"),
        (5, "cents", "$0.05"),
        (123456, "cents", "$1,234.56"),
        (1, "years", "1 year"),
        (2, "years", "2 years"),
    ],
)
def test_amounts_are_said_in_their_unit(number: int, unit: str, words: str) -> None:
    assert amount(number, unit, "en") == words


def test_the_command_prints_text_and_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "draft.yaml", small())
    assert run("show", path, "--language", "es")[1].startswith("Reglas de elegibilidad: example\n")
    assert run("show", path, "--html") == (0, render_html(small_pack(), "en"))
    assert run("show", tmp_path)[0] == 2
    assert "is a folder. Name one pack's file in it." in capsys.readouterr().err
    broken = write(tmp_path, "broken.yaml", small((ADULT, "must: [age, is, true]")))
    assert run("show", broken)[0] == 2
    assert "There is no fact 'age'." in capsys.readouterr().err
