"""Two tabs of one officer: numbers are given out once, everything is sent, and neither overwrites the other's words."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    alert,
    bar,
    button,
    card,
    english,
    field,
    go_home,
    heading,
    open_card,
    open_details,
    refer,
    sign_in,
    unlock,
    walk_to_alert,
)
from tests.browser.server_side import ALERT, arrived, log_of

PLACES = ("First tab, Federal and 38th", "Second tab, Lowell and 29th")


def test_both_submit_at_once_and_no_number_is_given_out_twice(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone, tabs = two_tabs(live_server, start_phone)
    phone.set_online(False)
    for tab, place in zip(tabs, PLACES, strict=True):
        walk_to_alert(tab)
        field(tab, "Where are you?").fill(place)
    # Both presses are under way before either is answered.
    for tab in tabs:
        tab.evaluate("document.querySelector('.screen-main .act').click()")
    for tab in tabs:
        expect(tab.get_by_role("link", name="Add details")).to_be_visible()
        expect(bar(tab)).to_contain_text("8 waiting")
    referrals = [referral_of(tab) for tab in tabs]

    phone.set_online(True)
    logs = [arrived(tabs[0], live_server, referral) for referral in referrals]
    assert [[each["kind"] for each in log] for log in logs] == [ALERT, ALERT]
    numbers = sorted(each["seq"] for log in logs for each in log)
    assert numbers == list(range(numbers[0], numbers[0] + 2 * len(ALERT)))
    assert len({each["device_id"] for log in logs for each in log}) == 1

    # Each tab shows what the other one did, without being reloaded.
    for tab in tabs:
        go_home(tab)
        for place in PLACES:
            expect(card(tab, place)).to_contain_text("Received · no.")


def test_words_typed_in_one_tab_are_in_the_other_and_are_not_overwritten(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone, (first, second) = two_tabs(live_server, start_phone)
    phone.set_online(False)
    refer(first, "Sheridan and 10th, both tabs")
    go_home(second)
    open_card(second, "Sheridan and 10th, both tabs")
    open_details(first)
    open_details(second)

    field(first, "Name").press_sequentially("Robin Sparrow")
    expect(field(second, "Name")).to_have_value("Robin Sparrow")
    field(second, "How to find them").press_sequentially("Asks at the library")
    expect(field(first, "How to find them")).to_have_value("Asks at the library")
    expect(field(first, "Name")).to_have_value("Robin Sparrow")

    button(first, "Send").click()
    expect(first.get_by_role("link", name="Add details")).to_be_visible()
    phone.set_online(True)
    log = arrived(first, live_server, referral_of(first), operations=len(ALERT) + 1)
    assert "Robin Sparrow" in str(log)
    assert "Asks at the library" in str(log)


def test_a_draft_submitted_in_one_tab_is_not_submitted_again_in_the_other(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    _, (first, second) = two_tabs(live_server, start_phone)
    place = "Harlan and 20th, one alert"
    walk_to_alert(first)
    field(first, "Where are you?").fill(place)
    go_home(second)
    open_card(second, place)
    expect(field(second, "Where are you?")).to_have_value(place)

    referral = alert(first, place)
    # The other tab offers no second alert, and its list shows what became of the draft.
    expect(button(second, "Alert the coordinator now")).to_have_count(0)
    assert [each["kind"] for each in arrived(first, live_server, referral)] == ALERT
    go_home(second)
    expect(card(second, place)).to_contain_text("Received · no.")
    expect(card(second, english("word_draft"))).to_have_count(0)
    assert [each["kind"] for each in log_of(live_server, referral)] == ALERT


def two_tabs(server: LiveServer, start_phone: BrowserFactory[Phone]) -> tuple[Phone, tuple[Page, Page]]:
    phone = start_phone(server, "officer")
    first = sign_in(phone)
    second = phone.new_tab("/")
    unlock(second)
    expect(heading(second)).to_have_text("Referrals")
    return phone, (first, second)


def referral_of(page: Page) -> str:
    expect(page).to_have_url(re.compile("#/referral/"))
    return page.url.rpartition("/")[2]
