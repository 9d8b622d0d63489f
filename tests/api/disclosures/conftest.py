"""A case of which something may be released, and what was accounted for."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.database import Database
from api.tables.disclosures import Disclosure
from tests.api.conftest import Enrol, SignIn
from tests.api.device import TestDevice
from tests.api.feed_reading import RELEASE

LIST = "/api/prosecution/referrals"
NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


class Case:
    """An officer's arrest diversion, the coordinator who may release something of it, and a prosecutor who asks."""

    def __init__(self, officer: TestDevice, coordinator: TestDevice, prosecutor: TestClient) -> None:
        self.officer, self.coordinator, self.prosecutor = officer, coordinator, prosecutor
        self.id, operations = officer.submission()
        self.grant = operations[1]["op_id"]
        packet = {"case_number": "24-117", "charges": ["trespass"], "due_on": "2026-05-14"}
        self.apply(officer, *operations, officer.set(self.id, packet))

    def apply(self, device: TestDevice, *operations: dict[str, Any]) -> None:
        assert {one["status"] for one in device.push(*operations)} <= {"applied", "merged"}

    def release(self, **changes: Any) -> str:
        given = self.coordinator.write(self.id, "release.give", RELEASE | changes)
        self.apply(self.coordinator, given)
        return str(given["op_id"])

    def told(self) -> dict[str, Any] | None:
        """What the prosecutor hears of this referral now; both routes must agree."""
        one, every = self.prosecutor.get(f"{LIST}/{self.id}"), self.prosecutor.get(LIST)
        assert every.status_code == 200, every.text
        assert every.json()["notice"] == NOTICE
        found: list[dict[str, Any]] = [each for each in every.json()["referrals"] if each["id"] == self.id]
        if one.status_code == 404:
            assert found == []
            return None
        assert one.json() == {"notice": NOTICE, "referral": found[0]}
        return found[0]


@pytest.fixture
def case(enrol: Enrol, sign_in: SignIn) -> Case:
    return Case(enrol("officer"), enrol("coordinator"), sign_in("prosecutor"))


def lines(database: Database) -> list[Disclosure]:
    with database.read() as session:
        return list(session.exec(select(Disclosure)))
