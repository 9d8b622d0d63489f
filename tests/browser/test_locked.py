"""Sent while locked: what was finished leaves the phone without anybody's passphrase, with the app open or closed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    OFFICER,
    bar,
    card,
    go_home,
    heading,
    lock,
    refer,
    sign_in,
    unlock,
)
from tests.browser.server_side import ALERT, arrived, author_of, log_of

SYNC_TAG = "handoff-flush"


def test_a_locked_phone_in_a_pocket_sends_when_the_network_returns(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, "Broadway and Exposition")
    lock(page)
    expect(bar(page)).to_contain_text("4 waiting")
    expect(page.get_by_text("Broadway")).to_have_count(0)
    assert log_of(live_server, referral) == []

    phone.set_online(True)
    assert [each["kind"] for each in arrived(page, live_server, referral)] == ALERT
    assert author_of(live_server, referral) == OFFICER
    expect(bar(page)).to_have_text("Connected")
    expect(heading(page)).to_have_text("Locked")

    # The number is there for whoever unlocks.
    unlock(page)
    go_home(page)
    expect(card(page, "Broadway and Exposition")).to_contain_text("Received · no.")


def test_with_the_app_closed_the_worker_alone_sends(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, "Speer and Zuni, north side")
    phone.leave_app()

    # The browser tries in vain first, as it does: nothing may be lost by that.
    phone.background_sync(SYNC_TAG)
    assert log_of(live_server, referral) == []

    phone.set_online(True)
    phone.background_sync(SYNC_TAG)
    assert [each["kind"] for each in arrived(phone.page, live_server, referral)] == ALERT
    assert author_of(live_server, referral) == OFFICER
    assert phone.page.url == "about:blank"


def test_after_a_restart_it_is_sent_before_anybody_unlocks(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, "Colorado Boulevard, bus stop")

    page = phone.restart(online=True)
    arrived(page, live_server, referral)
    expect(heading(page)).to_have_text("Locked")
    expect(bar(page)).to_have_text("Connected")
