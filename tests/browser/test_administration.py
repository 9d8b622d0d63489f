"""The rooms of administrators and supervisors: inviting, devices, two people, the glass, the audit, keeping and erasing."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.officer_steps import PASSPHRASE, button, english, field, heading, sign_in, spanish
from tests.browser.rules_of_tests import ADMINISTRATOR
from tests.browser.staff_steps import SUPERVISOR, look_again, open_in_queue, queue_rows
from tests.browser.test_story_spanish import assert_spanish

INVITED = "Officer Demo Willow"
LOGIN = "denver.willow"
CHOSEN = "lantern pepper orbit window"
PLACE = "Demo Market, 200 Sample Avenue"
MAYA = "Maya Example"


def go_to(page: Page, place: str, title: str) -> None:
    """By the links between the rooms."""
    page.get_by_role("link", name=re.compile(f"^{re.escape(english(f'adm_place_{place}'))}( · \\d+)?$")).click()
    settled(page, english(title))


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("main").locator("section.card").filter(has_text=name)


def choose(page: Page, label: str, choice: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).select_option(label=choice)


def sure(page: Page, first: str, second: str) -> None:
    """Two taps, with what happens said between them."""
    button(page, first).click()
    expect(button(page, second)).to_be_visible()
    button(page, second).click()


def invite(page: Page) -> str:
    """The address that the administrator is shown; nothing of it was there before."""
    field(page, english("adm_name")).fill(INVITED)
    field(page, english("adm_login_field")).fill(LOGIN)
    choose(page, english("adm_role"), english("role_officer"))
    page.get_by_role("combobox", name=english("adm_agency"), exact=True).select_option(index=1)
    button(page, english("adm_invite_do")).click()
    shown = card(page, english("adm_invited").format(name=INVITED)).filter(has_text=english("adm_address"))
    expect(shown.get_by_role("img", name=english("adm_square"))).to_be_visible()
    return shown.locator(".address").inner_text()


def test_an_officer_is_invited_joins_and_loses_the_phone_again(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    desk = start_desk(server, "administrator")
    gallery = Gallery(desk, "administration")
    ada = sign_in(desk, ADMINISTRATOR)
    settled(ada, english("adm_people"))
    expect(card(ada, MAYA)).to_be_visible()
    gallery.show("people")
    go_to(ada, "invite", "adm_invite")
    button(ada, english("adm_invite_do")).click()
    expect(ada.get_by_role("alert")).to_contain_text(english("adm_role_missing"))
    gallery.show("invite-errors")
    address = invite(ada)
    gallery.show("invited")

    path = address.removeprefix(server.url)
    assert path.startswith("/#/join/"), address
    phone = start_phone(server, "invited officer")
    willow = phone.goto(path)
    settled(willow, english("join_title"))
    assert willow.url.endswith("#/join"), "the token has left the address"
    willow.get_by_label(english("passphrase_own"), exact=True).fill(CHOSEN)
    button(willow, english("join_do")).click()
    settled(willow, english("access_title"))
    willow.evaluate("location.hash = '#/'")
    settled(willow, english("officer_home"))

    go_to(ada, "people", "adm_people")
    expect(card(ada, INVITED)).to_contain_text(english("adm_state_active"))
    go_to(ada, "devices", "adm_devices")
    device = card(ada, INVITED)
    expect(device).to_contain_text(english("adm_device_active"))
    expect(device).to_contain_text(english("adm_pending_none"))
    device.get_by_role("button", name=re.compile(f"^{english('adm_revoke')}")).click()
    expect(device).to_contain_text(english("adm_revoke_sure"))
    gallery.show("device-revoking")
    button(ada, english("adm_revoke_yes")).click()
    expect(device).to_contain_text(english("adm_device_revoked"))
    gallery.assert_faultless()

    # The phone hears of it at its next contact; who had it is asked to sign in as if it were new.
    willow.reload()
    look_again(willow)
    expect(heading(willow)).not_to_have_text(english("officer_home"))


def test_the_account_of_somebody_who_left_is_closed_and_opened_again(
    live_server: LiveServer, start_desk: BrowserFactory[Desk]
) -> None:
    ada = sign_in(start_desk(live_server, "administrator"), ADMINISTRATOR)
    found = card(ada, "Officer Demo Birch")
    field(ada, english("adm_people_search")).fill("birch")
    expect(card(ada, MAYA)).to_have_count(0)
    name = found.get_by_role("heading").inner_text()
    sure(ada, f"{english('adm_close')}: {name}", english("adm_close_yes"))
    expect(found).to_contain_text(english("adm_state_closed"))
    button(ada, f"{english('adm_open')}: {name}").click()
    expect(found).to_contain_text(english("adm_state_active"))
    field(ada, english("adm_people_search")).fill("ada")
    expect(card(ada, "Ada Example")).to_contain_text(english("adm_own"))


def test_what_needs_two_people_goes_from_one_to_the_other(
    start_server: ServerFactory, start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    at_olive, at_ada = start_desk(server, "supervisor"), start_desk(server, "administrator")
    olives, adas = Gallery(at_olive, "supervisor-rooms"), Gallery(at_ada, "administration-two")
    olive, ada = sign_in(at_olive, SUPERVISOR), sign_in(at_ada, ADMINISTRATOR)
    number = ask_to_keep(olive, olives)

    go_to(ada, "decide", "adm_decide")
    waiting = f"{english('adm_approve')}: {english('adm_asks_hold').format(referral=f'No. {number}')}"
    expect(button(ada, waiting)).to_be_visible()
    adas.show("to-decide")
    sure(ada, waiting, english("adm_approve_yes"))
    expect(ada.get_by_text(english("adm_decide_none"), exact=True)).to_be_visible()
    ask_to_look(ada, adas, number)
    ask_to_recover(ada)

    olive.evaluate("location.hash = '#/'")
    settled(olive, english("desk_queue"))
    expect(olive.get_by_role("link", name=f"{english('adm_place_decide')} · 2", exact=True)).to_be_visible()
    go_to(olive, "decide", "adm_decide")
    approve_both(olive, olives)
    go_to(olive, "retention", "adm_retention")
    expect(card(olive, f"No. {number}")).to_contain_text(english("adm_hold_stands"))
    olives.show("retention")

    look_through(ada, adas, number)
    read_the_audit(at_olive, olives, number)
    olives.assert_faultless()
    adas.assert_faultless()


def ask_to_keep(page: Page, gallery: Gallery) -> str:
    """The supervisor asks on the referral itself; returns its number."""
    expect(queue_rows(page).first).to_be_visible()
    open_in_queue(page, PLACE)
    found = re.search(r"\d+", page.locator("#detail-title").inner_text())
    assert found is not None
    button(page, english("adm_hold")).click()
    button(page, english("adm_ask_yes")).click()
    expect(page.get_by_text(english("adm_day_missing"), exact=True)).to_be_visible()
    gallery.show("keeping-errors")
    choose(page, english("adm_reason_field"), english("adm_why_complaint"))
    page.get_by_label(english("adm_hold_last_day")).fill(page.evaluate(IN_A_MONTH))
    button(page, english("adm_ask_yes")).click()
    expect(page.locator(".state").get_by_text(english("adm_asked_now"), exact=True)).to_be_visible()
    return found.group()


IN_A_MONTH = "new Date(Date.now() + 30 * 86400000).toISOString().slice(0, 10)"


def ask_to_look(page: Page, gallery: Gallery, number: str) -> None:
    go_to(page, "glass", "adm_glass")
    field(page, english("adm_number")).fill(number)
    field(page, english("adm_reason_field")).fill("short")
    button(page, english("adm_glass_ask")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("adm_reason_short"))
    gallery.show("glass-errors")
    field(page, english("adm_reason_field")).fill("The coordinator cannot be reached")
    button(page, english("adm_glass_ask")).click()
    settled(page, english("adm_decide"))


def ask_to_recover(page: Page) -> None:
    go_to(page, "recovery", "adm_recovery")
    choose(page, english("adm_person"), f"{MAYA} · {english('role_coordinator')}")
    field(page, english("adm_reason_field")).fill("Phone lost; seen in person")
    button(page, english("adm_recovery_ask")).click()
    settled(page, english("adm_decide"))


def approve_both(page: Page, gallery: Gallery) -> None:
    """The glass opens for the administrator; the recovery gives an address to hand over."""
    glass = card(page, "Let Ada Example look")
    expect(glass).to_contain_text("The coordinator cannot be reached")
    gallery.show("to-decide")
    glass.get_by_role("button", name=re.compile(f"^{english('adm_approve')}:")).click()
    button(page, english("adm_approve_yes")).click()
    expect(glass).to_have_count(0)
    recovery = card(page, english("adm_asks_recovery").format(who=MAYA))
    recovery.get_by_role("button", name=re.compile(f"^{english('adm_approve')}:")).click()
    button(page, english("adm_approve_yes")).click()
    expect(page.locator(".address")).to_have_text(re.compile(r"/#/join/[\w-]+$"))
    gallery.show("recovery-approved")


def look_through(page: Page, gallery: Gallery, number: str) -> None:
    """An administrator sees what a supervisor sees, no name, under a banner, and only until it is ended."""
    go_to(page, "glass", "adm_glass")
    glass = card(page, f"No. {number}")
    gallery.show("glass")
    glass.get_by_role("button", name=re.compile(f"^{english('adm_glass_look')}")).click()
    settled(page, english("adm_behind").format(number=number))
    expect(page.get_by_text(PLACE)).to_be_visible()
    banner = english("adm_glass_banner").split("{time}")
    expect(page.locator(".glass-banner")).to_have_text(re.compile(rf"{banner[0]}\d\d:\d\d{re.escape(banner[1])}"))
    gallery.show("behind-the-glass")
    page.get_by_role("button", name=english("back"), exact=True).click()
    glass.get_by_role("button", name=re.compile(f"^{english('adm_glass_end')}")).click()
    expect(glass).to_contain_text(english("adm_glass_over").split("{")[0].strip())
    expect(glass.get_by_role("button")).to_have_count(0)


def read_the_audit(desk: Desk, gallery: Gallery, number: str) -> None:
    """Who looked at one referral; and the same as a file."""
    page = desk.page
    go_to(page, "looked", "adm_looked")
    choose(page, english("adm_referral"), f"No. {number}")
    look = page.get_by_role("listitem").filter(has_text=english("adm_act_break_glass_look"))
    expect(look).to_contain_text("Ada Example")
    expect(page.get_by_role("listitem").filter(has_text=english("adm_act_person_create"))).to_have_count(0)
    gallery.show("audit")
    button(page, english("adm_csv")).click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=english("adm_csv_keep"), exact=True).click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert "break_glass.look" in text
    assert "person.create" not in text


def test_the_rooms_speak_spanish(live_server: LiveServer, start_desk: BrowserFactory[Desk]) -> None:
    ada = sign_in(start_desk(live_server, "administrator", locale="es-US"), ADMINISTRATOR, PASSPHRASE, spanish)
    expect(card(ada, MAYA)).to_be_visible()
    for place in ("invite", "devices", "decide", "recovery", "glass", "looked"):
        assert_spanish(ada)
        ada.get_by_role("link", name=spanish(f"adm_place_{place}"), exact=True).click()
        expect(ada.get_by_text(spanish("adm_asking"), exact=True)).to_have_count(0)
    assert_spanish(ada)
