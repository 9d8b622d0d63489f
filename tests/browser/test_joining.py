"""Joining in a real browser: by the address of an invitation, by user name and code, and with another phone of one's own."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.joining_steps import CHOSEN, choose_passphrase, devices_of, enter_code, invite, sql, type_code
from tests.browser.officer_steps import bar, button, english, go_home, go_to_settings, heading, lock, send_now, unlock
from tests.browser.passkey_steps import ask

GONE = english("join_gone")


def test_an_address_opens_an_account_once(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    invited = invite(live_server, "denver.oak", "Officer Demo Oak")
    phone = start_phone(live_server, "officer")
    page = phone.goto(invited.path)
    expect(heading(page)).to_have_text(english("join_title"))
    assert page.url == f"{live_server.url}/#/join"
    choose_passphrase(page, invited.name)
    assert ask(page, "GET", "/api/session")["user"]["login"] == invited.login
    assert [state for _, state in devices_of(live_server, invited.login)] == ["active"]
    assert not [address for address in addresses(phone) if invited.token in address]
    go_home(page)
    lock(page)
    page.reload()
    unlock(page, CHOSEN)
    expect(heading(page)).to_have_text(english("me_title"))

    second = start_phone(live_server, "somebody else")
    other = second.goto(invited.path)
    expect(other.get_by_role("alert")).to_contain_text(GONE)
    enter_code(other, invited.login, invited.code)
    expect(other.get_by_role("alert")).to_contain_text(GONE)
    assert len(devices_of(live_server, invited.login)) == 1


def test_a_code_opens_it_after_a_wrong_one_and_a_poor_passphrase_is_refused(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    invited = invite(live_server, "denver.pine", "Officer Demo Pine")
    page = start_phone(live_server, "officer").goto("/")
    type_code(page, invited.login, "AAAA-AAAA")
    expect(page.get_by_role("alert")).to_contain_text(GONE)
    # As somebody types it on a small keyboard.
    enter_code(page, invited.login, invited.code.lower().replace("-", " "))
    field = page.get_by_label(english("passphrase_own"))
    for poor, says in (("too short", "passphrase_short"), ("password1234", "passphrase_weak")):
        field.fill(poor)
        button(page, english("join_do")).click()
        expect(page.get_by_role("alert")).to_contain_text(english(says))
    choose_passphrase(page, invited.name)
    go_home(page)
    expect(bar(page)).to_contain_text(english("connected"))


def test_four_words_can_be_taken_as_offered(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    invited = invite(live_server, "denver.rowan", "Officer Demo Rowan")
    page = start_phone(live_server, "officer").goto(invited.path)
    button(page, english("passphrase_offer")).click()
    words = page.locator(".notice .aloud").inner_text()
    assert len(words.split()) == 4
    choose_passphrase(page, invited.name, words)
    go_home(page)
    lock(page)
    unlock(page, words)


def test_an_invitation_that_has_run_out_says_so(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    invited = invite(live_server, "denver.spruce", "Officer Demo Spruce")
    run_out(live_server, invited.login)
    page = start_phone(live_server, "officer").goto(invited.path)
    expect(page.get_by_role("alert")).to_contain_text(GONE)
    enter_code(page, invited.login, invited.code)
    expect(page.get_by_role("alert")).to_contain_text(GONE)
    assert devices_of(live_server, invited.login) == []


def test_another_phone_of_one_s_own_joins_and_is_removed_again(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    invited = invite(live_server, "denver.willow", "Officer Demo Willow")
    first = start_phone(live_server, "first")
    page = first.goto(invited.path)
    choose_passphrase(page, invited.name)
    go_home(page)
    go_to_devices(page)
    button(page, english("another_do")).click()
    expect(page.get_by_role("img", name=english("another_square"))).to_be_visible()
    address = page.locator("pre").inner_text()
    assert address.startswith(f"{live_server.url}/#/join/")

    second = start_phone(live_server, "second")
    other = second.goto(address.removeprefix(live_server.url))
    expect(other.get_by_text(english("join_back").format(name=invited.name), exact=True)).to_be_visible()
    take_up(other, "not my own words")
    expect(other.get_by_role("alert")).to_contain_text(english("passphrase_former_wrong"))
    take_up(other, CHOSEN)
    expect(heading(other)).to_have_text(english("access_title"))
    mine, lost = devices_of(live_server, invited.login)
    go_home(other)

    go_home(page)
    go_to_devices(page)
    expect(page.get_by_text(english("device_here"))).to_have_count(1)
    page.get_by_role("button", name="Remove ").click()
    expect(page.get_by_text(english("device_remove_sure"))).to_be_visible()
    page.get_by_role("button", name="Remove ").click()
    expect(page.get_by_text(english("device_seen"))).to_have_count(0)
    assert devices_of(live_server, invited.login) == [mine, (lost[0], "revoked")]
    go_to_settings(other)
    button(other, english("sync_now")).click()
    expect(heading(other)).to_have_text(english("removed_title"))
    go_home(page)
    send_now(page)
    expect(bar(page)).to_contain_text(english("connected"))


def go_to_devices(page: Page) -> None:
    go_to_settings(page)
    page.get_by_role("link", name=english("me_devices"), exact=True).click()
    expect(heading(page)).to_have_text(english("devices_title"))


def take_up(page: Page, passphrase: str) -> None:
    page.get_by_label(english("passphrase"), exact=True).fill(passphrase)
    button(page, english("join_do")).click()


def run_out(server: LiveServer, login: str) -> None:
    """Ten minutes pass for the invitations of somebody."""
    sql(
        server,
        "UPDATE invitation SET expires_at = made_at WHERE user_id = (SELECT id FROM person WHERE login = ?)",
        login,
    )


def addresses(phone: Phone) -> list[str]:
    """Where Back and Forward lead, and what a list of the history shows."""
    session = phone.context.new_cdp_session(phone.page)
    entries = session.send("Page.getNavigationHistory")["entries"]
    session.detach()
    assert entries
    return [str(each["url"]) for each in entries]
