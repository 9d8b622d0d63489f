"""The envelope of an operation, its canonical bytes and digest, and its form on the wire.

An operation is one immutable thing somebody did. This answers for what is well formed around the payload; `payloads` names
the kinds, `sealing` opens and verifies, `fold` gives meaning, `reconcile` decides. Canonical JSON is RFC 8785; numbers are
integers within 2^53-1, never floats.
"""

import hashlib
import json
from typing import Annotated, Any, NoReturn

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from sync.fields import INTEGER_LIMIT, JsonValue, is_instant

ENVELOPE_VERSION = 1
PAYLOAD_LIMIT_BYTES = 64 * 1024
BLOB_LIMIT_BYTES = 96 * 1024
BATCH_LIMIT_OPERATIONS = 100
BATCH_LIMIT_BYTES = 512 * 1024
BASE_LIMIT_DEVICES = 64
SAW_LIMIT = 64

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=_UUID)]

ProgramId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Sequence = Annotated[int, Field(ge=1, le=INTEGER_LIMIT)]


class MalformedOperation(ValueError):
    """The bytes are not an operation; `reason` is one of the documented refusals, the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Strict(BaseModel):
    """Frozen, closed to unknown keys, never coercing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class App(Strict):
    """The build and the rule pack (by hash) in force when the operation was made."""

    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.+_-]{1,40}$")]
    pack: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None


class Operation(Strict):
    """The envelope, frozen when written. `base` says what the screen had shown; `saw` names what was acted upon."""

    v: Annotated[int, Field(ge=ENVELOPE_VERSION, le=ENVELOPE_VERSION)]
    op_id: Uuid
    program_id: ProgramId
    device_id: Uuid
    user_id: Uuid
    seq: Sequence
    referral_id: Uuid
    prev: Uuid | None
    kind: Annotated[str, StringConstraints(max_length=40)]
    payload: dict[str, Any]
    base: Annotated[dict[Uuid, Sequence], Field(max_length=BASE_LIMIT_DEVICES)]
    saw: Annotated[list[Uuid], Field(max_length=SAW_LIMIT)]
    made_at: Annotated[str, StringConstraints(max_length=35)]
    clock_off_ms: Annotated[int, Field(ge=-INTEGER_LIMIT, le=INTEGER_LIMIT)] | None
    app: App
    salt: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    sig: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")] | None

    @field_validator("made_at")
    @classmethod
    def _dated(cls, value: str) -> str:
        if not is_instant(value):
            raise ValueError("give an instant such as 2026-04-30T02:14:00Z")
        return value


class SealedOperation(Strict):
    """What travels: the clear header and the HPKE ciphertext (base64url without padding)."""

    op_id: Uuid
    device_id: Uuid
    seq: Sequence
    program_id: ProgramId
    key_id: KeyId
    blob: Annotated[str, StringConstraints(max_length=BLOB_LIMIT_BYTES * 4 // 3 + 4, pattern=r"^[A-Za-z0-9_-]+$")]

    def info(self) -> bytes:
        """The HPKE `info` that binds the ciphertext to its header."""
        parts = ("handoff/op/v1", self.program_id, self.device_id, self.op_id, str(self.seq), self.key_id)
        return "|".join(parts).encode()


def canonical(value: JsonValue) -> bytes:
    """RFC 8785 canonical JSON of a value without floats (`parse_canonical` lets none in).

    Raises MalformedOperation for what has no canonical form: lone surrogates, integers beyond 2^53-1.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise MalformedOperation(
            "not_canonical", f"The text or number cannot be written canonically: {error}"
        ) from error


def digest_of(envelope: dict[str, Any]) -> str:
    """SHA-256 (hex) of the canonical envelope without `digest` and `sig`."""
    return hashlib.sha256(signed_bytes(envelope)).hexdigest()


def signed_bytes(envelope: dict[str, Any]) -> bytes:
    """The bytes that the digest covers and the device signs (ECDSA P-256 with SHA-256)."""
    return canonical({key: value for key, value in envelope.items() if key not in ("digest", "sig")})


def _no_float(text: str) -> NoReturn:
    raise MalformedOperation("not_canonical", f"Numbers must be whole: {text}")


def parse_canonical(raw: bytes) -> dict[str, Any]:
    """JSON bytes to an object; refuses floats, repeated keys, and anything not already canonical."""
    try:
        value = json.loads(raw, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        if isinstance(error, MalformedOperation):
            raise
        raise MalformedOperation("not_json", "The sealed content is not JSON; send the operation again.") from error
    if not isinstance(value, dict):
        raise MalformedOperation("not_json", "The sealed content is not an operation; send it again.")
    if canonical(value) != raw:
        raise MalformedOperation(
            "not_canonical", "The sealed content is not canonical JSON (RFC 8785); update the app."
        )
    return value
