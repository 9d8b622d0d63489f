"""The key that phones seal to: a new one at once, the old one for as long as a phone may hold something sealed to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col

from api.database import Database
from api.devices.keys import SealingKeys
from api.devices.sealing_rotation import KEPT, retire, rotate
from api.problems import Conflict, NotFound
from api.settings import Settings
from api.tables.devices import Device
from sync import sealing
from tests.api.conftest import START, Enrol, FakeClock
from tests.api.device import TestDevice


@pytest.fixture
def replaced(app: FastAPI, settings: Settings) -> str:
    """The server has a new key since START; the id of the old one."""
    old: str = app.state.keys.active.key_id
    made = rotate(settings.keys_dir)
    for key_id, at in ((old, START - timedelta(days=30)), (made, START)):
        path = settings.keys_dir / f"sealing-{key_id}.pem"
        os.utime(path, (at.timestamp(), at.timestamp()))
    app.state.keys = SealingKeys.load(settings.keys_dir)
    assert app.state.keys.active.key_id == made != old
    return old


@pytest.fixture
def try_to_retire(database: Database, settings: Settings, clock: FakeClock) -> Callable[[str], None]:
    def attempt(key_id: str) -> None:
        with database.write() as session:
            retire(session, settings.keys_dir, key_id, clock.now())

    return attempt


def met(database: Database, device: TestDevice, at: datetime, pending: int = 0) -> None:
    """The phone's last contact, and how much it said that it still holds."""
    with database.write() as session:
        statement = update(Device).where(col(Device.id) == device.device_id)
        session.execute(statement.values(seen_at=at, pending=pending))


def test_both_keys_open_and_the_newest_is_handed_out(settings: Settings, replaced: str) -> None:
    keys = SealingKeys.load(settings.keys_dir)
    assert replaced in keys.by_id
    assert len(keys.by_id) == 2
    for path in settings.keys_dir.glob("sealing-*.pem"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_sealed_ninety_days_ago_still_opens(app: FastAPI, enrol: Enrol, settings: Settings) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    waiting = [officer.phone.seal(operation).model_dump() for operation in operations]
    old = app.state.keys.active.key_id
    for _ in range(3):
        rotate(settings.keys_dir)
    app.state.keys = SealingKeys.load(settings.keys_dir)
    assert app.state.keys.active.key_id != old
    assert {one["key_id"] for one in waiting} == {old}
    body = officer.phone.push_body([]) | {"operations": waiting}
    answer = officer.client.post("/api/sync/push", json=body)
    assert {receipt["status"] for receipt in answer.json()["receipts"]} == {"applied"}


def test_the_key_in_use_stays(app: FastAPI, try_to_retire: Callable[[str], None], replaced: str) -> None:
    with pytest.raises(Conflict, match="rotate-sealing-key"):
        try_to_retire(app.state.keys.active.key_id)


@pytest.mark.parametrize("key_id", ["0" * 16, "../vapid", ""])
def test_a_key_that_is_none_is_not_found(try_to_retire: Callable[[str], None], replaced: str, key_id: str) -> None:
    with pytest.raises(NotFound):
        try_to_retire(key_id)


@pytest.mark.parametrize(("early_seconds", "goes"), [(1, False), (0, True)])
def test_it_is_kept_ninety_days(
    try_to_retire: Callable[[str], None],
    replaced: str,
    clock: FakeClock,
    settings: Settings,
    early_seconds: int,
    goes: bool,
) -> None:
    clock.advance(seconds=KEPT.total_seconds() - early_seconds)
    path: Path = settings.keys_dir / f"sealing-{replaced}.pem"
    if goes:
        try_to_retire(replaced)
        assert not path.exists()
        assert replaced not in SealingKeys.load(settings.keys_dir).by_id
        return
    with pytest.raises(Conflict, match="replaced"):
        try_to_retire(replaced)
    assert path.exists()


@pytest.mark.parametrize(("seen_after_days", "pending", "state", "reason"), [
    (-1, 0, "active", "not been heard of"),
    (0, 0, "active", "not been heard of"),
    (1, 0, "active", None),
    (1, 1, "active", "hold something"),
    (89, 3, "active", "hold something"),
    (-1, 5, "revoked", None),
])  # fmt: skip
def test_no_phone_may_still_hold_something_sealed_to_it(
    database: Database, enrol: Enrol, try_to_retire: Callable[[str], None], replaced: str, clock: FakeClock,
    seen_after_days: int, pending: int, state: str, reason: str | None,
) -> None:  # fmt: skip
    officer = enrol("officer")
    met(database, officer, START + timedelta(days=seen_after_days), pending)
    with database.write() as session:
        session.execute(update(Device).values(state=state))
    clock.advance(days=KEPT.days + 1)
    if reason is None:
        try_to_retire(replaced)
        return
    with pytest.raises(Conflict, match=reason) as found:
        try_to_retire(replaced)
    assert officer.device_id in found.value.detail


def test_what_waits_for_a_person_keeps_its_key(
    app: FastAPI,
    database: Database,
    enrol: Enrol,
    try_to_retire: Callable[[str], None],
    clock: FakeClock,
    settings: Settings,
) -> None:
    officer = enrol("officer")
    old = app.state.keys.active.key_id
    sealed = officer.phone.seal(officer.create()).model_dump()
    raw = bytearray(sealing.from_base64url(sealed["blob"]))
    raw[-1] ^= 1
    body = officer.phone.push_body([]) | {"operations": [sealed | {"blob": sealing.to_base64url(bytes(raw))}]}
    assert officer.client.post("/api/sync/push", json=body).json()["receipts"][0]["status"] == "rejected"
    rotate(settings.keys_dir)
    met(database, officer, datetime.now(START.tzinfo) + timedelta(days=1))
    clock.advance(seconds=(datetime.now(START.tzinfo) - START).total_seconds() + KEPT.total_seconds() + 86_400)
    with pytest.raises(Conflict, match="1 operations in quarantine"):
        try_to_retire(old)
