"""What an officer does with a phone, as steps for the browser tests.

Everything on the screen is found by its role and its words, and the words come from the app's own dictionaries: a
sentence may be reworded without touching a test, and every step works in both languages. The state lines that
INTERFACE promises are written out in the tests themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Locator, Page, expect

from api.demo.cast import PASSPHRASE
from tests.browser.harness import ROOT, Browser
from tests.browser.link import Fault
from tests.browser.server_side import arrived, count_of_referrals

__all__ = ["PASSPHRASE", "arrived", "count_of_referrals"]

MESSAGES = ROOT / "pwa" / "src" / "screens" / "messages"
ENTRY = re.compile(r"""^\s+(\w+):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),$""", re.MULTILINE)
QUESTIONS_LIMIT = 20

OFFICER = "denver.officer"
OTHER_OFFICER = "denver.officer2"

Say = Callable[[str], str]


@cache
def _dictionary(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(MESSAGES.glob(f"*.{language}.ts")):
        for key, single, double in ENTRY.findall(path.read_text(encoding="utf-8")):
            found[key] = (single or double).replace("\\'", "'").replace('\\"', '"')
    return found


def english(key: str) -> str:
    """The sentence of a key of the app's dictionaries, with its {places} as they are."""
    return _dictionary("en")[key]


def spanish(key: str) -> str:
    return _dictionary("es")[key]


def untranslated(language: str, other: str) -> dict[str, str]:
    """The sentences of a language that the other says differently, by key: where one is read, that language is shown."""
    return {key: text for key, text in _dictionary(language).items() if text != _dictionary(other).get(key)}


def pattern(sentence: str) -> re.Pattern[str]:
    """The sentence with anything in its {places}."""
    parts = re.split(r"\{\w+\}", sentence)
    return re.compile("^" + ".*".join(re.escape(part) for part in parts) + "$")


# Finding things


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def field(page: Page, label: str) -> Locator:
    """A text field by its label, whatever stands behind it ("optional")."""
    return page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}( |$)")).or_(
        page.get_by_role("searchbox", name=label)
    )


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def progress(page: Page, words: re.Pattern[str]) -> Locator:
    """How far one is, above the heading: "Question 1 of at most 4"."""
    return page.get_by_role("main").get_by_text(words)


def at_question(page: Page, say: Say = english) -> None:
    """One of the questions stands there."""
    expect(progress(page, pattern(say("officer_question_of")))).to_be_visible()


def cards(page: Page) -> Locator:
    """The referrals and drafts of the home screen."""
    return page.get_by_role("main").get_by_role("listitem")


def card(page: Page, title: str) -> Locator:
    """One referral or draft of the home screen: by its place, its name, or its charge."""
    return cards(page).filter(has_text=title)


def open_card(page: Page, title: str) -> None:
    """The card itself: below it may stand how long nobody has answered, and a call."""
    card(page, title).get_by_role("link").first.click()


def bar(page: Page) -> Locator:
    """The connection in words and how many wait."""
    return page.get_by_role("banner").get_by_role("status")


# Getting in and out


def sign_in(phone: Browser, login: str = OFFICER, passphrase: str = PASSPHRASE, say: Say = english) -> Page:
    """Opens the app on a phone that does not know the officer yet, signs in, and waits until it also works offline."""
    page = phone.goto("/")
    enter(page, login, passphrase, say)
    expect(page.get_by_role("link", name=say("menu_me"), exact=True)).to_be_visible()
    phone.wait_for_worker()
    return page


def enter(page: Page, login: str, passphrase: str = PASSPHRASE, say: Say = english) -> None:
    """Fills in the sign-in screen."""
    field(page, say("login")).fill(login)
    page.get_by_label(say("passphrase"), exact=True).fill(passphrase)
    button(page, say("sign_in")).click()


def unlock(page: Page, passphrase: str = PASSPHRASE, say: Say = english) -> None:
    """Opens a locked phone."""
    expect(heading(page)).to_have_text(say("locked_title"))
    page.get_by_label(say("passphrase"), exact=True).fill(passphrase)
    button(page, say("unlock")).click()
    expect(heading(page)).not_to_have_text(say("locked_title"))


def lock(page: Page, say: Say = english) -> None:
    go_to_settings(page, say)
    button(page, say("lock_now")).click()
    expect(heading(page)).to_have_text(say("locked_title"))


def go_to_settings(page: Page, say: Say = english) -> None:
    page.get_by_role("link", name=say("menu_me"), exact=True).click()
    expect(heading(page)).to_have_text(say("me_title"))


def set_pin(page: Page, pin: str, say: Say = english) -> None:
    """From any screen: a PIN that opens the phone until the app is closed. Stays on that screen."""
    go_to_settings(page, say)
    page.get_by_role("link", name=say("me_access")).click()
    field(page, say("pin_new")).fill(pin)
    form = page.locator("form").filter(has=page.get_by_label(say("pin_new")))
    form.get_by_label(say("passphrase_now")).fill(PASSPHRASE)
    button(page, say("pin_set")).click()
    expect(page.get_by_text(say("pin_is_set"))).to_be_visible()


def go_home(page: Page, say: Say = english) -> None:
    """By the address, as the phone's own back gesture would in the end."""
    page.evaluate("location.hash = '#/'")
    expect(heading(page)).to_have_text(say("officer_home"))


def send_now(page: Page, say: Say = english) -> None:
    """Me, "Send and fetch now": a person need not wait for the phone's own patience. Stays on that screen."""
    go_to_settings(page, say)
    send = button(page, say("sync_now"))
    send.click()
    expect(send).not_to_have_attribute("aria-busy", "true")


def switch_officer(page: Page, login: str, say: Say = english) -> None:
    """Hands the phone to another officer who has signed in on it before."""
    go_to_settings(page, say)
    button(page, say("switch_officer")).click()
    button(page, login).click()
    unlock(page, say=say)


def find_network(phone: Browser, prefix: str, fault: Fault) -> None:
    """A phone without a signal finds a network that spoils every path that starts with `prefix`, from the first one."""
    phone.link.meddle_with(prefix, fault)
    phone.context.set_offline(False)


# The way to the alert, one step each


def begin_arrest(page: Page, say: Say = english) -> None:
    """From home to the list of charges, over the decision where the program wants it first."""
    button(page, say("officer_offer")).click()
    first = heading(page).filter(has_text=say("officer_decide"))
    expect(first.or_(heading(page).filter(has_text=say("officer_charge")))).to_be_visible()
    if first.is_visible():
        button(page, say("officer_divert")).click()
    expect(heading(page)).to_have_text(say("officer_charge"))


def choose_charge(page: Page) -> None:
    page.get_by_role("checkbox").first.check()


def go_on(page: Page, say: Say = english) -> None:
    """The main action of a step, which a result that speaks against it calls by another name."""
    button(page, say("continue")).or_(button(page, say("officer_continue_anyway"))).click()


def answer_questions(page: Page, say: Say = english) -> None:
    """Answers "don't know" until the result stands there; that stops nobody."""
    count = progress(page, pattern(say("officer_question_of")))
    for _ in range(QUESTIONS_LIMIT):
        expect(heading(page)).not_to_have_text(say("officer_charge"))
        question = heading(page).inner_text()
        if count.count() == 0:
            return
        button(page, say("dont_know")).first.click()
        expect(heading(page)).not_to_have_text(question)
    raise AssertionError(f"more than {QUESTIONS_LIMIT} questions")


def agree(page: Page, say: Say = english) -> None:
    """From the result over the offer to how the person agreed."""
    go_on(page, say)
    expect(heading(page)).to_have_text(say("officer_read_aloud"))
    button(page, say("officer_agrees")).click()
    expect(heading(page)).to_have_text(say("officer_how_agreed"))


def agreed_before(page: Page, witness: str, say: Say = english) -> None:
    """Spoken, before a witness."""
    page.get_by_role("radio", name=say("officer_method_witness")).check()
    field(page, say("officer_witness")).fill(witness)


def walk_to_alert(page: Page, witness: str = "Sergeant Demo Cedar", say: Say = english) -> None:
    """From home to the screen that calls the coordinator."""
    begin_arrest(page, say)
    choose_charge(page)
    go_on(page, say)
    answer_questions(page, say)
    agree(page, say)
    agreed_before(page, witness, say)
    go_on(page, say)
    expect(heading(page)).to_have_text(say("officer_alert"))


def alert_button(page: Page, say: Say = english) -> Locator:
    """The tap that calls the coordinator; where the officer decides last, its words say that too."""
    return button(page, say("officer_alert_now")).or_(button(page, say("officer_divert_now")))


def alert(page: Page, place: str, say: Say = english) -> str:
    """Says where and how long, calls the coordinator, and returns the referral's id."""
    field(page, say("officer_place")).fill(place)
    page.get_by_role("radio", name=say("officer_minutes").format(n=15), exact=True).check()
    alert_button(page, say).click()
    expect(page.get_by_role("link", name=say("officer_add_details"))).to_be_visible()
    return referral_in_address(page)


def refer(page: Page, place: str, say: Say = english) -> str:
    """A whole arrest referral up to the alert; returns its id."""
    walk_to_alert(page, say=say)
    return alert(page, place, say)


def referral_in_address(page: Page) -> str:
    found = re.search(r"#/referral/([0-9a-f-]{36})", page.url)
    assert found is not None, page.url
    return found[1]


def write_word(page: Page, name: str, how: str, say: Say = english) -> None:
    """Writes down who said so and how (`radio`, `phone`, `in_person`), just now."""
    field(page, say("officer_who")).fill(name)
    words = say(f"officer_how_{how}")
    page.get_by_role("radio", name=words[0].upper() + words[1:], exact=True).check()


# Details


@dataclass(frozen=True)
class Details:
    """What is typed after the alert; None leaves a field as it is."""

    name: str | None = None
    contact: str | None = None
    note: str | None = None


def open_details(page: Page, say: Say = english) -> None:
    """From a referral's status to the first page of its details."""
    page.get_by_role("link", name=say("officer_add_details")).click()
    expect(heading(page)).to_have_text(say("officer_details_person"))


def write_details(page: Page, details: Details, say: Say = english) -> None:
    """Types on the first and third page, and stays on the last one it wrote on."""
    if details.name is not None:
        field(page, say("officer_field_name")).fill(details.name)
    if details.contact is not None:
        field(page, say("officer_field_contact")).fill(details.contact)
    if details.note is not None:
        for title in ("officer_details_needs", "officer_details_case"):
            page.get_by_role("link", name=say("officer_next"), exact=True).click()
            expect(heading(page)).to_have_text(say(title))
        field(page, say("officer_note")).fill(details.note)


def send_details(page: Page, say: Say = english) -> None:
    button(page, say("officer_send_details")).click()
    expect(page.get_by_role("link", name=say("officer_add_details"))).to_be_visible()
