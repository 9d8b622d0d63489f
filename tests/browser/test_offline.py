"""No signal, and an empty battery: the app starts, nothing written is lost, and all of it goes when the network returns."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    OFFICER,
    Details,
    agree,
    agreed_before,
    alert,
    answer_questions,
    bar,
    begin_arrest,
    button,
    card,
    choose_charge,
    english,
    enter,
    field,
    go_home,
    go_on,
    heading,
    open_card,
    open_details,
    progress,
    refer,
    send_details,
    sign_in,
    unlock,
    write_details,
)
from tests.browser.server_side import log_of

SAVED = "Saved on this phone · not sent yet"

#: What is promised to be on the phone: everything typed more than this before it died.
PROMISED_MS = 1000
RECEIVED = re.compile(r"^Received · no\. \d+ · \d\d:\d\d$")


def test_the_app_starts_without_a_signal_after_a_single_visit(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "visitor")
    phone.goto("/")
    phone.wait_for_worker()

    page = phone.restart(killed=True, online=False)
    expect(heading(page)).to_have_text("Sign in")
    enter(page, OFFICER)
    expect(page.get_by_role("alert")).to_contain_text("No connection. The first sign-in on this phone needs one.")


def test_a_referral_written_from_a_cold_start_without_a_signal_sends_itself(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    sign_in(phone)

    # Out of coverage, the browser was swiped away long ago.
    page = phone.restart(online=False)
    unlock(page)
    expect(bar(page)).to_contain_text("No connection")

    referral = refer(page, "Colfax and York, bus shelter")
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()
    expect(page.get_by_text("Nobody has been called yet", exact=False)).to_be_visible()
    assert log_of(live_server, referral) == []

    open_details(page)
    write_details(page, Details(name="Nova Offline", note="Prefers the bench by the library"))
    send_details(page)
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()
    go_home(page)
    expect(card(page, "Nova Offline")).to_contain_text(SAVED)

    # Nobody touches the phone any more.
    phone.set_online(True)
    expect(card(page, "Nova Offline").get_by_text(RECEIVED)).to_be_visible()
    expect(bar(page)).to_have_text("Connected")

    log = log_of(live_server, referral)
    kinds = [each["kind"] for each in log]
    assert kinds[:4] == ["referral.create", "consent.grant", "referral.set", "referral.alert"]
    assert [each["seq"] for each in log] == sorted(each["seq"] for each in log)
    assert {each["state"] for each in log} == {"applied"}
    assert "Nova Offline" in str(log)
    assert "Prefers the bench by the library" in str(log)


def test_a_phone_that_dies_on_any_step_opens_the_draft_at_that_step(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    sign_in(phone)
    phone.set_online(False)
    page = phone.page

    begin_arrest(page)
    choose_charge(page)
    page = die_and_open_the_draft(phone)
    expect(heading(page)).to_have_text("Which charge?")
    expect(page.get_by_role("checkbox").first).to_be_checked()

    go_on(page)
    expect(progress(page, re.compile("^Question 1 of"))).to_be_visible()
    button(page, "Don't know").first.click()
    expect(progress(page, re.compile("^Question 2 of"))).to_be_visible()
    page = die_and_open_the_draft(phone)
    expect(progress(page, re.compile("^Question 2 of"))).to_be_visible()

    answer_questions(page)
    result = heading(page).inner_text()
    page = die_and_open_the_draft(phone)
    expect(heading(page)).to_have_text(result)

    agree(page)
    agreed_before(page, "Witness Demo Wren")
    page = die_and_open_the_draft(phone)
    expect(heading(page)).to_have_text("How did the person agree?")
    expect(field(page, "Name of the witness")).to_have_value("Witness Demo Wren")

    go_on(page)
    field(page, "Where are you?").press_sequentially("Alley behind 14th")
    page = die_and_open_the_draft(phone)
    expect(heading(page)).to_have_text("Alert the coordinator")
    expect(field(page, "Where are you?")).to_have_value("Alley behind 14th")

    # Dying right after the alert: a referral and no draft, never both and never neither.
    alert(page, "Alley behind 14th")
    page = open_after_death(phone)
    expect(card(page, "Alley behind 14th")).to_contain_text(SAVED)
    expect(card(page, english("word_draft"))).to_have_count(0)


def test_a_phone_that_dies_while_details_are_typed_loses_the_last_second_at_most(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    refer(page, "Union Station, track 3")
    open_details(page)

    field(page, "Name").press_sequentially("Robin Sparrow")
    page.wait_for_timeout(PROMISED_MS)
    field(page, "How to find them").press_sequentially("too late to")
    page = open_after_death(phone)
    expect(card(page, "Union Station")).to_contain_text("Details written · not sent yet")
    open_card(page, "Union Station")
    open_details(page)
    expect(field(page, "Name")).to_have_value("Robin Sparrow")

    write_details(page, Details(note="Left shoe missing.\nAsks for "))
    field(page, "Note for the coordinator").press_sequentially("Maya 🌱")
    page.wait_for_timeout(PROMISED_MS)
    page = open_after_death(phone)
    open_card(page, "Union Station")
    open_details(page)
    page.get_by_role("link", name="Next", exact=True).click()
    page.get_by_role("link", name="Next", exact=True).click()
    expect(field(page, "Note for the coordinator")).to_have_value("Left shoe missing.\nAsks for Maya 🌱")
    send_details(page)
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()


def open_after_death(phone: Phone) -> Page:
    """The battery is taken out and put back, still without a signal."""
    page = phone.restart(killed=True, online=False)
    unlock(page)
    return page


def die_and_open_the_draft(phone: Phone) -> Page:
    phone.page.wait_for_timeout(PROMISED_MS)
    page = open_after_death(phone)
    open_card(page, english("word_draft"))
    expect(heading(page)).not_to_have_text(english("officer_home"))
    return page
