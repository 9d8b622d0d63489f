"""Operations with valid defaults, for tests: say only what a test is about.

A `Phone` writes operations with its own sequence; ids spell the device and the number, so that a failure can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sync.fields import Group, Role
from sync.operations import digest_of
from sync.records import Committed, commit

REFERRAL = "4e4e4e4e-0000-4000-8000-000000000001"
AGENCY = "a9e4c100-0000-4000-8000-000000000001"
PROGRAM = "denver"
MADE_AT = "2026-04-30T02:14:00Z"
SCRIPT_HASH = "ab" * 32

PAYLOADS: dict[str, dict[str, Any]] = {
    "referral.create": {"pathway": "arrest_diversion", "agency_id": AGENCY},
    "referral.set": {"fields": {"place": "Under the bridge"}},
    "referral.alert": {"officer_waiting": True},
    "officer.leave": {"reason": "nobody_answered"},
    "referral.assign": {"user_id": AGENCY},
    "referral.close": {"reason": "person_left"},
    "page.acknowledge": {"eta_minutes": 20},
    "page.expire": {"acknowledgement": AGENCY},
    "consent.grant": {
        "method": "phone",
        "language": "en",
        "script_version": "1",
        "script_hash": SCRIPT_HASH,
        "reader": "read_aloud",
        "interpreter": None,
        "witness": None,
        "camera_reference": None,
        "signature": None,
    },
    "consent.withdraw": {"reason": None},
    "consent.confirm": {"answer": "yes"},
    "note.add": {"text": "Bring shoes."},
    "contact.add": {"how": "phone", "result": "not_reached", "text": ""},
    "safety.add": {
        "about": "other",
        "text": "Small dog, friendly.",
        "observed_at": MADE_AT,
        "expires_at": "2026-05-07T02:14:00Z",
    },
    "entry.strike": {"entry": AGENCY, "entry_kind": "note.add", "reason": "Wrong person."},
    "handoff.record": {"outcome": "in_person"},
    "decision.record": {"outcome": "accepted", "reason": None},
    "conflict.resolve": {"key": "name", "value": "Ana", "conflicts": ["name|a|b"]},
    "approval.add": {
        "approval": "sergeant_first",
        "by_name": "Sergeant Example",
        "by_role": "sergeant",
        "how": "radio",
        "given_at": MADE_AT,
    },
    "approval.confirm": {"entry": AGENCY, "answer": "confirmed"},
    "override.add": {
        "rule": "intent_to_distribute",
        "reason": "Seen before, small amount.",
        "by_name": "Prosecutor Example",
        "by_role": "prosecutor",
        "how": "phone",
        "given_at": MADE_AT,
    },
    "release.give": {
        "recipient": {"kind": "prosecutor", "name": "District Attorney Example"},
        "information": ["intake", "enrolled"],
        "purpose": "Whether to file charges.",
        "expires_on": "2026-10-31",
        "signed_how": "paper",
        "signed_at": MADE_AT,
    },
    "release.revoke": {"release": AGENCY, "reason": "Asked us to."},
    "referral.merge": {"into": AGENCY},
    "referral.unmerge": {"into": AGENCY},
    "determination.check": {"verdict": "differs", "outcome": "ineligible", "pack": SCRIPT_HASH, "of": AGENCY},
}
"""A payload that is well formed, for each kind."""


def envelope(kind: str, payload: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A whole envelope with its right digest (unless given) and no signature."""
    made = {
        "v": 1,
        "op_id": "0ff1ce00-0000-4000-8000-000000000001",
        "program_id": PROGRAM,
        "device_id": "0ff1ce00-0000-4000-8000-000000000000",
        "user_id": "0ff1ce00-0000-4000-9000-000000000000",
        "seq": 1,
        "referral_id": REFERRAL,
        "prev": None,
        "kind": kind,
        "payload": PAYLOADS[kind] if payload is None else payload,
        "base": {},
        "saw": [],
        "made_at": MADE_AT,
        "clock_off_ms": None,
        "app": {"version": "1.0.0", "pack": None},
        "salt": "00" * 16,
        "sig": None,
    } | changes
    return made if "digest" in made else made | {"digest": digest_of(made)}


@dataclass
class Phone:
    """One device with its user: `name` is eight hexadecimal letters."""

    name: str
    role: Role
    blind: frozenset[Group] = frozenset()
    seq: int = 0
    last: str | None = field(default=None, repr=False)

    @property
    def device_id(self) -> str:
        return f"{self.name}-0000-4000-8000-000000000000"

    def write(
        self,
        kind: str,
        payload: dict[str, Any] | None = None,
        base: dict[str, int] | None = None,
        saw: Iterable[str] = (),
    ) -> Committed:
        """The phone's next operation on the one referral."""
        self.seq += 1
        made = envelope(
            kind,
            payload,
            op_id=f"{self.name}-0000-4000-8000-{self.seq:012d}",
            device_id=self.device_id,
            user_id=f"{self.name}-0000-4000-9000-000000000000",
            seq=self.seq,
            prev=self.last,
            base=dict(base or {}),
            saw=list(saw),
        )
        self.last = made["op_id"]
        return commit(made, self.role, self.blind)
