"""The rota on phones and desks against the real server: covers, a hand-over, the plan, and what holds meanwhile.

Played in the demo's valley, whose rota has nothing open. Who of its two coordinators has this week is the calendar's affair, so
a test looks who is on call before it begins.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import Browser, Desk, LiveServer, Phone
from tests.browser.link import LOST_ANSWER
from tests.browser.officer_steps import Say, button, english, lock, pattern, sign_in, spanish, unlock
from tests.browser.staff_steps import look_again
from tests.browser.test_story_spanish import assert_spanish
from tests.browser.test_walls import Traffic

ZONE = ZoneInfo("America/Denver")
NAMES = {"valley.coordinator": "Pilar Example", "valley.coordinator2": "Quinn Example"}
SUPERVISOR = "valley.supervisor"
ROSA = "Rosa Example"
LEVEL = english("rota_name_on_call")
CHANGES = "/api/rota/changes"


def enter(browser: Browser, login: str, say: Say = english) -> Page:
    """Signs in and opens one's own shifts."""
    page = sign_in(browser, login, say=say)
    go_to(page, "/rota/mine", say("rota_mine"))
    expect(page.locator(".rota-now").first).to_be_visible()
    return page


def go_to(page: Page, path: str, title: str) -> None:
    page.evaluate("(path) => { location.hash = path; }", f"#{path}")
    settled(page, title)


def on_duty(page: Page) -> Locator:
    """ "You are on call until …" """
    return page.get_by_text(pattern(english("rota_now_on_call")))


def two_phones(server: LiveServer, start_phone: BrowserFactory[Phone]) -> tuple[tuple[Phone, str], tuple[Phone, str]]:
    """The coordinator on call and the other one, each with their name, on the screen of their own shifts."""
    found = []
    for login, name in NAMES.items():
        phone = start_phone(server, name)
        page = enter(phone, login)
        found.append((phone, name, on_duty(page).count() > 0))
    found.sort(key=lambda each: not each[2])
    assert [on for _, _, on in found] == [True, False]
    (first, her, _), (second, him, _) = found
    return (first, her), (second, him)


def section(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def wall(moment: datetime) -> str:
    """As a field for a day and a time takes it, in the program's zone."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def test_a_cover_is_asked_for_lives_through_a_lost_answer_and_holds_once_it_is_accepted(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone]
) -> None:
    server = start_server()
    (phone, her), (other, him) = two_phones(server, start_phone)
    page, theirs = phone.page, other.page
    gallery = Gallery(phone, "rota-coordinator")
    gallery.show("mine")

    page.get_by_role("link", name=english("rota_cover"), exact=True).click()
    settled(page, english("rota_cover_title"))
    button(page, english("rota_ask")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("rota_missing_person"))
    page.get_by_role("radio", name=re.compile(f"^{him}")).check()
    until = datetime.now(ZONE) + timedelta(hours=4)
    page.get_by_label(english("rota_until_when"), exact=True).fill(wall(until))
    stays = english("rota_meanwhile_on_call").format(name=him)
    expect(page.get_by_text(stays)).to_be_visible()
    gallery.show("cover")

    # Put away before it is sent; what was chosen is there again.
    lock(page)
    page = phone.restart()
    unlock(page)
    go_to(page, "/rota/mine", english("rota_mine"))
    page.get_by_role("link", name=english("rota_cover"), exact=True).click()
    expect(page.get_by_role("radio", name=re.compile(f"^{him}"))).to_be_checked()
    expect(page.get_by_label(english("rota_until_when"), exact=True)).to_have_value(wall(until))
    button(page, english("rota_ask_name").format(name=him)).click()
    settled(page, english("rota_mine"))
    mine = section(page, english("rota_pending"))
    expect(mine).to_contain_text(stays)
    expect(on_duty(page)).to_be_visible()
    gallery.show("asked")

    look_again(theirs)
    asked = section(theirs, english("rota_requests"))
    expect(asked).to_contain_text(f"{her} asks you to come instead")
    expect(on_duty(theirs)).to_have_count(0)
    asking = Gallery(other, "rota-asked")
    asking.show("asked")
    asked.get_by_role("button", name=english("rota_accept"), exact=True).click()
    expect(asked).to_have_count(0)
    time = until.strftime("%H:%M")
    expect(on_duty(theirs)).to_contain_text(time)
    expect(theirs.locator("[role=status].hidden")).to_have_text(pattern(english("rota_you_on_call")))
    asking.show("accepted")
    asking.assert_faultless()

    look_again(page)
    expect(mine).to_have_count(0)
    expect(on_duty(page)).to_have_count(0)
    expect(section(page, english("rota_arranged"))).to_contain_text(
        re.compile(rf"{him} is on call .*to .*{re.escape(time)}")
    )
    expect(section(page, english("rota_others"))).to_contain_text(him)
    gallery.show("covered")
    gallery.assert_faultless()


def test_a_shift_is_handed_over_in_two_taps_and_only_when_the_other_agrees(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone]
) -> None:
    server = start_server()
    (phone, _), (other, him) = two_phones(server, start_phone)
    page, theirs = phone.page, other.page

    def hand_over() -> None:
        # The shift on call stands before that of a deputy.
        page.get_by_role("link", name=english("rota_hand_over"), exact=True).first.click()
        settled(page, english("rota_hand_over_title"))
        page.get_by_role("button", name=re.compile(f"^{him}")).click()
        button(page, english("rota_hand_over_to").format(name=him)).click()

    # Declined: nothing has changed, and whoever asked is told.
    hand_over()
    settled(page, english("rota_mine"))
    expect(on_duty(page)).to_be_visible()
    look_again(theirs)
    section(theirs, english("rota_requests")).get_by_role("button", name=english("rota_decline"), exact=True).click()
    expect(section(theirs, english("rota_requests"))).to_have_count(0)
    look_again(page)
    expect(section(page, english("rota_pending"))).to_contain_text(english("rota_fallen").format(name=him))
    expect(on_duty(page)).to_be_visible()

    # Withdrawn before anybody answered: the other one is told so when the answer comes too late.
    hand_over()
    settled(page, english("rota_mine"))
    look_again(theirs)
    accept = section(theirs, english("rota_requests")).get_by_role("button", name=english("rota_accept"), exact=True)
    expect(accept).to_be_visible()
    section(page, english("rota_pending")).get_by_role("button", name=english("rota_withdraw"), exact=True).click()
    expect(button(page, english("rota_withdraw"))).to_have_count(0)
    accept.click()
    expect(theirs.get_by_role("alert")).to_contain_text(english("rota_changed_meanwhile"))
    expect(on_duty(theirs)).to_have_count(0)

    hand_over()
    settled(page, english("rota_mine"))
    look_again(theirs)
    accept.click()
    expect(on_duty(theirs)).to_be_visible()
    look_again(page)
    expect(on_duty(page)).to_have_count(0)
    # The inbox says it in one line.
    go_to(theirs, "/", english("co_inbox"))
    expect(theirs.get_by_role("link", name=pattern(english("rota_now_on_call")))).to_be_visible()
    Gallery(other, "rota-inbox").show("head")
    other.assert_quiet(["status of 401", "status of 409"])


def test_two_coordinators_swap_shifts(start_server: ServerFactory, start_phone: BrowserFactory[Phone]) -> None:
    server = start_server()
    (phone, _), (other, him) = two_phones(server, start_phone)
    page, theirs = phone.page, other.page
    coming = section(page, english("rota_coming")).get_by_role("listitem").filter(has_text=LEVEL).first
    mine = coming.get_by_role("heading").inner_text()
    coming.get_by_role("link", name=english("rota_swap"), exact=True).click()
    settled(page, english("rota_swap_title"))
    page.get_by_role("radio", name=re.compile(f"^{him}")).check()
    which = page.get_by_role("group", name=english("rota_which")).get_by_role("radio").first
    which.check()
    gallery = Gallery(phone, "rota-swap")
    gallery.show("swap")
    gallery.assert_faultless()
    button(page, english("rota_ask_name").format(name=him)).click()
    settled(page, english("rota_mine"))
    look_again(theirs)
    section(theirs, english("rota_requests")).get_by_role("button", name=english("rota_accept"), exact=True).click()
    expect(section(theirs, english("rota_requests"))).to_have_count(0)
    # Whoever comes has the shift now, joined to what they had before and after it.
    look_again(page)
    expect(section(page, english("rota_arranged"))).to_contain_text(him)
    shifts = section(page, english("rota_coming")).get_by_role("listitem").filter(has_text=LEVEL)
    expect(shifts.filter(has=page.get_by_role("heading", name=mine, exact=True))).to_have_count(0)


def days_of_rule(page: Page, n: int = 1) -> Locator:
    return page.get_by_role("region", name=english("rota_rule").format(n=n), exact=True)


def test_a_supervisor_writes_a_plan_looks_at_it_first_and_fills_the_gap_that_it_leaves(
    start_server: ServerFactory, start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    desk = start_desk(server, "supervisor")
    page = sign_in(desk, SUPERVISOR)
    page.get_by_role("link", name=english("rota_title"), exact=True).click()
    settled(page, english("rota_title"))
    expect(page.get_by_text(english("rota_gaps_none"), exact=True)).to_be_visible()
    gallery = Gallery(desk, "rota-supervisor")
    gallery.show("weeks")

    page.get_by_role("link", name=english("rota_plan_of").format(level=LEVEL), exact=True).click()
    settled(page, english("rota_edit_title").format(level=LEVEL))
    rule = days_of_rule(page)
    # A plan without anybody is not looked at, and says what it lacks.
    for name in NAMES.values():
        button(page, english("rota_remove_name").format(name=name)).click()
    button(page, english("rota_preview")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("rota_missing_people").format(n=1))
    for name in NAMES.values():
        rule.get_by_label(english("rota_add_person"), exact=True).select_option(label=name)
    first, second = NAMES.values()
    button(page, english("rota_down_name").format(name=first)).click()
    expect(rule.get_by_role("list").get_by_role("listitem").first).to_contain_text(second)
    # From Mondays 08:00 to Mondays 02:00: six hours of every week have nobody.
    rule.get_by_label(english("rota_turn_end"), exact=True).fill("02:00")
    expect(button(page, english("rota_save"))).to_have_count(0)
    button(page, english("rota_preview")).click()
    expect(page.get_by_text(pattern(english("rota_preview_gaps_other")))).to_be_visible()
    expect(page.get_by_text(f"{english('rota_nobody')} 02:00–08:00").first).to_be_visible()
    gallery.show("plan")

    # Closed and opened again: what was typed is there, and has to be looked at once more.
    lock(page)
    page = desk.restart()
    unlock(page)
    go_to(page, "/rota/plan/on_call", english("rota_edit_title").format(level=LEVEL))
    expect(rule_end(page)).to_have_value("02:00")
    button(page, english("rota_preview")).click()
    button(page, english("rota_save")).click()
    settled(page, english("rota_title"))
    gaps = page.get_by_role("listitem").filter(has_text=pattern_within(english("rota_gap_on_call")))
    # Two Mondays lie ahead, or three where one of them is today.
    expect(gaps.nth(1)).to_contain_text("02:00–08:00")
    before = gaps.count()
    gallery.show("gaps")

    gaps.first.get_by_role("link", name=pattern_within(english("rota_put_there"))).click()
    settled(page, english("rota_put_title"))
    page.get_by_role("radio", name=re.compile(f"^{ROSA}")).check()
    gallery.show("put")
    button(page, english("rota_put_save")).click()
    settled(page, english("rota_title"))
    expect(gaps).to_have_count(before - 1)
    expect(page.get_by_text(ROSA).and_(page.locator("strong")).first).to_be_visible()
    gallery.show("filled")
    gallery.assert_faultless()

    # Taken back, it is a gap again.
    page.get_by_text(english("rota_changes"), exact=True).click()
    page.get_by_role("button", name=pattern_within(english("rota_take_back"))).click()
    expect(gaps).to_have_count(before)


def rule_end(page: Page) -> Locator:
    return days_of_rule(page).get_by_label(english("rota_turn_end"), exact=True)


def pattern_within(sentence: str) -> re.Pattern[str]:
    """The sentence with anything in its {places}, somewhere in a text."""
    return re.compile(pattern(sentence).pattern.removeprefix("^").removesuffix("$"))


def test_two_supervisors_write_the_same_plan_and_the_second_loses_nothing(
    start_server: ServerFactory, start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    title = english("rota_edit_title").format(level=LEVEL)
    path = "/rota/plan/on_call"
    desks = [start_desk(server, f"desk {n}") for n in range(2)]
    pages = [sign_in(desk, SUPERVISOR) for desk in desks]
    for page, end in zip(pages, ("02:00", "04:00"), strict=True):
        go_to(page, path, title)
        rule_end(page).fill(end)
        button(page, english("rota_preview")).click()
        expect(button(page, english("rota_save"))).to_be_visible()
    hers, his = pages
    button(hers, english("rota_save")).click()
    settled(hers, english("rota_title"))
    # The second one has not asked again: the server refuses, and nothing typed is gone.
    button(his, english("rota_save")).click()
    expect(his.get_by_role("heading", name=english("rota_stale_title"), exact=True)).to_be_visible()
    expect(rule_end(his)).to_have_value("04:00")
    gallery = Gallery(desks[1], "rota-stale")
    gallery.show("stale")
    expect(button(his, english("rota_save"))).to_have_count(0)
    button(his, english("rota_stale_mine")).click()
    button(his, english("rota_save")).click()
    settled(his, english("rota_title"))
    look_again(hers)
    expect(hers.get_by_text("04:00–08:00").first).to_be_visible()


def test_a_plan_from_a_preset_for_a_level_that_had_none(
    start_server: ServerFactory, start_desk: BrowserFactory[Desk]
) -> None:
    server = start_server()
    desk = start_desk(server, "supervisor")
    page = sign_in(desk, SUPERVISOR)
    deputy = english("rota_name_deputy")
    title = english("rota_edit_title").format(level=deputy)
    go_to(page, "/rota/plan/deputy", title)
    button(page, f"{english('rota_remove_rule')}: {english('rota_rule').format(n=1)}").click()
    button(page, english("rota_preview")).click()
    button(page, english("rota_save")).click()
    settled(page, english("rota_title"))
    expect(page.get_by_text(english("rota_unplanned").format(levels=deputy), exact=True)).to_be_visible()

    go_to(page, "/rota/plan/deputy", title)
    button(page, english("rota_preset_day_night")).click()
    for n in (1, 2):
        for name in NAMES.values():
            days_of_rule(page, n).get_by_label(english("rota_add_person"), exact=True).select_option(label=name)
    button(page, english("rota_preview")).click()
    expect(page.get_by_text(english("rota_preview_whole"), exact=True)).to_be_visible()
    button(page, english("rota_save")).click()
    settled(page, english("rota_title"))
    expect(page.get_by_text(english("rota_unplanned").format(levels=deputy), exact=True)).to_have_count(0)
    expect(page.get_by_text("08:00–20:00").first).to_be_visible()


def test_without_a_connection_the_last_known_rota_is_shown_with_its_time_and_nothing_can_be_changed(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone]
) -> None:
    server = start_server()
    (phone, _), (_, him) = two_phones(server, start_phone)
    page = phone.page
    # An answer that is lost is told as such, and the choice is still there.
    page.get_by_role("link", name=english("rota_cover"), exact=True).click()
    page.get_by_role("radio", name=re.compile(f"^{him}")).check()
    phone.link.meddle_with(CHANGES, LOST_ANSWER)
    button(page, english("rota_ask_name").format(name=him)).click()
    expect(page.get_by_role("alert")).to_contain_text(english("rota_unreachable"))
    expect(page.get_by_role("radio", name=re.compile(f"^{him}"))).to_be_checked()

    page = phone.restart(online=False)
    unlock(page)
    go_to(page, "/rota/mine", english("rota_mine"))
    expect(page.get_by_text(pattern_within(english("rota_old")))).to_be_visible()
    expect(on_duty(page)).to_be_visible()
    expect(page.get_by_role("link", name=english("rota_hand_over"), exact=True)).to_have_count(0)
    gallery = Gallery(phone, "rota-offline")
    gallery.show("mine")
    gallery.assert_faultless()


def test_the_rota_speaks_spanish(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    phone = start_phone(live_server, "coordinator", locale="es-US")
    page = enter(phone, "valley.coordinator", say=spanish)
    gallery = Gallery(phone, "rota-spanish")
    assert_spanish(page)
    gallery.show("mine")
    section(page, spanish("rota_coming")).get_by_role("link", name=spanish("rota_swap"), exact=True).first.click()
    settled(page, spanish("rota_swap_title"))
    assert_spanish(page)
    gallery.assert_faultless()

    desk = start_desk(live_server, "supervisor", locale="es-US")
    olive = sign_in(desk, SUPERVISOR, say=spanish)
    go_to(olive, "/rota", spanish("rota_title"))
    expect(olive.get_by_text(spanish("rota_gaps_none"), exact=True)).to_be_visible()
    assert_spanish(olive)
    go_to(olive, "/rota/plan/lead", spanish("rota_edit_title").format(level=spanish("rota_name_lead")))
    button(olive, spanish("rota_preview")).click()
    expect(olive.get_by_text(spanish("rota_preview_whole"), exact=True)).to_be_visible()
    assert_spanish(olive)


def test_an_officers_phone_never_asks_for_the_rota(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(live_server, "officer")
    traffic = Traffic(phone)
    page = sign_in(phone, "valley.officer")
    page.evaluate("location.hash = '#/rota'")
    expect(page.get_by_role("heading", level=1)).to_have_text(english("officer_home"))
    traffic.assert_never(["rota_now_on_call", '"levels"'])
