"""Enrolling this phone, listing one's devices, removing one."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy.exc import IntegrityError

from api.auth.addresses import client_address
from api.auth.cookies import DEVICE_LIFETIME, device_cookie, give
from api.auth.dependencies import Principal, device_with_cookie, parts, require
from api.clock import rfc3339
from api.devices import queries, service
from api.problems import Conflict
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


@router.delete("/api/devices/{device_id}", status_code=204)
def revoke(device_id: Uuid, request: Request, principal: Annotated[Principal, require("devices.own", "D")]) -> None:
    """Remove a device: one's own, or, for an administrator, any of the program."""
    state = parts(request)
    source = client_address(request, state.settings.trusted_proxies)
    with state.database.write() as session:
        service.revoke_for(session, principal, device_id, state.clock.now(), source)
