"""A real provider, an application that knows it, and browsers that go there and come back.

Fixtures
    real        the provider's process, shared by a folder of tests; every test starts with nothing asked of it
    clock       the present at the start of a test, because the provider has a real one; it stands still as ever
    provider_id the provider, entered for the officer's program
    linked      the same, and the officer's account is linked to the subject "officer at the agency"
    begin, go   one half and the whole of a sign-in, by a given browser
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.database import Database
from api.openid import providers
from api.openid.providers import NewProvider
from api.settings import Settings
from api.tables.openid import OpenidIdentity
from tests.api.conftest import JOINED, PROGRAM, Cast, FakeClock
from tests.api.openid.provider_process import CLIENT_ID, CLIENT_SECRET, ORIGIN, ProviderProcess

SUBJECT = "officer-at-the-agency"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sessions(count): how many sessions a test of refusals leaves; none without it")


@dataclass(frozen=True)
class Begun:
    """A way that is open: the browser that has the cookie, and where it was told to go."""

    client: TestClient
    address: str


Begin = Callable[..., Begun]
Go = Callable[..., str]
Enter = Callable[..., str]


@pytest.fixture(scope="session")
def _process() -> Iterator[ProviderProcess]:
    with ProviderProcess() as process:
        yield process


@pytest.fixture
def real(_process: ProviderProcess) -> ProviderProcess:
    _process.control(account=SUBJECT)
    return _process


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def settings(database_url: str, tmp_path: Path, real: ProviderProcess) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", database_url=database_url, worker=False, snapshot_minutes=0, origin=ORIGIN,
        private_hosts=real.host, push_ca_file=real.ca_file,
    )  # fmt: skip


@pytest.fixture
def enter(database: Database, cast: Cast, real: ProviderProcess, settings: Settings) -> Enter:
    """Enters the provider, with what a test wants to be different; its id."""

    def add(**changes: Any) -> str:
        usual = {
            "program_id": PROGRAM, "issuer": real.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "label": "Police department",
        }  # fmt: skip
        with database.write() as session:
            new = NewProvider.model_validate(usual | changes)
            return providers.add(session, new, settings.private_targets, JOINED).id

    return add


@pytest.fixture
def provider_id(enter: Enter) -> str:
    return enter()


@pytest.fixture
def linked(provider_id: str, database: Database, cast: Cast, real: ProviderProcess) -> str:
    link_directly(database, real.issuer, cast["officer"].user_id)
    return provider_id


def link_directly(database: Database, issuer: str, user_id: str, subject: str = SUBJECT) -> None:
    """A link as it stands after somebody made it."""
    with database.write() as session:
        session.add(OpenidIdentity(issuer=issuer, subject=subject, user_id=user_id, linked_at=JOINED))


@pytest.fixture
def begin(client: TestClient, provider_id: str) -> Begin:
    def start(browser: TestClient | None = None, **body: Any) -> Begun:
        own = browser or client
        answer = own.post(f"/api/openid/{provider_id}/begin", json=body)
        assert answer.status_code == 200, answer.text
        return Begun(own, answer.json()["address"])

    return start


def come_back(client: TestClient, address: str) -> str:
    """Where the app sends the browser after it came back."""
    answer = client.get(address, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def go(begin: Begin, real: ProviderProcess) -> Go:
    def whole(browser: TestClient | None = None, **body: Any) -> str:
        begun = begin(browser, **body)
        return come_back(begun.client, real.visit(begun.address))

    return whole
