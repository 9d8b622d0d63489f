"""The server's words are the phone's words."""

import re
from pathlib import Path

import pytest

from api.paging.channels.texts import BY_LIMIT, TITLES, letter, short, spoken, title
from tests.api.channels.messages import ORIGIN, message

TWIN = Path(__file__).resolve().parents[3] / "pwa/src/service-worker/texts.ts"
_ENTRY = re.compile(r"^    (\w+): '((?:[^'\\]|\\.)*)',$", re.MULTILINE)


def phones_words() -> dict[str, dict[str, str]]:
    source = TWIN.read_text(encoding="utf-8")
    body = source[source.index("export const TEXTS = {") : source.index("} as const")]
    english, spanish = body.split("\n  es: {")
    return {language: dict(_ENTRY.findall(part)) for language, part in (("en", english), ("es", spanish))}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_title_reads_as_on_the_phone(language: str) -> None:
    phone = phones_words()[language]
    assert len(phone) > len(TITLES[language]) / 2
    assert {key: phone.get(key) for key in TITLES[language]} == TITLES[language]


def test_both_languages_say_the_same_things() -> None:
    assert TITLES["en"].keys() == TITLES["es"].keys()


@pytest.mark.parametrize(("text", "by", "said"), [
    ("taken", "", "Somebody else has it"), ("taken", "A.", "Taken by A."), ("taken_by", "A.", "Taken by A."),
    ("taken_by", "", "Somebody else has it"), ("seen", "A.", "A. has your referral"),
    ("officer_waiting", "A.", "Officer waiting"), ("no_such_text", "", "Something is waiting for you"),
    ("taken", "A.\r\nBcc: x", "Taken by A.Bcc: x"), ("taken", "{code}", "Taken by {code}"),
])  # fmt: skip
def test_the_sentence_names_who_has_it_where_that_is_known(text: str, by: str, said: str) -> None:
    assert title(message(text=text, by=by)) == said


def test_initials_are_short() -> None:
    assert title(message(text="taken", by="x" * 100)) == "Taken by " + "x" * BY_LIMIT


def test_a_code_is_said_digit_by_digit() -> None:
    sent = message(kind="code", text="code", code="120457", page_id=None)
    assert title(sent) == "Your code is 120457"
    assert "1, 2, 0, 4, 5, 7" in spoken(sent)
    assert ORIGIN not in short(sent)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("text", sorted(TITLES["en"].keys() - {"arriving"}))  # a second line, never a title
def test_no_placeholder_is_left_and_no_token_is_written(text: str, language: str) -> None:
    sent = message(text=text, language=language, by="A.")
    for said in (short(sent), letter(sent), spoken(sent)):
        assert not re.search(r"[{}]", said)
        assert sent.token not in said
