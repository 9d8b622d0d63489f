"""The envelope of an operation, its kinds and payloads, its canonical bytes and digest, and its form on the wire.

An operation is one immutable thing somebody did. This answers for what is well formed; `sealing` opens and verifies,
`fold` gives meaning, `reconcile` decides. Canonical JSON is RFC 8785; numbers are integers within 2^53-1, never floats.
"""

import hashlib
import json
from typing import Annotated, Any, Literal, NoReturn

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from sync.fields import (
    FIELDS,
    INTEGER_LIMIT,
    TEXT_LIMIT,
    FieldError,
    Group,
    JsonValue,
    check_field,
    group_of,
    is_instant,
)

ENVELOPE_VERSION = 1
PAYLOAD_LIMIT_BYTES = 64 * 1024
BLOB_LIMIT_BYTES = 96 * 1024
BATCH_LIMIT_OPERATIONS = 100
BATCH_LIMIT_BYTES = 512 * 1024
BASE_LIMIT_DEVICES = 64
SAW_LIMIT = 64
NOTE_LIMIT = 16_000
STROKES_LIMIT = 12_000

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=_UUID)]

ProgramId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Sequence = Annotated[int, Field(ge=1, le=INTEGER_LIMIT)]
ShortText = Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]


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


class Create(Strict):
    """The first operation of a referral. `agency_id` is None on the community pathway."""

    pathway: Literal["arrest_diversion", "social_contact", "community"]
    agency_id: Uuid | None


class SetFields(Strict):
    """Values for fields (see `fields.FIELDS`); None clears one."""

    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=len(FIELDS))]

    @model_validator(mode="after")
    def _known(self) -> "SetFields":
        for key, value in self.fields.items():
            check_field(key, value)
        return self


class Alert(Strict):
    """The demand for a coordinator: the page starts here."""

    officer_waiting: bool


class Assign(Strict):
    """A supervisor moves the referral to a coordinator."""

    user_id: Uuid


class Close(Strict):
    """The referral ends. No reason may express a failed test, relapse or non-compliance."""

    reason: Literal[
        "person_left", "entered_by_mistake", "declined", "could_not_be_reached", "not_eligible", "moved_or_died",
        "asked_to_leave", "transitioned_out", "referred_elsewhere",
    ]  # fmt: skip


class Acknowledge(Strict):
    """A coordinator has it. `user_id` is given only by the server, for a tap on a lock screen."""

    eta_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None
    user_id: Uuid | None = None


class Expire(Strict):
    """The server takes back an acknowledgement that was not followed by opening the referral."""

    acknowledgement: Uuid


class Signature(Strict):
    """A drawn signature: strokes of x, y pairs on a grid of the given width and height."""

    width: Annotated[int, Field(ge=1, le=4096)]
    height: Annotated[int, Field(ge=1, le=4096)]
    strokes: Annotated[list[list[Annotated[int, Field(ge=0, le=4096)]]], Field(min_length=1, max_length=400)]

    @model_validator(mode="after")
    def _bounded(self) -> "Signature":
        if sum(len(stroke) for stroke in self.strokes) > STROKES_LIMIT:
            raise ValueError(f"a signature has at most {STROKES_LIMIT} numbers; thin it out")
        return self


class Grant(Strict):
    """Consent to be referred, and how it was given. Not a release of information (42 CFR Part 2)."""

    method: Literal["signature", "witness", "camera", "phone"]
    language: Annotated[str, StringConstraints(max_length=20)]
    script_version: Annotated[str, StringConstraints(max_length=40)]
    script_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reader: Literal["self", "read_aloud", "interpreter"]
    interpreter: ShortText | None
    witness: ShortText | None
    camera_reference: ShortText | None
    signature: Signature | None

    @model_validator(mode="after")
    def _evidence(self) -> "Grant":
        witness, camera = (self.witness or "").strip(), (self.camera_reference or "").strip()
        if not {"signature": self.signature, "witness": witness, "camera": camera, "phone": True}[self.method]:
            raise ValueError(f"consent by {self.method} needs its evidence: draw, name or number it")
        return self


class Withdraw(Strict):
    """Consent is taken back. Nothing ever blocks a withdrawal."""

    reason: ShortText | None


class Confirm(Strict):
    """The coordinator asked "do you still want this?"."""

    answer: Literal["yes", "no", "not_asked"]


class Note(Strict):
    """Free text for the coordinator. Never source or informant information."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=NOTE_LIMIT)]


class Contact(Strict):
    """An attempt to reach the person."""

    how: Literal["in_person", "phone", "message", "other"]
    result: Literal["reached", "not_reached"]
    text: Annotated[str, StringConstraints(max_length=NOTE_LIMIT)]


class Safety(Strict):
    """A dated observation that expires; corrected by striking it and adding another."""

    about: Literal["weapon", "medical", "withdrawal", "self_harm", "other"]
    text: ShortText
    observed_at: str
    expires_at: str

    @model_validator(mode="after")
    def _dated(self) -> "Safety":
        if not is_instant(self.observed_at) or not is_instant(self.expires_at):
            raise ValueError("observed_at and expires_at: give instants such as 2026-04-30T02:14:00Z")
        return self


class Strike(Strict):
    """An entry no longer stands; it stays readable, struck through."""

    entry: Uuid
    entry_kind: Literal["note.add", "contact.add", "safety.add"]
    reason: ShortText


class Handoff(Strict):
    """How the meeting went."""

    outcome: Literal["in_person", "phone", "deferred", "could_not_meet"]


class Decision(Strict):
    """The program's decision."""

    outcome: Literal["accepted", "not_eligible", "waitlist", "redirected"]
    reason: ShortText | None


class Holder(Strict):
    """Who has a referral, as a register holds it."""

    user_id: Uuid
    eta_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None


class _Status(Strict):
    value: Literal["submitted", "acknowledged", "not_met", "deferred", "handed_off", "closed"]


class _Holder(Strict):
    value: Holder | None


class _Handoff(Strict):
    value: Handoff


class _Decision(Strict):
    value: Decision


class _Closure(Strict):
    value: Close


class _Confirmation(Strict):
    value: Confirm


RESOLVED_BY: dict[str, type[Strict]] = {
    "status": _Status,
    "holder": _Holder,
    "handoff": _Handoff,
    "decision": _Decision,
    "closure": _Closure,
    "confirmation": _Confirmation,
}
"""What a person may put into a register of acts when settling a conflict: what the act itself could have written."""


class Resolve(Strict):
    """A person settles conflicts on one field."""

    key: str
    value: Any
    conflicts: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=1, max_length=SAW_LIMIT)
    ]

    @model_validator(mode="after")
    def _known(self) -> "Resolve":
        if self.key in FIELDS:
            check_field(self.key, self.value)
        elif self.key in RESOLVED_BY:
            RESOLVED_BY[self.key].model_validate({"value": self.value})
        else:
            raise FieldError(f"{self.key}: no such field")
        return self


KINDS: dict[str, type[Strict]] = {
    "referral.create": Create,
    "referral.set": SetFields,
    "referral.alert": Alert,
    "referral.assign": Assign,
    "referral.close": Close,
    "page.acknowledge": Acknowledge,
    "page.expire": Expire,
    "consent.grant": Grant,
    "consent.withdraw": Withdraw,
    "consent.confirm": Confirm,
    "note.add": Note,
    "contact.add": Contact,
    "safety.add": Safety,
    "entry.strike": Strike,
    "handoff.record": Handoff,
    "decision.record": Decision,
    "conflict.resolve": Resolve,
}
ENTRY_GROUPS: dict[str, Group] = {"note.add": "notes", "contact.add": "contacts", "safety.add": "safety"}
SERVER_KINDS = frozenset({"page.expire"})

_ACT_GROUPS: dict[str, tuple[Group, ...]] = {
    "referral.create": ("origin",),
    "referral.alert": ("status",),
    "referral.assign": ("holder",),
    "referral.close": ("status", "decision"),
    "page.acknowledge": ("status", "holder"),
    "page.expire": ("status", "holder"),
    "consent.grant": ("consent",),
    "consent.withdraw": ("consent",),
    "consent.confirm": ("consent",),
    "handoff.record": ("status", "holder"),
    "decision.record": ("decision",),
}


def groups_of(kind: str, payload: dict[str, Any]) -> frozenset[Group]:
    """The groups that an operation writes; the payload must have passed its model."""
    if kind == "referral.set":
        return frozenset(FIELDS[key].group for key in payload["fields"])
    if kind in ENTRY_GROUPS:
        return frozenset((ENTRY_GROUPS[kind],))
    if kind == "entry.strike":
        return frozenset((ENTRY_GROUPS[payload["entry_kind"]],))
    if kind == "conflict.resolve":
        return frozenset((group_of(payload["key"]),))
    return frozenset(_ACT_GROUPS[kind])


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
