"""The screens of getting in, looked at as in `test_screens`: joining, codes, passkeys, devices, proof, the agency's sign-in."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import LiveServer, Phone
from tests.browser.joining_steps import CHOSEN, choose_passphrase, enter_code, invite, sql, type_code
from tests.browser.officer_steps import (
    button,
    english,
    enter,
    field,
    go_home,
    go_to_settings,
    lock,
    set_pin,
    sign_in,
)
from tests.browser.passkey_steps import add_authenticator

WITHOUT_PROOF, GONE = 403, 404


def test_joining(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    invited = invite(live_server, "denver.yew", "Officer Demo Yew")
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "joining")
    add_authenticator(phone)
    page = phone.goto("/")
    type_code(page, invited.login, "AAAA-AAAA")
    expect(page.get_by_role("alert")).to_contain_text(english("join_gone"))
    gallery.show("code-wrong")
    enter_code(page, invited.login, invited.code)
    button(page, english("passphrase_offer")).click()
    gallery.show("four-words")
    choose_passphrase(page, invited.name)
    settled(page, english("access_title"))
    expect(page.get_by_text(english("session_here"))).to_be_visible()
    gallery.show("ways-in")
    show_ways(page, gallery)
    show_devices(live_server, page, gallery, invited.login)
    gallery.assert_faultless(refused=(WITHOUT_PROOF, GONE))


def show_ways(page: Page, gallery: Gallery) -> None:
    """Everything on the screen of one's ways in, opened or done; then the locked phone and the sign-in with a code."""
    form = page.locator("form").filter(has=page.get_by_label(english("confirm_passphrase")))
    form.get_by_label(english("confirm_passphrase")).fill(CHOSEN)
    button(page, english("continue")).click()
    field(page, english("passkey_label")).fill("Work phone")
    button(page, english("passkey_add")).click()
    expect(page.get_by_role("heading", name="Work phone")).to_be_visible()
    button(page, english("totp_add")).click()
    secret = page.locator("pre").inner_text().replace(" ", "")
    page.locator("summary").click()
    gallery.show("passkey-and-secret")
    app = pyotp.TOTP(secret)
    field(page, english("totp_code")).fill(app.now())
    button(page, english("totp_confirm")).click()
    expect(button(page, english("totp_remove"))).to_be_visible()
    gallery.show("code-on")


def show_devices(server: LiveServer, page: Page, gallery: Gallery, login: str) -> None:
    owner = "(SELECT id FROM person WHERE login = ?)"
    sql(server, f"UPDATE session SET fresh_at = fresh_at - 600000 WHERE user_id = {owner}", login)
    go_home(page)
    go_to_settings(page)
    page.get_by_role("link", name=english("me_devices"), exact=True).click()
    expect(page.get_by_text(english("device_here"))).to_be_visible()
    gallery.show("devices")
    button(page, english("another_do")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    gallery.show("is-it-you")
    dialog.get_by_label(english("passphrase"), exact=True).fill(CHOSEN)
    button(page, english("proof_give")).click()
    expect(dialog.get_by_label(english("sign_in_code_label"))).to_be_visible()
    gallery.show("is-it-you-code")
    button(page, english("proof_passkey")).click()
    expect(page.get_by_role("img", name=english("another_square"))).to_be_visible()
    gallery.show("another-phone")
    go_home(page)
    lock(page)
    gallery.show("locked-with-passkey")


def test_a_code_and_a_pin(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    invited = invite(live_server, "denver.ash", "Officer Demo Ash")
    page = start_phone(live_server, "officer").goto(invited.path)
    choose_passphrase(page, invited.name)
    button(page, english("totp_add")).click()
    app = pyotp.TOTP(page.locator("pre").inner_text().replace(" ", ""))
    field(page, english("totp_code")).fill(app.now())
    button(page, english("totp_confirm")).click()
    expect(button(page, english("totp_remove"))).to_be_visible()
    second = start_phone(live_server, "station")
    other = Gallery(second, "code-and-pin")
    desk = second.goto("/")
    enter(desk, invited.login, CHOSEN)
    expect(desk.get_by_label(english("sign_in_code_label"))).to_be_visible()
    other.show("sign-in-with-code")
    desk.get_by_label(english("sign_in_code_label")).fill(app.at(int(time.time()) + 30))
    button(desk, english("sign_in")).click()
    settled(desk, english("officer_home"))
    go_to_settings(desk)
    desk.get_by_role("link", name=english("me_access")).click()
    expect(desk.get_by_text(english("session_seen"))).to_be_visible()
    other.show("two-sessions")
    go_home(desk)
    go_to_settings(desk)
    desk.get_by_role("link", name=english("me_devices"), exact=True).click()
    desk.get_by_role("button", name="Remove ").click()
    other.show("two-devices")
    other.assert_faultless()

    demo = start_phone(live_server, "demo officer")
    pin = Gallery(demo, "pin")
    page = sign_in(demo)
    set_pin(page, "864209")
    pin.show("pin-set")
    go_home(page)
    lock(page)
    pin.show("locked-with-pin")
    pin.assert_faultless()


def test_the_agency_s_sign_in(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    """What the phone shows around the way to the provider; the way itself is tested at the server, with a real one."""
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "agency")
    back = f"{live_server.url}/?agency#/openid/refused/weak"
    phone.page.route("**/api/openid/providers", lambda route: route.fulfill(json=[{"id": "one", "label": "Demo City"}]))
    phone.page.route("**/api/openid/one/begin", lambda route: route.fulfill(json={"address": back}))
    page = phone.goto("/")
    leave = button(page, english("sign_in_agency").format(label="Demo City"))
    expect(leave).to_be_visible()
    gallery.show("sign-in-with-agency")
    leave.click()
    expect(page.get_by_text(english("openid_weak"), exact=True)).to_be_visible()
    gallery.show("agency-refused")
    button(page, english("continue")).click()
    settled(page, english("sign_in_title"))

    invited = invite(live_server, "denver.fig", "Officer Demo Fig")
    page.evaluate(TAKE_UP, {"token": invited.token, "passphrase": CHOSEN})
    page = phone.goto("/?back#/openid/in")
    expect(page.get_by_text(english("openid_welcome").format(name=invited.name), exact=True)).to_be_visible()
    gallery.show("agency-new-here")
    page.get_by_label(english("passphrase_own")).fill("another passphrase for this phone")
    button(page, english("continue")).click()
    settled(page, english("officer_home"))
    lock(page)
    # The phone knows the person by now: only unlocking is left.
    phone.goto("/?again#/openid/in")
    settled(page, english("locked_title"))
    gallery.assert_faultless()


#: A session without an enrolment, which is what comes back from a provider.
TAKE_UP = """
async (body) => {
  const headers = { 'Content-Type': 'application/json', 'X-Handoff': '1' };
  const answer = await fetch('/api/invitations/accept', { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
}
"""
