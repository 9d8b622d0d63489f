"""Enrolling this phone; one's devices, and for those who may, the program's; removing one.

How a phone hears that it was removed: every push, an empty one too, answers `wipe: true`. There is no `Clear-Site-Data`
anywhere: it would take the sealed outbox with it, and that of every other officer on the same phone.
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy.exc import IntegrityError

from api.auth.addresses import client_address
from api.auth.cookies import DEVICE_LIFETIME, device_cookie, give
from api.auth.dependencies import Principal, device_with_cookie, parts, require
from api.clock import rfc3339
from api.devices import contact, queries, service
from api.devices.unarrived import newest_by_person, unarrived
from api.problems import Conflict
from api.tables.devices import Device
from sync.operations import Uuid
from sync.ranges import highest
from sync.sealing import from_base64url, public_key_from

router = APIRouter()

UNCOMPRESSED_POINT_BYTES = 65
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"


class EnrolRequest(BaseModel):
    """The device that this browser profile has made for itself: its id and the key that will sign its operations."""

    model_config = ConfigDict(extra="forbid", strict=True)

    device_id: Uuid
    public_key: Annotated[str, StringConstraints(max_length=120, pattern=r"^[A-Za-z0-9_-]+$")]
    label: Annotated[str, StringConstraints(max_length=80, pattern=ONE_LINE)] = ""

    @field_validator("public_key")
    @classmethod
    def _on_the_curve(cls, value: str) -> str:
        if len(from_base64url(value)) != UNCOMPRESSED_POINT_BYTES:
            raise ValueError("give the uncompressed point")
        public_key_from(value)
        return value


class Enrolled(BaseModel):
    """What the server knows of the device; `next_seq` is the first number it has not seen."""

    device_id: str
    epoch: str
    known: list[tuple[int, int]]
    next_seq: int


class DeviceEntry(BaseModel):
    """One of a person's devices."""

    device_id: str
    label: str
    state: str
    created_at: str
    seen_at: str
    pending: Annotated[int, Field(description="What the phone last said still waits on it.")]
    this: bool


class DeviceList(BaseModel):
    devices: list[DeviceEntry]


class ProgramDevice(BaseModel):
    """A device of somebody in the program. `oldest_pending_at` is the phone's own word, if it can be true at all."""

    device_id: str
    user_id: str
    name: str
    label: str
    state: Literal["active", "revoked"]
    forked: Annotated[bool, Field(description="Two browser profiles write as this device; it was told to enrol anew.")]
    unarrived: Annotated[int, Field(description="Records that never arrived and are not expected any more.")]
    created_at: str
    seen_at: str
    pending: int
    oldest_pending_at: str | None
    oldest_pending_minutes: int | None
    app_version: str
    revoked_at: str | None
    revoked_why: Annotated[str, Field(description="`removed` by a person, or `copied`: see the finding of that name.")]


class ProgramDeviceList(BaseModel):
    devices: list[ProgramDevice]


@router.post("/api/devices", status_code=201)
def enrol(
    body: EnrolRequest,
    request: Request,
    response: Response,
    principal: Annotated[Principal, require("devices.own", "C")],
) -> Enrolled:
    """Enrol this device; 200 instead of 201 when it already was."""
    state = parts(request)
    now = state.clock.now()
    source = client_address(request, state.settings.trusted_proxies)
    contact.at_enrolment(request, body.device_id)
    try:
        with state.database.write() as session:
            has_cookie = device_with_cookie(session, request, body.device_id, now) is not None
            enrolment = service.enrol(
                session, principal, body.device_id, body.public_key, body.label, now, source, has_cookie=has_cookie
            )
            epoch = queries.epoch(session)
    except IntegrityError as error:  # the same enrolment twice at once, on PostgreSQL
        raise Conflict("This device is being enrolled already; ask again.") from error
    if enrolment.token is not None:
        give(response, device_cookie(body.device_id), enrolment.token, DEVICE_LIFETIME)
    if not enrolment.created:
        response.status_code = 200
    known = [(low, high) for low, high in enrolment.device.known]
    return Enrolled(device_id=body.device_id, epoch=epoch, known=known, next_seq=highest(enrolment.device.known) + 1)


@router.get("/api/devices")
def own_devices(request: Request, principal: Annotated[Principal, require("devices.own", "R")]) -> DeviceList:
    """The person's own devices, the newest first."""
    with parts(request).database.read() as session:
        devices = queries.of_user(session, principal.user_id, service.DEVICES_LISTED)
    return DeviceList(
        devices=[
            DeviceEntry(
                device_id=device.id, label=device.label, state=device.state, created_at=rfc3339(device.created_at),
                seen_at=rfc3339(device.seen_at), pending=device.pending, this=device.id == principal.device_id,
            )
            for device in devices
        ]
    )  # fmt: skip


@router.get("/api/devices/all")
def program_devices(
    request: Request, principal: Annotated[Principal, require("devices.all", "R")]
) -> ProgramDeviceList:
    """Every device of the program: those in use first, the longest silent before the others."""
    state = parts(request)
    now = state.clock.now()
    with state.database.read() as session:
        found = queries.of_program(session, principal.program_id, service.PROGRAM_DEVICES_LISTED)
    newest = newest_by_person(device for device, _ in found)
    return ProgramDeviceList(
        devices=[_program_device(device, name, newest[device.user_id], now) for device, name in found]
    )


def _program_device(device: Device, name: str, newest: datetime, now: datetime) -> ProgramDevice:
    """`newest`: when the person last enrolled a phone, this one included."""
    oldest = device.oldest_pending_at
    missing = unarrived(device, newest, now)
    return ProgramDevice.model_validate(
        {
            "device_id": device.id, "user_id": device.user_id, "name": name, "label": device.label,
            "state": device.state, "forked": device.forked_at is not None,
            "unarrived": missing.records if missing.standing == "lost" else 0,
            "created_at": rfc3339(device.created_at), "seen_at": rfc3339(device.seen_at),
            "pending": device.pending, "oldest_pending_at": None if oldest is None else rfc3339(oldest),
            "oldest_pending_minutes": None if oldest is None else max(0, int((now - oldest).total_seconds() // 60)),
            "app_version": device.app_version,
            "revoked_at": None if device.revoked_at is None else rfc3339(device.revoked_at),
            "revoked_why": device.revoked_why,
        }
    )  # fmt: skip


@router.delete("/api/devices/{device_id}", status_code=204)
def revoke(
    device_id: Uuid, request: Request, principal: Annotated[Principal, require("devices.own", "D", fresh=True)]
) -> None:
    """Remove a device: one's own, or, for supervisors and administrators, any of the program."""
    state = parts(request)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.revoke_for(session, principal, device_id, state.clock.now(), source)
