"""From what travelled to an operation that opened and verified, or the fault that says why not.

Only an operation that passed all of this may claim its op_id; `reconcile` keeps anything else under its blob's hash.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from sync import sealing
from sync.operations import (
    ENVELOPE_VERSION,
    PAYLOAD_LIMIT_BYTES,
    MalformedOperation,
    Operation,
    SealedOperation,
    canonical,
    parse_canonical,
    signed_bytes,
)


@dataclass(frozen=True)
class Fault:
    """Why an operation could not be opened and verified."""

    status: Literal["retry", "held", "rejected"]
    reason: str
    detail: str


@dataclass(frozen=True)
class Incoming:
    """One sealed operation with what became of opening it. `raw` is the canonical text, where it opened."""

    sealed: SealedOperation
    blob_hash: str
    operation: Operation | None = None
    envelope: dict[str, Any] | None = None
    raw: bytes = b""
    fault: Fault | None = None

    @property
    def digest(self) -> str | None:
        """The digest as sent, where the content could be read at all."""
        value = None if self.envelope is None else self.envelope.get("digest")
        return value if isinstance(value, str) and len(value) == 64 else None


def take_in_item(
    item: dict[str, Any],
    keys: Mapping[str, ec.EllipticCurvePrivateKey],
    device_key: ec.EllipticCurvePublicKey,
) -> Incoming:
    """As `take_in`, for an item whose header may itself be wrong; such a one is kept as the text it came as."""
    try:
        sealed = SealedOperation.model_validate(item)
    except ValidationError as error:
        places = ", ".join(sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]}))
        kept = SealedOperation.model_construct(
            op_id=_clear(item.get("op_id"), 36),
            device_id=_clear(item.get("device_id"), 36),
            program_id=_clear(item.get("program_id"), 40),
            key_id=_clear(item.get("key_id"), 16),
            seq=0,
            blob=json.dumps(item, sort_keys=True),
        )
        return Incoming(
            kept, sealing.blob_hash(kept), fault=Fault("rejected", "header", f"Not as it must be: {places}")
        )
    return take_in(sealed, keys, device_key)


def _clear(value: object, limit: int) -> str:
    return value[:limit].encode("ascii", "replace").decode().replace("\x00", "?") if isinstance(value, str) else ""


def take_in(
    sealed: SealedOperation, keys: Mapping[str, ec.EllipticCurvePrivateKey], device_key: ec.EllipticCurvePublicKey
) -> Incoming:
    """Open, parse, check and verify one operation; never raises for what was sent."""
    name = sealing.blob_hash(sealed)
    try:
        raw = sealing.open_sealed(sealed, keys)
    except sealing.UnknownSealingKey:
        fault = Fault("retry", "unknown_key", "Fetch the program's present key; keep the operation.")
        return Incoming(sealed, name, fault=fault)
    except sealing.CannotOpen:
        return Incoming(
            sealed, name, fault=Fault("rejected", "cannot_open", "It was damaged on the way or on the phone.")
        )
    try:
        envelope = parse_canonical(raw)
    except MalformedOperation as error:
        return Incoming(sealed, name, raw=raw, fault=Fault("rejected", error.reason, str(error)))
    operation, found = _checked(sealed, envelope, len(raw), device_key)
    return Incoming(sealed, name, operation, envelope, raw, found)


def _checked(
    sealed: SealedOperation, envelope: dict[str, Any], raw_bytes: int, device_key: ec.EllipticCurvePublicKey
) -> tuple[Operation | None, Fault | None]:
    version = envelope.get("v")
    if isinstance(version, int) and not isinstance(version, bool) and version > ENVELOPE_VERSION:
        return None, Fault("retry", "newer_version", "The server is older than the app; keep the operation.")
    try:
        operation = Operation.model_validate(envelope)
    except ValidationError as error:
        places = ", ".join(sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]}))
        return None, Fault("rejected", "envelope", f"These parts are not as they must be: {places}")
    if raw_bytes > PAYLOAD_LIMIT_BYTES and len(canonical(operation.payload)) > PAYLOAD_LIMIT_BYTES:
        return None, Fault("rejected", "too_large", f"A payload has at most {PAYLOAD_LIMIT_BYTES} bytes; split it.")
    header = (sealed.op_id, sealed.device_id, sealed.seq, sealed.program_id)
    if header != (operation.op_id, operation.device_id, operation.seq, operation.program_id):
        return None, Fault("rejected", "header_mismatch", "The content is another operation than the header names.")
    content = signed_bytes(envelope)
    if hashlib.sha256(content).hexdigest() != operation.digest:
        return None, Fault("rejected", "wrong_digest", "The digest does not fit the content.")
    if operation.sig is None:
        return operation, Fault(
            "held", "unsigned", "It was written without this phone's key. A supervisor will look at it."
        )
    if not sealing.verify(content, operation.sig, device_key):
        return None, Fault("rejected", "signature", "The signature is not this phone's.")
    return operation, None
