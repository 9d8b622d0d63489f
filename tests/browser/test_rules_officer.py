"""A program's rules in the officer's hand: when the officer decides, who may refer, and which rules a draft goes by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from eligibility_rules import load_pack
from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import ROOT, LiveServer, Phone
from tests.browser.officer_steps import (
    OFFICER,
    agree,
    agreed_before,
    alert,
    answer_questions,
    arrived,
    at_question,
    begin_arrest,
    button,
    cards,
    choose_charge,
    count_of_referrals,
    english,
    go_home,
    go_on,
    sign_in,
    unlock,
)
from tests.browser.programs import administer
from tests.browser.server_side import ALERT
from tests.browser.staff_steps import rows_on_phone, tallies

PACKS = ROOT / "eligibility_rules" / "packs"
ZONE = ZoneInfo("America/Denver")
OLD_CHARGE = "Trespassing"
NEW_CHARGE = "Trespassing after a notice"

# Denver: the charge, the person's yes, then the officer's discretion


def test_denver_decides_with_the_alert_itself_and_may_still_book(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "rules-denver")
    page = sign_in(phone, OFFICER)
    referrals, counted = count_of_referrals(live_server), tallies(live_server)

    begin_arrest(page)
    choose_charge(page)
    go_on(page)
    answer_questions(page)
    expect(page.get_by_text(english("officer_you_decide_later"), exact=True)).to_be_visible()
    page.locator("summary").filter(has_text=english("officer_reasons")).click()
    reasons = page.get_by_role("main")
    expect(reasons).to_contain_text(english("officer_open_officer"))
    expect(reasons).to_contain_text("Is the person 18 or older, as far as you can tell?")
    expect(reasons).to_contain_text(english("officer_open_coordinator"))
    expect(reasons).to_contain_text("denvergov.org")
    gallery.show("reasons")

    agree(page)
    agreed_before(page, "Sergeant Demo Cedar")
    go_on(page)
    settled(page, english("officer_alert"))
    expect(button(page, english("officer_divert_now"))).to_be_enabled()
    gallery.show("alert-decides")

    # Booking after all leaves nothing of it, not even a count.
    button(page, english("officer_book")).click()
    settled(page, english("officer_nothing_kept"))
    gallery.show("booked")
    button(page, english("done")).click()
    kept = rows_on_phone(page)
    assert {store: kept[store] for store in ("drafts", "outbox", "copies", "tallies")} == {
        "drafts": 0, "outbox": 0, "copies": 0, "tallies": 0,
    }  # fmt: skip
    assert (count_of_referrals(live_server), tallies(live_server)) == (referrals, counted)
    page.locator("summary").filter(has_text=english("officer_may_refer")).click()
    expect(page.get_by_role("main")).to_contain_text("officers, partners of the program")
    expect(page.get_by_role("main")).to_contain_text("Here officers and the program's partners refer.")
    gallery.show("who-may-refer")
    gallery.assert_faultless()


# San Luis Valley: the decision comes first


def test_the_valley_decides_before_anything_else(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "officer")
    gallery = Gallery(phone, "rules-valley")
    page = sign_in(phone, "valley.officer")
    drafts = cards(page).filter(has_text=english("word_draft"))

    button(page, english("officer_offer")).click()
    settled(page, english("officer_decide"))
    gallery.show("decide")
    button(page, english("officer_book")).click()
    settled(page, english("officer_nothing_kept"))
    button(page, english("done")).click()
    settled(page, english("officer_home"))
    expect(drafts).to_have_count(0)
    assert rows_on_phone(page)["drafts"] == 0

    button(page, english("officer_offer")).click()
    button(page, english("officer_divert")).click()
    settled(page, english("officer_charge"))
    button(page, english("back")).click()
    settled(page, english("officer_decide"))
    button(page, english("officer_divert")).click()
    choose_charge(page)
    go_on(page)
    answer_questions(page)
    # The result advises; here it is not the place where the officer decides a second time.
    agree(page)
    agreed_before(page, "Witness Demo Wren")
    go_on(page)
    settled(page, english("officer_alert"))
    expect(button(page, english("officer_book"))).to_have_count(0)
    arrived(page, live_server, alert(page, "County Road Demo, mile 9"))
    gallery.assert_faultless()


# Rules change while somebody writes


def pack_from(day: date, folder: Path) -> tuple[Path, str]:
    """Denver's rules with another first charge, from a day on: the file and its hash."""
    text = (PACKS / "denver" / "2025-01-01.yaml").read_text(encoding="utf-8")
    text = text.replace("2025-01-01", day.isoformat()).replace(f"en: {OLD_CHARGE},", f"en: {NEW_CHARGE},")
    assert NEW_CHARGE in text
    path = folder / f"{day.isoformat()}.yaml"
    path.write_text(text, encoding="utf-8")
    return path, load_pack(text, path.name).hash


def shipped_hash() -> str:
    path = PACKS / "denver" / "2025-01-01.yaml"
    return load_pack(path.read_text(encoding="utf-8"), path.name).hash


def first_charge(page: Page) -> str:
    settled(page, english("officer_charge"))
    return page.get_by_role("checkbox").first.locator("xpath=..").inner_text().split("\n")[0]


def the_draft(page: Page) -> None:
    """Opens the one draft of the list."""
    cards(page).filter(has_text=english("word_draft")).get_by_role("link").click()


def test_rules_change_at_midnight_without_a_network_and_a_draft_keeps_its_own(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    server = start_server()
    today = datetime.now(ZONE).date()
    path, _ = pack_from(today + timedelta(days=1), tmp_path)
    administer(server, "install-pack", "denver", str(path))
    phone = start_phone(server, "officer")
    midnight = datetime.combine(today + timedelta(days=1), time(), ZONE)
    phone.context.clock.install()
    page = sign_in(phone)
    phone.set_online(False)
    page.clock.set_system_time(midnight - timedelta(minutes=2))

    begin_arrest(page)
    assert first_charge(page) == OLD_CHARGE
    choose_charge(page)
    go_home(page)
    page.clock.set_system_time(midnight + timedelta(minutes=1))

    button(page, english("officer_offer")).click()
    assert first_charge(page) == NEW_CHARGE
    button(page, english("officer_walked_away")).click()
    button(page, english("done")).click()
    the_draft(page)
    assert first_charge(page) == OLD_CHARGE
    go_on(page)
    answer_questions(page)
    page.locator("summary").filter(has_text=english("officer_reasons")).click()
    expect(page.get_by_role("main")).to_contain_text("Version 2025-01-01")


def test_a_draft_is_sent_by_the_rules_it_began_with_although_the_phone_has_newer_ones(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    server = start_server()
    phone = start_phone(server, "officer")
    page = sign_in(phone)
    begin_arrest(page)
    choose_charge(page)
    go_on(page)
    at_question(page)

    path, new = pack_from(datetime.now(ZONE).date(), tmp_path)
    assert administer(server, "install-pack", "denver", str(path)) == new
    # Unlocking fetches the program; what the server sends now has no trace of the older rules.
    for _ in range(2):
        page = phone.restart()
        with page.expect_response(lambda answer: answer.url.endswith("/api/program")):
            unlock(page)
    go_home(page)
    button(page, english("officer_offer")).click()
    expect(page.get_by_role("checkbox").first.locator("xpath=..")).to_contain_text(NEW_CHARGE)
    button(page, english("officer_walked_away")).click()
    button(page, english("done")).click()

    the_draft(page)
    at_question(page)
    answer_questions(page)
    agree(page)
    agreed_before(page, "Sergeant Demo Cedar")
    go_on(page)
    referral = alert(page, "Colfax and Pearl")
    log = arrived(page, server, referral)[: len(ALERT)]
    fields = log[2]["operation"]["payload"]["fields"]
    assert {each["operation"]["app"]["pack"] for each in log} == {shipped_hash()}
    assert fields["determination"]["pack"] == shipped_hash()
    assert fields["facts"]["incident_date"] == datetime.now(ZONE).date().isoformat()
    assert not {"birth_date", "age_years"} & set(fields["facts"])
