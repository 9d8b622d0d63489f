"""What never arrived, by the phones' own counts: told while it is missing, and gone from the list when it comes after all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.database import Database
from api.devices.unarrived import SILENT, unarrived
from api.tables.devices import Device
from tests.api import exchange_world as world
from tests.api.conftest import START, Enrol, FakeClock
from tests.api.device import TestDevice
from tests.api.quarantine.conftest import Desk


def phone(**changes: Any) -> Device:
    facts: dict[str, Any] = {
        "id": "d", "user_id": "u", "program_id": "p", "public_key": "", "cookie_hash": "", "cookie_at": START,
        "created_at": START, "seen_at": START, "expires_at": START + timedelta(days=90),
    }  # fmt: skip
    return Device(**(facts | changes))


SOON, LATER = START + SILENT - timedelta(seconds=1), START + SILENT


@pytest.mark.parametrize(
    ("facts", "at", "expected"),
    [
        ({}, SOON, (0, "none")),
        ({"known": [[1, 5]], "written": 5}, LATER, (0, "none")),
        ({"known": [[1, 5]], "written": 8, "pending": 3}, SOON, (3, "waiting")),
        ({"known": [[1, 5]], "written": 8, "pending": 3}, LATER, (3, "lost")),
        ({"known": [[1, 5]], "written": 8, "pending": 3, "state": "revoked"}, SOON, (3, "lost")),
        ({"known": [[1, 5]], "written": 8, "pending": 1}, SOON, (2, "lost")),
        ({"known": [[1, 2], [5, 8]], "written": 8}, SOON, (2, "lost")),
        ({"known": [[1, 8]], "written": 5}, LATER, (0, "none")),
        ({"written": 4, "pending": 4}, LATER, (4, "lost")),
        ({"known": [[3, 5]], "pending": 2}, LATER, (2, "lost")),
        ({"known": [[3, 5], [7, 9]]}, LATER, (1, "lost")),
        ({"known": [[1, 5]], "written": 8, "pending": 3, "expires_at": SOON}, SOON, (3, "lost")),
    ],
)
def test_what_is_missing_of_a_phone(facts: dict[str, Any], at: Any, expected: tuple[int, str]) -> None:
    assert tuple(unarrived(phone(**facts), START, at)) == expected


def test_a_newer_phone_of_the_same_person_takes_the_place_of_a_silent_one() -> None:
    silent = phone(known=[[1, 5]], written=8, pending=3)
    assert unarrived(silent, START + timedelta(minutes=1), SOON) == (3, "lost")
    assert unarrived(silent, START, SOON) == (3, "waiting")


def report(device: TestDevice, pending: int, written: int) -> dict[str, Any]:
    return {"device": {"pending": pending, "oldest_pending_at": None, "app": "1.0", "written": written}}


def shown(desk: Desk) -> list[tuple[str, int, int]]:
    answer = desk.client.get("/api/quarantine/unarrived")
    assert answer.status_code == 200, answer.text
    return [(one["name"], one["count"], one["settled"]) for one in answer.json()["phones"]]


def settle(desk: Desk, device: TestDevice, count: int) -> int:
    body = {"device_id": device.device_id, "count": count, "reason": "Asked him; they were drafts."}
    return int(desk.client.post("/api/quarantine/unarrived/settle", json=body).status_code)


def test_a_phone_that_is_gone_is_told_of_until_its_records_come(
    database: Database, desk: Desk, officer: TestDevice
) -> None:
    _, operations = officer.submission()
    officer.push(operations[0], **report(officer, 4, 4))
    assert shown(desk) == []
    world.set_device(database, officer.device_id, state="revoked")
    assert shown(desk) == [("Officer Example", 3, 0)]
    assert settle(desk, officer, 2) == 409, "somebody looked at another number"
    assert settle(desk, officer, 3) == 204
    assert shown(desk) == [("Officer Example", 3, 3)]
    devices = desk.client.get("/api/devices/all").json()["devices"]
    assert [one["unarrived"] for one in devices] == [3]
    officer.push(*operations[1:], **report(officer, 3, 4))
    assert shown(desk) == []
    assert settle(desk, officer, 3) == 409


def test_a_phone_whose_memory_was_put_back_says_that_it_has_them_no_more(desk: Desk, officer: TestDevice) -> None:
    """It gave out eight numbers, five arrived, and now it says that nothing waits."""
    _, operations = officer.submission()
    officer.push(*operations, **report(officer, 8, 8))
    assert shown(desk) == []
    officer.push(**report(officer, 0, 4))
    assert shown(desk) == [("Officer Example", 4, 0)]


def test_what_a_push_took_in_waits_no_longer(desk: Desk, officer: TestDevice, clock: FakeClock) -> None:
    """The phone counts before it sends."""
    _, operations = officer.submission()
    waits = {"pending": 4, "oldest_pending_at": "2026-04-30T02:13:00.000Z", "app": "1.0", "written": 4}
    officer.push(*operations, device=waits)
    [entry] = desk.client.get("/api/devices/all").json()["devices"]
    assert (entry["pending"], entry["oldest_pending_at"]) == (0, None)


def test_other_programs_phones_are_not_told_of(database: Database, desk: Desk, enrol: Enrol) -> None:
    other = enrol("other_officer")
    other.push(**report(other, 4, 4))
    world.set_device(database, other.device_id, state="revoked")
    assert shown(desk) == []
    assert settle(desk, other, 4) == 404
