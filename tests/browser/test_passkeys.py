"""Passkeys in a real browser: one tap that signs in and unlocks, without a network too, and what happens where that fails.

The authenticator is Chromium's own virtual one. It lives as long as the page's debugging session, so starting the app
anew is a reload here: the page's memory is gone, the authenticator is not.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    bar,
    begin_arrest,
    button,
    english,
    go_home,
    heading,
    lock,
    refer,
    set_pin,
    sign_in,
    unlock,
)
from tests.browser.passkey_steps import add_authenticator, ask, enrol_passkey, forget_passkeys
from tests.browser.server_side import arrived

CONNECTED = english("connected")


@pytest.fixture
def phone(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> Iterator[Phone]:
    phone = start_phone(live_server, "officer")
    yield phone
    forget_passkeys(phone)


def lock_here(page: Page) -> None:
    go_home(page)
    lock(page)


def by_passkey(page: Page) -> None:
    expect(heading(page)).to_have_text(english("locked_title"))
    button(page, english("unlock_passkey")).click()


def is_open(page: Page) -> None:
    """Where it was locked: on the settings."""
    expect(heading(page)).to_have_text(english("me_title"))


def signed_in_as(page: Page) -> str | None:
    user = ask(page, "GET", "/api/session").get("user")
    return None if user is None else str(user["login"])


def test_one_tap_signs_in_and_unlocks(phone: Phone) -> None:
    authenticator = add_authenticator(phone)
    page = sign_in(phone)
    enrol_passkey(page)
    assert len(authenticator.credentials()) == 1
    lock_here(page)
    phone.context.clear_cookies(name="__Host-session")
    with page.expect_response("**/api/session/passkey-options") as asked:
        page.reload()
    asked.value.finished()
    with page.expect_response("**/api/session/passkey") as answered:
        by_passkey(page)
    is_open(page)
    assert answered.value.status == 200
    assert signed_in_as(page) == "denver.officer"
    expect(bar(page)).to_contain_text(CONNECTED)


def test_the_server_never_sees_what_opens_the_vault(phone: Phone) -> None:
    add_authenticator(phone)
    sent: list[str] = []
    phone.context.on("request", lambda request: sent.append(request.post_data or ""))
    phone.context.add_init_script(KEEP_PRF)
    page = sign_in(phone)
    enrol_passkey(page)
    lock_here(page)
    by_passkey(page)
    is_open(page)
    secrets: list[str] = page.evaluate("globalThis.prf_secrets")
    assert secrets
    for secret in secrets:
        raw = bytes.fromhex(secret)
        forms = (secret, base64.urlsafe_b64encode(raw).decode().rstrip("="), base64.b64encode(raw).decode())
        assert not [body for body in sent if any(form in body for form in forms)]
    assert any('"authenticatorData"' in body for body in sent), "nothing was looked at"


#: Keeps what the authenticator gives away beside its signature, as the page itself gets it.
KEEP_PRF = """
globalThis.prf_secrets = [];
const real = PublicKeyCredential.prototype.getClientExtensionResults;
PublicKeyCredential.prototype.getClientExtensionResults = function () {
  const results = real.call(this);
  const first = results.prf?.results?.first;
  const bytes = first && new Uint8Array(first.slice ? first.slice(0) : first.buffer.slice(0));
  if (bytes) globalThis.prf_secrets.push([...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  return results;
};
"""


def test_it_opens_the_phone_without_a_network(phone: Phone, live_server: LiveServer) -> None:
    add_authenticator(phone)
    page = sign_in(phone)
    enrol_passkey(page)
    go_home(page)
    begin_arrest(page)
    go_home(page)
    lock(page)
    phone.set_online(False)
    page.reload()
    by_passkey(page)
    is_open(page)
    go_home(page)
    expect(page.get_by_role("main").get_by_text(english("word_draft"), exact=True)).to_be_visible()
    referral = refer(page, "Sample Street 1")
    phone.set_online(True)
    arrived(page, live_server, referral, operations=3)


def test_a_tampered_signature_is_refused_and_the_phone_opens_all_the_same(phone: Phone) -> None:
    """The vault is opened by the authenticator's secret, the session by its signature: each stands for itself."""
    add_authenticator(phone)
    page = sign_in(phone)
    enrol_passkey(page)
    lock_here(page)
    phone.context.clear_cookies(name="__Host-session")
    with page.expect_response("**/api/session/passkey-options") as asked:
        page.reload()
    asked.value.finished()
    tampered: list[Request] = []

    def flip(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        signature = body["credential"]["response"]["signature"]
        changed = "B" if signature[20] == "A" else "A"
        body["credential"]["response"]["signature"] = signature[:20] + changed + signature[21:]
        tampered.append(route.request)
        route.continue_(post_data=json.dumps(body))

    page.route("**/api/session/passkey", flip)
    with page.expect_response("**/api/session/passkey") as answered:
        by_passkey(page)
    assert answered.value.status == 401
    assert tampered
    is_open(page)
    expect(bar(page)).to_contain_text(english("sign_in_to_send"))
    assert signed_in_as(page) is None


def test_an_authenticator_without_prf_signs_in_and_the_passphrase_unlocks(phone: Phone) -> None:
    add_authenticator(phone, prf=False)
    page = sign_in(phone)
    enrol_passkey(page, says="passkey_added_shut")
    lock_here(page)
    expect(button(page, english("unlock_passkey"))).to_have_count(0)
    unlock(page)
    is_open(page)


def test_without_a_check_of_the_person_it_is_refused_in_words(phone: Phone) -> None:
    authenticator = add_authenticator(phone)
    page = sign_in(phone)
    enrol_passkey(page)
    lock_here(page)
    authenticator.verifies(False)
    by_passkey(page)
    expect(page.get_by_role("alert").get_by_text(english("sign_in_passkey_not_used"))).to_be_visible()
    expect(heading(page)).to_have_text(english("locked_title"))
    unlock(page)
    is_open(page)


def test_a_phone_that_was_never_seen_signs_in_with_the_passkey_alone(phone: Phone) -> None:
    add_authenticator(phone)
    page = sign_in(phone)
    enrol_passkey(page)
    # As good as another phone that the passkey was synchronised to: nothing of the app is left.
    page.evaluate(
        """async () => {
          localStorage.clear();
          for (const { name } of await indexedDB.databases()) {
            await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
          }
        }"""
    )
    phone.context.clear_cookies()
    with page.expect_response("**/api/session/passkey-options") as asked:
        phone.goto("/")
    asked.value.finished()
    button(page, english("sign_in_passkey")).click()
    expect(heading(page)).to_have_text(english("officer_home"))
    lock(page)
    expect(page.get_by_label(english("passphrase"), exact=True)).to_have_count(0)
    by_passkey(page)
    is_open(page)


def test_a_pin_opens_until_the_app_is_closed_and_five_wrong_ones_end_it(phone: Phone) -> None:
    page = sign_in(phone)
    set_pin(page, "864209")
    lock_here(page)
    page.get_by_label(english("pin"), exact=True).fill("864209")
    button(page, english("unlock")).click()
    is_open(page)
    lock_here(page)
    for _ in range(5):
        expect(page.get_by_label(english("pin"), exact=True)).to_have_value("")
        page.get_by_label(english("pin"), exact=True).fill("000000")
        button(page, english("unlock")).click()
        expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(english("pin_wrong"))
    expect(page.get_by_label(english("pin"), exact=True)).to_have_count(0)
    unlock(page)
    go_home(page)
    set_pin(page, "864209")
    page.reload()
    expect(page.get_by_label(english("passphrase"), exact=True)).to_be_visible()
    unlock(page)


def test_ten_wrong_passphrases_take_the_drafts_and_never_what_was_finished(
    phone: Phone, live_server: LiveServer
) -> None:
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, "Sample Street 2")
    go_home(page)
    lock(page)
    warning = re.compile(english("tries_left_other").split("{n}")[1])
    for number in range(1, 10):
        page.get_by_label(english("passphrase"), exact=True).fill(f"wrong {number}")
        button(page, english("unlock")).click()
        expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(english("unlock_wrong"))
        expect(page.get_by_label(english("passphrase"), exact=True)).to_have_value("")
        # The warning comes for the last three: with seven wrong ones, three are left.
        assert (page.get_by_text(warning).count() == 1) == (number in (7, 8)), number
    expect(page.get_by_text(english("tries_left_one"))).to_be_visible()
    page.get_by_label(english("passphrase"), exact=True).fill("wrong at last")
    button(page, english("unlock")).click()
    expect(heading(page)).to_have_text(english("wraps_gone_title"))
    phone.set_online(True)
    arrived(page, live_server, referral, operations=3)
