"""Two people write different things: both see it, one chooses, the other is told. And times from a clock that is years off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import looked_at
from tests.browser.harness import Desk, LiveServer, Phone, axe
from tests.browser.officer_steps import (
    OFFICER,
    Details,
    Say,
    arrived,
    button,
    card,
    english,
    field,
    go_home,
    heading,
    open_card,
    open_details,
    refer,
    send_details,
    send_now,
    sign_in,
    spanish,
    write_details,
)
from tests.browser.staff_steps import (
    COORDINATOR,
    MAYA,
    SUPERVISOR,
    answer_on_card,
    fields_of,
    go_to_inbox,
    inbox_card,
    look_again,
    open_from_inbox,
    open_history,
    open_in_queue,
    part,
)

BY_EAR, BY_CARD = "Rosa Dias", "Rosa Díaz Peña"
THREE_YEARS = timedelta(days=1096)

#: A worker has a clock of its own, which the test cannot set: what is sent is sent by the page.
NO_BACKGROUND_SYNC = "delete ServiceWorkerRegistration.prototype.sync"


def conflict(page: Page, key: str = "name", say: Say = english) -> Locator:
    """One field in which two words stand against each other."""
    return page.get_by_role("region", name=say(f"co_field_{key}"), exact=True)


def use(page: Page, value: str, say: Say = english) -> Locator:
    return button(page, say("conflicts_use").format(value=value))


def correct_name(page: Page, name: str, say: Say = english) -> None:
    """The coordinator writes the name as it stands on a card."""
    button(page, say("co_who_change")).click()
    field(page, say("co_field_name")).fill(name)
    button(page, say("co_who_save")).click()
    expect(button(page, say("co_who_change"))).to_be_visible()


def shown_everywhere(page: Page) -> None:
    """Nobody is kept from it: neither by their eyes nor by a narrow screen."""
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def write_offline(phone: Phone, page: Page, name: str, say: Say = english) -> None:
    phone.set_online(False)
    open_details(page, say)
    write_details(page, Details(name=name), say)
    send_details(page, say)


@pytest.mark.parametrize(
    ("locale", "say", "given"),
    [("en-US", english, "Rosa"), ("es-MX", spanish, "Lucía")],
    ids=["English", "Spanish"],
)
def test_a_name_written_twice_is_shown_to_both_chosen_by_one_and_told_to_the_other(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], locale: str, say: Say, given: str
) -> None:
    place = f"Sloan's Lake, {locale}"
    first, by_ear, by_card = f"{given[0]}. Diaz", f"{given} Dias", f"{given} Díaz Peña"
    mended = f"{by_card} (Dias)"
    roadside, coordinators = (
        start_phone(live_server, "officer", locale=locale),
        start_phone(live_server, "coordinator", locale=locale),
    )
    officer = sign_in(roadside, OFFICER, say=say)
    referral = refer(officer, place, say)
    open_details(officer, say)
    write_details(officer, Details(name=first), say)
    send_details(officer, say)
    arrived(officer, live_server, referral, 5)

    coordinator = sign_in(coordinators, COORDINATOR, say=say)
    answer_on_card(coordinator, place, 20, say)
    expect(part(coordinator, say("co_who"))).to_contain_text(first)
    write_offline(roadside, officer, by_ear, say)
    correct_name(coordinator, by_card, say)
    arrived(coordinator, live_server, referral, 7)
    roadside.set_online(True)
    arrived(officer, live_server, referral, 8)

    # The officer reads it in the list, and on the referral as question and answer.
    send_now(officer, say)
    go_home(officer, say)
    mine = card(officer, by_card)
    expect(mine).to_contain_text(say("conflict_line"))
    open_card(officer, by_card)
    asked = conflict(officer, say=say)
    expect(asked).to_contain_text(say("conflicts_was").format(value=first))
    expect(asked.get_by_text(say("conflicts_yours"))).to_be_visible()
    expect(asked).to_contain_text(MAYA)
    expect(use(officer, by_ear, say)).to_be_visible()
    looked_at(roadside, f"conflict-officer-{locale}", "asked")

    # The coordinator sees the same two, and keeps both, as one text that is mended first.
    look_again(coordinator)
    asked = conflict(coordinator, say=say)
    expect(asked.get_by_text(say("conflicts_yours_record"))).to_be_visible()
    looked_at(coordinators, f"conflict-coordinator-{locale}", "asked")
    button(coordinator, say("conflicts_both_text")).click()
    words = field(coordinator, say("conflicts_both_text"))
    expect(words).to_have_value(f"{by_card} / {by_ear}")
    words.fill(mended)
    button(coordinator, say("conflicts_both_save")).click()
    expect(conflict(coordinator, say=say)).to_contain_text(say("conflicts_chose").format(value=mended))
    arrived(coordinator, live_server, referral, 9)
    assert fields_of(live_server, referral)["name"] == mended

    # The officer is told, until they say that they have seen it, and not again after that.
    send_now(officer, say)
    go_home(officer, say)
    expect(card(officer, mended)).to_contain_text(say("conflict_line"))
    open_card(officer, mended)
    told = part(officer, say("conflicts_told_title"))
    expect(told).to_contain_text(say("conflicts_told").format(field=say("co_field_name"), value=mended))
    expect(told).to_contain_text(MAYA)
    looked_at(roadside, f"conflict-told-{locale}", "told")
    button(officer, say("conflicts_seen")).click()
    expect(told).to_have_count(0)
    send_now(officer, say)
    go_home(officer, say)
    expect(card(officer, mended)).to_be_visible()
    expect(card(officer, mended)).not_to_contain_text(say("conflict_line"))

    # Chosen again is undone.
    button(coordinator, say("conflicts_again")).click()
    use(coordinator, by_ear, say).click()
    expect(conflict(coordinator, say=say)).to_contain_text(say("conflicts_chose").format(value=by_ear))
    arrived(coordinator, live_server, referral, 10)
    assert fields_of(live_server, referral)["name"] == by_ear


def test_a_form_says_that_the_field_changed_before_it_is_sent(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    place = "Ruby Hill, changed meanwhile"
    roadside, coordinators = start_phone(live_server, "officer"), start_phone(live_server, "coordinator")
    officer = sign_in(roadside, OFFICER)
    referral = refer(officer, place)
    arrived(officer, live_server, referral)
    coordinator = sign_in(coordinators, COORDINATOR)
    answer_on_card(coordinator, place, 20)
    open_details(officer)
    field(officer, english("officer_field_name")).fill(BY_EAR)
    correct_name(coordinator, BY_CARD)
    arrived(coordinator, live_server, referral, 6)

    look_again(officer)
    changed = conflict(officer)
    expect(changed).to_contain_text(english("conflicts_meanwhile_now").format(value=BY_CARD))
    expect(changed).to_contain_text(MAYA)
    shown_everywhere(officer)
    roadside.screenshot("conflict-meanwhile")
    button(officer, english("officer_send_details")).click()
    expect(officer.get_by_role("alert")).to_contain_text(english("officer_changed_meanwhile"))
    button(officer, english("conflicts_meanwhile_mine").format(value=BY_EAR)).click()
    expect(changed).to_have_count(0)
    send_details(officer)
    arrived(officer, live_server, referral, 7)
    assert fields_of(live_server, referral)["name"] == BY_EAR

    # Whoever saw what stood and wrote over it has opened no question.
    look_again(coordinator)
    expect(part(coordinator, english("co_who"))).to_contain_text(BY_EAR)
    expect(conflict(coordinator)).to_have_count(0)


def test_times_from_a_clock_three_years_off_are_told_as_estimates_and_never_as_the_future(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    place = "Bear Creek, three years on"
    roadside = start_phone(live_server, "officer")
    roadside.context.add_init_script(NO_BACKGROUND_SYNC)
    roadside.context.clock.install(time=datetime.now(UTC) + THREE_YEARS)
    officer = sign_in(roadside, OFFICER)
    go_home(officer)
    expect(officer.get_by_text(english("times_own_fast").format(length="3 years"))).to_be_visible()
    referral = refer(officer, place)
    [first, *_] = arrived(officer, live_server, referral)
    made = datetime.fromisoformat(first["operation"]["made_at"])
    assert made > datetime.now(UTC) + THREE_YEARS / 2, "the log keeps what the clock said"
    go_home(officer)
    mine = card(officer, place)
    expect(mine).to_contain_text("3 years fast")
    expect(mine).to_contain_text(re.compile(r"captured (just now|about \d+ min ago)"))
    shown_everywhere(officer)
    roadside.screenshot("times-officer")

    coordinators, supervisors = start_phone(live_server, "coordinator"), start_desk(live_server, "supervisor")
    coordinator = sign_in(coordinators, COORDINATOR)
    expect(inbox_card(coordinator, place)).to_contain_text(
        re.compile(r"captured .*\(estimated: that phone’s clock was 3 years fast\)")
    )
    coordinators.screenshot("times-coordinator")
    answer_on_card(coordinator, place, 20)
    told = coordinator.get_by_role("main")
    expect(told).to_contain_text("3 years fast")
    expect(told).not_to_contain_text(re.compile(r"\bin \d+ (days|years|hours)"))
    go_to_inbox(coordinator)
    open_from_inbox(coordinator, place)
    expect(heading(coordinator)).to_be_visible()

    supervisor = sign_in(supervisors, SUPERVISOR)
    open_in_queue(supervisor, place)
    open_history(supervisor)
    expect(supervisor.get_by_role("main").get_by_role("listitem").first).to_contain_text(
        "estimated: that phone’s clock was 3 years fast"
    )
    expect(supervisor.get_by_role("main")).not_to_contain_text(re.compile(r"\bin \d+ (days|years|hours)"))
    shown_everywhere(supervisor)
    supervisors.screenshot("times-history")
