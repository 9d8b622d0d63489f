"""Two officers on one phone: each sees only what is theirs, and neither's work waits for the other."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.link import EMPTY_ANSWER
from tests.browser.officer_steps import (
    OFFICER,
    OTHER_OFFICER,
    bar,
    button,
    card,
    enter,
    field,
    find_network,
    go_home,
    go_to_settings,
    heading,
    open_card,
    refer,
    send_now,
    sign_in,
    switch_officer,
    walk_to_alert,
)
from tests.browser.server_side import ALERT, arrived, author_of, log_of

PUSH = "/api/sync/push"
UNFINISHED = "Under the viaduct, first officer"
UNSENT = "Ruby Hill, first officer"
SECOND = "Sloan's Lake, second officer"


def test_the_phone_changes_hands_in_the_middle_of_unsent_work(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "shared phone")
    page = sign_in(phone, OFFICER)
    phone.set_online(False)
    unsent = refer(page, UNSENT)
    go_home(page)
    walk_to_alert(page)
    field(page, "Where are you?").fill(UNFINISHED)
    go_home(page)

    # The first officer hands over without having sent; on the second one's network nothing gets through to the outbox yet.
    find_network(phone, PUSH, EMPTY_ANSWER)
    leave(page)
    button(page, "Someone else").click()
    enter(page, OTHER_OFFICER)
    expect(heading(page)).to_have_text("Referrals")
    expect(bar(page)).to_contain_text("4 waiting")
    nothing_of(page, UNFINISHED, UNSENT)
    assert log_of(live_server, unsent) == []

    # Now it does: what the first one left goes out under the second one's hands, as the first one's.
    phone.link.up()
    send_now(page)
    log = arrived(page, live_server, unsent)
    assert [each["kind"] for each in log] == ALERT
    assert author_of(live_server, unsent) == OFFICER
    nothing_of(page, UNFINISHED, UNSENT)

    second = refer(page, SECOND)
    own = arrived(page, live_server, second)
    assert author_of(live_server, second) == OTHER_OFFICER
    assert {each["device_id"] for each in own}.isdisjoint(each["device_id"] for each in log)
    assert {each["user_id"] for each in own}.isdisjoint(each["user_id"] for each in log)

    # Back again: everything of the first officer's is where it was, and nothing of the second's.
    switch_officer(page, OFFICER)
    go_home(page)
    expect(card(page, UNSENT)).to_contain_text("Received · no.")
    nothing_of(page, SECOND)
    open_card(page, UNFINISHED)
    expect(field(page, "Where are you?")).to_have_value(UNFINISHED)


def test_without_a_signal_both_write_and_each_is_sent_as_its_author(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "shared phone")
    page = sign_in(phone, OFFICER)
    leave(page)
    button(page, "Someone else").click()
    enter(page, OTHER_OFFICER)
    expect(heading(page)).to_have_text("Referrals")

    phone.set_online(False)
    second = refer(page, SECOND)
    switch_officer(page, OFFICER)
    nothing_of(page, SECOND)
    first = refer(page, UNSENT)
    expect(bar(page)).to_contain_text("8 waiting")
    assert log_of(live_server, first) == log_of(live_server, second) == []

    phone.set_online(True)
    arrived(page, live_server, first)
    arrived(page, live_server, second)
    assert (author_of(live_server, first), author_of(live_server, second)) == (OFFICER, OTHER_OFFICER)


def leave(page: Page) -> None:
    go_to_settings(page)
    button(page, "Switch officer").click()
    expect(heading(page)).to_have_text("Who is using this phone?")


def nothing_of(page: Page, *texts: str) -> None:
    """Neither on this screen nor in the list."""
    go_home(page)
    for text in texts:
        expect(page.get_by_text(text)).to_have_count(0)
