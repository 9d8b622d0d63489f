"""A page is answered before anything is unlocked: from the notification's own button, or on the screen that a tap on it opens.

On an iPhone a notification has no buttons and the browser itself opens the address; here the address of the notification is
opened as the phone would. What the server knows is asked of the server; what the officer reads, of the officer's phone.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import Say, button, english, heading, lock, pattern, refer, sign_in, spanish, unlock
from tests.browser.push_phone import Pager
from tests.browser.staff_steps import COORDINATOR, answer_on_card, inbox_card
from tests.push_service import PushService

RELIEF = "denver.coordinator2"
WAITING = "Officer waiting"
#: A control that a gloved thumb finds in the dark.
LARGE_PX = 56


@pytest.fixture
def locked(server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]) -> Pager:
    """The coordinator's phone: it can be reached, and it is locked."""
    phone = start_phone(server, "coordinator")
    pager = Pager(phone, push_service)
    page = sign_in(phone, COORDINATOR)
    pager.turn_on()
    page.evaluate("location.hash = '#/'")
    lock(page)
    return pager


def have_it(page: Page, say: Say = english) -> None:
    button(page, say("paged_have_it")).click()


def visited(page: Page) -> str:
    """Every address that the way back could lead to."""
    session = page.context.new_cdp_session(page)
    entries = session.send("Page.getNavigationHistory")["entries"]
    session.detach()
    return " ".join(each["url"] for each in entries)


def acknowledged_by(server: LiveServer, page_id: str) -> str | None:
    """Whose page it is by now, as the server stores it."""
    with closing(sqlite3.connect(f"file:{server.data_dir / 'handoff.sqlite'}?mode=ro", uri=True)) as connection:
        question = "SELECT person.login FROM page JOIN person ON person.id = page.acknowledged_by WHERE page.id = ?"
        found = connection.execute(question, (page_id,)).fetchone()
    return None if found is None else str(found[0])


def test_a_tap_on_the_page_answers_it_before_unlocking(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Colfax and Clarkson, north kerb"
    refer(sign_in(start_phone(server, "officer")), place)
    message = locked.ring("page")
    page_id, token = message.body["page"], message.body["token"]

    address = locked.place(WAITING)
    assert address == f"/#/answer/{page_id}/{token}/officer_waiting"
    locked.phone.leave_app()
    page = locked.phone.goto(address)
    expect(heading(page)).to_have_text(WAITING)
    # The token is in no address, and so in no list of addresses; a person is nowhere.
    assert page.url == f"{server.url}/#/answer"
    assert token not in visited(page)
    for word in (place, "Colfax", "Alder", "Sample"):
        expect(page.locator("body")).not_to_contain_text(word)
    box = button(page, english("paged_have_it")).bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    assert box["height"] >= LARGE_PX
    assert box["y"] > size["height"] / 2
    assert acknowledged_by(server, page_id) is None

    have_it(page)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(english("paged_yours_locked"))
    assert acknowledged_by(server, page_id) == COORDINATOR
    # What the lock screen said is over.
    locked.takes_away(WAITING)

    button(page, english("paged_unlock")).click()
    unlock(page)
    expect(inbox_card(page, place)).to_contain_text(english("co_you_have_it"))


def test_a_tap_without_a_connection_says_so_and_is_sent_when_it_returns(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    refer(sign_in(start_phone(server, "officer")), "Federal and 8th, bus stop")
    page_id = locked.ring("page").body["page"]
    address = locked.place(WAITING)
    locked.phone.set_online(False)
    page = locked.phone.goto(address)
    have_it(page)
    status = page.get_by_role("main").get_by_role("status")
    expect(status).to_have_text(english("paged_kept"))
    expect(page.get_by_role("main").get_by_role("link", name=re.compile(f"^{english('call')}"))).to_be_visible()
    assert acknowledged_by(server, page_id) is None

    # Nobody touches the phone again.
    locked.phone.set_online(True)
    expect(status).to_have_text(english("paged_yours_locked"))
    assert acknowledged_by(server, page_id) == COORDINATOR


def test_a_tap_without_a_connection_is_sent_with_the_app_closed(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    refer(sign_in(start_phone(server, "officer")), "Alameda and Knox, alley")
    page_id = locked.ring("page").body["page"]
    address = locked.place(WAITING)
    locked.phone.set_online(False)
    page = locked.phone.goto(address)
    have_it(page)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(english("paged_kept"))
    locked.phone.leave_app()

    locked.phone.set_online(True)
    locked.phone.background_sync("handoff-flush")
    locked.shows("You have it")
    assert acknowledged_by(server, page_id) == COORDINATOR


def test_whoever_comes_second_reads_who_was_first(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Lincoln and 17th, doorway"
    refer(sign_in(start_phone(server, "officer")), place)
    locked.ring("page")
    address = locked.place(WAITING)
    relief = sign_in(start_phone(server, "relief"), RELIEF)
    answer_on_card(relief, place, 20)
    for _ in range(400):
        if acknowledged_by(server, locked.delivered[-1].body["page"]) == RELIEF:
            break
        relief.wait_for_timeout(25)

    page = locked.phone.goto(address)
    have_it(page)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(pattern(english("paged_already")))
    expect(page.get_by_role("main").get_by_role("status")).not_to_contain_text("Somebody")


def test_the_button_of_a_notification_answers_with_no_page_of_the_app_open(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    refer(sign_in(start_phone(server, "officer")), "Downing and 12th, laundry")
    page_id = locked.ring("page").body["page"]
    locked.phone.leave_app()
    assert locked.shows(WAITING).actions == ("I have it",)
    locked.tap(WAITING, "acknowledge")
    assert locked.shows("You have it").actions == ()
    assert acknowledged_by(server, page_id) == COORDINATOR


def test_a_token_that_fits_nothing_says_that_the_page_has_ended(locked: Pager) -> None:
    page = locked.phone.goto(f"/#/answer/00000000-0000-4000-8000-000000000000/{'0' * 32}")
    expect(heading(page)).to_have_text("Referral waiting")
    have_it(page)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(english("paged_refused"))
    button(page, english("paged_open")).click()
    expect(heading(page)).to_have_text(english("locked_title"))
    # Loaded anew, an address without its token is the app as always.
    page = locked.phone.goto("/#/answer")
    page.reload()
    expect(heading(page)).to_have_text(english("locked_title"))


def test_a_tap_while_the_app_is_open_leads_there_without_locking_it(
    server: LiveServer, locked: Pager, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Santa Fe and 9th, gallery steps"
    page = locked.phone.page
    unlock(page)
    refer(sign_in(start_phone(server, "officer")), place)
    locked.ring("page")
    locked.shows(WAITING)
    # The worker may not bring a window to the front without a real finger; that it tells the window comes before.
    with pytest.raises(Exception, match="focus"):
        locked.tap(WAITING)
    expect(heading(page)).to_have_text(WAITING)
    have_it(page)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(english("paged_yours"))
    button(page, english("paged_open")).click()
    expect(inbox_card(page, place)).to_contain_text(english("co_you_have_it"))


@pytest.mark.parametrize(("locale", "say"), [("en-US", english), ("es-US", spanish)])
def test_the_screen_can_be_read_and_reached_in_every_light(
    server: LiveServer, start_phone: BrowserFactory[Phone], locale: str, say: Say
) -> None:
    phone = start_phone(server, "coordinator", locale=locale)
    sign_in(phone, COORDINATOR, say=say)
    gallery = Gallery(phone, f"answer-{locale}")
    nothing = f"/#/answer/00000000-0000-4000-8000-000000000000/{'0' * 32}/officer_waiting"
    page = phone.restart()
    page = phone.goto(nothing)
    expect(heading(page)).to_have_text(say("paged_officer_waiting"))
    gallery.show("asked")
    phone.set_online(False)
    have_it(page, say)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(say("paged_kept"))
    gallery.show("kept")
    phone.set_online(True)
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(say("paged_refused"))
    gallery.show("ended")
    # The browser reports the refusal of a token that never was one.
    gallery.browser.console_errors[:] = [each for each in phone.console_errors if "status of 404" not in each]
    gallery.assert_faultless()
