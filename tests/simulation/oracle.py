"""What truly happened in a world: what people wrote, with what before their eyes, and what may be gone without anybody's fault.

Kept from what the test saw itself: outboxes looked into past the phone's code, and the words of its own moves. Neither the fold's
bookkeeping nor the server's tables are asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sync import sealing
from sync.operations import SealedOperation


class Violation(AssertionError):
    """Something that must hold does not. `invariant` is its name."""

    def __init__(self, invariant: str, words: str) -> None:
        super().__init__(f"{invariant}: {words}")
        self.invariant, self.words = invariant, words

    def __reduce__(self) -> tuple[type[Violation], tuple[str, str]]:
        """It is told to another process with both."""
        return Violation, (self.invariant, self.words)


@dataclass(frozen=True)
class Intent:
    """What somebody was about to write, told before anything was stored."""

    device_id: str
    user_id: str
    referral_id: str
    phone: int
    sight: frozenset[str]
    """The operations that the person had before their eyes on this referral: values, conflicts, entries, consents."""


@dataclass(frozen=True)
class Authored:
    """An operation whose transaction on the phone completed."""

    op_id: str
    raw: bytes
    envelope: dict[str, Any]
    intent: Intent
    history: int = 0
    """How often the database had been replaced when it was written."""

    @property
    def device_id(self) -> str:
        return str(self.envelope["device_id"])

    @property
    def referral_id(self) -> str:
        return str(self.envelope["referral_id"])

    @property
    def kind(self) -> str:
        return str(self.envelope["kind"])


@dataclass
class Oracle:
    """True knowledge. `held` tells, for every phone, which operations lie in its outbox now."""

    intents: dict[str, Intent] = field(default_factory=dict)
    authored: dict[str, Authored] = field(default_factory=dict)
    held: dict[int, frozenset[str]] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    """Operations that may be nowhere: all that held them was destroyed by hand, as nobody can mend."""
    published: set[str] = field(default_factory=set)
    """Operations that phones may have let go of: some verified backup holds them, or the phone was destroyed by hand."""
    owed: set[str] = field(default_factory=set)
    """What must be in the present database in the end: it lay on a phone when that took the place of another one, or lies on a
    phone that has heard of it since."""
    receipts: dict[str, Any] = field(default_factory=dict)
    """The first answer that the present database gave for each operation."""
    history: int = 0
    """How often the database was replaced."""

    def intends(self, phone: int, note: dict[str, Any]) -> None:
        """Somebody is about to write."""
        shown = note["shown"]
        sight = frozenset([*shown["registers"].values(), *shown["conflicts"], *shown["consent"], *shown["entries"]])
        intent = Intent(note["device_id"], note["user_id"], note["referral_id"], phone, sight)
        earlier: list[str] = []
        for op_id in note["op_ids"]:
            # Of what one tap writes, each has seen those before it.
            self.intents[op_id] = Intent(
                intent.device_id, intent.user_id, intent.referral_id, phone, sight | frozenset(earlier)
            )
            earlier.append(op_id)

    def found(self, phone: int, outbox: list[dict[str, Any]], key: ec.EllipticCurvePrivateKey) -> None:
        """What a look into a phone's storage showed."""
        self.held[phone] = frozenset(row["op_id"] for row in outbox)
        for row in outbox:
            if "sealed" not in row or row["op_id"] in self.authored:
                continue
            op_id, sealed = row["op_id"], SealedOperation.model_validate(row["sealed"])
            intent = self.intents.get(op_id)
            if intent is None:
                raise Violation("conservation", f"{op_id} lies in an outbox, and nobody wrote it")
            raw = sealing.open_sealed(sealed, {sealed.key_id: key})
            made = Authored(op_id, raw, json.loads(raw), intent, self.history)
            self._is_as_meant(made)
            self.authored[op_id] = made

    def _is_as_meant(self, made: Authored) -> None:
        said = {name: made.envelope[name] for name in ("user_id", "device_id", "referral_id")}
        meant = {
            "user_id": made.intent.user_id,
            "device_id": made.intent.device_id,
            "referral_id": made.intent.referral_id,
        }
        if said != meant:
            raise Violation("audit", f"{made.op_id} says {said}, and was written by {meant}")

    def hears(self, phone: int, device_id: str) -> None:
        """A phone has an answer of the present database: whatever lies on it must arrive there, whatever others still say."""
        here = {op_id for op_id in self.held[phone] if self.authored[op_id].device_id == device_id}
        self.owed |= here
        self.excused -= here

    def replaced(self, stored: frozenset[str]) -> None:
        """An earlier database, with this in it, has taken the place of the present one."""
        self.history += 1
        self.owed |= self.on_phones() - self.published
        self.receipts.clear()
        # Whoever puts back a copy from before the last verified backup loses what phones have let go of since, or still let go
        # of on the word of the former server: it may be under way until they hear of this one.
        self.excused |= (self.published & self.authored.keys()) - stored

    def destroyed(self, stored: frozenset[str], lay_there: frozenset[str]) -> None:
        """A phone's storage is no more what it was: what lay there alone is gone, and what is stored has no other home."""
        self.excuse(stored, only=lay_there)
        self.published |= lay_there - self.on_phones()

    def wrote_before(self, op_id: str) -> frozenset[str]:
        """What the same person wrote on the same referral on the same phone before: they know it, shown or not."""
        made = self.authored[op_id]
        return frozenset(
            other.op_id for other in self.authored.values()
            if other.intent.phone == made.intent.phone and other.device_id == made.device_id
            and other.referral_id == made.referral_id and other.envelope["seq"] < made.envelope["seq"]
        )  # fmt: skip

    def on_phones(self) -> frozenset[str]:
        """Operations that lie in at least one outbox."""
        return frozenset().union(*self.held.values())

    def excuse(self, stored: frozenset[str], *, only: frozenset[str]) -> None:
        """Of `only`, what is neither stored nor on any phone may be nowhere from now on."""
        self.excused |= (only & self.authored.keys()) - stored - self.on_phones()
