"""A phone without a screen: it writes envelopes, signs them and seals them exactly as a real one does.

Answers for the phone's half of the conversation, for the demo and for tests; the cryptography is `sync.sealing`'s.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from uuid6 import uuid7

from sync import sealing
from sync.operations import ENVELOPE_VERSION, SealedOperation

APP_VERSION = "demo-1"


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class ScriptedDevice:
    """One enrolment of one person, with its signing key and its next sequence number."""

    user_id: str
    program_id: str
    sealing_key: ec.EllipticCurvePublicKey
    device_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    seq: int = 0
    pack: str | None = None
    last_on: dict[str, str] = field(default_factory=dict)

    @property
    def public_key(self) -> str:
        """What enrolment asks for."""
        return sealing.to_base64url(sealing.raw_point(self.key.public_key()))

    def write(
        self, referral_id: str, kind: str, payload: Mapping[str, Any], made_at: str, *,
        base: Mapping[str, int] | None = None, saw: Iterable[str] = (), signed: bool = True, **changes: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """A finished operation. `base` is what the screen had shown of others; `changes` replace parts of the envelope."""
        shown = dict(base or {})
        if self.seq:
            shown[self.device_id] = self.seq
        self.seq += 1
        envelope: dict[str, Any] = {
            "v": ENVELOPE_VERSION,
            "op_id": str(uuid7()),
            "program_id": self.program_id,
            "device_id": self.device_id,
            "user_id": self.user_id,
            "seq": self.seq,
            "referral_id": referral_id,
            "prev": self.last_on.get(referral_id),
            "kind": kind,
            "payload": dict(payload),
            "base": shown,
            "saw": list(saw),
            "made_at": made_at,
            "clock_off_ms": 0,
            "app": {"version": APP_VERSION, "pack": self.pack},
            "salt": secrets.token_hex(16),
        }
        envelope |= changes
        self.last_on[referral_id] = envelope["op_id"]
        return sealing.sign(envelope, self.key) if signed else sealing.unsigned(envelope)

    def seal(self, operation: Mapping[str, Any]) -> SealedOperation:
        """What waits in a real phone's outbox."""
        return sealing.seal(operation, self.sealing_key)

    def push_body(
        self, operations: Sequence[Mapping[str, Any]], *, epoch: str | None = None, lost: Iterable[str] = (),
        pending: int = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """The body of a push with these finished operations, sealed."""
        return {
            "protocol": 1,
            "epoch": epoch,
            "device_id": self.device_id,
            "device": {"pending": pending, "oldest_pending_at": None, "app": APP_VERSION},
            "lost": list(lost),
            "operations": [self.seal(operation).model_dump() for operation in operations],
        }
