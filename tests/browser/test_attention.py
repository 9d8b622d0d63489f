"""What was not accepted: its author reads why and writes it anew; what a removed phone sends late waits for a supervisor."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import looked_at
from tests.browser.harness import Desk, LiveServer, Phone, axe
from tests.browser.joining_steps import devices_of
from tests.browser.officer_steps import (
    OTHER_OFFICER,
    Say,
    arrived,
    button,
    cards,
    english,
    field,
    go_home,
    heading,
    open_details,
    pattern,
    refer,
    send_details,
    sign_in,
    spanish,
)
from tests.browser.server_side import ALERT, log_of
from tests.browser.staff_steps import COORDINATOR, SUPERVISOR, inbox_card
from tests.browser.test_sign_in_again import revoke

LIMIT = 120
TOO_LONG = "Kit " + "x" * LIMIT
NAME = "Kit Canary"
WHY = "The phone was found in the car."


def to_attention(page: Page, count: int, say: Say = english) -> None:
    """From home, by the line that counts them."""
    go_home(page, say)
    words = say("troubled_one" if count == 1 else "troubled_other").format(n=count)
    page.get_by_role("link", name=words, exact=True).click()
    expect(heading(page)).to_have_text(say("att_title"))


def write_too_long(page: Page) -> None:
    """As an older app, or one with a fault, would: the field's own limit is gone."""
    box = field(page, english("officer_field_name"))
    box.evaluate("(element) => element.removeAttribute('maxlength')")
    box.fill(TOO_LONG)


def test_what_was_rejected_is_corrected_and_received(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    referral = refer(page, "Blake Street, at the stairs")
    arrived(page, live_server, referral)
    open_details(page)
    write_too_long(page)
    send_details(page)
    expect(page.get_by_text(pattern(english("word_attention")))).to_be_visible()
    page.get_by_role("link", name=english("why_and_what")).click()
    expect(page.get_by_text(english("att_why_payload"))).to_be_visible()
    expect(page.get_by_text(TOO_LONG)).to_be_visible()
    looked_at(phone, "attention", "why")

    button(page, english("att_save")).click()
    expect(page.get_by_text(english("att_save_warning"))).to_be_visible()
    with page.expect_download() as saved:
        button(page, english("att_save_yes")).click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert TOO_LONG in text
    assert english("att_file_warning") in text

    button(page, english("att_correct")).click()
    button(page, english("att_send")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("att_fault_too_long"))
    looked_at(phone, "attention-correct", "too-long")
    page.get_by_role("textbox").first.fill(NAME)
    button(page, english("att_send")).click()
    expect(page.get_by_text(pattern(english("att_corrected")))).to_be_visible()
    expect(page.get_by_text(english("att_none"))).to_be_visible()
    log = arrived(page, live_server, referral, len(ALERT) + 2)
    assert [(each["state"], each["operation"]["payload"]["fields"].get("name")) for each in log[-2:]] == [
        ("rejected", TOO_LONG), ("applied", NAME),
    ]  # fmt: skip
    go_home(page)
    expect(cards(page).filter(has_text=NAME)).to_have_count(1)
    phone.restart()


def test_a_removed_phones_late_referral_counts_by_a_supervisors_word_and_calls_the_coordinator(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    place = "Late Street, under the bridge"
    phone = start_phone(live_server, "late")
    others = devices_of(live_server, OTHER_OFFICER)
    page = sign_in(phone, OTHER_OFFICER)
    ((device_id, _),) = set(devices_of(live_server, OTHER_OFFICER)) - set(others)
    phone.set_online(False)
    referral = refer(page, place)
    revoke(live_server, device_id)
    phone.set_online(True)
    held = arrived(page, live_server, referral)
    assert {each["state"] for each in held} == {"held"}

    coordinator = start_phone(live_server, "coordinator")
    maya = sign_in(coordinator, COORDINATOR)
    expect(inbox_card(maya, place)).to_have_count(0)
    desk = start_desk(live_server, "supervisor")
    supervisor = sign_in(desk, SUPERVISOR)
    supervisor.get_by_role("link", name=english("adm_place_quarantine")).click()
    expect(heading(supervisor)).to_have_text(english("qua_title"))
    matter = supervisor.get_by_role("main").locator(".card").filter(has_text=english("qua_phone_removed")[-9:])
    expect(matter).to_have_count(1)
    expect(matter).to_contain_text(english("qua_kind_referral_alert"))
    expect(supervisor.get_by_text(place)).to_have_count(0)
    looked_at(desk, "quarantine", "a-removed-phones")
    adopt = matter.get_by_role("button", name=english("qua_adopt"))
    adopt.click()
    expect(matter).to_contain_text(english("qua_why_missing"))
    matter.get_by_role("textbox").fill(WHY)
    adopt.click()
    expect(supervisor.get_by_text(WHY).first).to_be_visible()
    expect(adopt).to_have_count(0)
    assert {each["state"] for each in log_of(live_server, referral)} == {"applied"}
    expect(inbox_card(maya, place)).to_be_visible()


def test_in_spanish_too(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "oficial", locale="es-US")
    page = sign_in(phone, say=spanish)
    page.evaluate("location.hash = '#/attention'")
    expect(heading(page)).to_have_text(spanish("att_title"))
    expect(page.get_by_text(spanish("att_none"))).to_be_visible()
    assert axe(page) == []
