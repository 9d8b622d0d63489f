"""Who was called: read by the supervisor beside the queue and in the history, and by the coordinator on the referral."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.officer_steps import english, refer, sign_in, unlock
from tests.browser.push_phone import Pager
from tests.browser.staff_steps import (
    COORDINATOR,
    MAYA,
    SUPERVISOR,
    inbox_card,
    open_from_inbox,
    open_history,
    open_in_queue,
)
from tests.push_service import PushService

PLACE = "Wynkoop and Sample Street, by the clock"
BY_PHONE = re.compile(rf"{MAYA} · phone: (sent, not seen yet|seen)$")


def who_was_called(page: Page) -> Locator:
    return page.locator("details").filter(has=page.get_by_role("heading", name=english("called_title"), exact=True))


def toggle(page: Page) -> Locator:
    """Open it, or close it; what it says is asked anew each time that it opens."""
    found = who_was_called(page)
    found.locator("summary").click()
    return found


def test_everybody_entitled_reads_who_was_tried_and_with_what_answer(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    coordinator = start_phone(server, "coordinator")
    pager = Pager(coordinator, push_service)
    sign_in(coordinator, COORDINATOR)
    pager.turn_on()
    coordinator.leave_app()
    officer = start_phone(server, "officer")
    alder = sign_in(officer)
    refer(alder, PLACE)
    pager.ring("page")
    expect(who_was_called(alder)).to_have_count(0)

    desk = start_desk(server, "supervisor")
    queue = sign_in(desk, SUPERVISOR)
    open_in_queue(queue, PLACE)
    lines = toggle(queue).get_by_role("listitem")
    expect(lines.first).to_contain_text(english("called_opened"))
    expect(lines.filter(has_text=BY_PHONE)).to_have_count(1)

    pager.tap("Officer waiting", "acknowledge")
    answered = english("called_acknowledged").format(name=MAYA)
    toggle(queue)
    expect(toggle(queue).get_by_role("listitem").filter(has_text=answered)).to_have_count(1)
    open_history(queue)
    expect(who_was_called(queue).get_by_text(answered)).to_be_visible()

    maya = coordinator.goto("/")
    unlock(maya)
    expect(inbox_card(maya, PLACE)).to_be_visible()
    open_from_inbox(maya, PLACE)
    expect(toggle(maya).get_by_role("listitem").filter(has_text=answered)).to_have_count(1)
    coordinator.link.down()
    toggle(maya)
    expect(toggle(maya).get_by_text(english("called_offline"), exact=True)).to_be_visible()
    coordinator.link.up()
