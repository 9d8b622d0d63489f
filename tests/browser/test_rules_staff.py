"""A program's rules at the desks: installed, read, judged anew by who finds out more, and confirmed by whose word was given.

The officer's part of the same way is in `test_rules_officer`, rules that are taken back in `test_rules_withdrawn`. What an
officer's phone is told is searched at the end: what a coordinator finds out, and what the server thinks of the rules, is no
business of the police.
"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.officer_steps import (
    button,
    english,
    field,
    sign_in,
    spanish,
    unlock,
)
from tests.browser.programs import join
from tests.browser.rules_of_tests import ADMINISTRATOR, LONG_HASH, OF_STAFF, VIOLENCE, pack_from, refer_by_these_rules
from tests.browser.server_side import arrived, log_of
from tests.browser.staff_steps import (
    COORDINATOR,
    SERGEANT,
    SUPERVISOR,
    answer_on_card,
    answer_question,
    approvals_waiting,
    check_pack,
    fields_of,
    look_again,
    open_questions,
    open_rules,
    rules_of,
    set_aside,
)
from tests.browser.test_story_spanish import assert_spanish
from tests.browser.test_walls import Traffic

PROSECUTOR = "denver.prosecutor2"

LIVES_HERE = "Does the person live in Denver?"
SERGEANT_AGREES = "Ask your sergeant before you offer LEAD."
IF_MISSED = "The referral may go back to the court."
REASON = "The victim asks for it"

#: Two thumbs at once: both answers are one field, and neither may take the other away.
ANSWER_BOTH = """
(names) => {
  const all = [...document.querySelectorAll('main button')];
  for (const name of names) all.find((button) => button.innerText === name).click();
}
"""


def test_rules_go_from_the_administrator_to_the_street_and_come_back_confirmed(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    place = "Larimer and 15th, north corner"
    officer = start_phone(server, "officer")
    sign_in(officer)
    install_with_one_mistake(start_desk(server, "administrator"))

    # The officer's phone asks anew when it is taken up again.
    alder = officer.restart()
    to_officer = Traffic(officer)
    with alder.expect_response("**/api/program") as told:
        unlock(alder)
    assert told.value.ok
    referral = refer_by_these_rules(alder, place)
    arrived(alder, server, referral, operations=6)

    sergeant = start_phone(server, "sergeant")
    confirm_as_sergeant(sergeant)
    person = ("--program", "denver", "--role", "prosecutor", "--login", PROSECUTOR, "--name", "Pru Example")
    deny_as_prosecutor(start_desk(server, "prosecutor"), join(server, *person))

    coordinator = start_phone(server, "coordinator")
    to_coordinator = Traffic(coordinator)
    maya = sign_in(coordinator, COORDINATOR)
    find_out_as_coordinator(coordinator, server, referral, place)

    # All of it was told to the coordinator, and none of it to the officer.
    look_again(alder)
    expect(alder.get_by_text(re.compile(rf"Cedar .* {english('officer_word_confirmed')}$"))).to_be_visible()
    found_out = {"on_roster": False, "last_conviction": "2010-01-01", "lives_here": True}
    assert fields_of(server, referral)["review_facts"] == found_out
    with maya.expect_response("**/api/sync/pull"):
        look_again(maya)
    assert to_coordinator.holds(["review_facts"]) == ["review_facts"]
    to_officer.assert_never(OF_STAFF)


def install_with_one_mistake(desk: Desk) -> None:
    """A mistake is told with its line and what to do."""
    gallery = Gallery(desk, "administrator")
    page = sign_in(desk, ADMINISTRATOR)
    open_rules(page)
    expect(page.get_by_role("listitem").filter(has_text=english("rules_state_in_force"))).to_be_visible()
    assert "Sample" not in page.get_by_role("main").inner_text()
    gallery.show("versions")

    page.get_by_role("link", name=english("rules_install_title"), exact=True).click()
    settled(page, english("rules_install_title"))
    button(page, english("rules_check")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("rules_text_missing"))
    mistaken = pack_from().replace("tier: bars", "tier: barred", 1)
    check_pack(page, mistaken)
    problems = page.locator("section").filter(
        has=page.get_by_role("heading", name=english("rules_problems_one").format(n=1))
    )
    expect(problems).to_contain_text(f"Line {mistaken.splitlines().index('    tier: barred') + 1}:")
    gallery.show("problems")
    check_pack(page, pack_from())
    expect(page.get_by_role("heading", name=english("rules_sound"), exact=True)).to_be_visible()
    expect(page.locator(".hash")).to_have_text(LONG_HASH)
    gallery.show("sound")
    button(page, english("rules_install")).click()
    gallery.show("sure")
    button(page, english("rules_install_yes")).click()
    settled(page, english("rules_title").format(program="Denver LEAD (demo)"))
    standing = page.get_by_role("listitem").filter(has_text="Installed by Ada Example")
    expect(standing).to_contain_text(english("rules_state_in_force"))
    gallery.show("installed")
    gallery.assert_faultless()


def confirm_as_sergeant(phone: Phone) -> None:
    gallery = Gallery(phone, "sergeant-approvals")
    page = sign_in(phone, SERGEANT)
    waiting = approvals_waiting(page)
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text(SERGEANT_AGREES)
    expect(waiting).to_contain_text("Approved by Sergeant Demo Cedar, by radio")
    expect(waiting).to_contain_text("Officer Demo Alder")
    for hidden in ("Larimer", "violence"):
        expect(page.get_by_role("main")).not_to_contain_text(hidden)
    gallery.show("waiting")
    waiting.get_by_role("button", name=english("staff_i_approved"), exact=True).click()
    expect(page.get_by_text(english("staff_waiting_none"), exact=True)).to_be_visible()
    gallery.show("nothing-waits")
    gallery.assert_faultless()


def deny_as_prosecutor(desk: Desk, passphrase: str) -> None:
    """A prosecutor lands on the approvals and sees nothing else."""
    gallery = Gallery(desk, "prosecutor")
    page = desk.goto("/")
    field(page, english("login")).fill(PROSECUTOR)
    page.get_by_label(english("passphrase"), exact=True).fill(passphrase)
    button(page, english("sign_in")).click()
    settled(page, english("desk_approvals"))
    waiting = approvals_waiting(page)
    expect(waiting).to_contain_text("Approved by Pru Example, by phone")
    expect(waiting).to_contain_text("Call the prosecutor before you offer LEAD.")
    expect(page.get_by_role("main")).not_to_contain_text("Larimer")
    gallery.show("waiting")
    waiting.get_by_role("button", name=english("staff_i_did_not"), exact=True).click()
    expect(page.get_by_text(english("staff_waiting_none"), exact=True)).to_be_visible()
    gallery.show("nothing-waits")
    gallery.assert_faultless()


def find_out_as_coordinator(phone: Phone, server: LiveServer, referral: str, place: str) -> None:
    gallery = Gallery(phone, "coordinator-rules")
    page = phone.page
    answer_on_card(page, place, 10)
    rules = rules_of(page)
    expect(rules).to_contain_text(english("co_outcome_needs_review"))
    expect(rules).to_contain_text(VIOLENCE)
    expect(rules).to_contain_text("(30 days)")
    expect(rules).to_contain_text(IF_MISSED)
    expect(rules).to_contain_text("by radio")
    expect(rules).to_contain_text(english("staff_confirmed"))
    expect(rules).to_contain_text(english("staff_not_given"))
    rules.locator("summary").click()
    expect(rules).to_contain_text("Page 5")
    gallery.show("rules")

    open_questions(page, "coordinator")
    page.evaluate(ANSWER_BOTH, [english("no"), english("co_never")])
    expect(page.get_by_text("2 of 2 answered", exact=True)).to_be_visible()
    gallery.show("questions")
    # A day that is typed counts once the field is left; half a day is no answer.
    conviction = page.get_by_label("When was the last conviction, if any?", exact=True)
    conviction.fill("2024-01-01")
    expect(page.get_by_text(english("co_outcome_ineligible"), exact=False)).to_have_count(0)
    conviction.blur()
    now = page.locator("p.state").first
    expect(now).to_have_text(english("co_rules_now").format(outcome=english("co_outcome_ineligible")))
    # Said aloud as well, once.
    expect(page.locator("[role=status].hidden")).to_have_text(now.inner_text())
    conviction.fill("2010-01-01")
    conviction.blur()
    expect(now).to_have_text(english("co_rules_now").format(outcome=english("co_outcome_needs_review")))
    button(page, english("co_asked_participant")).click()
    settled(page, english("co_asked_participant"))
    answer_question(page, LIVES_HERE, "yes")
    button(page, english("co_assessment_done")).click()
    expect(rules).to_contain_text(english("co_outcome_needs_review"))

    # Nothing speaks against it any more but the rule that presumes the person out.
    expect(rules.get_by_role("heading", name=english("co_found_out"), exact=True)).to_be_visible()
    set_aside(page, VIOLENCE, REASON)
    expect(rules.locator(".state").first).to_have_text(english("co_outcome_eligible"))
    expect(rules).to_contain_text(english("co_officer_saw").format(outcome=english("staff_outcome_needs_review")))
    gallery.show("set-aside")
    gallery.assert_faultless()
    for _ in range(400):
        if any(each["kind"] == "override.add" for each in log_of(server, referral)):
            return
        page.wait_for_timeout(25)
    raise AssertionError("the coordinator's own word never reached the server")


def test_the_rules_speak_spanish_to_staff(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    olive = sign_in(start_desk(live_server, "supervisor", locale="es-US"), SUPERVISOR, say=spanish)
    olive.get_by_role("link", name=spanish("desk_rules"), exact=True).click()
    expect(olive.get_by_role("article")).to_contain_text("El programa es para personas de 18 años o más.")
    assert_spanish(olive)

    ada = sign_in(start_desk(live_server, "administrator", locale="es-US"), ADMINISTRATOR, say=spanish)
    assert_spanish(ada)
    open_rules(ada, spanish)
    assert_spanish(ada)
    ada.get_by_role("link", name=spanish("rules_install_title"), exact=True).click()
    check_pack(ada, pack_from(1), spanish)
    expect(ada.get_by_role("heading", name=spanish("rules_sound"), exact=True)).to_be_visible()
    button(ada, spanish("rules_install")).click()
    assert_spanish(ada)

    maya = sign_in(start_phone(live_server, "coordinator", locale="es-US"), COORDINATOR, say=spanish)
    answer_on_card(maya, "Colfax and Demo Street, by the bus stop", 10, spanish)
    rules = rules_of(maya, spanish)
    rules.locator("summary").click()
    expect(rules).to_contain_text("denvergov.org")
    assert_spanish(maya)
    open_questions(maya, "coordinator", spanish)
    expect(maya.get_by_role("group", name=re.compile("^Según la lista"))).to_be_visible()
    assert_spanish(maya)
