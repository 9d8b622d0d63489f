"""Enrolling a phone, its cookie, removing it; and the server's own key files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi.testclient import TestClient
from sqlmodel import select

from api.at_rest.key_files import KeyFileError
from api.auth.cookies import device_cookie, token_hash
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.devices.keys import SealingKeys, VapidKey
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.paging import PushSubscription
from sync.sealing import from_base64url, key_id_of
from tests.api.conftest import START, Cast, Enrol, FakeClock, SignIn


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def enrolment(**changes: Any) -> dict[str, Any]:
    """A valid request, changed."""
    phone = ScriptedDevice("nobody", "denver", a_key().public_key())
    return {"device_id": phone.device_id, "public_key": phone.public_key, "label": "Phone"} | changes


def test_enrolling_gives_the_epoch_and_a_cookie_of_the_devices_own(sign_in: SignIn, database: Database) -> None:
    client, body = sign_in("officer"), enrolment()
    answer = client.post("/api/devices", json=body)
    assert answer.status_code == 201
    assert answer.json().keys() == {"device_id", "epoch", "known", "next_seq"}
    assert (answer.json()["known"], answer.json()["next_seq"]) == ([], 1)
    name = f"__Host-device-{body['device_id'][:8]}"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(name.lower())
    assert all(part in cookie for part in ("httponly", "secure", "samesite=strict", "path=/"))
    with database.read() as session:
        device = session.exec(select(Device)).one()
    assert device.cookie_hash == token_hash(client.cookies[name])
    assert client.get("/api/session").json()["device_id"] == body["device_id"]


def test_enrolling_again_is_the_same_enrolment(sign_in: SignIn, database: Database) -> None:
    client, body = sign_in("officer"), enrolment()
    first = client.post("/api/devices", json=body)
    cookie = client.cookies[device_cookie(body["device_id"])]
    again = client.post("/api/devices", json=body)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert client.cookies[device_cookie(body["device_id"])] == cookie, "a cookie that holds is not replaced"
    with database.read() as session:
        assert len(session.exec(select(Device)).all()) == 1


def test_a_phone_that_lost_the_answer_gets_a_new_cookie(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    former = device.client.cookies[device_cookie(device.device_id)]
    fresh = sign_in("officer")
    body = {"device_id": device.device_id, "public_key": device.phone.public_key}
    assert fresh.post("/api/devices", json=body).status_code == 200
    assert fresh.cookies[device_cookie(device.device_id)] != former
    device.client.cookies.set(device_cookie(device.device_id), former)
    assert device.post_push([]).status_code == 401, "the former cookie no longer appends"


def test_a_device_id_of_somebody_else_looks_like_any_other_refusal(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    body = {"device_id": device.device_id, "public_key": device.phone.public_key}
    for stranger in ("officer2", "other_officer", "administrator"):
        assert sign_in(stranger).post("/api/devices", json=body).status_code == 404


def test_a_device_keeps_its_key(enrol: Enrol) -> None:
    device = enrol("officer")
    answer = device.client.post("/api/devices", json=enrolment(device_id=device.device_id))
    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":conflict")


def test_what_the_server_holds_of_the_device_is_told_on_enrolment(enrol: Enrol) -> None:
    device = enrol("officer")
    _, operations = device.submission()
    device.push(*operations)
    body = {"device_id": device.device_id, "public_key": device.phone.public_key}
    answer = device.client.post("/api/devices", json=body).json()
    assert answer["known"] == [[1, len(operations)]]
    assert answer["next_seq"] == len(operations) + 1


def test_signing_in_again_on_an_enrolled_phone_takes_its_device_up(enrol: Enrol, sign_in: SignIn, cast: Cast) -> None:
    device = enrol("officer")
    for login, taken_up in (("officer", device.device_id), ("officer2", None)):
        body = {"login": login, "password": "plain words for tests", "device_id": device.device_id}
        assert device.client.post("/api/session", json=body).json()["device_id"] == taken_up


def test_ones_devices_are_listed_and_nobody_elses(enrol: Enrol) -> None:
    mine, theirs = enrol("officer"), enrol("officer2")
    listed = mine.client.get("/api/devices").json()["devices"]
    assert [entry["device_id"] for entry in listed] == [mine.device_id]
    assert listed[0]["this"] is True
    assert theirs.device_id not in str(listed)


def test_a_removed_device_loses_its_sessions_and_never_comes_back(enrol: Enrol, sign_in: SignIn) -> None:
    device, elsewhere = enrol("officer"), sign_in("officer")
    assert elsewhere.delete(f"/api/devices/{device.device_id}").status_code == 204
    assert device.client.get("/api/session").status_code == 401
    assert elsewhere.get("/api/session").status_code == 200
    body = {"device_id": device.device_id, "public_key": device.phone.public_key}
    answer = elsewhere.post("/api/devices", json=body)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("device-revoked")


def test_what_a_removed_phone_still_sends_is_held_and_it_is_told_to_wipe(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    _, operations = device.submission()
    sign_in("officer").delete(f"/api/devices/{device.device_id}")
    answer = device.post_push(operations)
    assert answer.status_code == 200
    assert answer.json()["wipe"] is True
    assert {receipt["status"] for receipt in answer.json()["receipts"]} == {"held"}


def test_who_looks_after_devices_removes_any_of_the_program_and_of_no_other(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    path = f"/api/devices/{device.device_id}"
    unknown = sign_in("supervisor").delete(f"/api/devices/{uuid4()}")
    for stranger in ("officer2", "coordinator", "sergeant", "other_supervisor", "other_administrator"):
        answer = sign_in(stranger).delete(path)
        assert (answer.status_code, answer.json()) == (404, unknown.json())
    assert sign_in("administrator").delete(path).status_code == 204
    assert sign_in("supervisor").delete(path).status_code == 204, "twice is once"
    second = enrol("officer")
    assert sign_in("supervisor").delete(f"/api/devices/{second.device_id}").status_code == 204
    assert second.post_push([]).json()["wipe"] is True


def test_removing_asks_for_a_fresh_proof(enrol: Enrol, sign_in: SignIn, clock: FakeClock) -> None:
    device, administrator = enrol("officer"), sign_in("administrator")
    clock.advance(minutes=5, seconds=1)
    for client in (device.client, administrator):
        answer = client.delete(f"/api/devices/{device.device_id}")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:handoff:problem:proof-needed")
    assert device.post_push([]).json()["wipe"] is False


def test_a_removed_phone_with_nothing_to_send_is_told_too(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    sign_in("supervisor").delete(f"/api/devices/{device.device_id}")
    answer = device.post_push([])
    assert (answer.status_code, answer.json()["wipe"], answer.json()["receipts"]) == (200, True, [])
    assert "clear-site-data" not in answer.headers, "it would take the sealed outbox of everybody on this phone"


def test_a_removed_phone_reads_nothing_even_signed_in_again(enrol: Enrol, sign_in: SignIn) -> None:
    device = enrol("officer")
    sign_in("supervisor").delete(f"/api/devices/{device.device_id}")
    body = {"login": "officer", "password": "plain words for tests", "device_id": device.device_id}
    assert device.client.post("/api/session", json=body).json()["device_id"] is None
    pull = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": device.device_id}
    answer = device.client.post("/api/sync/pull", json=pull)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:device-revoked")
    _, operations = device.submission()
    assert {receipt["status"] for receipt in device.push(*operations)} == {"held"}


def test_removing_forgets_where_the_phone_was_rung(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    devices = [enrol("coordinator"), enrol("coordinator2")]
    with database.write() as session:
        for number, device in enumerate(devices):
            session.add(
                PushSubscription(
                    id=str(uuid4()), user_id=device.user_id, program_id="denver", device_id=device.device_id,
                    endpoint=f"https://push.example/{number}", p256dh="x", auth="x", created_at=START, seen_at=START,
                )
            )  # fmt: skip
    sign_in("supervisor").delete(f"/api/devices/{devices[0].device_id}")
    with database.read() as session:
        assert [row.device_id for row in session.exec(select(PushSubscription))] == [devices[1].device_id]


class TestTheProgramsDevices:
    @pytest.mark.parametrize("reader", ["supervisor", "administrator"])
    def test_they_show_who_was_last_there_and_what_waits(
        self, enrol: Enrol, sign_in: SignIn, clock: FakeClock, reader: str
    ) -> None:
        device = enrol("officer")
        clock.advance(hours=1)
        report = {"pending": 3, "oldest_pending_at": "2026-04-30T02:44:00.000Z", "app": "1.2.3"}
        device.post_push([], device=report)
        clock.advance(minutes=10)
        entries = sign_in(reader).get("/api/devices/all").json()["devices"]
        assert entries == [
            {
                "device_id": device.device_id, "user_id": device.user_id, "name": "Officer Example",
                "label": "Test phone", "state": "active", "created_at": "2026-04-30T02:14:00.000Z",
                "seen_at": "2026-04-30T03:14:00.000Z", "pending": 3, "oldest_pending_at": "2026-04-30T02:44:00.000Z",
                "oldest_pending_minutes": 40, "app_version": "1.2.3", "revoked_at": None, "revoked_why": "",
                "forked": False, "unarrived": 0,
            }
        ]  # fmt: skip

    def test_a_removed_one_says_when_and_why_and_stands_last(
        self, enrol: Enrol, sign_in: SignIn, clock: FakeClock
    ) -> None:
        devices = [enrol("officer"), enrol("officer2")]
        client = sign_in("administrator")
        client.delete(f"/api/devices/{devices[0].device_id}")
        entries = client.get("/api/devices/all").json()["devices"]
        assert [(entry["device_id"], entry["state"], entry["revoked_why"]) for entry in entries] == [
            (devices[1].device_id, "active", ""),
            (devices[0].device_id, "revoked", "removed"),
        ]

    @pytest.mark.parametrize("reader", ["officer", "sergeant", "coordinator", "case_manager", "prosecutor", "partner"])
    def test_others_do_not_see_them(self, sign_in: SignIn, reader: str) -> None:
        assert sign_in(reader).get("/api/devices/all").status_code == 403

    def test_another_programs_are_not_among_them(self, enrol: Enrol, sign_in: SignIn) -> None:
        enrol("officer")
        for reader in ("other_supervisor", "other_administrator"):
            assert sign_in(reader).get("/api/devices/all").json() == {"devices": []}


def test_enrolling_and_removing_are_audited_once_each(enrol: Enrol, database: Database) -> None:
    device = enrol("officer")
    for _ in range(2):
        device.client.delete(f"/api/devices/{device.device_id}")
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.subject == device.device_id)).all()
    assert [event.action for event in events] == ["device.enrol", "device.revoke"]


def test_a_device_cookie_runs_out_after_ninety_days(enrol: Enrol, clock: FakeClock) -> None:
    device = enrol("officer")
    for _ in range(3):
        clock.advance(days=29)
        assert device.post_push([]).status_code == 200
    clock.advance(days=3, minutes=-1)
    assert device.post_push([]).status_code == 200
    clock.advance(minutes=1)
    assert device.post_push([]).status_code == 401


def test_a_device_that_was_not_there_for_thirty_days_signs_in_again(
    enrol: Enrol, sign_in: SignIn, clock: FakeClock
) -> None:
    idle, used = enrol("officer"), enrol("officer2")
    clock.advance(days=15)
    assert used.post_push([]).status_code == 200
    clock.advance(days=15, minutes=-1)
    assert idle.post_push([]).status_code == 200
    clock.advance(days=30)
    for device in (idle, used):
        assert device.post_push([]).status_code == 401
    idle.client.post("/api/session", json={"login": "officer", "password": "plain words for tests"})
    body = {"device_id": idle.device_id, "public_key": idle.phone.public_key}
    assert idle.client.post("/api/devices", json=body).status_code == 200
    assert idle.post_push([]).status_code == 200


def test_a_phone_that_only_reads_is_in_contact_too(enrol: Enrol, clock: FakeClock) -> None:
    device = enrol("coordinator")
    for _ in range(4):
        clock.advance(days=10)
        device.client.post("/api/session", json={"login": "coordinator", "password": "plain words for tests"})
        device.pull()
    assert device.post_push([]).status_code == 200


def test_a_device_cookie_appends_and_nothing_else(enrol: Enrol) -> None:
    device = enrol("officer")
    device.client.cookies.delete("__Host-session")
    assert device.post_push([]).status_code == 200
    for path in ("/api/session", "/api/program", "/api/devices"):
        assert device.client.get(path).status_code == 401
    pull = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": device.device_id}
    assert device.client.post("/api/sync/pull", json=pull).status_code == 401


def test_a_cookie_opens_its_own_device_alone(enrol: Enrol) -> None:
    mine, theirs = enrol("officer"), enrol("officer2")
    stolen = mine.client.cookies[device_cookie(mine.device_id)]
    mine.client.cookies.set(device_cookie(theirs.device_id), stolen)
    for device_id in (theirs.device_id, str(uuid4()), "", "\ud800", "x" * 500, 5, None):
        body = mine.phone.push_body([]) | {"device_id": device_id}
        raw = json.dumps(body)
        answer = mine.client.post("/api/sync/push", content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code in (401, 422), device_id


@pytest.mark.parametrize(
    "changes",
    [
        {"device_id": "not-an-id"},
        {"device_id": 7},
        {"public_key": "AAAA"},
        {"public_key": "A" * 87},
        {"public_key": "é"},
        {"public_key": None},
        {"label": "x" * 81},
        {"label": "two\nlines"},
        {"label": "\u0000"},
        {"user_id": "somebody"},
        {"state": "active"},
    ],
)
def test_a_malformed_enrolment_is_refused(sign_in: SignIn, changes: dict[str, Any]) -> None:
    assert sign_in("officer").post("/api/devices", json=enrolment(**changes)).status_code == 422


def test_a_malformed_device_id_in_the_path_is_refused(sign_in: SignIn) -> None:
    assert sign_in("officer").delete("/api/devices/no-such-id").status_code == 422


def test_enrolling_needs_a_session(client: TestClient) -> None:
    assert client.post("/api/devices", json=enrolment()).status_code == 401


class TestKeys:
    def test_the_first_start_makes_keys_that_later_starts_find(self, tmp_path: Path) -> None:
        made = SealingKeys.load(tmp_path / "keys")
        assert SealingKeys.load(tmp_path / "keys").active.key_id == made.active.key_id
        assert made.active.key_id == key_id_of(made.active.private.public_key())
        assert len(from_base64url(made.active.public_key)) == 65
        vapid = VapidKey.load(tmp_path / "keys")
        assert VapidKey.load(tmp_path / "keys").public_key == vapid.public_key
        assert set(SealingKeys.load(tmp_path / "keys").by_id) == {made.active.key_id}

    def test_key_files_are_their_owners_alone(self, tmp_path: Path) -> None:
        umask = os.umask(0)
        try:
            keys = SealingKeys.load(tmp_path / "keys")
        finally:
            os.umask(umask)
        path = tmp_path / "keys" / f"sealing-{keys.active.key_id}.pem"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    def test_a_key_that_everybody_may_read_is_refused(self, tmp_path: Path) -> None:
        keys = SealingKeys.load(tmp_path)
        (tmp_path / f"sealing-{keys.active.key_id}.pem").chmod(0o604)
        with pytest.raises(KeyFileError, match="chmod 600"):
            SealingKeys.load(tmp_path)

    def test_the_newest_key_is_handed_out_and_the_others_still_open(self, tmp_path: Path) -> None:
        first = SealingKeys.load(tmp_path).active.key_id
        other = a_key()
        path = tmp_path / f"sealing-{key_id_of(other.public_key())}.pem"
        path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)
        os.utime(path, (4_000_000_000, 4_000_000_000))
        keys = SealingKeys.load(tmp_path)
        assert keys.active.key_id == key_id_of(other.public_key())
        assert set(keys.by_id) == {first, keys.active.key_id}

    @pytest.mark.parametrize(
        "content", [b"", b"garbage", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_a_broken_key_file_stops_the_start(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "sealing-0123456789abcdef.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(KeyFileError, match="restore it"):
            SealingKeys.load(tmp_path)

    def test_a_key_under_a_wrong_name_stops_the_start(self, tmp_path: Path) -> None:
        keys = SealingKeys.load(tmp_path)
        (tmp_path / f"sealing-{keys.active.key_id}.pem").rename(tmp_path / "sealing-0123456789abcdef.pem")
        with pytest.raises(KeyFileError, match="rename it"):
            SealingKeys.load(tmp_path)
