"""Signing in again in a real browser: with a code, on two browsers, with a fresh proof, after twelve hours, and never more."""

from __future__ import annotations

import time

import httpx
import pyotp
import pytest
from playwright.sync_api import Locator, Page, Playwright, Request, expect

from api.demo.cast import PASSPHRASE
from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Desk, LiveServer, Phone
from tests.browser.joining_steps import CHOSEN, devices_of, sql
from tests.browser.locked_profile import stored_in
from tests.browser.officer_steps import (
    bar,
    begin_arrest,
    button,
    english,
    enter,
    field,
    go_home,
    go_to_settings,
    heading,
    lock,
    pattern,
    refer,
    send_now,
    sign_in,
    unlock,
)
from tests.browser.programs import administer, join
from tests.browser.server_side import ALERT, arrived, log_of

STEP_SECONDS = 30
MINUTE_MS = 60_000
ADMINISTRATOR = "denver.administrator"


@pytest.fixture(scope="module")
def agency(live_server: LiveServer) -> str:
    return administer(live_server, "add-agency", "--program", "denver", "--name", "Test Sheriff")


@pytest.fixture
def login(live_server: LiveServer, agency: str, request: pytest.FixtureRequest) -> str:
    """An officer of the test's own, who chose the passphrase `CHOSEN`."""
    login = f"denver.{request.function.__name__.removeprefix('test_')[:40]}"
    person = ("--program", "denver", "--role", "officer", "--login", login, "--name", "Officer Demo Larch")
    assert join(live_server, *person, "--agency", agency) == CHOSEN
    # Whoever joined over the wire is no browser.
    sql(live_server, "DELETE FROM session WHERE user_id = (SELECT id FROM person WHERE login = ?)", login)
    return login


@pytest.fixture
def phone(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> Phone:
    return start_phone(live_server, "officer")


def go_to_access(page: Page) -> None:
    go_to_settings(page)
    page.get_by_role("link", name=english("me_access")).click()
    expect(heading(page)).to_have_text(english("access_title"))


def test_a_code_is_asked_for_from_then_on(phone: Phone, login: str) -> None:
    page = sign_in(phone, login, CHOSEN)
    go_to_access(page)
    button(page, english("totp_add")).click()
    app = pyotp.TOTP(page.locator("pre").inner_text().replace(" ", ""))
    field(page, english("totp_code")).fill(wrong(app))
    button(page, english("totp_confirm")).click()
    expect(page.get_by_text(english("totp_wrong"), exact=True).first).to_be_visible()
    confirmed = app.now()
    field(page, english("totp_code")).fill(confirmed)
    button(page, english("totp_confirm")).click()
    expect(button(page, english("totp_remove"))).to_be_visible()
    go_home(page)
    go_to_settings(page)
    button(page, english("sign_out")).click()
    button(page, english("choose_other")).click()

    enter(page, login, CHOSEN)
    code = page.get_by_label(english("sign_in_code_label"))
    expect(code).to_be_visible()
    # One that was used does not count again, and one that was never shown does not count at all.
    for refused in (wrong(app), confirmed):
        code.fill(refused)
        with page.expect_response("**/api/session") as answered:
            button(page, english("sign_in")).click()
        assert answered.value.status == 401
        expect(page.get_by_role("alert")).to_contain_text(english("sign_in_code_wrong"))
    code.fill(app.at(int(time.time()) + STEP_SECONDS))
    button(page, english("sign_in")).click()
    expect(heading(page)).to_have_text(english("officer_home"))
    expect(bar(page)).to_contain_text(english("connected"))


def wrong(app: pyotp.TOTP) -> str:
    """Six digits of no moment that could be meant."""
    near = {app.at(int(time.time()) + step * STEP_SECONDS) for step in range(-3, 4)}
    return next(digits for digits in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
                if digits not in near)  # fmt: skip


def test_one_browser_ends_the_session_of_the_other(
    phone: Phone, login: str, live_server: LiveServer, start_desk: BrowserFactory[Desk]
) -> None:
    page = sign_in(phone, login, CHOSEN)
    other = sign_in(start_desk(live_server, "station"), login, CHOSEN)
    begin_arrest(other)
    go_to_access(page)
    expect(page.get_by_text(english("session_here"))).to_have_count(1)
    ending = button_that_ends(page)
    expect(ending).to_have_count(1)
    ending.click()
    expect(ending).to_have_count(0)

    go_home(other)
    send_now(other)
    expect(bar(other)).to_contain_text(english("sign_in_to_send"))
    go_home(other)
    # Told, and not thrown out: what is being written stays.
    expect(other.get_by_role("main").get_by_text(english("word_draft"), exact=True)).to_be_visible()
    go_home(page)
    send_now(page)
    expect(bar(page)).to_contain_text(english("connected"))


def button_that_ends(page: Page) -> Locator:
    return page.get_by_role("button", name=pattern(english("session_end_label")))


def test_after_five_minutes_a_proof_is_asked_for_once_and_what_was_begun_goes_on(
    phone: Phone, login: str, live_server: LiveServer
) -> None:
    page = sign_in(phone, login, CHOSEN)
    go_to_access(page)
    proofs: list[str] = []
    page.on("request", lambda request: proofs.append(request.url) if is_proof(request) else None)
    minutes_pass(live_server, login, 4)
    button(page, english("totp_add")).click()
    expect(page.locator("pre")).to_be_visible()
    assert proofs == []

    page.reload()
    unlock(page, CHOSEN)
    expect(heading(page)).to_have_text(english("access_title"))
    minutes_pass(live_server, login, 6)
    dialog = page.get_by_role("dialog")
    # Given up: nothing happens, and the next try asks anew.
    button(page, english("totp_add")).click()
    expect(dialog.get_by_role("heading")).to_have_text(english("proof_title"))
    dialog.get_by_role("button", name=english("cancel"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator("pre")).to_have_count(0)
    button(page, english("totp_add")).click()
    give_proof(page, "not my own words")
    expect(dialog.get_by_role("alert")).to_have_text(english("proof_refused"))
    give_proof(page, CHOSEN)
    expect(dialog).to_have_count(0)
    expect(page.locator("pre")).to_be_visible()
    assert len(proofs) == 2
    go_home(page)
    page.evaluate("location.hash = '#/me/devices'")
    button(page, english("another_do")).click()
    expect(page.locator("pre")).to_be_visible()
    assert len(proofs) == 2


def is_proof(request: Request) -> bool:
    return request.url.endswith("/api/session/step-up")


def give_proof(page: Page, passphrase: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(english("passphrase"), exact=True).fill(passphrase)
    dialog.get_by_role("button", name=english("proof_give"), exact=True).click()


def minutes_pass(server: LiveServer, login: str, minutes: int) -> None:
    """As far as the server knows, the person last proved who they are so many minutes ago."""
    sql(
        server,
        "UPDATE session SET fresh_at = fresh_at - ? WHERE user_id = (SELECT id FROM person WHERE login = ?)",
        minutes * MINUTE_MS,
        login,
    )


def test_after_twelve_hours_without_a_connection_the_phone_writes_and_does_not_read(
    phone: Phone, login: str, live_server: LiveServer
) -> None:
    phone.context.clock.install()
    page = sign_in(phone, login, CHOSEN)
    lock(page)
    phone.set_online(False)
    # What nobody agreed to rests for no longer than a shift: it is begun later than the phone was signed in on.
    page.clock.fast_forward("03:00:00")
    unlock(page, CHOSEN)
    go_home(page)
    begin_arrest(page)
    go_home(page)
    draft = page.get_by_role("main").get_by_text(english("word_draft"), exact=True)
    expect(draft).to_be_visible()
    lock(page)
    page.clock.fast_forward("08:59:00")
    unlock(page, CHOSEN)
    go_home(page)
    expect(draft).to_be_visible()
    lock(page)
    page.clock.fast_forward("00:02:00")
    unlock(page, CHOSEN)
    go_home(page)
    shut = page.get_by_text(english("kept_shut"), exact=True)
    expect(shut).to_be_visible()
    expect(draft).to_have_count(0)
    referral = refer(page, "Sample Street 12")
    lock(page)
    phone.set_online(True)
    arrived(page, live_server, referral)
    # The sign-in that was missing: with a connection, the passphrase that unlocks is one.
    unlock(page, CHOSEN)
    go_home(page)
    expect(draft).to_be_visible()
    expect(shut).to_have_count(0)


def test_a_revoked_phone_loses_what_can_be_read_and_nothing_that_was_finished(
    phone: Phone, login: str, live_server: LiveServer, playwright: Playwright
) -> None:
    page = sign_in(phone, login, CHOSEN)
    sent = refer(page, "Sample Street 20")
    arrived(page, live_server, sent)
    go_home(page)
    begin_arrest(page)
    go_home(page)
    phone.set_online(False)
    unsent = refer(page, "Sample Street 21")
    ((device_id, _),) = devices_of(live_server, login)
    revoke(live_server, device_id)
    assert devices_of(live_server, login) == [(device_id, "revoked")]

    phone.link.up()
    phone.context.set_offline(False)
    expect(heading(page)).to_have_text(english("removed_title"))
    expect(page.get_by_text(english("removed_lead"), exact=True)).to_be_visible()
    # Held back for a person to look at; nothing of it is thrown away.
    log = arrived(page, live_server, unsent, operations=3)
    assert {each["state"] for each in log} == {"held"}
    assert {each["state"] for each in log_of(live_server, sent)} == {"applied"}
    phone.close()
    stored = stored_in(playwright, phone.profile, live_server.url)
    assert [len(each["wraps"]) for each in stored["devices"]] == [0]
    assert len(stored["outbox"]) >= len(ALERT)
    assert (stored["drafts"], stored["copies"], stored["views"]) == ([], [], [])


def revoke(server: LiveServer, device_id: str) -> None:
    """The administrator removes a lost phone."""
    with httpx.Client(base_url=server.url, headers={"X-Handoff": "1"}, timeout=30) as desk:
        who = {"login": ADMINISTRATOR, "password": PASSPHRASE, "device_id": None}
        signed_in = desk.post("/api/session", json=who)
        assert signed_in.status_code == 200, signed_in.text
        # By hand: a cookie that is only for TLS, on a server at localhost.
        cookie = signed_in.headers["set-cookie"].partition(";")[0]
        answer = desk.delete(f"/api/devices/{device_id}", headers={"Cookie": cookie})
        assert answer.status_code == 204, answer.text
