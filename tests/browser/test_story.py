"""From the roadside to a person who was met: an officer's phone, a coordinator's phone and two desks at once, in English.

The order of a page's calls and their timing are told with the API; here stands what people see, and that it is true.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.officer_steps import (
    OFFICER,
    answer_questions,
    begin_arrest,
    button,
    card,
    choose_charge,
    english,
    field,
    go_home,
    go_on,
    heading,
    open_card,
    open_details,
    refer,
    send_details,
    sign_in,
    unlock,
)
from tests.browser.push_phone import WAITING, Pager, assert_says_nothing_about_anybody
from tests.browser.server_side import count_of_referrals
from tests.browser.staff_steps import (
    COORDINATOR,
    MAYA,
    SERGEANT,
    SUPERVISOR,
    answer_on_card,
    assess,
    confirm,
    decide,
    fields_of,
    go_to_inbox,
    hand_off,
    inbox_card,
    look_again,
    open_history,
    open_in_queue,
    part,
    pile,
    queue_rows,
    rows_on_phone,
    tallies,
)
from tests.push_service import PushService

SAVED = "Saved on this phone · not sent yet"
RECEIVED = re.compile(r"^Received · no\. \d+ · \d\d:\d\d$")
CALLING_MAYA = re.compile(rf"^Calling .*{MAYA}.* \(")
ARRIVING = re.compile(rf"^Seen by {MAYA} · arriving \d\d:\d\d$")

#: An officer's phone asks every 15 seconds while somebody is being called.
NEXT_LOOK_MS = 30_000

TOUCHES_TO_ALERT = 15
TOUCHES_WITH_DETAILS = 30

#: Taps on anything that is not a text field, and text fields that were typed into, as the phone itself notices them.
COUNT_TOUCHES = """
(() => {
  const typed = new Set();
  let taps = 0;
  const isText = (target) => target instanceof Element
    && target.matches('textarea, input:not([type=radio], [type=checkbox], [type=button])');
  addEventListener('pointerdown', (event) => { if (event.isTrusted && !isText(event.target)) taps += 1; }, true);
  addEventListener('input', (event) => { if (isText(event.target)) typed.add(event.target); }, true);
  globalThis.touches = () => taps + typed.size;
})()
"""


def test_from_the_roadside_to_a_person_who_was_met(
    server: LiveServer,
    push_service: PushService,
    start_phone: BrowserFactory[Phone],
    start_desk: BrowserFactory[Desk],
) -> None:
    place = "Colfax and York, bus shelter"

    # The coordinator begins a night on call.
    coordinator = start_phone(server, "coordinator")
    pager = Pager(coordinator, push_service)
    maya = sign_in(coordinator, COORDINATOR)
    pager.turn_on()
    go_to_inbox(maya)

    # The officer's phone has been in the app before, and now starts where there is no signal.
    officer = start_phone(server, "officer")
    sign_in(officer)
    alder = officer.restart(online=False)
    unlock(alder)
    referral = refer(alder, place)
    expect(alder.get_by_text(SAVED, exact=True)).to_be_visible()
    expect(alder.get_by_text("Nobody has been called yet", exact=False)).to_be_visible()

    # The car comes back into coverage. Nobody touches the phone.
    officer.set_online(True)
    expect(alder.get_by_text(RECEIVED)).to_be_visible()
    expect(alder.get_by_text(CALLING_MAYA)).to_be_visible()

    message = pager.ring("page")
    shown = pager.shows(WAITING)
    assert_says_nothing_about_anybody(shown, [place, "Colfax", "Alder", str(referral)])
    assert set(message.body) == {"v", "kind", "text", "page", "token", "by", "eta_minutes"}

    # The desks see that nobody has it.
    supervisor = start_desk(server, "supervisor")
    olive = sign_in(supervisor, SUPERVISOR)
    expect(queue_rows(olive).filter(has_text=place)).to_contain_text("Nobody has it")
    sergeant = start_phone(server, "sergeant")
    cedar = sign_in(sergeant, SERGEANT)
    expect(cedar.get_by_role("main")).to_contain_text(re.compile(r"Waiting \d+ min, nobody has answered"))

    # One tap on the card, with an arrival time.
    answer_on_card(maya, place, 20)
    expect(alder.get_by_text(ARRIVING)).to_be_visible(timeout=NEXT_LOOK_MS)
    expect(alder.get_by_text(CALLING_MAYA)).to_have_count(0)

    # While help is on its way, the officer adds what the person said.
    write_all_details(alder)
    expect(alder.get_by_text(ARRIVING)).to_be_visible()

    # The coordinator reads it, asks first, and meets the person.
    who = part(maya, english("co_who"))
    expect(who).to_contain_text("Nova Sample")
    expect(who).to_contain_text("34 years old")
    expect(part(maya, english("co_needs"))).to_contain_text("Food")
    expect(part(maya, english("co_safety"))).to_contain_text("Limps on the left leg")
    expect(part(maya, english("co_consent"))).to_contain_text("Spoken before Sergeant Demo Cedar")
    confirm(maya)
    hand_off(maya)
    decide(maya)
    assess(maya, "today", "food_clothing", "yes", "Has not eaten since yesterday")
    expect(maya.get_by_role("button", name="Next group")).to_be_visible()
    button(maya, "Next group").click()
    go_to_inbox(maya)
    expect(pile(maya, "mine").get_by_role("article").filter(has_text=place)).to_contain_text("Handed over")

    # The officer hears that much and no more.
    go_home(alder)
    expect(card(alder, "Nova Sample")).to_contain_text(f"Seen by {MAYA}")
    open_card(alder, "Nova Sample")
    look_again(alder)
    expect(alder.get_by_role("listitem").filter(has_text="Handed over")).to_be_visible()
    for word in ("Accepted", "Has not eaten", "First questions"):
        expect(alder.get_by_role("main")).not_to_contain_text(word)

    assert_the_desks_know_who_has_it(olive, place)
    assert_status_words_only(cedar, ["Nova Sample", "Colfax", "Food", "Limps", "Accepted", MAYA])
    assert_the_history_reads_as_sentences(olive)
    stored = fields_of(server, referral)
    assert stored["assessment.food_clothing"] == {"answer": "yes", "text": "Has not eaten since yesterday"}
    assert stored["status"] == "handed_off"


def write_all_details(page: Page) -> None:
    """Name, age, how to find them; needs and an observation; card number and a note. Sent in one go."""
    open_details(page)
    field(page, english("officer_field_name")).fill("Nova Sample")
    field(page, english("officer_field_age_years")).fill("34")
    field(page, english("officer_field_contact")).fill("The library on York, mornings")
    page.get_by_role("link", name=english("officer_next"), exact=True).click()
    for need in ("food", "shelter"):
        page.get_by_role("checkbox", name=english(f"officer_need_{need}"), exact=True).check()
    page.get_by_role("checkbox", name=english("officer_safety_medical"), exact=True).check()
    field(page, english("officer_safety_what")).fill("Limps on the left leg")
    page.get_by_role("link", name=english("officer_next"), exact=True).click()
    field(page, english("officer_field_card_number")).fill("D-0417")
    field(page, english("officer_note")).fill("Prefers to be called in the morning")
    send_details(page)


def assert_the_desks_know_who_has_it(page: Page, place: str) -> None:
    """Those whom nobody has stand first; ours stands below them with its coordinator."""
    expect(queue_rows(page).first).to_contain_text("Nobody has it")
    page.locator("summary").filter(has_text=english("desk_filters")).click()
    page.get_by_role("radio", name=english("desk_show_finished"), exact=True).check()
    expect(queue_rows(page).filter(has_text=place)).to_contain_text("Handed over")
    open_in_queue(page, place)
    detail = page.get_by_role("article")
    expect(detail).to_contain_text("Accepted")
    for word in ("Nova Sample", "Food", "Limps", "Prefers", "Has not eaten"):
        expect(page.get_by_role("main")).not_to_contain_text(word)


def assert_status_words_only(page: Page, told: list[str]) -> None:
    officer = page.get_by_role("region").filter(has_text="Officer Demo Alder")
    expect(officer).to_contain_text("Handed over")
    for word in told:
        expect(page.get_by_role("main")).not_to_contain_text(word)


def assert_the_history_reads_as_sentences(page: Page) -> None:
    """Who did what, in order; nothing of the groups that a supervisor may not read."""
    open_history(page)
    sentences = page.get_by_role("listitem").locator("strong")
    expect(sentences.filter(has_text="Officer Demo Alder alerted the coordinator.")).to_be_visible()
    told = [each.replace("Officer Demo Alder", "O").replace(MAYA, "M") for each in sentences.all_inner_texts()]
    expected = [
        "O began the referral.",
        "O recorded consent.",
        "O alerted the coordinator.",
        "M said that they have it.",
        "M asked whether the person still wants this.",
        "M recorded how they met.",
        "M recorded the decision.",
    ]
    assert [each for each in told if each in expected] == expected
    assert not [each for each in told if "note" in each or "safety" in each or "first questions" in each]


def test_a_typical_arrest_takes_few_touches(server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(server, "officer")
    phone.context.add_init_script(COUNT_TOUCHES)
    page = sign_in(phone)
    touches_before = touches(page)
    refer(page, "Union Station, track 3")
    to_alert = touches(page) - touches_before
    write_all_details(page)
    with_details = touches(page) - touches_before
    # Below 8 the counter would have missed what is certainly tapped.
    assert 8 <= to_alert <= TOUCHES_TO_ALERT
    assert to_alert + 8 <= with_details <= TOUCHES_WITH_DETAILS


def touches(page: Page) -> int:
    return int(page.evaluate("touches()"))


def test_a_declined_offer_leaves_a_count_and_nothing_of_the_person(
    server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(server, "officer")
    page = sign_in(phone, "denver.officer2")
    referrals_before, counted_before = count_of_referrals(server), tallies(server)
    begin_arrest(page)
    choose_charge(page)
    go_on(page)
    answer_questions(page)
    go_on(page)
    expect(heading(page)).to_have_text(english("officer_read_aloud"))
    button(page, english("officer_disagrees")).click()
    expect(heading(page)).to_have_text(english("officer_nothing_kept"))
    button(page, english("done")).click()

    expect(heading(page)).to_have_text(english("officer_home"))
    expect(page.get_by_text(english("word_draft"), exact=True)).to_have_count(0)
    counted = wait_for_another_tally(page, server, counted_before)
    assert set(counted) == {
        "program_id", "agency_id", "month", "pathway", "answer", "reason", "demographics", "count",
    }  # fmt: skip
    assert (counted["pathway"], counted["answer"]) == ("arrest_diversion", "declined")
    assert count_of_referrals(server) == referrals_before
    # What was typed is gone from the phone as well; only the views of earlier referrals stay.
    kept = rows_on_phone(page)
    assert {store: kept[store] for store in ("drafts", "outbox", "copies")} == {"drafts": 0, "outbox": 0, "copies": 0}


def wait_for_another_tally(page: Page, server: LiveServer, before: list[dict[str, object]]) -> dict[str, object]:
    for _ in range(600):
        new = [row for row in tallies(server) if row not in before]
        if new:
            return new[0]
        page.wait_for_timeout(25)
    raise AssertionError("the count never reached the server")


def test_an_unanswered_referral_says_so_and_how_long_it_has_been(
    server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    """The demo's referral from County Road is eighteen minutes old, and nobody in that program can be paged."""
    place = "County Road Demo, mile 4"
    officer = start_phone(server, "officer")
    coordinator = start_phone(server, "coordinator")
    for phone in (officer, coordinator):
        phone.context.clock.install()
    elm = sign_in(officer, "valley.officer")
    nobody = card(elm, "Ira Sample")
    expect(nobody).to_contain_text("Nobody has answered yet — call")
    nobody.click()
    expect(elm.get_by_text("Nobody has answered yet — call", exact=True)).to_be_visible()
    expect(elm.get_by_role("main").get_by_role("link", name=re.compile("719-555-0100$"))).to_be_visible()

    pilar = sign_in(coordinator, "valley.coordinator")
    waiting = inbox_card(pilar, place).get_by_text(re.compile(r"^Waiting \d+ min$"))
    expect(waiting).to_be_visible()
    minutes = int(re.sub(r"\D", "", waiting.inner_text()))
    assert minutes >= 18
    pilar.clock.fast_forward("02:00")
    expect(waiting).not_to_have_text(f"Waiting {minutes} min")
    expect(waiting).to_have_text(re.compile(rf"^Waiting ({minutes + 2}|{minutes + 3}) min$"))


def test_consent_taken_back_hides_the_person_from_the_coordinator(
    server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Cheesman Park, pavilion"
    alder = sign_in(start_phone(server, "officer"), OFFICER)
    refer(alder, place)
    write_all_details(alder)
    maya = sign_in(start_phone(server, "coordinator"), COORDINATOR)
    answer_on_card(maya, place, 10)
    expect(part(maya, english("co_who"))).to_contain_text("Nova Sample")

    alder.locator("summary").filter(has_text=english("officer_changes")).click()
    button(alder, english("officer_end_withdraw")).click()
    expect(alder.get_by_text(english("officer_end_withdraw_sure"), exact=True)).to_be_visible()
    button(alder, english("officer_end_withdraw")).click()
    expect(alder.get_by_role("listitem").filter(has_text=english("officer_moment_withdrawn"))).to_be_visible()

    expect(part(maya, english("co_withdrawn_title"))).to_be_visible()
    for word in ("Nova Sample", "34 years", "Food", "Limps", "The library", "Prefers", "D-0417"):
        expect(maya.get_by_role("main")).not_to_contain_text(word)
    go_to_inbox(maya)
    expect(inbox_card(maya, place)).to_contain_text(english("co_withdrawn_title"))
    expect(maya.get_by_role("main")).not_to_contain_text("Nova Sample")
