"""Two people who decide, referrals full of canaries, and backups that are put back, on both databases.

Fixtures
    two    `two.expunge(referral_id)`, `two.hold(referral_id, "2026-06-01")`: a supervisor asks, an administrator approves
    told   `told()` gives the id of a referral that says everything, with an open page, and remembers its operations
    backup, restore    copy the database as it is; later put the copy back and open it, as after a restore of any kind
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import make_url

from api.at_rest import opened
from api.settings import Settings
from tests.api import exchange_world as world
from tests.api.conftest import SignIn
from tests.api.device import TestDevice

CANARIES = ("CANARYPLACE", "CANARYNAME", "CANARYNOTE")


@dataclass
class Two:
    """A supervisor and an administrator, each signed in anew for each act."""

    sign_in: SignIn

    def ask(self, path: str, body: dict[str, Any] | None = None) -> str:
        answer = self.sign_in("supervisor").post(f"/api/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["asked_id"])

    def approve(self, path: str) -> None:
        answer = self.sign_in("administrator").post(f"/api/{path}/approve")
        assert answer.status_code == 204, answer.text

    def expunge(self, referral_id: str, reason: str = "court_order") -> str:
        asked = self.ask(f"referrals/{referral_id}/expunge", {"reason": reason})
        self.approve(f"expunge/{asked}")
        return asked

    def hold(self, referral_id: str, until: str = "2026-06-01") -> str:
        asked = self.ask(f"referrals/{referral_id}/hold", {"reason": "litigation", "until": until})
        self.approve(f"holds/{asked}")
        return asked

    def end(self, hold_id: str) -> None:
        self.approve(f"hold-ends/{self.ask(f'holds/{hold_id}/end')}")


@pytest.fixture
def two(sign_in: SignIn) -> Two:
    return Two(sign_in)


@dataclass
class Told:
    """A referral and everything that was sent about it, with the receipts."""

    referral_id: str
    operations: list[dict[str, Any]]
    receipts: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def told(officer: TestDevice) -> Callable[[], Told]:
    def tell() -> Told:
        referral_id, submitted = officer.submission("CANARYPLACE")
        named = officer.set(referral_id, {"name": "CANARYNAME"}, saw=[submitted[1]["op_id"]])
        operations = [*submitted, named, world.note(officer, referral_id, "CANARYNOTE")]
        receipts = officer.push(*operations)
        assert {receipt["status"] for receipt in receipts} == {"applied"}
        return Told(referral_id, operations, receipts)

    return tell


Backup = Callable[[], None]
Restore = Callable[[], None]


@pytest.fixture
def _copy(
    database_kind: str, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> tuple[Backup, Restore]:
    if database_kind == "sqlite":
        path, older = Path(settings.url.removeprefix("sqlite:///")), tmp_path / "older.sqlite"

        def take() -> None:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(older)) as copy:
                source.backup(copy)

        def give() -> None:
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            shutil.copyfile(older, path)

        return take, give
    cluster = request.getfixturevalue("postgres_cluster")
    name = make_url(settings.url).database

    def take_template() -> None:
        cluster.create(f"{name}_older", template=name)
        request.addfinalizer(lambda: cluster.drop(f"{name}_older"))

    def give_template() -> None:
        cluster.drop(name)
        cluster.create(name, template=f"{name}_older")

    return take_template, give_template


@pytest.fixture
def backup(_copy: tuple[Backup, Restore], app: FastAPI) -> Backup:
    def take() -> None:
        app.state.database.writer.dispose()
        app.state.database.reader.dispose()
        _copy[0]()

    return take


@pytest.fixture
def restore(_copy: tuple[Backup, Restore], app: FastAPI, settings: Settings) -> Restore:
    def give() -> None:
        app.state.database.close()
        _copy[1]()
        app.state.database = opened(settings)

    return give


def started(app: FastAPI) -> TestClient:
    """The application as a server starts it: use it in a `with`."""
    return TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"})
