"""A new version arrives in the middle of work: the old one serves until the yes, and a broken one never takes over."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.builds import Deployment, deploy
from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.harness import Phone
from tests.browser.link import CAPTIVE_PORTAL
from tests.browser.officer_steps import (
    bar,
    button,
    card,
    english,
    field,
    find_network,
    go_home,
    go_to_settings,
    heading,
    open_card,
    refer,
    send_now,
    sign_in,
    unlock,
    walk_to_alert,
)
from tests.browser.server_side import ALERT, arrived

NEXT = "0.999.0"
UNSENT = "Alameda and Logan, before the update"
UNFINISHED = "Alameda and Pearl, half written"

#: The browser looks for a new version, as it does by itself after a navigation and the app does every hour.
LOOK_FOR_UPDATE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const found = registration.installing ?? registration.waiting;
    if (found === null) return 'nothing new';
    const settled = new Promise((resolve) => {
        const look = () => found.state !== 'installing' && resolve(found.state);
        found.addEventListener('statechange', look);
        look();
    });
    return Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 15000, 'still installing'))]);
}"""


@pytest.fixture(scope="module")
def next_version(built_pwa: None, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The same sources with another version number."""
    return deploy(tmp_path_factory.mktemp("next") / "house", version=NEXT)


def test_an_update_waits_for_the_yes_and_unsent_work_survives_it(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], next_version: Deployment
) -> None:
    server = start_server()
    phone = start_phone(server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    unsent = refer(page, UNSENT)
    go_home(page)
    walk_to_alert(page)
    field(page, "Where are you?").fill(UNFINISHED)

    server.restart(next_version.environment)
    # The app's files pass; what the phone sends does not yet.
    find_network(phone, "/api/", CAPTIVE_PORTAL)
    assert page.evaluate(LOOK_FOR_UPDATE) == "installed"

    # The form is as it was, and the old version still answers, also after a reload.
    expect(heading(page)).to_have_text("Alert the coordinator")
    expect(field(page, "Where are you?")).to_have_value(UNFINISHED)
    page.reload()
    unlock(page)
    expect(field(page, "Where are you?")).to_have_value(UNFINISHED)
    go_to_settings(page)
    expect(page.get_by_text("A new version is ready.")).to_be_visible()
    runs(page, new=False)

    button(page, "Use the new version").click()
    unlock(page)
    expect(heading(page)).to_have_text("Me")
    runs(page, new=True)
    expect(page.get_by_text("A new version is ready.")).to_have_count(0)
    expect(bar(page)).to_contain_text("4 waiting")
    go_home(page)
    expect(card(page, UNSENT)).to_contain_text("Saved on this phone · not sent yet")
    open_card(page, UNFINISHED)
    expect(field(page, "Where are you?")).to_have_value(UNFINISHED)

    phone.link.up()
    send_now(page)
    assert [each["kind"] for each in arrived(page, server, unsent)] == ALERT


def test_a_broken_deployment_is_refused_and_the_old_version_works_on_without_a_network(
    start_server: ServerFactory,
    start_phone: BrowserFactory[Phone],
    next_version: Deployment,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = start_server()
    phone = start_phone(server, "officer")
    page = sign_in(phone)

    # A file that changed: what did not change is taken over from the version before, and may be missing.
    broken = next_version.without("assets/shared-*.js", tmp_path_factory.mktemp("broken") / "house")
    server.restart(broken.environment)
    assert page.evaluate(LOOK_FOR_UPDATE) == "redundant"
    assert len(kept_versions(page)) == 1

    page = phone.restart(online=False)
    unlock(page)
    go_to_settings(page)
    runs(page, new=False)
    expect(page.get_by_text("A new version is ready.")).to_have_count(0)
    go_home(page)
    referral = refer(page, "Downing and 30th, old version")
    phone.set_online(True)
    assert [each["kind"] for each in arrived(page, server, referral)] == ALERT


def runs(page: Page, *, new: bool) -> None:
    """From the settings and back to them: which version this is."""
    page.get_by_role("link", name=english("me_phone")).click()
    version = page.get_by_text(re.compile(r"^Version \d"))
    if new:
        expect(version).to_contain_text(NEXT)
    else:
        expect(version).not_to_contain_text(NEXT)
    button(page, english("back")).click()
    expect(heading(page)).to_have_text(english("me_title"))


def kept_versions(page: Page) -> list[str]:
    """The caches of complete or half-fetched versions."""
    names: list[str] = page.evaluate("caches.keys()")
    return [name for name in names if name.startswith("handoff-")]
