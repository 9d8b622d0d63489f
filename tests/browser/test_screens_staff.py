"""Every screen of a coordinator and of the desks, looked at as in `test_screens`."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.link import EMPTY_ANSWER
from tests.browser.officer_steps import (
    button,
    english,
    enter,
    go_to_settings,
    sign_in,
    unlock,
)
from tests.browser.push_phone import Pager
from tests.browser.staff_steps import (
    COORDINATOR,
    SERGEANT,
    SUPERVISOR,
    answer_on_card,
    assess,
    go_to_inbox,
    inbox_card,
    open_from_inbox,
    open_history,
    open_in_queue,
    part,
    queue_rows,
)
from tests.push_service import PushService

PULL = "/api/sync/pull"


def test_the_coordinators_screens(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    with PushService() as push_service:
        phone = start_phone(live_server, "coordinator")
        Pager(phone, push_service)
        gallery = Gallery(phone, "coordinator")
        page = phone.goto("/")
        phone.link.meddle_with(PULL, EMPTY_ANSWER)
        enter(page, COORDINATOR)
        expect(page.get_by_text(english("co_empty_unanswered"), exact=True)).to_be_visible()
        gallery.show("inbox-empty")
        phone.link.up()
        phone.wait_for_worker()
        page.reload()
        unlock(page)
        expect(inbox_card(page, "Colfax and Demo Street")).to_be_visible()
        gallery.show("inbox")
        open_from_inbox(page, "Colfax and Demo Street, by the bus stop")
        gallery.show("referral-unanswered")
        go_to_inbox(page)
        answer_on_card(page, "Colfax and Demo Street", 20)
        gallery.show("referral-mine")
        show_work(page, gallery)
        go_to_inbox(page)
        open_from_inbox(page, "Demo Plaza fountain")
        expect(page.get_by_role("heading", name=english("conflicts_title"))).to_be_visible()
        gallery.show("referral-conflict")
        go_to_settings(page)
        gallery.show("me")
        gallery.assert_faultless()


def show_work(page: Page, gallery: Gallery) -> None:
    """One referral with everything on it opened, refused for what is missing, and then done."""
    button(page, english("co_change_eta")).click()
    button(page, english("co_needs_change")).click()
    part(page, english("co_decision")).get_by_role("button", name=english("co_decision_save")).click()
    button(page, english("co_note_save")).click()
    button(page, english("co_contact_save")).click()
    button(page, english("co_close")).click()
    button(page, english("co_close_save")).click()
    gallery.show("referral-all-open")
    part(page, english("co_confirm_title")).get_by_role("button", name=english("no"), exact=True).click()
    expect(button(page, english("co_withdraw"))).to_be_visible()
    gallery.show("referral-not-now")
    button(page, english("cancel")).first.click()
    assess(page, "now", "suicide", "yes", "")
    expect(page.get_by_text(english("co_danger_now"), exact=True)).to_be_visible()
    gallery.show("first-questions-group")
    page.get_by_role("button", name=english("back"), exact=True).click()
    settled(page, english("co_assessment"))
    gallery.show("first-questions")


def test_the_desks(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    desk = start_desk(live_server, "supervisor")
    gallery = Gallery(desk, "supervisor")
    page = sign_in(desk, SUPERVISOR)
    expect(queue_rows(page).first).to_be_visible()
    gallery.show("queue")
    page.locator("summary").click()
    gallery.show("queue-filters")
    page.locator("summary").click()
    open_in_queue(page, "Demo Market, 200 Sample Avenue")
    gallery.show("referral")
    button(page, english("desk_give_save")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.show("referral-errors")
    open_history(page)
    expect(page.get_by_role("listitem").first).to_be_visible()
    gallery.show("history")

    # A desk is by day until somebody chooses the night.
    go_to_settings(page)
    page.get_by_role("radio", name=english("theme_night"), exact=True).check()
    gallery.show("me-by-night")
    page.evaluate("location.hash = '#/'")
    settled(page, english("desk_queue"))
    open_in_queue(page, "Demo Market, 200 Sample Avenue")
    gallery.show("queue-and-referral-by-night")
    gallery.assert_faultless()

    phone = start_phone(live_server, "sergeant")
    officers = Gallery(phone, "sergeant")
    cedar = sign_in(phone, SERGEANT)
    expect(cedar.get_by_role("region").filter(has_text="Officer Demo Alder")).to_be_visible()
    officers.show("my-officers")
    go_to_settings(cedar)
    officers.show("me")
    officers.assert_faultless()
