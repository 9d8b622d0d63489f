"""Two officers refer the same person: a coordinator sees it, compares, merges, answers for both, and parts them again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import looked_at
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    OFFICER,
    OTHER_OFFICER,
    button,
    card,
    english,
    go_home,
    heading,
    pattern,
    refer,
    send_now,
    sign_in,
)
from tests.browser.server_side import arrived, log_of
from tests.browser.staff_steps import COORDINATOR, MAYA, go_to_inbox, inbox_card, part

NEXT_LOOK_MS = 60_000
"""A phone looks again by itself within a minute."""
PLACE = "Larimer Street, by the blue door"


def number_of(page: Page) -> str:
    """The number of the referral on the screen."""
    found = re.search(r"\d+", heading(page).inner_text())
    assert found is not None
    return found.group()


def open_referral(page: Page, referral_id: str) -> str:
    page.evaluate(f"location.hash = '#/referral/{referral_id}'")
    expect(heading(page)).to_have_text(pattern(english("co_title")))
    return number_of(page)


def called(number: str) -> str:
    return english("merging_number").format(number=number)


def test_the_same_person_twice(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    first, second = start_phone(live_server, "first officer"), start_phone(live_server, "second officer")
    one, two = sign_in(first, OFFICER), sign_in(second, OTHER_OFFICER)
    into = refer(one, PLACE)
    arrived(one, live_server, into)
    other = refer(two, PLACE)
    arrived(two, live_server, other)

    phone = start_phone(live_server, "coordinator")
    page = sign_in(phone, COORDINATOR)
    expect(inbox_card(page, PLACE)).to_have_count(2)
    number, gives_way = open_referral(page, into), open_referral(page, other)
    same = part(page, english("merging_same"))
    expect(same).to_contain_text(f"{called(number)} · {english('merging_reason_place')}")
    same.get_by_role("link", name=english("merging_compare").format(number=called(number)), exact=True).click()
    expect(heading(page)).to_have_text(english("merging_title"))
    place = page.get_by_role("row").filter(has_text=english("co_field_place"))
    expect(place).to_contain_text(english("merging_outcome_same"))
    expect(place.get_by_role("cell", name=PLACE, exact=True)).to_have_count(2)
    looked_at(phone, "merging", "compared")
    button(page, english("merging_merge").format(number=called(number))).click()

    # Work goes on on the earlier one; the later one calls until somebody has the person, then it leaves the list.
    expect(heading(page)).to_have_text(pattern(english("co_title")))
    assert number_of(page) == number
    here = part(page, english("merging_here"))
    expect(here.get_by_role("link", name=english("merging_open").format(number=called(gives_way)))).to_be_visible()
    looked_at(phone, "merged", "one-referral")
    arrived(page, live_server, other, operations=5)
    # Both officers' consents stand here now: the phone shows the whole, so that an answer is for both.
    expect(part(page, english("co_consent")).get_by_role("listitem")).to_have_count(2, timeout=NEXT_LOOK_MS)
    button(page, f"{english('co_have_it')} {english('co_minutes').format(n=20)}").click()
    arrived(page, live_server, into, operations=5)
    for officer in (one, two):
        send_now(officer)
        go_home(officer)
        expect(card(officer, PLACE)).to_contain_text(f"Seen by {MAYA}")
    go_to_inbox(page)
    expect(inbox_card(page, PLACE)).to_have_count(1)

    # They are two people after all.
    open_referral(page, into)
    part(page, english("merging_here")).get_by_role(
        "button", name=english("merging_part").format(number=called(gives_way)), exact=True
    ).click()
    button(page, english("merging_part_now")).click()
    expect(part(page, english("merging_here"))).to_have_count(0)
    go_to_inbox(page)
    expect(inbox_card(page, PLACE)).to_have_count(2, timeout=NEXT_LOOK_MS)
    arrived(page, live_server, other, operations=6)
    log = log_of(live_server, other)
    assert [each["kind"] for each in log][-2:] == ["referral.merge", "referral.unmerge"]
    assert "referral.merge" not in [each["kind"] for each in log_of(live_server, into)]
