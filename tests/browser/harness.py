"""Phones and desks: real Chromium profiles that a test can hold, switch off, kill and start again.

Answers for the browser as a thing in somebody's hand: its own profile folder, screen, language, network and
wake-ups, and what it complained about on its console. What is on the screen is the tests' affair.
`page.wait_for_function` with a text needs eval, which the policy forbids: wait with `expect(locator)`.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Page, Playwright, WebError
from playwright.sync_api import Error as PlaywrightError

from scripts.programs import find_chromium
from tests.browser.inspection import Violation, axe, files_containing
from tests.browser.link import Link
from tests.browser.live_server import ROOT, LiveServer

__all__ = ["ROOT", "Browser", "Desk", "Link", "LiveServer", "Phone", "Violation", "axe", "files_containing"]

SCREENSHOTS = ROOT / "screenshots"
ACTION_MS = 15_000
EXIT_SECONDS = 15.0
DENVER = (39.7392, -104.9903)

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium goes round a proxy for loopback addresses unless told not to.
    "--proxy-bypass-list=<-loopback>",
)

#: Chromium's sandbox does not start for root.
ROOT_FLAGS = ("--no-sandbox",) if os.geteuid() == 0 else ()

#: Reported by the page itself, because the console's own line does not name the directive on every Chromium.
REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP violation: ${event.effectiveDirective} blocked ${event.blockedURI}`);
});
"""

CSP_WORDS = re.compile(r"CSP violation|Content Security Policy|requires 'Trusted")
NO_NETWORK = re.compile(r"net::ERR_|Failed to fetch|NetworkError")

Scheme = Literal["dark", "light"]


class Browser:
    """One browser profile of one person. Use `Phone` or `Desk`."""

    viewport = (1280, 800)
    touch = False
    scheme: Scheme = "light"
    flags: tuple[str, ...] = ()
    """For the next launch: a camera that shows a film, for instance."""

    def __init__(
        self,
        playwright: Playwright,
        url: str,
        profile: Path,
        *,
        name: str,
        locale: str = "en-US",
    ) -> None:
        self.url = url
        self.profile = profile
        self.name = name
        self.locale = locale
        self.link = Link()
        self.console_errors: list[str] = []
        self.page_errors: list[str] = []
        self.csp_violations: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self._playwright = playwright
        self._online = True
        self._running = False
        self.launch()

    def launch(self, *, online: bool = True) -> None:
        """Switches it on with the profile as it was left; shows nothing until `goto`."""
        executable = find_chromium()
        assert executable is not None, "tests that need Chromium are deselected where there is none"
        width, height = self.viewport
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=str(executable),
            headless=True,
            args=[*FLAGS, *ROOT_FLAGS, *self.flags, f"--proxy-server={self.link.address}"],
            viewport={"width": width, "height": height},
            device_scale_factor=2 if self.touch else 1,
            has_touch=self.touch,
            is_mobile=self.touch,
            locale=self.locale,
            color_scheme=self.scheme,
            geolocation={"latitude": DENVER[0], "longitude": DENVER[1]},
            offline=not online,
        )
        self._running = True
        self.context.set_default_timeout(ACTION_MS)
        self.context.grant_permissions(["notifications", "geolocation"], origin=self.url)
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("console", self._hear)
        self.context.on("weberror", self._hear_error)
        self.page = self.context.pages[0]
        self.set_online(online)

    def close(self) -> None:
        """Closes it in good order, as swiping the browser away does."""
        if self._running:
            self._running = False
            self.context.close()

    def kill(self) -> None:
        """Ends the browser's processes between two instructions, as an empty battery does."""
        pid = self.pid
        self._running = False
        with suppress(ProcessLookupError):  # whoever kills it in the midst of a step was first
            os.killpg(os.getpgid(pid), signal.SIGKILL)
        deadline = time.monotonic() + EXIT_SECONDS
        while _alive(pid):
            assert time.monotonic() < deadline, f"Chromium {pid} outlived SIGKILL"
            time.sleep(0.01)
        with suppress(PlaywrightError):
            self.context.close()

    def restart(self, *, killed: bool = False, online: bool | None = None) -> Page:
        """Off and on again with the same profile, and back to the app; the network stays unless told."""
        online = self._online if online is None else online
        (self.kill if killed else self.close)()
        self.launch(online=online)
        return self.goto("/")

    def dispose(self) -> None:
        """Closes the browser and its link for good."""
        self.close()
        self.link.close()

    def goto(self, path: str = "/") -> Page:
        """Opens a path of the app in the current page."""
        self.page.goto(self.url + path, wait_until="domcontentloaded")
        if not self._online and self.page.evaluate("navigator.onLine"):
            # A new renderer process does not always learn that it was offline from the start.
            self.context.set_offline(False)
            self.context.set_offline(True)
        return self.page

    def new_tab(self, path: str = "/") -> Page:
        """A second page of the same profile; `page` stays the first."""
        page = self.context.new_page()
        page.goto(self.url + path, wait_until="domcontentloaded")
        return page

    def leave_app(self) -> None:
        """No page of the app is open any more; only its service worker is left."""
        for page in self.context.pages[1:]:
            page.close()
        self.page = self.context.pages[0]
        self.page.goto("about:blank")

    def wait_for_worker(self) -> None:
        """Returns when the service worker is active and everything is kept for offline use."""
        outcome = self.page.evaluate(
            """() => Promise.race([
                navigator.serviceWorker.ready.then((registration) => registration.active?.state ?? 'none'),
                new Promise((resolve) => setTimeout(resolve, 15000, 'no service worker after 15 s')),
            ])"""
        )
        assert outcome in ("activating", "activated"), outcome

    @property
    def online(self) -> bool:
        return self._online

    def set_online(self, online: bool) -> None:
        """Network on or off, for pages and workers. See `link` for portals and broken answers."""
        self._online = online
        if online:
            self.link.up()
        else:
            self.link.down()
        self.context.set_offline(not online)

    def slow_down(self, *, latency_ms: int = 400, kbps: int = 400, cpu: float = 4) -> CDPSession:
        """A poor connection and a slow processor for this page, until the returned session detaches."""
        session = self.context.new_cdp_session(self.page)
        bytes_per_second = kbps * 1000 / 8
        session.send("Network.enable")
        rates = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **rates})
        session.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
        return session

    def deliver_push(self, data: str) -> None:
        """A push message arrives, whether or not a page is open."""
        self._wake("deliverPushMessage", {"data": data})

    def background_sync(self, tag: str, *, last_chance: bool = False) -> None:
        """The browser finds a connection and lets the worker send, whether or not a page is open."""
        self._wake("dispatchSyncEvent", {"tag": tag, "lastChance": last_chance})

    def _wake(self, method: str, arguments: dict[str, Any]) -> None:
        registrations: dict[str, str] = {}

        def remember(event: dict[str, Any]) -> None:
            for each in event["registrations"]:
                if not each["isDeleted"]:
                    registrations[each["scopeURL"]] = each["registrationId"]

        session = self.context.new_cdp_session(self.page)
        session.on("ServiceWorker.workerRegistrationUpdated", remember)
        session.send("ServiceWorker.enable")
        scope = self.url + "/"
        deadline = time.monotonic() + ACTION_MS / 1000
        while scope not in registrations:
            assert time.monotonic() < deadline, f"{self.name} has no service worker for {scope}"
            self.page.wait_for_timeout(20)
        session.send(
            f"ServiceWorker.{method}",
            {"origin": self.url, "registrationId": registrations[scope], **arguments},
        )
        session.detach()

    def night(self) -> None:
        self.page.emulate_media(color_scheme="dark")

    def day(self) -> None:
        self.page.emulate_media(color_scheme="light")

    def screenshot(self, name: str, *, full_page: bool = True) -> Path:
        """A picture in `screenshots/`, a folder that is not committed."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=full_page, animations="disabled")
        return path

    def assert_quiet(self, tolerate: Iterable[str] = ()) -> None:
        """Fails on anything the browser complained about, but failed fetches and what `tolerate` matches."""
        self._assert_none(self.csp_violations + self.console_errors + self.page_errors, tolerate)

    def assert_unharmed(self, tolerate: Iterable[str] = ()) -> None:
        """Fails on violations of the policy and uncaught errors only; every test ends with this."""
        self._assert_none(self.csp_violations + self.page_errors, tolerate)

    def _assert_none(self, complaints: list[str], tolerate: Iterable[str]) -> None:
        patterns = [NO_NETWORK, *(re.compile(text) for text in tolerate)]
        left = [text for text in complaints if not any(pattern.search(text) for pattern in patterns)]
        assert not left, f"{self.name}: " + "; ".join(left)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = f"{message.text} ({message.location.get('url', '')})"
        if CSP_WORDS.search(text):
            self.csp_violations.append(text)
        elif message.type == "error":
            self.console_errors.append(text)

    def _hear_error(self, error: WebError) -> None:
        self.page_errors.append(str(error.error))

    @property
    def pid(self) -> int:
        """The browser's process, from the lock that Chromium keeps in a profile (`host-pid`)."""
        return int(os.readlink(self.profile / "SingletonLock").rpartition("-")[2])


class Phone(Browser):
    """390 x 844, touch, night."""

    viewport = (390, 844)
    touch = True
    scheme: Scheme = "dark"


class Desk(Browser):
    """1280 x 800, mouse, day."""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
