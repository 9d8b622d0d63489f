"""Rules that are taken back while a phone has no signal: read and printed at the desk, kept and flagged for a person."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Desk, Phone
from tests.browser.link import EMPTY_ANSWER
from tests.browser.officer_steps import (
    button,
    english,
    go_to_settings,
    pattern,
    sign_in,
    unlock,
)
from tests.browser.rules_of_tests import ADMINISTRATOR, LONG_HASH, OF_STAFF, VIOLENCE, pack_from, refer_by_these_rules
from tests.browser.server_side import arrived
from tests.browser.staff_steps import (
    COORDINATOR,
    MAYA,
    SUPERVISOR,
    answer_on_card,
    install_pack,
    look_again,
    open_in_queue,
    open_rules,
    queue_rows,
    rules_of,
)
from tests.browser.test_walls import Traffic

#: An officer's phone asks every 15 seconds while somebody is being called.
NEXT_LOOK_MS = 30_000


def test_rules_that_were_withdrawn_meanwhile_are_kept_and_flagged_for_a_person(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    place = "Blake and 20th, loading dock"
    administrator = start_desk(server, "administrator")
    ada = sign_in(administrator, ADMINISTRATOR)
    open_rules(ada)
    install_pack(ada, pack_from())
    officer = start_phone(server, "officer")
    sign_in(officer)
    alder = officer.restart(online=False)
    to_officer = Traffic(officer)
    unlock(alder)
    referral = refer_by_these_rules(alder, place)

    # While that phone has no signal, the rules are taken back; the supervisor reads which are in force now.
    standing = ada.get_by_role("listitem").filter(has_text="Installed by Ada Example")
    standing.get_by_role("button", name=pattern(english("rules_withdraw_one"))).click()
    standing.get_by_role("textbox").fill("Signed by the wrong person")
    standing.get_by_role("button", name=english("rules_withdraw"), exact=True).click()
    expect(standing).to_contain_text(english("rules_withdrawn_because").format(reason="Signed by the wrong person"))
    supervisor = start_desk(server, "supervisor")
    olive = sign_in(supervisor, SUPERVISOR)
    read_and_print(supervisor)

    officer.set_online(True)
    arrived(alder, server, referral, operations=7)
    look_again(olive)
    olive.evaluate("location.hash = '#/'")
    expect(olive.get_by_text(english("desk_differing_one").format(n=1), exact=True)).to_be_visible()
    expect(queue_rows(olive).filter(has_text=place)).to_contain_text(english("desk_differs"))
    gallery = Gallery(supervisor, "supervisor-rules")
    open_in_queue(olive, place)
    expect(olive.get_by_role("article")).to_contain_text(english("staff_check_withdrawn_pack"))
    gallery.show("differs")
    look_by_night(gallery)
    gallery.assert_faultless()

    coordinator = start_phone(server, "coordinator")
    to_coordinator = Traffic(coordinator)
    maya = sign_in(coordinator, COORDINATOR)
    answer_on_card(maya, place, 10)
    rules = rules_of(maya)
    expect(rules).to_contain_text(english("staff_check_withdrawn_pack"))
    # These rules are in no program's document any more: fetched by their hash, once.
    expect(rules).to_contain_text(VIOLENCE)
    expect(rules).to_contain_text(english("co_approvals"))
    assert to_coordinator.holds(OF_STAFF[1:2]) == list(OF_STAFF[1:2])
    expect(alder.get_by_text(f"Seen by {MAYA}", exact=False).first).to_be_visible(timeout=NEXT_LOOK_MS)
    to_officer.assert_never(OF_STAFF)

    # Another phone, and no network before the rules were fetched: said plainly, and nothing is claimed.
    other = start_phone(server, "another coordinator")
    other.link.meddle_with("/api/rules/", EMPTY_ANSWER)
    noel = sign_in(other, "denver.coordinator2")
    noel.evaluate(f"location.hash = '#/referral/{referral}'")
    expect(rules_of(noel)).to_contain_text(english("co_pack_unreachable"))
    expect(rules_of(noel)).to_contain_text(english("co_outcome_needs_review"))


def look_by_night(gallery: Gallery) -> None:
    """A desk is by day until somebody chooses the night."""
    page = gallery.page
    go_to_settings(page)
    page.get_by_role("radio", name=english("theme_night"), exact=True).check()
    page.get_by_role("link", name=english("me_rules"), exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("denvergov.org")
    gallery.show("rules-by-night")
    page.get_by_role("button", name=english("back"), exact=True).click()
    settled(page, english("desk_queue"))
    gallery.show("queue-by-night")


def read_and_print(desk: Desk) -> None:
    """A supervisor reads the rules in force, what changed, and prints them to be signed."""
    gallery = Gallery(desk, "supervisor-rules-page")
    page = desk.page
    page.get_by_role("link", name=english("desk_rules"), exact=True).click()
    settled(page, english("rules_title").format(program="Denver LEAD (demo)"))
    sheet = page.get_by_role("article")
    expect(sheet).to_contain_text("denvergov.org")
    expect(sheet).to_contain_text("The program is for people aged 18 or older.")
    expect(sheet).to_contain_text("Is the person 18 or older, as far as you can tell? (the officer knows)")
    withdrawn = page.get_by_role("listitem").filter(has_text=english("rules_state_withdrawn"))
    expect(withdrawn).to_contain_text("Signed by the wrong person")
    expect(withdrawn.get_by_role("button")).to_have_count(0)
    gallery.show("in-force")

    page.emulate_media(media="print")
    for line in ("rules_sign_manager", "rules_sign_attorney"):
        expect(page.locator(".signature-line").filter(has_text=english(line))).to_be_visible()
    hashes = page.locator(".hash").all_inner_texts()
    assert len(hashes) == 2
    assert hashes[0] == hashes[1]
    assert LONG_HASH.match(hashes[0])
    expect(page.get_by_role("banner").get_by_role("status")).to_be_hidden()
    expect(page.get_by_role("heading", name=english("rules_versions"))).to_be_hidden()
    desk.screenshot("rules-printed")
    page.emulate_media(media="screen")
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    button(page, english("print")).click()
    assert page.evaluate("window.printed === true")

    withdrawn.get_by_role("link", name=pattern(english("rules_compare"))).click()
    settled(page, english("rules_changes"))
    expect(page.get_by_role("main")).to_contain_text("LEAD is for situations without violence.")
    gallery.show("changes")
    page.get_by_role("button", name=english("back"), exact=True).click()
    withdrawn.get_by_role("link", name=english("rules_read"), exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("Call the prosecutor before you offer LEAD.")
    gallery.show("reading")
    gallery.assert_faultless()
