"""A program with officers whose phones write the usual operations, for measuring the server without a browser."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from uuid6 import uuid7

from api.auth.dependencies import DevicePrincipal
from api.clock import rfc3339
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.tables.devices import Device
from api.tables.people import Agency, Membership, Program, User
from sync import sealing

PROGRAM = "bench"
OFFICERS = 20
BATCH = 100
NOW = datetime(2026, 4, 30, 2, 14, tzinfo=UTC)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
NOTE = "Sits by the loading dock most nights and asks for the blue blanket. " * 6


@dataclass
class World:
    """The program's rows are in the database; `phones` write and seal."""

    database: Database
    private: ec.EllipticCurvePrivateKey
    agency_id: str
    phones: list[ScriptedDevice]

    @property
    def keys(self) -> dict[str, ec.EllipticCurvePrivateKey]:
        return {sealing.key_id_of(self.private.public_key()): self.private}

    def push(self, phone: ScriptedDevice, body: PushRequest, now: datetime = NOW) -> list[str]:
        """Send one batch; the statuses of its receipts."""
        principal = DevicePrincipal(phone.device_id, phone.user_id, PROGRAM, "active")
        answer = exchange.push(self.database, self.keys, principal, body, now)
        return [receipt["status"] for receipt in answer["receipts"]]


def found(database: Database, officers: int = OFFICERS) -> World:
    """Fill an empty, migrated database with the program and its officers."""
    private = ec.generate_private_key(ec.SECP256R1())
    agency_id = str(uuid.uuid4())
    phones = [ScriptedDevice(str(uuid.uuid4()), PROGRAM, private.public_key()) for _ in range(officers)]
    with database.write() as session:
        session.add(Program(id=PROGRAM, name="Bench", config={}, created_at=NOW))
        session.flush()
        session.add(Agency(id=agency_id, program_id=PROGRAM, name="Bench Police"))
        session.flush()
    for number, phone in enumerate(phones):
        add_member(database, phone, f"officer{number}", "officer", agency_id)
    return World(database, private, agency_id, phones)


def add_member(database: Database, phone: ScriptedDevice, name: str, role: str, agency_id: str | None = None) -> None:
    """A person of the program, from of old, with this phone enrolled."""
    with database.write() as session:
        session.add(User(id=phone.user_id, login=name, name=name, password_hash="", created_at=NOW))
        session.flush()
        session.add(
            Membership(
                id=str(uuid.uuid4()),
                user_id=phone.user_id,
                program_id=PROGRAM,
                agency_id=agency_id,
                role=role,
                from_at=SINCE,
            )
        )
        session.add(
            Device(
                id=phone.device_id,
                user_id=phone.user_id,
                program_id=PROGRAM,
                public_key=phone.public_key,
                cookie_hash=phone.device_id,
                cookie_at=NOW,
                created_at=NOW,
                seen_at=NOW,
                expires_at=NOW + timedelta(days=90),
            )
        )


def batches(world: World, operations: int) -> Iterator[tuple[ScriptedDevice, PushRequest]]:
    """Sealed batches that hold this many operations in all, from the phones in turn."""
    for number in range(-(-operations // BATCH)):
        phone = world.phones[number % OFFICERS]
        written: list[dict[str, object]] = []
        while len(written) < BATCH:
            written += referral(world, phone)
        yield phone, PushRequest.model_validate(phone.push_body(written[:BATCH]))


def referral(world: World, phone: ScriptedDevice, *, signed: bool = True) -> list[dict[str, object]]:
    """One arrest as the officer's app writes it: five operations of about a kilobyte."""
    referral_id, at = str(uuid7()), rfc3339(NOW)
    grant = {
        "method": "witness", "language": "en", "script_version": "default-1", "script_hash": "0" * 64,
        "reader": "read_aloud", "interpreter": None, "witness": "Sergeant Demo",
        "camera_reference": None, "signature": None,
    }  # fmt: skip
    police = {
        "charges": ["trespass"],
        "place": "Loading dock behind the market",
        "wait_minutes": 30,
        "callback": "555-0100",
    }
    person = {"name": "Sample Person", "alias": "Blue", "language": "English", "contact": "Evenings at the dock"}
    create = phone.write(
        referral_id, "referral.create", {"pathway": "arrest_diversion", "agency_id": world.agency_id}, at, signed=signed
    )
    consent = phone.write(referral_id, "consent.grant", grant, at, signed=signed)
    return [
        create,
        consent,
        phone.write(referral_id, "referral.set", {"fields": police}, at, signed=signed),
        phone.write(referral_id, "referral.set", {"fields": person}, at, saw=[str(consent["op_id"])], signed=signed),
        phone.write(referral_id, "note.add", {"text": NOTE}, at, signed=signed),
    ]
