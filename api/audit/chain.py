"""The chain: what of an event is covered, and by which code. Pure.

Each program has a chain of its own, the installation has the one with the empty name. Events are numbered from 1 without
gaps, and

    mac(n) = HMAC-SHA256(key, mac(n-1) ‖ canonical JSON (RFC 8785) of event n),    mac(0) = 32 zero bytes
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.operations import canonical

MAC_BYTES = 32
START = "00" * MAC_BYTES
"""What the first event of a chain follows."""

BEGIN = "audit.begin"
"""The first event of a chain that has events from before there were chains: their number and their fingerprint."""
PRUNE = "audit.prune"
"""An operator let everything up to a number go: that number, and its code."""
RESTORE = "audit.restore"
"""An operator says that the database was restored from a backup: the abandoned head, as the anchors tell it."""
RENEW = "audit.renew"
"""The key was lost and replaced: which event was the first to stand before it, and one SHA-256 over all of those."""

Detail = Mapping[str, int | str]


@dataclass(frozen=True)
class Event:
    """One event as it is covered. `at_ms`: milliseconds since 1970. Ids and numbers only, never a name or a value."""

    program_id: str
    number: int
    at_ms: int
    action: str
    outcome: str
    actor_id: str | None
    subject: str
    source: str
    device_id: str | None
    detail: Detail | None

    def document(self) -> dict[str, Any]:
        """What the code is made over."""
        return {
            "program": self.program_id,
            "number": self.number,
            "at": self.at_ms,
            "action": self.action,
            "outcome": self.outcome,
            "actor": self.actor_id,
            "subject": self.subject,
            "source": self.source,
            "device": self.device_id,
            "detail": None if self.detail is None else dict(self.detail),
        }


def mac(key: bytes, previous: str, event: Event) -> str:
    """The code of an event that follows the one with the code `previous`; both in hexadecimal."""
    return hmac.new(key, bytes.fromhex(previous) + canonical(event.document()), hashlib.sha256).hexdigest()


def stood(event: Event, code: str) -> bytes:
    """What of an event and its code goes into a fingerprint over many, taken when their key was lost."""
    return canonical(event.document()) + code.encode()
