"""The same way from the roadside to a person who was met, on phones and desks that speak Spanish and nothing else."""

from __future__ import annotations

import re
from functools import cache

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Browser, Desk, LiveServer, Phone
from tests.browser.officer_steps import (
    agree,
    agreed_before,
    alert,
    answer_questions,
    begin_arrest,
    choose_charge,
    field,
    go_home,
    go_on,
    go_to_settings,
    heading,
    open_card,
    open_details,
    pattern,
    send_details,
    sign_in,
    spanish,
    unlock,
    untranslated,
)
from tests.browser.push_phone import Pager
from tests.browser.staff_steps import (
    COORDINATOR,
    MAYA,
    SERGEANT,
    SUPERVISOR,
    answer_on_card,
    assess,
    confirm,
    decide,
    go_to_inbox,
    hand_off,
    look_again,
    open_history,
    open_in_queue,
    part,
    queue_rows,
)
from tests.push_service import PushService

WAITING = "Oficial en espera"
OPEN_IT = "Abra la aplicación para verlo"
SAVED = "Guardado en este teléfono · aún no enviado"
RECEIVED = re.compile(r"^Recibido · n\.º \d+ · \d\d:\d\d$")
ARRIVING = re.compile(rf"^Visto por {MAYA} · llega \d\d:\d\d$")

NEXT_LOOK_MS = 30_000

#: What is read on a screen or spoken by a screen reader: every line of text, and every name that is given in words.
READ_EVERYTHING = """
() => {
  const lines = document.body.innerText.split('\\n');
  for (const named of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    if (!named.checkVisibility()) continue;
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) lines.push(named.getAttribute(name) ?? '');
  }
  return lines.flatMap((line) => [line, ...line.split(' · ')]).map((line) => line.trim()).filter(Boolean);
}
"""

#: Fewer letters than this outside its {places}, and a sentence would be found in everything ("{n} min").
LETTERS = 4


@cache
def english_sentences() -> dict[str, re.Pattern[str]]:
    """Every English sentence of the app that Spanish says differently."""
    found = untranslated("en", "es")
    return {key: pattern(text) for key, text in found.items() if _letters(text) >= LETTERS}


def _letters(sentence: str) -> int:
    return len(re.sub(r"\{\w+\}|\W", "", sentence))


def english_on(page: Page) -> set[str]:
    """The English sentences of the dictionaries that stand on this screen."""
    lines: list[str] = page.evaluate(READ_EVERYTHING)
    assert lines, "the screen is empty"
    return {line for line in lines for shape in english_sentences().values() if shape.match(line)}


def assert_spanish(page: Page) -> None:
    """Not one English sentence stands on this screen, and screen readers are told to speak Spanish."""
    assert page.evaluate("document.documentElement.lang") == "es"
    assert not english_on(page), page.url


def test_the_check_for_english_finds_it(server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    page = start_phone(server, "visitor").goto("/")
    expect(heading(page)).to_have_text("Sign in")
    assert {"Sign in", "Passphrase", "User name"} <= english_on(page)


def test_the_whole_way_is_in_spanish(
    server: LiveServer,
    push_service: PushService,
    start_phone: BrowserFactory[Phone],
    start_desk: BrowserFactory[Desk],
) -> None:
    place = "Colfax y York, parada de autobús"

    coordinator = start_phone(server, "coordinator", locale="es-US")
    pager = Pager(coordinator, push_service)
    maya = sign_in(coordinator, COORDINATOR, say=spanish)
    pager.turn_on(spanish)
    assert_spanish(maya)
    go_to_inbox(maya, spanish)
    assert_spanish(maya)

    officer = start_phone(server, "officer", locale="es-US")
    sign_in(officer, say=spanish)
    alder = officer.restart(online=False)
    assert_spanish(alder)
    unlock(alder, say=spanish)
    refer_step_by_step(alder, place)
    expect(alder.get_by_text(SAVED, exact=True)).to_be_visible()
    assert_spanish(alder)

    officer.set_online(True)
    expect(alder.get_by_text(RECEIVED)).to_be_visible()
    assert_spanish(alder)

    pager.ring("page")
    shown = pager.shows(WAITING)
    assert (shown.body, shown.actions, shown.lang) == (OPEN_IT, ("La tengo",), "es")

    answer_on_card(maya, place, 20, spanish)
    assert_spanish(maya)
    expect(alder.get_by_text(ARRIVING)).to_be_visible(timeout=NEXT_LOOK_MS)
    write_all_details(alder)
    expect(alder.get_by_text(ARRIVING)).to_be_visible()
    assert_spanish(alder)

    meet_the_person(maya)
    go_home(alder, spanish)
    assert_spanish(alder)
    open_card(alder, "Nova Muestra")
    look_again(alder)
    met = alder.get_by_role("listitem").filter(has_text=spanish("officer_moment_handed_off"))
    expect(met).to_be_visible()
    assert_spanish(alder)

    look_at_the_desks(start_desk(server, "supervisor", locale="es-US"), start_phone(server, "sergeant", locale="es-US"))


def refer_step_by_step(page: Page, place: str) -> None:
    """The officer's way to the alert, with a look at every screen of it."""
    assert_spanish(page)
    begin_arrest(page, spanish)
    assert_spanish(page)
    choose_charge(page)
    assert_spanish(page)
    go_on(page, spanish)
    assert_spanish(page)
    answer_questions(page, spanish)
    assert_spanish(page)
    page.locator("summary").first.click()
    assert_spanish(page)
    agree(page, spanish)
    assert_spanish(page)
    agreed_before(page, "Sargento Demo Cedro", spanish)
    assert_spanish(page)
    go_on(page, spanish)
    expect(heading(page)).to_have_text(spanish("officer_alert"))
    assert_spanish(page)
    alert(page, place, spanish)


def write_all_details(page: Page) -> None:
    open_details(page, spanish)
    assert_spanish(page)
    field(page, spanish("officer_field_name")).fill("Nova Muestra")
    page.get_by_role("link", name=spanish("officer_next"), exact=True).click()
    page.get_by_role("checkbox", name=spanish("officer_need_food"), exact=True).check()
    page.get_by_role("checkbox", name=spanish("officer_safety_medical"), exact=True).check()
    field(page, spanish("officer_safety_what")).fill("Cojea de la pierna izquierda")
    assert_spanish(page)
    page.get_by_role("link", name=spanish("officer_next"), exact=True).click()
    assert_spanish(page)
    page.get_by_role("link", name=spanish("officer_next"), exact=True).click()
    expect(heading(page)).to_have_text(spanish("officer_details_figures"))
    assert_spanish(page)
    send_details(page, spanish)


def meet_the_person(page: Page) -> None:
    expect(part(page, spanish("co_who"))).to_contain_text("Nova Muestra")
    expect(part(page, spanish("co_needs"))).to_contain_text(spanish("co_need_food"))
    expect(part(page, spanish("co_safety"))).to_contain_text("Cojea de la pierna izquierda")
    confirm(page, say=spanish)
    hand_off(page, say=spanish)
    decide(page, say=spanish)
    assert_spanish(page)
    assess(page, "today", "food_clothing", "yes", "No ha comido desde ayer", spanish)
    assert_spanish(page)
    go_to_inbox(page, spanish)
    assert_spanish(page)


def look_at_the_desks(desk: Browser, phone: Browser) -> None:
    olive = sign_in(desk, SUPERVISOR, say=spanish)
    expect(queue_rows(olive).first).to_contain_text(spanish("desk_standing_nobody"))
    assert_spanish(olive)
    open_in_queue(olive, "Colfax and Demo Street, by the bus stop")
    assert_spanish(olive)
    open_history(olive, spanish)
    expect(olive.get_by_role("listitem").filter(has_text="Officer Demo Alder avisó a coordinación.")).to_be_visible()
    assert_spanish(olive)
    cedar = sign_in(phone, SERGEANT, say=spanish)
    expect(cedar.get_by_role("main")).to_contain_text(spanish("desk_word_handed_over"))
    assert_spanish(cedar)
    go_to_settings(cedar, spanish)
    assert_spanish(cedar)
