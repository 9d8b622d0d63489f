"""A program in which something was held: phones that were removed, accounts that were closed, and those who decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

WHY = "The phone was found again."


class Desk:
    """A supervisor's desk."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def look(self) -> dict[str, Any]:
        answer = self.client.get("/api/quarantine")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.look()["items"]
        return found

    def post(self, verb: str, items: Sequence[str], reason: str = WHY) -> Response:
        answer: Response = self.client.post(f"/api/quarantine/{verb}", json={"items": list(items), "reason": reason})
        return answer

    def adopt(self, *items: str) -> list[tuple[str, str | None]]:
        answer = self.post("adopt", items)
        assert answer.status_code == 200, answer.text
        return [(each["status"], each["reason"]) for each in answer.json()["items"]]

    def dismiss(self, *items: str) -> None:
        answer = self.post("dismiss", items)
        assert answer.status_code == 204, answer.text


@pytest.fixture
def desk(sign_in: SignIn) -> Desk:
    return Desk(sign_in("supervisor"))


Late = Callable[[], tuple[str, list[dict[str, Any]]]]


@pytest.fixture
def removed(database: Database, enrol: Enrol, clock: FakeClock) -> TestDevice:
    """An officer's phone that was removed while it had no connection."""
    phone = enrol("officer")
    clock.advance(minutes=1)
    world.set_device(database, phone.device_id, state="revoked", revoked_at=clock.now(), revoked_why="removed")
    return phone


@pytest.fixture
def late(removed: TestDevice) -> Late:
    """The removed phone sends a referral: its id and its operations, all of them held."""

    def send() -> tuple[str, list[dict[str, Any]]]:
        referral_id, operations = removed.submission()
        assert {one["reason"] for one in removed.push(*operations)} == {"device_revoked"}
        return referral_id, operations

    return send


def op_ids(operations: Sequence[dict[str, Any]]) -> list[str]:
    return [operation["op_id"] for operation in operations]
