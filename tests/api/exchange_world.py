"""Looking behind push and pull: what is stored, and what an administrator or a damaged phone may do to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlmodel import col, func, select

from api.database import Database
from api.operations import queries, service
from api.tables.devices import Device
from api.tables.people import Membership, User
from api.tables.records import AssessmentBody, FeedRow, Head, OperationBody, OperationHeader, Quarantine, Referral
from sync import sealing
from sync.operations import SealedOperation, canonical
from tests.api.device import TestDevice

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
GRANT = {
    "method": "witness", "language": "en", "script_version": "default-1", "script_hash": "0" * 64, "reader": "read_aloud",
    "interpreter": None, "witness": "Witness Example", "camera_reference": None, "signature": None,
}  # fmt: skip


def header(database: Database, op_id: str) -> OperationHeader | None:
    """The operation that holds this id."""
    with database.read() as session:
        return session.get(OperationHeader, op_id)


def body(database: Database, op_id: str) -> bytes:
    """The bytes that are kept of it."""
    with database.read() as session:
        found = session.get(OperationBody, op_id) or session.get(AssessmentBody, op_id)
    assert found is not None
    return found.body


def quarantined(database: Database) -> list[Quarantine]:
    """Everything that could not claim its id."""
    with database.read() as session:
        return list(session.exec(select(Quarantine).order_by(col(Quarantine.blob_hash))))


def referral(database: Database, referral_id: str) -> Referral | None:
    with database.read() as session:
        return session.get(Referral, referral_id)


def state(database: Database, referral_id: str) -> dict[str, Any]:
    """The stored fold, its assessment with it."""
    with database.read() as session:
        found = queries.whole_state(session, referral_id)
    assert found is not None
    return {**found}


def head(database: Database) -> Head:
    with database.read() as session:
        return session.exec(select(Head)).one()


def log_size(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(OperationHeader)).one()


def feed(database: Database) -> list[FeedRow]:
    """Every row of the feed in its order."""
    with database.read() as session:
        return list(session.exec(select(FeedRow).order_by(col(FeedRow.position))))


def check_projection(database: Database) -> None:
    """Every stored referral equals its log folded anew, and positions are given out once and without holes below the head."""
    with database.read() as session:
        for row in session.exec(select(Referral)):
            stored = queries.whole_state(session, row.id)
            assert canonical(stored) == canonical(service.rebuilt(session, row.id)), row.id
        positions = list(session.exec(select(OperationHeader.position))) + list(session.exec(select(FeedRow.position)))
        assert len(positions) == len(set(positions)), "a position was given out twice"
        assert max(positions, default=0) <= session.exec(select(Head.position)).one()


def started_anew(database: Database) -> None:
    """As after a start of the server: it remembers nothing of the database that stood there before."""
    database.witness.forget()


def set_device(database: Database, device_id: str, **changes: Any) -> None:
    with database.write() as session:
        device = session.get(Device, device_id)
        assert device is not None
        for name, value in changes.items():
            setattr(device, name, value)
        session.add(device)


def close_account(database: Database, user_id: str, at: datetime) -> None:
    """As an administrator does: the account is inactive and its roles have ended."""
    with database.write() as session:
        user = session.get(User, user_id)
        assert user is not None
        user.active = False
        session.add(user)
    end_roles(database, user_id, at)


def end_roles(database: Database, user_id: str, at: datetime) -> None:
    with database.write() as session:
        for member in session.exec(select(Membership).where(Membership.user_id == user_id)):
            member.until_at = at
            session.add(member)


def give_role(
    database: Database, user_id: str, program_id: str, role: str, agency_id: str | None, from_at: datetime,
    until_at: datetime | None = None,
) -> None:  # fmt: skip
    with database.write() as session:
        session.add(
            Membership(
                id=str(uuid4()), user_id=user_id, program_id=program_id, role=role, agency_id=agency_id,
                from_at=from_at, until_at=until_at,
            )
        )  # fmt: skip


def seal_bytes(device: TestDevice, raw: bytes, **changes: Any) -> dict[str, Any]:
    """Any bytes, sealed under a header of this device: what a broken or hostile app may send."""
    key = device.phone.sealing_key
    fields = {"op_id": str(uuid4()), "device_id": device.device_id, "seq": 1, "program_id": device.phone.program_id}
    fields |= {"key_id": sealing.key_id_of(key), "blob": "A"} | changes
    bound = SealedOperation.model_validate(fields)
    return bound.model_dump() | {"blob": sealing.to_base64url(SUITE.encrypt(raw, key, bound.info()))}


def header_of(operation: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the header that the content must repeat."""
    return {key: operation[key] for key in ("op_id", "device_id", "seq", "program_id")}


def sealed(device: TestDevice, operation: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """An operation sealed as the phone does it, under a header that may tell something else."""
    return seal_bytes(device, canonical(dict(operation)), **(header_of(operation) | changes))


def signed(device: TestDevice, operation: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The operation with parts replaced, completed anew with this phone's digest and signature."""
    rest = {key: value for key, value in operation.items() if key not in ("digest", "sig")}
    return sealing.sign(rest | changes, device.phone.key)


def post_items(device: TestDevice, items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """Push items as they are; the whole answer."""
    content = device.phone.push_body([]) | {"operations": items} | changes
    answer = device.client.post(
        "/api/sync/push", content=json.dumps(content), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def withdraw(device: TestDevice, referral_id: str, **changes: Any) -> dict[str, Any]:
    return device.write(referral_id, "consent.withdraw", {"reason": None}, **changes)


def note(device: TestDevice, referral_id: str, text: str = "Brings socks.", **changes: Any) -> dict[str, Any]:
    return device.write(referral_id, "note.add", {"text": text}, **changes)


def strange_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
