"""Browser tests get a real server, and phones and desks made to order.

Fixtures
    live_server      one demo server for all tests of a module
    start_server     a factory, for a test that needs a server of its own (it may stop, kill and restart it)
    start_phone      a factory: start_phone(server, "officer") -> Phone with a profile of its own
    start_desk       the same for a Desk

Whatever a test starts ends with it. A browser that saw a violation of the content security policy or an
uncaught error fails its test, unless the test says `tolerate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from scripts import install
from tests.browser.harness import ACTION_MS, Browser, Desk, LiveServer, Phone
from tests.push_service import PushService

B = TypeVar("B", bound=Browser, covariant=True)


class ServerFactory(Protocol):
    """Starts a server that ends with the test."""

    def __call__(
        self, environment: Mapping[str, str] | None = None, command: Sequence[str] = ("demo",)
    ) -> LiveServer: ...


class BrowserFactory(Protocol[B]):
    """Starts a browser with a profile of its own, which ends with the test."""

    def __call__(self, server: LiveServer, name: str, *, locale: str = "en-US", tolerate: Sequence[str] = ()) -> B: ...


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver. Browser tests run last, because its event loop occupies the main thread from here on."""
    expect.set_options(timeout=ACTION_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def built_pwa() -> None:
    """pwa/dist as the sources are now, so that no browser test passes on yesterday's screens."""
    install.build()


@pytest.fixture(scope="module")
def live_server(built_pwa: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A demo server for all tests of a module; they share its data."""
    with LiveServer(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def start_server(built_pwa: None, tmp_path: Path) -> Iterator[ServerFactory]:
    """Servers of a test's own."""
    with ExitStack() as stack:
        started: list[LiveServer] = []

        def start(environment: Mapping[str, str] | None = None, command: Sequence[str] = ("demo",)) -> LiveServer:
            server = LiveServer(tmp_path / f"server-{len(started)}", environment, command)
            started.append(server)
            return stack.enter_context(server)

        yield start


@pytest.fixture
def start_phone(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserFactory[Phone]]:
    """Phones: `start_phone(server, "officer", locale="es-US")`."""
    yield from _browsers(Phone, playwright, tmp_path)


@pytest.fixture
def start_desk(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserFactory[Desk]]:
    """Desks: `start_desk(server, "supervisor")`."""
    yield from _browsers(Desk, playwright, tmp_path)


Kind = TypeVar("Kind", bound=Browser)


def _browsers(kind: type[Kind], playwright: Playwright, folder: Path) -> Iterator[BrowserFactory[Kind]]:
    started: list[tuple[Kind, Sequence[str]]] = []
    with ExitStack() as stack:

        def start(server: LiveServer, name: str, *, locale: str = "en-US", tolerate: Sequence[str] = ()) -> Kind:
            profile = folder / f"profile-{kind.__name__.lower()}-{len(started)}"
            browser = kind(playwright, server.url, profile, name=name, locale=locale)
            stack.callback(browser.dispose)
            started.append((browser, tolerate))
            return browser

        yield start
    for browser, tolerated in started:
        browser.assert_unharmed(tolerated)


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture(scope="module")
def server(
    built_pwa: None, push_service: PushService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server that pages through the tests' push service."""
    with LiveServer(tmp_path_factory.mktemp("paging") / "data", push_service.environment()) as running:
        yield running
