"""Every screen of an officer, looked at in night and day, on phones and at a desk: see `gallery` for what is asked of each.

The pictures lie in `screenshots/<role>/` in the order of the walk. What happens on the screens is told in the stories.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import LiveServer, Phone
from tests.browser.link import EMPTY_ANSWER
from tests.browser.officer_steps import (
    OFFICER,
    PASSPHRASE,
    agreed_before,
    alert,
    answer_questions,
    begin_arrest,
    button,
    card,
    english,
    enter,
    field,
    go_home,
    go_on,
    go_to_settings,
    open_card,
    open_details,
    pattern,
    progress,
    send_details,
    sign_in,
)

PULL = "/api/sync/pull"

#: As a browser that is hidden behind another app tells it.
HIDE = """
() => {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}
"""
SHOW = """
() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


def test_signing_in_locking_and_the_cover(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "getting-in")
    page = phone.goto("/")
    expect(page.get_by_text(english("demo_accounts"), exact=True)).to_be_visible()
    gallery.show("sign-in")
    button(page, english("sign_in")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.show("sign-in-errors")
    enter(page, OFFICER, "not the right words")
    expect(page.get_by_role("alert")).to_contain_text(english("sign_in_refused"))
    gallery.show("sign-in-refused")

    # Before anything has come down.
    phone.link.meddle_with(PULL, EMPTY_ANSWER)
    enter(page, OFFICER)
    expect(page.get_by_text(english("officer_mine_empty"), exact=True)).to_be_visible()
    gallery.show("home-empty")
    phone.link.up()

    go_to_settings(page)
    gallery.show("me")
    page.evaluate(HIDE)
    expect(page.locator("#cover")).to_be_visible()
    assert page.locator("body").inner_text().split() == english("app_name").split()
    gallery.show("cover")
    page.evaluate(SHOW)
    button(page, english("lock_now")).click()
    settled(page, english("locked_title"))
    gallery.show("locked")
    button(page, english("unlock")).click()
    page.locator("summary").click()
    gallery.show("locked-errors")
    button(page, english("switch_officer")).click()
    settled(page, english("choose_officer"))
    gallery.show("who-is-it")
    button(page, OFFICER).click()
    page.locator("summary").click()
    button(page, english("write_only_start")).click()
    settled(page, english("officer_home"))
    gallery.show("without-unlocking")
    gallery.assert_faultless()


def test_the_way_to_the_alert(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "officer-alert")
    page = sign_in(phone)
    expect(card(page, "Rio Sample")).to_be_visible()
    gallery.show("home")

    begin_arrest(page)
    gallery.show("charge")
    page.get_by_role("checkbox").nth(1).check()
    gallery.show("charge-chosen")
    field(page, english("officer_charge_search")).fill("zzz")
    gallery.show("charge-search-none")
    go_on(page)
    expect(progress(page, pattern(english("officer_question_of")))).to_be_visible()
    gallery.show("question")
    answer_questions(page)
    gallery.show("result-confirm")
    page.locator("summary").click()
    gallery.show("result-reasons")
    go_on(page)
    settled(page, english("officer_read_aloud"))
    gallery.show("offer")
    page.get_by_role("radio", name="Español").check()
    gallery.show("offer-spanish")
    show_hand_over(page, gallery)
    show_how_agreed(page, gallery)
    show_alert(phone, gallery)
    gallery.assert_faultless()


def show_hand_over(page: Page, gallery: Gallery) -> None:
    """The phone in the person's hands, in Spanish, until the officer has it back."""
    button(page, english("officer_hand_over")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button").first).to_be_visible()
    gallery.show("handed-over")
    dialog.get_by_role("button").first.click()
    expect(dialog.get_by_label(english("officer_take_back"), exact=True)).to_be_visible()
    gallery.show("handed-over-agreed")
    dialog.get_by_label(english("officer_take_back"), exact=True).fill(PASSPHRASE)
    button(page, english("unlock")).click()
    expect(dialog).to_have_count(0)
    settled(page, english("officer_how_agreed"))


def show_how_agreed(page: Page, gallery: Gallery) -> None:
    gallery.show("how-agreed")
    go_on(page)
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.show("how-agreed-errors")
    page.get_by_role("radio", name=english("officer_method_signature")).check()
    box = page.get_by_role("img", name=english("sign_here")).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + (30 if step % 2 else 90))
    page.mouse.up()
    expect(page.get_by_text(english("sign_done"), exact=True)).to_be_visible()
    gallery.show("how-agreed-signature")
    for method in ("camera", "phone"):
        page.get_by_role("radio", name=english(f"officer_method_{method}")).check()
        gallery.show(f"how-agreed-{method}")
    agreed_before(page, "Sergeant Demo Cedar")
    page.get_by_role("radio", name=english("officer_reader_interpreter")).check()
    gallery.show("how-agreed-witness")
    go_on(page)
    settled(page, english("officer_alert"))


def show_alert(phone: Phone, gallery: Gallery) -> None:
    """The alert, without a signal and after it; and the three ways in which a person may leave."""
    page = phone.page
    gallery.show("alert")
    button(page, english("officer_gps")).click()
    expect(page.get_by_role("button", name=english("officer_gps_remove"))).to_be_visible()
    gallery.show("alert-gps")
    phone.set_online(False)
    alert(page, "Colfax and York, bus shelter")
    expect(page.get_by_text(english("word_saved"), exact=True)).to_be_visible()
    gallery.show("status-saved")
    phone.set_online(True)
    expect(page.get_by_text(re.compile("^Received · no"))).to_be_visible()
    gallery.show("status-received")
    button(page, english("officer_copy")).click()
    page.locator("summary").click()
    gallery.show("status-open")
    button(page, english("officer_end_withdraw")).click()
    gallery.show("status-withdraw")


def test_the_officers_other_screens(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "officer-more")
    page = sign_in(phone)
    open_card(page, "Kit Sample")
    gallery.show("status")
    open_details(page)
    for name in ("person", "needs", "case", "figures"):
        settled(page, english(f"officer_details_{name}"))
        if name == "needs":
            page.get_by_role("checkbox", name=english("officer_need_food"), exact=True).check()
            page.get_by_role("checkbox", name=english("officer_safety_medical"), exact=True).check()
        gallery.show(f"details-{name}")
        if name != "figures":
            page.get_by_role("link", name=english("officer_next"), exact=True).click()
    send_details(page)
    open_details(page)
    button(page, english("officer_send_details")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.show("details-errors")

    go_home(page)
    open_card(page, "Jo Sample")
    gallery.show("status-seen")
    go_home(page)
    begin_arrest(page)
    page.get_by_role("checkbox", name=re.compile(f"^{english('officer_unlisted')}")).check()
    go_on(page)
    answer_questions(page)
    gallery.show("result-not-eligible")
    go_on(page)
    button(page, english("officer_disagrees")).click()
    settled(page, english("officer_nothing_kept"))
    gallery.show("ended")
    go_home(page)
    button(page, english("officer_social")).click()
    gallery.show("social-contact")
    page.evaluate("location.hash = '#/draft/00000000-0000-4000-8000-000000000000/charge'")
    settled(page, english("officer_draft_gone"))
    gallery.show("gone")
    go_home(page)
    expect(page.get_by_text(english("word_draft"), exact=True)).to_be_visible()
    gallery.show("home-with-draft")

    nobody = start_phone(live_server, "officer of the valley")
    other = Gallery(nobody, "officer-nobody")
    elm = sign_in(nobody, "valley.officer")
    expect(card(elm, "Ira Sample")).to_contain_text(english("word_nobody"))
    other.show("home-nobody")
    open_card(elm, "Ira Sample")
    other.show("status-nobody")
    other.assert_faultless()
    gallery.assert_faultless()
