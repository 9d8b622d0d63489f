"""A phone's outbox without its screen: what was written waits until an honest receipt lets it rest, and may wait again.

The rules are those of docs/protocol.md. A receipt counts only if it echoes the operation's id and digest and the epoch that
the phone holds; whatever else comes back, even with a 200, tells nothing. What the server knew once and knows no longer goes
back to the waiting ones, and is noted: no server may forget what it has acknowledged.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.clock import SystemClock, rfc3339
from api.demo.devices import ScriptedDevice
from sync import ranges
from sync.operations import BATCH_LIMIT_OPERATIONS
from sync.reconcile import STORED

ARRIVED = (*STORED, "duplicate")

Operation = dict[str, Any]
Receipt = dict[str, Any]


@dataclass
class Outbox:
    """One phone's operations. Only the thread that is this phone may use it."""

    device: ScriptedDevice
    epoch: str | None = None
    waiting: dict[str, Operation] = field(default_factory=dict)
    """By id, in the order in which they were written."""
    settled: dict[str, tuple[Operation, Receipt]] = field(default_factory=dict)
    """By id, with the first receipt that counted."""
    broken_words: list[str] = field(default_factory=list)
    """What the server said against its own earlier word, in words."""
    repeats: int = 0
    """How many receipts told of something that had arrived before: its first receipt was lost."""

    def write(self, referral_id: str, kind: str, payload: Mapping[str, Any], **changes: Any) -> Operation:
        """Store a finished operation; it waits from now on."""
        operation = self.device.write(referral_id, kind, payload, rfc3339(SystemClock().now()), **changes)
        self.waiting[operation["op_id"]] = operation
        return operation

    def authored(self) -> dict[str, Operation]:
        """Everything that was ever written here, by id."""
        return {op_id: operation for op_id, (operation, _) in self.settled.items()} | self.waiting

    def batch(self, at_most: int = BATCH_LIMIT_OPERATIONS) -> list[Operation]:
        """The operations to send now, the oldest first."""
        oldest = sorted(self.waiting.values(), key=lambda operation: int(operation["seq"]))
        return oldest[:at_most]

    def body(self, operations: Sequence[Operation]) -> str:
        """The request that sends them."""
        return json.dumps(self.device.push_body(operations, epoch=self.epoch, pending=len(self.waiting)))

    def hear(self, text: str) -> None:
        """Take an answer for what it proves, which may be nothing."""
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if isinstance(answer, dict):
            self.hear_answer(answer)

    def hear_answer(self, answer: Mapping[str, Any]) -> None:
        """The same for a document that was read already."""
        if answer.get("protocol") != 1 or not isinstance(answer.get("epoch"), str):
            return
        if self.epoch is None:
            self.epoch = answer["epoch"]
        if answer["epoch"] != self.epoch:
            self.broken_words.append(f"the epoch became {answer['epoch']}, and nobody restored anything")
            return
        for receipt in answer.get("receipts", []):
            self._settle(receipt)
        self._compare(answer.get("known", {}).get(self.device.device_id))

    def _settle(self, receipt: Receipt) -> None:
        op_id = receipt.get("op_id")
        before = self.settled.get(str(op_id))
        operation = self.waiting.get(str(op_id)) or (before[0] if before else None)
        if operation is None or receipt.get("digest") != operation["digest"] or receipt.get("epoch") != self.epoch:
            return
        if receipt["status"] not in ARRIVED:
            return
        self.repeats += receipt["status"] == "duplicate"
        first = receipt["first"] if receipt["status"] == "duplicate" else receipt
        if before is not None and first["position"] != before[1]["position"]:
            self.broken_words.append(
                f"{op_id} stands at {first['position']}, before it stood at {before[1]['position']}"
            )
        self.settled.setdefault(operation["op_id"], (operation, first))
        self.waiting.pop(operation["op_id"], None)

    def _compare(self, known: ranges.Ranges | None) -> None:
        if known is None or (ranges.contains(known, self.device.seq) and len(known) == 1 and known[0][0] == 1):
            return
        for op_id, (operation, receipt) in list(self.settled.items()):
            if not ranges.contains(known, operation["seq"]):
                self.broken_words.append(
                    f"{op_id} (seq {operation['seq']}) was {receipt['status']} and is not known any more"
                )
                self.waiting[op_id] = operation
                del self.settled[op_id]
