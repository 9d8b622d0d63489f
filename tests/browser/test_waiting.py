"""An officer who waits: the running clock, who is being called, and leaving with the card given; in English and Spanish.

The programs here are made for it: one that pages nobody by night, and one whose officers are told early to call.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.inspection import axe
from tests.browser.officer_steps import (
    Say,
    alert_button,
    arrived,
    button,
    card,
    english,
    field,
    go_home,
    pattern,
    refer,
    referral_in_address,
    sign_in,
    spanish,
    unlock,
    walk_to_alert,
)
from tests.browser.programs import SETTINGS, administer, join
from tests.browser.push_phone import Pager
from tests.browser.staff_steps import COORDINATOR, MAYA, SERGEANT, answer_on_card, go_to_inbox
from tests.push_service import PushService

ZONE = ZoneInfo(str(SETTINGS["time_zone"]))
TEXT_NUMBER = "+1 505 555 0142"
CALLING_MAYA = re.compile(rf"^Calling .*{MAYA}.* \(")
CLOCK = re.compile(r"^Waiting \d+:\d\d$")
SHORT = re.compile(r"^[0-9A-HJKMNP-TV-Z]{5}$")
#: An officer's phone asks every 15 seconds while somebody is being called.
NEXT_LOOK_MS = 30_000
LEFT = "Left with the card · the coordinator looks for the person"

#: Whatever changes on the screen within some seconds, but the clock itself.
WATCH = """
() => {
  globalThis.changed = [];
  globalThis.ticks = 0;
  new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      if (element?.closest('[role=timer]')) globalThis.ticks += 1;
      else globalThis.changed.push(element?.outerHTML.slice(0, 120) ?? String(target));
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""


def closed_now() -> list[dict[str, object]]:
    """Weekly hours of one hour that begins in two days: closed whenever the test runs."""
    day = (datetime.now(ZONE) + timedelta(days=2)).weekday()
    return [{"weekday": day, "start": "08:00", "end": "09:00"}]


def make_program(server: LiveServer, name: str, folder: Path, **config: object) -> str:
    """A program with Denver's rules and without a coordinator's phone; its officer's passphrase."""
    settings = {
        "id": name,
        "name": f"{name} (test)",
        "config": {**SETTINGS, "pack": "denver", "text_number": TEXT_NUMBER, **config},
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    administer(server, "add-program", "--file", str(path))
    agency = administer(server, "add-agency", "--program", name, "--name", "Test Sheriff")
    person = ("--program", name, "--role", "officer", "--login", f"{name}.officer", "--name", "Officer Test Oak")
    return join(server, *person, "--agency", agency)


def sleeping(server: LiveServer, name: str, folder: Path) -> str:
    """A program that pages nobody outside its hours while an officer waits."""
    steps = [{"who": "on_call"}]
    policies = [
        {"name": "asleep", "officer_waiting": True, "steps": steps, "after_hours": "next_morning"},
        {"name": "rest", "steps": steps, "after_hours": "next_morning"},
    ]
    return make_program(server, name, folder, policies=policies, service_hours=closed_now())


def clock(page: Page) -> Locator:
    return page.get_by_role("timer")


def text_body(link: Locator) -> str:
    """What a text message says, as an iPhone and as Android read its address."""
    href = link.get_attribute("href") or ""
    assert href.startswith("sms:+15055550142?&body="), href
    [body] = parse_qs(urlsplit(href).query)["body"]
    assert unquote(href.partition("&body=")[2]) == body
    return body


def test_the_clock_runs_alone_and_says_who_is_called_until_somebody_answers(
    server: LiveServer, push_service: PushService, start_phone: BrowserFactory[Phone]
) -> None:
    coordinator = start_phone(server, "coordinator")
    pager = Pager(coordinator, push_service)
    maya = sign_in(coordinator, COORDINATOR)
    pager.turn_on()
    phone = start_phone(server, "officer")
    page = sign_in(phone)
    refer(page, "Blake and 20th")
    expect(page.get_by_text(CALLING_MAYA)).to_be_visible()
    expect(clock(page)).to_have_text(CLOCK)
    expect(page.get_by_role("button", name=english("officer_leave"))).to_have_count(0)

    go_home(page)
    mine = card(page, "Blake and 20th")
    expect(mine.get_by_role("timer")).to_have_text(CLOCK)
    expect(mine.get_by_text(CALLING_MAYA)).to_be_visible()
    expect(mine.get_by_role("link", name="Call", exact=False).last).to_be_visible()
    assert axe(page) == []

    go_to_inbox(maya)
    answer_on_card(maya, "Blake and 20th", 20)
    expect(mine.get_by_text(re.compile(rf"Seen by {MAYA} · arriving"))).to_be_visible(timeout=NEXT_LOOK_MS)
    expect(mine.get_by_role("timer")).to_have_count(0)
    expect(mine.get_by_text("Calling", exact=False)).to_have_count(0)


def test_a_second_draws_nothing_but_the_clock(
    server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    passphrase = make_program(server, "seconds", tmp_path)
    phone = start_phone(server, "officer")
    phone.page.clock.install()
    page = sign_in(phone, "seconds.officer", passphrase)
    refer(page, "Blake and 20th")
    expect(page.get_by_text(english("officer_calling_nobody"), exact=True)).to_be_visible()
    # Nothing comes from outside, and nothing says "just now" or another minute meanwhile.
    phone.set_online(False)
    expect(page.get_by_role("banner").get_by_text(english("offline"))).to_be_visible()
    waited = int(clock(page).inner_text().rpartition(":")[2])
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 40 - waited)
    page.evaluate(WATCH)
    page.clock.run_for(5000)
    assert page.evaluate("globalThis.ticks") == 5
    assert page.evaluate("globalThis.changed") == []
    assert clock(page).get_attribute("aria-live") == "off"
    assert page.locator("[role=status] [role=timer], [role=alert] [role=timer]").count() == 0


def test_after_the_programs_minutes_the_officer_leaves_with_the_card(
    server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    passphrase = make_program(server, "patient", tmp_path, nobody_after_minutes=2)
    phone = start_phone(server, "officer")
    phone.page.clock.install()
    page = sign_in(phone, "patient.officer", passphrase)
    referral = refer(page, "Blake and 20th")
    leave = button(page, english("officer_leave"))
    expect(page.get_by_text(english("officer_calling_nobody"), exact=True)).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(clock(page)).to_have_text(re.compile(r"^Waiting 1:"))
    expect(leave).to_have_count(0)
    page.clock.fast_forward(60_000)
    expect(clock(page)).to_have_text(re.compile(r"^Waiting 2:"))
    leave.click()
    expect(page.get_by_text("It is counted as a gap in cover, not against you.", exact=False)).to_be_visible()
    assert axe(page) == []
    page.get_by_role("group", name=english("officer_leave")).get_by_role(
        "button", name=english("officer_leave")
    ).click()
    expect(page.get_by_text(LEFT, exact=True)).to_be_visible()
    expect(clock(page)).to_have_count(0)
    expect(page.get_by_role("link", name="Call", exact=False).last).to_be_visible()
    log = arrived(page, server, referral, 5)
    assert [log[-1]["kind"], log[-1]["state"], log[-1]["operation"]["payload"]] == [
        "officer.leave", "applied", {"reason": "nobody_answered"},
    ]  # fmt: skip
    go_home(page)
    expect(card(page, "Blake and 20th").get_by_text(LEFT, exact=True)).to_be_visible()
    expect(card(page, "Blake and 20th").get_by_role("timer")).to_have_count(0)


@pytest.mark.parametrize(("locale", "say"), [("en-US", english), ("es-US", spanish)], ids=["English", "Spanish"])
def test_at_night_the_phone_says_before_the_alert_and_without_a_network_that_nobody_comes(
    server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path, locale: str, say: Say
) -> None:
    name = f"asleep-{locale[:2]}"
    passphrase = sleeping(server, name, tmp_path)
    phone = start_phone(server, "officer", locale=locale)
    sign_in(phone, f"{name}.officer", passphrase, say)
    page = phone.restart(online=False)
    unlock(page, passphrase, say)
    walk_to_alert(page, say=say)
    nobody = page.get_by_text(pattern(say("officer_nobody_on_duty")))
    expect(nobody).to_be_visible()
    assert "08:00" in nobody.inner_text()
    assert axe(page) == []
    leave = page.get_by_role("button", name=pattern(say("officer_leave_until")))
    # What would call somebody stays: the phone's clock may be wrong.
    expect(alert_button(page, say)).to_be_enabled()
    field(page, say("officer_place")).fill("Blake and 20th")
    leave.click()
    expect(page.get_by_text(say("officer_left"), exact=True)).to_be_visible()
    referral = referral_in_address(page)
    phone.set_online(True)
    log = arrived(page, server, referral, 5)
    assert [(each["kind"], each["state"]) for each in log[3:]] == [
        ("referral.alert", "applied"), ("officer.leave", "applied"),
    ]  # fmt: skip
    assert log[3]["operation"]["payload"] == {"officer_waiting": False}
    assert log[4]["operation"]["payload"] == {"reason": "after_hours"}
    expect(page.get_by_text(say("officer_left"), exact=True)).to_be_visible()
    expect(clock(page)).to_have_count(0)


def test_who_alerts_all_the_same_at_night_is_told_when_somebody_comes_and_may_still_leave(
    server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    passphrase = sleeping(server, "morning", tmp_path)
    phone = start_phone(server, "officer")
    page = sign_in(phone, "morning.officer", passphrase)
    referral = refer(page, "Blake and 20th")
    told = page.get_by_text(re.compile(r"^Nobody is on duty until \w+ 08:00\. They will find the person then\.$"))
    expect(told).to_be_visible()
    leave = page.get_by_role("button", name=pattern(english("officer_leave_until")))
    leave.click()
    expect(page.get_by_text(re.compile(r"looks for the person from \w+ 08:00\."))).to_be_visible()
    leave.click()
    expect(page.get_by_text(LEFT, exact=True)).to_be_visible()
    assert arrived(page, server, referral, 5)[-1]["operation"]["payload"] == {"reason": "after_hours"}


def test_without_data_a_text_message_names_the_referral_and_nothing_else(
    server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk], tmp_path: Path
) -> None:
    passphrase = make_program(server, "text", tmp_path)
    phone = start_phone(server, "officer")
    sign_in(phone, "text.officer", passphrase)
    page = phone.restart(online=False)
    unlock(page, passphrase)
    referral = refer(page, "Blake and 20th, red door")
    expect(page.get_by_text("Nobody has been called yet", exact=False)).to_be_visible()
    link = page.get_by_role("link", name=english("officer_text"), exact=True)
    said = re.fullmatch(r"LEAD referral ref (\w+): an officer is waiting, please call", text_body(link))
    assert said is not None
    assert SHORT.fullmatch(said[1])

    # A supervisor finds it by what the message said, once it has arrived.
    phone.set_online(True)
    arrived(page, server, referral)
    expect(link).to_have_attribute("href", re.compile(r"LEAD%20referral%20no\.%20\d+%3A"))
    person = (
        "--program",
        "text",
        "--role",
        "supervisor",
        "--login",
        "text.supervisor",
        "--name",
        "Supervisor Test Elm",
    )
    desk = sign_in(start_desk(server, "supervisor"), "text.supervisor", join(server, *person))
    expect(desk.get_by_text(f"ref {said[1]}", exact=True)).to_be_visible()


def test_a_sergeant_sees_who_waits_on_the_scene_and_for_how_long(
    server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    page = sign_in(start_phone(server, "officer"))
    referral = refer(page, "Wynkoop and 17th")
    arrived(page, server, referral)
    cedar = start_desk(server, "sergeant")
    cedar.page.clock.install()
    desk = sign_in(cedar, SERGEANT)
    waits = desk.get_by_role("timer").first
    expect(waits).to_have_text(re.compile(r"^Waiting \d+ min, nobody has answered$"))
    before = int(re.findall(r"\d+", waits.inner_text())[0])
    desk.clock.fast_forward(120_000)
    expect(waits).to_have_text(f"Waiting {before + 2} min, nobody has answered")
    assert axe(desk) == []
