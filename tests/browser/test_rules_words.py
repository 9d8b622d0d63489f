"""Somebody else's word in the officer's hand: approvals before an offer, rules set aside, and amounts that rules count in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    Say,
    agreed_before,
    alert,
    answer_questions,
    arrived,
    at_question,
    begin_arrest,
    button,
    choose_charge,
    count_of_referrals,
    english,
    field,
    go_on,
    heading,
    sign_in,
    spanish,
    unlock,
    write_word,
)
from tests.browser.programs import PROSECUTOR, make_program
from tests.browser.server_side import ALERT
from tests.browser.staff_steps import rows_on_phone, tallies


@pytest.fixture(scope="module")
def bernalillo(live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The passphrase of an officer where the District Attorney's Office agrees before an offer."""
    return make_program(live_server, "bernalillo", tmp_path_factory.mktemp("bernalillo"))


# Bernalillo: the District Attorney's Office agrees before the offer


def to_the_approval(page: Page, say: Say = english) -> None:
    """From home, with signs of violence, to the screen that asks for the prosecutor's word."""
    begin_arrest(page, say)
    page.get_by_role("checkbox").nth(1).check()
    go_on(page, say)
    answer_violence(page, say)
    answer_questions(page, say)


def answer_violence(page: Page, say: Say) -> None:
    """Answers the questions up to the one about violence, and that one with yes."""
    title = re.compile("^(Did you see or hear signs of violence|¿Vio u oyó usted señales de violencia)")
    for _ in range(10):
        at_question(page, say)
        asked = heading(page).inner_text()
        if title.match(asked):
            button(page, say("yes")).click()
            return
        page.get_by_role("radio").or_(button(page, say("no"))).first.click()
        expect(heading(page)).not_to_have_text(asked)
    raise AssertionError("nobody asked about violence")


def test_somebody_elses_word_is_written_down_without_a_signal_and_sent_with_the_referral(
    live_server: LiveServer, bernalillo: str, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "rules-approval")
    sign_in(phone, "bernalillo.officer", bernalillo)
    page = phone.restart(online=False)
    unlock(page, bernalillo)
    to_the_approval(page)

    # A rule presumes the person out. The coordinator may set it aside, and said so by radio.
    settled(page, english("officer_result_needs_review"))
    expect(page.get_by_text("The coordinator may set this aside.", exact=True)).to_be_visible()
    gallery.show("result-presumed-out")
    button(page, english("officer_record_of").format(who="the coordinator")).click()
    expect(page.get_by_role("link", name=re.compile("505-555-0100$")).first).to_be_visible()
    button(page, english("officer_record")).click()
    expect(page.get_by_role("alert")).to_contain_text("Still missing: Who said so?")
    gallery.show("set-aside")
    write_word(page, "Maya Example", "radio")
    field(page, english("officer_why")).fill("Pushed a trolley, nobody was touched")
    button(page, english("officer_record")).click()
    expect(page.get_by_text(re.compile(r"^Set aside by Maya Example · by radio · \d\d:\d\d$"))).to_be_visible()
    go_on(page)

    # The prosecutor's number is one tap away; what was said is not believed without a name.
    settled(page, "The prosecutor must agree first")
    number = page.get_by_role("main").get_by_role("link", name=re.compile(f"{PROSECUTOR}$"))
    expect(number).to_have_attribute("href", f"tel:{PROSECUTOR.replace('-', '')}")
    gallery.show("approval")
    button(page, english("officer_approved")).click()
    expect(page.get_by_role("alert")).to_contain_text("Still missing: Who said so?")
    gallery.show("approval-errors")
    write_word(page, "Dana Example", "phone")
    button(page, english("officer_approved")).click()
    settled(page, english("officer_read_aloud"))
    button(page, english("officer_agrees")).click()
    agreed_before(page, "Witness Demo Wren")
    go_on(page)
    referral = alert(page, "Central and Fourth")
    approved = page.get_by_text(re.compile(r"^Approved by Dana Example · by phone · \d\d:\d\d · not confirmed yet"))
    expect(approved).to_be_visible()
    gallery.show("status-approved")

    phone.set_online(True)
    log = arrived(page, live_server, referral, len(ALERT) + 2)[: len(ALERT) + 2]
    kinds = [each["kind"] for each in log]
    assert kinds == [*ALERT[:3], "approval.add", "override.add", ALERT[3]]
    assert {each["state"] for each in log} == {"applied"}
    said = {each["kind"]: each["operation"]["payload"] for each in log}
    assert said["approval.add"] | {"given_at": ""} == {
        "approval": "district_attorney", "by_name": "Dana Example", "by_role": "prosecutor", "how": "phone", "given_at": "",
    }  # fmt: skip
    assert (said["override.add"]["rule"], said["override.add"]["by_role"]) == ("no_violence", "coordinator")
    expect(approved).to_be_visible()
    gallery.assert_faultless()


def test_a_prosecutor_who_says_no_ends_it_and_leaves_nothing(
    live_server: LiveServer, bernalillo: str, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone, "bernalillo.officer", bernalillo)
    referrals, counted = count_of_referrals(live_server), tallies(live_server)
    to_the_approval(page)
    go_on(page)
    settled(page, "The prosecutor must agree first")
    button(page, english("officer_not_approved")).click()
    settled(page, english("officer_nothing_kept"))
    kept = rows_on_phone(page)
    assert (kept["drafts"], kept["outbox"], kept["tallies"]) == (0, 0, 0)
    assert (count_of_referrals(live_server), tallies(live_server)) == (referrals, counted)


def test_nobody_reached_goes_on_and_says_so_in_spanish(
    live_server: LiveServer, bernalillo: str, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer", locale="es-US")
    gallery = Gallery(phone, "rules-approval-spanish")
    page = sign_in(phone, "bernalillo.officer", bernalillo, spanish)
    to_the_approval(page, spanish)
    settled(page, "Coordinación lo confirmará")
    page.locator("summary").filter(has_text=spanish("officer_reasons")).click()
    gallery.show("resultado")
    go_on(page, spanish)
    settled(page, "La fiscalía debe aceptar antes")
    gallery.show("aprobacion")
    button(page, spanish("officer_not_reached")).click()
    settled(page, spanish("officer_read_aloud"))

    # Nothing is lost on the way back: what was said of the prosecutor can still be changed.
    button(page, spanish("back")).click()
    settled(page, "La fiscalía debe aceptar antes")
    button(page, spanish("officer_not_reached")).click()
    button(page, spanish("officer_agrees")).click()
    agreed_before(page, "Testigo Demo Wren", spanish)
    go_on(page, spanish)
    referral = alert(page, "Central y Cuarta", spanish)
    open_word = page.get_by_text("La fiscalía aún no ha aceptado.", exact=True)
    expect(open_word).to_be_visible()
    assert "approval.add" not in {each["kind"] for each in arrived(page, live_server, referral)}
    gallery.show("estado-pendiente")

    # Reached later, on the way: it is recorded with the referral.
    button(page, spanish("officer_record_of").format(who="la fiscalía")).click()
    write_word(page, "Dana Ejemplo", "radio", spanish)
    button(page, spanish("officer_record")).click()
    told = page.get_by_text(re.compile(r"^Aprobado por Dana Ejemplo · por radio · \d\d:\d\d · sin confirmar"))
    expect(told).to_be_visible()
    expect(open_word).to_have_count(0)
    log = arrived(page, live_server, referral, len(ALERT) + 1)
    assert [each["state"] for each in log if each["kind"] == "approval.add"] == ["applied"]
    gallery.assert_faultless()


def test_an_amount_is_a_number_in_its_unit_and_is_never_guessed(
    live_server: LiveServer, bernalillo: str, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "rules-amount")
    page = sign_in(phone, "bernalillo.officer", bernalillo)
    begin_arrest(page)
    page.get_by_role("checkbox").first.check()
    amount = page.get_by_role("textbox", name="How much is there, in milligrams, as weighed or estimated?")
    for wrong in ("1.5", "1,5", "12 g", "-3"):
        amount.fill(wrong)
        expect(page.get_by_text(english("officer_whole_number"), exact=True)).to_be_visible()
        expect(amount).to_have_value(wrong)
    gallery.show("amount-wrong")
    amount.fill("6500")
    expect(page.get_by_text("in milligrams = 6.5 g", exact=True)).to_be_visible()
    gallery.show("amount")
    go_on(page)
    settled(page, english("officer_result_ineligible"))
    expect(page.get_by_text("6 grams or more is outside the program.", exact=True).first).to_be_visible()
    button(page, english("back")).click()

    # One milligram less than six grams changes the result; not knowing is an answer as well.
    amount.fill("5999")
    go_on(page)
    at_question(page)
    button(page, english("back")).click()
    button(page, english("dont_know")).click()
    expect(amount).to_have_value("")
    go_on(page)
    at_question(page)
    gallery.assert_faultless()


# Seattle, an example: the officer's own word, and an approval that can wait until the handoff


def test_an_example_says_that_it_is_one_and_the_officer_sets_a_rule_aside_with_a_reason(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    passphrase = make_program(live_server, "seattle", tmp_path)
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "rules-example")
    page = sign_in(phone, "seattle.officer", passphrase)
    begin_arrest(page)
    choose_charge(page)
    button(page, english("yes")).click()
    go_on(page)
    settled(page, english("officer_result_needs_review"))
    expect(page.get_by_text(english("officer_not_official"), exact=True)).to_be_visible()
    page.locator("summary").filter(has_text=english("officer_reasons")).click()
    expect(page.get_by_role("main")).to_contain_text("The ordinance itself was not read")

    button(page, english("officer_set_aside_own")).click()
    button(page, english("officer_record")).click()
    expect(page.get_by_role("alert")).to_contain_text("Still missing: Why?")
    field(page, english("officer_why")).fill("The danger was over before we came")
    button(page, english("officer_record")).click()
    own = page.get_by_text(re.compile(r"^You set this aside · \d\d:\d\d$"))
    expect(own).to_be_visible()
    gallery.show("set-aside-own")

    go_on(page)
    settled(page, "The police liaison must agree before the handoff")
    expect(
        page.get_by_text("This phone has no number for the police liaison. Ask by radio.", exact=True)
    ).to_be_visible()
    button(page, english("officer_later")).click()
    settled(page, english("officer_read_aloud"))
    button(page, english("officer_agrees")).click()
    agreed_before(page, "Witness Demo Wren")
    go_on(page)
    referral = alert(page, "Third and Pike")
    expect(own).to_be_visible()
    expect(page.get_by_text("The police liaison has not agreed yet.", exact=True)).to_be_visible()
    gallery.show("status-own-word")
    log = arrived(page, live_server, referral, len(ALERT) + 1)
    (said,) = [each for each in log if each["kind"] == "override.add"]
    assert said["state"] == "applied"
    assert said["operation"]["payload"] | {"given_at": ""} == {
        "rule": "no_threat_to_others", "reason": "The danger was over before we came", "by_name": None,
        "by_role": "officer", "how": "self", "given_at": "",
    }  # fmt: skip
    gallery.assert_faultless()
