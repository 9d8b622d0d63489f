"""How I am reached: a phone registered at each start, tests that say what came back, numbers proven by a code."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.gallery import Gallery, settled
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    Say,
    button,
    english,
    field,
    go_to_settings,
    sign_in,
    spanish,
    unlock,
)
from tests.browser.push_phone import PERMISSIONS, Pager
from tests.browser.staff_steps import COORDINATOR
from tests.http_service import Behaviour, HttpService
from tests.push_service import PushService

RELIEF = "denver.coordinator2"
SUPERVISOR = "denver.supervisor"
NUMBER = "+1 (303) 555-0142"
SENT_NUMBER = "+13035550142"
TEST = "This is a test. Your phone can be reached"


@pytest.fixture(scope="module")
def provider() -> Iterator[HttpService]:
    """Takes text messages and calls as a provider does."""
    with HttpService(tls=False) as service:
        for what in ("Messages", "Calls"):
            service.behaviours[f"/2010-04-01/Accounts/AC1/{what}.json"] = Behaviour(201, body=b'{"sid": "SM1"}')
        yield service


@pytest.fixture(scope="module")
def server(
    built_pwa: None, push_service: PushService, provider: HttpService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server with pushes, text messages and calls."""
    environment = push_service.environment()
    environment |= {
        "HANDOFF_PRIVATE_HOSTS": f"{push_service.host},{provider.host}",
        "HANDOFF_SMS_URL": f"http://{provider.host}",
        "HANDOFF_SMS_ACCOUNT": "AC1",
        "HANDOFF_SMS_TOKEN": "secret",
        "HANDOFF_SMS_FROM": "+15550100000",
        "HANDOFF_VOICE_FROM": "+15550100000",
    }
    with LiveServer(tmp_path_factory.mktemp("reached") / "data", environment) as running:
        yield running


def open_reached(page: Page, say: Say = english) -> None:
    page.evaluate("location.hash = '#/me'")
    page.get_by_role("link", name=say("me_reached"), exact=True).click()
    settled(page, say("reached_title"))


def card(page: Page, title: str | re.Pattern[str]) -> Locator:
    heading = page.get_by_role("heading", name=title)
    return page.locator("section.card").filter(has=heading)


def registered(server: LiveServer, login: str) -> list[tuple[str, str, str | None]]:
    """The push addresses of a person as the server has them: endpoint, language, since when it is dead."""
    question = (
        "SELECT endpoint, language, disabled_at FROM push_subscription "
        "JOIN person ON person.id = push_subscription.user_id WHERE person.login = ? ORDER BY push_subscription.id"
    )
    with closing(sqlite3.connect(f"file:{server.data_dir / 'handoff.sqlite'}?mode=ro", uri=True)) as connection:
        return list(connection.execute(question, (login,)))


def code_sent(page: Page, provider: HttpService, number: str) -> str:
    """The last code that the provider was given for this number."""
    for _ in range(600):
        texts = [parse_qs(each.body.decode()) for each in provider.received]
        codes = [
            re.findall(r"\d{6}", text["Body"][0]) for text in texts if text.get("To") == [number] and "Body" in text
        ]
        found: list[str] = [code for each in codes for code in each]
        if found:
            return found[-1]
        page.wait_for_timeout(25)
    raise AssertionError(f"no code was sent to {number}")


def test_a_test_says_what_came_back_from_this_phone(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(server, "coordinator")
    pager = Pager(phone, push_service)
    page = sign_in(phone, COORDINATOR)
    pager.turn_on()
    open_reached(page)
    mine = card(page, english("reached_this_phone"))
    expect(mine).to_contain_text(english("reached_untested"))
    expect(page.get_by_text(english("reached_second_way"), exact=True)).to_be_visible()

    button(page, english("reached_test")).click()
    # Until the phone itself has shown it, nothing claims that it did.
    expect(mine).to_contain_text(english("reached_waiting"))
    pager.ring("test")
    pager.shows(TEST)
    expect(mine).to_contain_text(re.compile(r"Shown on this phone \d\d:\d\d"))
    expect(mine).to_contain_text(english("reached_last"))
    expect(button(page, english("reached_test"))).not_to_have_attribute("aria-busy", "true")


def test_a_dead_address_is_told_and_mended_at_the_next_start(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(server, "supervisor")
    pager = Pager(phone, push_service)
    page = sign_in(phone, SUPERVISOR)
    pager.turn_on()
    push_service.behave(pager.subscription, "gone")
    open_reached(page)
    button(page, english("reached_test")).click()
    expect(card(page, english("reached_this_phone"))).to_contain_text(english("reached_gone_here"))
    assert [dead is not None for _, _, dead in registered(server, SUPERVISOR)] == [True]

    push_service.behave(pager.subscription, "accept")
    phone.close()
    phone.launch()
    pager.after_restart()
    page = phone.goto("/")
    with page.expect_response("**/api/push-subscriptions") as told:
        unlock(page)
    assert told.value.ok
    assert [dead for _, _, dead in registered(server, SUPERVISOR)] == [None]
    open_reached(page)
    expect(card(page, english("reached_this_phone"))).not_to_contain_text(english("reached_gone_here"))


def test_an_address_that_the_browser_replaced_is_told_by_the_service_worker(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(server, "relief", locale="es-US")
    pager = Pager(phone, push_service)
    sign_in(phone, RELIEF, say=spanish)
    pager.turn_on(spanish)
    assert [row[:2] for row in registered(server, RELIEF)] == [(pager.subscription.endpoint, "es")]
    phone.leave_app()

    pager.replace()
    assert [row[:2] for row in registered(server, RELIEF)] == [(pager.subscription.endpoint, "es")]


def test_a_number_is_used_once_its_code_was_typed(
    server: LiveServer, provider: HttpService, start_phone: BrowserFactory[Phone]
) -> None:
    page = sign_in(start_phone(server, "coordinator"), COORDINATOR)
    open_reached(page)
    expect(page.get_by_text(english("reached_no_contacts"), exact=True)).to_be_visible()
    page.get_by_role("link", name=english("reached_add"), exact=True).click()
    settled(page, english("reached_add"))
    page.get_by_role("radio", name=re.compile(f"^{english('reached_sms')}")).check()
    field(page, english("reached_number_field")).fill("not a number")
    button(page, english("reached_send_code")).click()
    expect(page.get_by_role("alert")).to_contain_text(english("reached_invalid"))
    field(page, english("reached_number_field")).fill(NUMBER)
    button(page, english("reached_send_code")).click()

    settled(page, english("reached_title"))
    number = card(page, re.compile(re.escape(SENT_NUMBER)))
    expect(number).to_contain_text(english("reached_unproven"))
    code = code_sent(page, provider, SENT_NUMBER)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    field(page, english("reached_code")).fill(wrong)
    button(page, english("reached_prove")).click()
    expect(number.get_by_role("alert")).to_contain_text(english("reached_code_wrong"))
    field(page, english("reached_code")).fill(code)
    button(page, english("reached_prove")).click()
    expect(number).to_contain_text(english("reached_proven"))

    number.get_by_role("button", name=english("reached_remove_which").format(address=SENT_NUMBER)).click()
    button(page, english("reached_remove_yes")).click()
    expect(number).to_have_count(0)
    expect(page.get_by_text(english("reached_no_contacts"), exact=True)).to_be_visible()


def test_without_a_connection_nothing_is_claimed(server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    phone = start_phone(server, "coordinator")
    page = sign_in(phone, COORDINATOR)
    phone.set_online(False)
    open_reached(page)
    expect(page.get_by_text(english("reached_unknown"), exact=True)).to_be_visible()
    expect(button(page, english("reached_test"))).to_have_count(0)
    phone.set_online(True)
    button(page, english("try_again")).click()
    expect(page.get_by_text(english("reached_unknown"), exact=True)).to_have_count(0)


def test_an_officer_has_the_phone_alone(server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    page = sign_in(start_phone(server, "officer"))
    go_to_settings(page)
    expect(page.get_by_role("heading", name=english("answer_title"), exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=english("me_reached"), exact=True)).to_have_count(0)
    page.evaluate("location.hash = '#/me/reached'")
    expect(page.get_by_role("heading", name=english("answer_title"), exact=True)).to_be_visible()


@pytest.mark.parametrize(("locale", "say"), [("en-US", english), ("es-US", spanish)])
def test_the_screens_can_be_read_and_reached_in_every_light(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone], locale: str, say: Say
) -> None:
    phone = start_phone(server, "case manager", locale=locale)
    pager = Pager(phone, push_service)
    gallery = Gallery(phone, f"reached-{locale}")
    page = sign_in(phone, COORDINATOR, say=say)
    go_to_settings(page, say)
    gallery.show("me-off")
    page.get_by_role("link", name=say("me_reached"), exact=True).click()
    settled(page, say("reached_title"))
    expect(page.get_by_role("link", name=say("reached_add"), exact=True)).to_be_visible()
    gallery.show("off")
    phone.context.grant_permissions(PERMISSIONS, origin=phone.url)
    button(page, say("notify_enable")).click()
    expect(card(page, say("reached_this_phone"))).to_contain_text(say("reached_registered"))
    page.get_by_role("link", name=say("reached_add"), exact=True).click()
    settled(page, say("reached_add"))
    button(page, say("reached_send_code")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.show("add-missing")
    number = "+13035550177" if say is english else "+13035550178"
    field(page, say("reached_number_field")).fill(number)
    button(page, say("reached_send_code")).click()
    settled(page, say("reached_title"))
    expect(card(page, re.compile(re.escape(number)))).to_contain_text(say("reached_unproven"))
    gallery.show("unproven")
    button(page, say("reached_test")).click()
    pager.ring("test")
    expect(card(page, say("reached_this_phone"))).to_contain_text(say("reached_shown").format(time="").strip())
    gallery.show("tested")
    gallery.assert_faultless()
