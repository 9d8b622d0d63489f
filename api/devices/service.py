"""Enrolling and revoking devices.

Enrolling the same device with the same key again is the same enrolment: a lost answer costs nothing. A revoked device never
comes back; its phone makes a new one. What a revoked device still sends is `exchange`'s affair.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.auth import device_cookies, sessions
from api.auth.cookies import DEVICE_LIFETIME, new_token
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.devices import queries
from api.ledger import service as ledger
from api.problems import Conflict, NotFound, TooMany
from api.tables.devices import Device

ACTIVE, REVOKED = "active", "revoked"
REMOVED = "removed"
DEVICES_PER_PERSON = 20
DEVICES_LISTED = 50
PROGRAM_DEVICES_LISTED = 1000


class DeviceRevoked(Conflict):
    code, title = "device-revoked", "This phone was removed from the account"


@dataclass(frozen=True)
class Enrolment:
    """A device that is enrolled; `token` is the cookie to set, None if the one it has still holds."""

    device: Device
    token: str | None
    created: bool


def enrol(
    session: Session, principal: Principal, device_id: str, public_key: str, label: str, now: datetime, source: str,
    *, has_cookie: bool,
) -> Enrolment:  # fmt: skip
    """Enrol a device for the signed-in person. Raises NotFound, Conflict, DeviceRevoked or TooMany."""
    device = queries.device(session, device_id)
    if device is None:
        return _create(session, principal, device_id, public_key, label, now, source)
    if device.user_id != principal.user_id or device.program_id != principal.program_id:
        raise NotFound("Make a new device id.")
    if device.public_key != public_key:
        raise Conflict("This device has another key. Make a new device id.")
    if device.state == REVOKED:
        raise DeviceRevoked("Make a new device id. What waits on the phone is still accepted.")
    token = None if has_cookie else new_token()
    if token is not None:
        device_cookies.begin(device, token, now, DEVICE_LIFETIME)
    device.label, device.seen_at = label, now
    session.add(device)
    sessions.bind_device(session, principal, device.id)
    return Enrolment(device, token, created=False)


def _create(
    session: Session, principal: Principal, device_id: str, public_key: str, label: str, now: datetime, source: str
) -> Enrolment:
    if ledger.noted(session, "revoked", principal.program_id, [device_id]):  # a restored database forgot the device
        raise DeviceRevoked("Make a new device id. What waits on the phone is still accepted.")
    if queries.count_active(session, principal.user_id) >= DEVICES_PER_PERSON:
        raise TooMany(f"A person has at most {DEVICES_PER_PERSON} phones and browsers; remove one that is not used.")
    token = new_token()
    device = Device(
        id=device_id, user_id=principal.user_id, program_id=principal.program_id, public_key=public_key, label=label,
        cookie_hash="", cookie_at=now, created_at=now, seen_at=now, expires_at=now,
    )  # fmt: skip
    device_cookies.begin(device, token, now, DEVICE_LIFETIME)
    session.add(device)
    sessions.bind_device(session, principal, device.id)
    record(
        session, now, "device.enrol", actor_id=principal.user_id, program_id=principal.program_id, subject=device_id,
        source=source,
    )  # fmt: skip
    return Enrolment(device, token, created=True)


def revoke_for(session: Session, principal: Principal, device_id: str, now: datetime, source: str) -> None:
    """Revoke one's own device, or, with the right to, any of the program. NotFound looks alike for all others."""
    device = queries.device(session, device_id)
    own = device is not None and device.user_id == principal.user_id
    reaches = (
        device is not None and device.program_id == principal.program_id and may(principal.role, "devices.all", "D")
    )
    if device is None or not (own or reaches):
        raise NotFound("There is no such device here.")
    revoke(session, device, now, actor_id=principal.user_id, source=source)


def revoke(
    session: Session, device: Device, now: datetime, *, actor_id: str | None, source: str, why: str = REMOVED
) -> None:
    """Revoke a device, end the sessions on it and forget its push address; doing it twice changes nothing.

    `why` is a stable word: `removed` by a person, `copied` if a cookie came back that it had long given up.
    """
    if device.state == REVOKED:
        return
    device.state, device.revoked_at, device.revoked_why = REVOKED, now, why
    session.add(device)
    sessions.end_on_device(session, device.id)
    queries.drop_push(session, device.id)
    ledger.note(session, "revoked", device.program_id, device.id, why, now)
    record(
        session, now, "device.revoke", actor_id=actor_id, program_id=device.program_id, subject=device.id, source=source
    )


def revoke_all(session: Session, user_id: str, now: datetime, *, actor_id: str | None, source: str) -> int:
    """Revoke every device of a person; how many there were."""
    devices = queries.active_of_user(session, user_id)
    for device in devices:
        revoke(session, device, now, actor_id=actor_id, source=source)
    return len(devices)
