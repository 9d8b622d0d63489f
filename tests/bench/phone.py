"""The phone's figures in real Chromium: first screen, offline start, unlocking, and the tap that saves, on a slow processor.

Times come from the page's own clock. Network: 400 ms round trip, 400 kbit/s. Processor: four times slower.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect, sync_playwright

from scripts import install
from tests.browser import officer_steps as steps
from tests.browser.harness import LiveServer, Phone
from tests.browser.passkey_steps import add_authenticator, enrol_passkey, forget_passkeys

RUNS = 7
SLOWER = 4.0
#: A browser is busy with itself for a while after its start.
SETTLED_MS = 3_000
#: Longer than storing takes, so that the first question comes after it.
UNDISTURBED_MS = 1_000
SAVED = steps.english("word_saved")

WHEN_USABLE = """
new MutationObserver(() => {
  if (document.querySelector('form input')) globalThis.usable_ms ??= performance.now();
}).observe(document, { subtree: true, childList: true });
"""
WHEN_SAVED = """(saved) => {
  let tapped;
  addEventListener('click', () => { tapped ??= performance.now(); }, { capture: true });
  new MutationObserver(() => {
    const lines = [...document.querySelectorAll('.state')];
    if (lines.some((line) => line.textContent.includes(saved))) globalThis.saved_ms ??= performance.now() - tapped;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

#: From the tap to the first heading that is not the lock's, less the time that the authenticator itself took.
WHEN_OPEN = """(locked) => {
  let tapped;
  let apart = 0;
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = async (asked) => {
    const began = performance.now();
    try {
      return await get(asked);
    } finally {
      apart += performance.now() - began;
    }
  };
  addEventListener('click', () => { tapped ??= performance.now(); }, { capture: true });
  new MutationObserver(() => {
    const heading = document.querySelector('h1')?.textContent;
    if (tapped && heading && heading !== locked) globalThis.open_ms ??= performance.now() - tapped - apart;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def measure() -> None:
    """Print the medians of several runs."""
    install.build()
    with (
        tempfile.TemporaryDirectory() as folder,
        LiveServer(Path(folder) / "data") as server,
        sync_playwright() as driver,
    ):
        runs = [_run(driver, server, Path(folder) / f"phone-{number}") for number in range(RUNS)]
        unlocks = [_unlocks(driver, server, Path(folder) / f"lock-{number}") for number in range(RUNS)]
    figures = [(*run, *unlock) for run, unlock in zip(runs, unlocks, strict=True)]
    names = (
        "first visit to usable form",
        "offline cold start to unlock form",
        "tap to Saved on this phone",
        "tap to open, by passkey",
        "tap to open, by passphrase",
    )
    for name, values in zip(names, zip(*figures, strict=True), strict=True):
        print(f"phone {name:34} median {statistics.median(values):6.0f} ms, worst {max(values):6.0f} ms")


def _run(driver: Playwright, server: LiveServer, profile: Path) -> tuple[float, float, float]:
    phone = Phone(driver, server.url, profile, name=profile.name)
    try:
        phone.context.add_init_script(WHEN_USABLE)
        slow = phone.slow_down(cpu=SLOWER)
        phone.goto("/")
        first = _read(phone.page, "usable_ms")
        slow.detach()
        steps.enter(phone.page, steps.OFFICER)
        expect(phone.page.get_by_role("link", name=steps.english("menu_me"), exact=True)).to_be_visible()
        phone.wait_for_worker()
        # A browser that has just been started and shows nothing yet: no former page boots or unloads meanwhile.
        phone.close()
        phone.launch(online=False)
        phone.context.add_init_script(WHEN_USABLE)
        _slow_processor(phone)
        phone.page.wait_for_timeout(SETTLED_MS)
        phone.goto("/")
        start = _read(phone.page, "usable_ms")
        steps.unlock(phone.page)
        steps.walk_to_alert(phone.page)
        steps.field(phone.page, steps.english("officer_place")).fill("Sample Street 1")
        return first, start, _tap(phone.page)
    finally:
        phone.dispose()


def _unlocks(driver: Playwright, server: LiveServer, profile: Path) -> tuple[float, float]:
    """By passkey and by passphrase, without a network; the authenticator's own time is not the app's."""
    phone = Phone(driver, server.url, profile, name=profile.name)
    try:
        add_authenticator(phone)
        page = steps.sign_in(phone)
        enrol_passkey(page)
        phone.set_online(False)
        times = []
        for name in ("unlock_passkey", "unlock"):
            steps.go_home(page)
            steps.lock(page)
            page.reload()
            _slow_processor(phone)
            page.wait_for_timeout(SETTLED_MS)
            if name == "unlock":
                page.get_by_label(steps.english("passphrase"), exact=True).fill(steps.PASSPHRASE)
            box = steps.button(page, steps.english(name)).bounding_box()
            assert box is not None
            page.evaluate(WHEN_OPEN, steps.english("locked_title"))
            page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(UNDISTURBED_MS)
            times.append(_read(page, "open_ms"))
        forget_passkeys(phone)
        return times[0], times[1]
    finally:
        phone.dispose()


def _slow_processor(phone: Phone) -> None:
    phone.context.new_cdp_session(phone.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def _tap(page: Page) -> float:
    """From a finger's tap; the page is neither examined nor asked for anything while it stores."""
    box = steps.alert_button(page).bounding_box()
    assert box is not None
    page.evaluate(WHEN_SAVED, SAVED)
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(UNDISTURBED_MS)
    return _read(page, "saved_ms")


def _read(page: Page, name: str) -> float:
    read: Callable[[], object] = lambda: page.evaluate(f"globalThis.{name} ?? null")  # noqa: E731
    expect(page.locator("body")).to_be_visible()
    while not isinstance(value := read(), int | float):
        page.wait_for_timeout(300)  # rarely, so that asking does not slow what is measured
    return float(value)
