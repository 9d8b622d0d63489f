"""Networks that lie: captive portals, empty and broken answers. Nothing counts as sent but the server's own receipt."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.link import CAPTIVE_PORTAL, EMPTY_ANSWER, LOST_ANSWER, Fault, http_answer
from tests.browser.officer_steps import (
    bar,
    find_network,
    refer,
    send_now,
    sign_in,
)
from tests.browser.server_side import ALERT, arrived, count_of_referrals, log_of

SAVED = "Saved on this phone · not sent yet"
RECEIVED = re.compile(r"^Received · no\. \d+")
PUSH = "/api/sync/push"

REDIRECT = Fault(
    b"HTTP/1.1 302 Found\r\nLocation: http://localhost:1/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
TRUNCATED = Fault(http_answer(b'{"protocol":1,"epoch":"', "application/json"))
SOMEBODY_ELSES = Fault(http_answer(b'{"status":"ok","receipts":[]}', "application/json"))
CUT = Fault(cut_after_bytes=40)

LIES = {
    "a page in place of the answer": CAPTIVE_PORTAL,
    "an empty 200": EMPTY_ANSWER,
    "JSON that stops in the middle": TRUNCATED,
    "JSON that is not ours": SOMEBODY_ELSES,
    "a redirect to a portal": REDIRECT,
}


def test_behind_every_kind_of_portal_it_stays_unsent_and_then_goes_through(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, "Hotel lobby with free Wi-Fi")
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()

    for name, lie in LIES.items():
        find_network(phone, "/api/", lie)
        asked = len(phone.link.requests)
        send_now(page)
        tries = [each for each in phone.link.requests[asked:] if each.path == PUSH]
        assert tries, f"the phone did not even try: {name}"
        expect(bar(page)).to_contain_text("No connection")
        expect(bar(page)).to_contain_text("4 waiting")
        assert log_of(live_server, referral) == [], name
        page.go_back()
        expect(page.get_by_text(SAVED, exact=True)).to_be_visible()

    # Somebody accepts the portal's terms.
    phone.link.up()
    send_now(page)
    page.go_back()
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert [each["kind"] for each in log_of(live_server, referral)] == ALERT


@pytest.mark.parametrize("fault", [LOST_ANSWER, CUT], ids=["lost whole", "cut in the middle"])
def test_a_lost_answer_makes_a_duplicate_and_one_record(
    fault: Fault, live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    before = count_of_referrals(live_server)
    phone.link.meddle_with(PUSH, fault)
    referral = refer(page, "Platte River trail, mile 3")
    first = arrived(page, live_server, referral, operations=1)

    # The server has it, the phone cannot know: it says what it knows, and keeps everything.
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()
    expect(bar(page)).to_contain_text("4 waiting")

    phone.link.up()
    send_now(page)
    page.go_back()
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    expect(bar(page)).to_have_text("Connected")
    log = log_of(live_server, referral)
    assert log[: len(first)] == first
    assert [each["kind"] for each in log] == ALERT
    assert len({each["seq"] for each in log}) == len(ALERT)
    assert count_of_referrals(live_server) == before + 1
