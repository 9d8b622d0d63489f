"""Who was told what of a referral: read at the desk and by the coordinator, and taken away; and what evaluators have."""

from __future__ import annotations

import csv
import io
import uuid

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Desk, LiveServer
from tests.browser.officer_steps import PASSPHRASE, button, english, heading, pattern, sign_in, spanish
from tests.browser.staff_steps import COORDINATOR, SUPERVISOR
from tests.browser.test_story_spanish import assert_spanish

#: The demo's referral of which something was released, to this office, and the prosecutor who has asked since.
REFERRAL = f"#/referral/{uuid.uuid5(uuid.NAMESPACE_URL, 'demo:accepted')}"
OFFICE, PROSECUTOR = "Demo District Attorney", "Percy Example"
EVALUATOR = "denver.evaluator"


def open_referral(page: Page) -> None:
    """By its address: it is over, and no longer in a queue or an inbox."""
    page.evaluate("(hash) => { location.hash = hash; }", REFERRAL)


def assert_told(page: Page) -> None:
    """The release in force, and the one line of the accounting under it."""
    expect(heading(page)).to_have_text(pattern(english("told_title_of")))
    expect(page.locator("section.card").filter(has_text=OFFICE)).to_contain_text(english("release_of_intake"))
    line = page.get_by_role("listitem").filter(has_text=PROSECUTOR)
    expect(line).to_have_count(1)
    expect(line).to_contain_text(f"Under the release to {OFFICE}, for: Deciding the charge.")


def test_a_supervisor_reads_the_accounting_and_takes_it_away(
    live_server: LiveServer, start_desk: BrowserFactory[Desk]
) -> None:
    desk = start_desk(live_server, "supervisor")
    gallery = Gallery(desk, "told")
    page = sign_in(desk, SUPERVISOR)
    settled(page, english("desk_queue"))
    open_referral(page)
    page.get_by_role("link", name=english("adm_told_here"), exact=True).click()
    assert_told(page)
    gallery.show("who-was-told-what")
    button(page, english("adm_csv")).click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=english("adm_csv_keep"), exact=True).click()
    assert saved.value.suggested_filename == "disclosures.csv"
    [row] = csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8")))
    assert (row["to"], row["recipient"], row["information"]) == (PROSECUTOR, OFFICE, "intake enrolled")
    page.get_by_role("button", name=english("back"), exact=True).click()
    page.get_by_role("link", name=english("adm_looked_here"), exact=True).click()
    for act in ("adm_act_disclosure_read", "adm_act_disclosure_export"):
        expect(page.get_by_role("listitem").filter(has_text=english(act)).first).to_contain_text("Olive Example")
    gallery.assert_faultless()


def test_a_coordinator_finds_it_beside_the_releases(live_server: LiveServer, start_desk: BrowserFactory[Desk]) -> None:
    page = sign_in(start_desk(live_server, "coordinator"), COORDINATOR)
    open_referral(page)
    page.get_by_role("link", name=english("co_releases"), exact=True).click()
    page.get_by_role("link", name=english("told_title"), exact=True).click()
    assert_told(page)


def test_an_evaluator_of_a_few_referrals_is_told_why_there_is_nothing(
    live_server: LiveServer, start_desk: BrowserFactory[Desk]
) -> None:
    desk = start_desk(live_server, "evaluator", locale="es-US")
    gallery = Gallery(desk, "evaluator")
    page = sign_in(desk, EVALUATOR, PASSPHRASE, spanish)
    settled(page, spanish("eval_title"))
    expect(page.get_by_text(spanish("eval_none").format(n=11), exact=True)).to_be_visible()
    assert_spanish(page)
    gallery.show("nothing-yet")
    gallery.assert_faultless()
