"""A page that is answered from the lock screen: with two phones in pockets, and with a signal that is gone when the tap comes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import english, refer, sign_in, unlock
from tests.browser.push_phone import WAITING, Pager, assert_says_nothing_about_anybody
from tests.browser.staff_steps import COORDINATOR, MAYA, go_to_inbox, look_again, open_from_inbox
from tests.push_service import PushService

NOEL = "Noel Example"
RECEIVED = re.compile(r"^Received · no\. \d+ · \d\d:\d\d$")


def also_on_call(desk: Page, name: str) -> None:
    """A supervisor puts one more person on call for an hour, by the same door as the rota's screen."""
    status = desk.evaluate(
        """async (name) => {
          const { people } = await (await fetch('/api/rota')).json();
          const user_id = people.find((each) => each.name === name).id;
          const end = new Date(Date.now() + 3_600_000).toISOString();
          const wish = { kind: 'add', level: 'on_call', user_id, start: new Date().toISOString(), end };
          const headers = { 'Content-Type': 'application/json', 'X-Handoff': '1' };
          return (await fetch('/api/rota/changes', { method: 'POST', headers, body: JSON.stringify(wish) })).status;
        }""",
        name,
    )
    assert status in (200, 201), status


def test_a_page_is_answered_from_the_lock_screen(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Speer and Larimer, under the bridge"
    coordinator = start_phone(server, "coordinator")
    pager = Pager(coordinator, push_service)
    sign_in(coordinator, COORDINATOR)
    pager.turn_on()
    relief = start_phone(server, "relief")
    other_pager = Pager(relief, push_service)
    sign_in(relief, "denver.coordinator2")
    other_pager.turn_on()
    also_on_call(sign_in(start_phone(server, "desk"), "denver.supervisor"), NOEL)
    # Both phones lie in a pocket: no page of the app is open.
    coordinator.leave_app()
    relief.leave_app()

    officer = start_phone(server, "officer")
    alder = sign_in(officer)
    refer(alder, place)
    pager.ring("page")
    other_pager.ring("page")
    assert_says_nothing_about_anybody(pager.shows(WAITING), [place])
    pager.tap(WAITING, "acknowledge")
    assert pager.shows("You have it").actions == ()

    # An answer from the lock screen promises no time of arrival, because nobody was asked for one.
    look_again(alder)
    expect(alder.get_by_text(f"Seen by {MAYA}", exact=True).first).to_be_visible()

    # The other phone is told, and its own tap comes too late.
    other_pager.ring("taken")
    other_pager.shows("Taken by M. E.")
    assert other_pager.count() == 1

    # Opening the app leads to it.
    maya = coordinator.goto("/")
    unlock(maya)
    open_from_inbox(maya, place)
    expect(maya.get_by_text(english("co_you_have_it"), exact=True)).to_be_visible()


def test_an_answer_that_did_not_get_through_never_says_that_it_did(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Broadway and Ellsworth, car park"
    coordinator = start_phone(server, "coordinator")
    pager = Pager(coordinator, push_service)
    maya = sign_in(coordinator, COORDINATOR)
    pager.turn_on()
    go_to_inbox(maya)
    alder = sign_in(start_phone(server, "officer"))
    refer(alder, place)
    pager.ring("page")
    pager.shows(WAITING)

    # The coordinator's own signal is gone when the tap comes.
    coordinator.set_online(False)
    pager.tap(WAITING, "acknowledge")
    assert pager.shows("Not yet acknowledged").body.startswith("No connection.")
    expect(alder.get_by_text(RECEIVED)).to_be_visible()

    # It is tried again by itself, and what the lock screen said is no longer true.
    coordinator.set_online(True)
    pager.takes_away("Not yet acknowledged")
    look_again(alder)
    expect(alder.get_by_text(f"Seen by {MAYA}", exact=True).first).to_be_visible()
