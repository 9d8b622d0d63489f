"""Receipts: the answer for one operation, what of it is remembered, and what a duplicate hears."""

from collections.abc import Sequence
from typing import Any

from sync.reconcile import STORED, Verdict

Receipt = dict[str, Any]


def receipt(verdict: Verdict, epoch: str) -> Receipt:
    """The answer without position and number, which are known only once it is stored."""
    operation = verdict.incoming.operation
    return {
        "op_id": verdict.incoming.sealed.op_id,
        "digest": operation.digest if operation else verdict.incoming.digest,
        "epoch": epoch,
        "status": verdict.status,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "position": None,
        "number": None,
        "conflicts": verdict.conflicts,
        "first": dict(verdict.first) if verdict.first is not None else None,
        "state": verdict.present,
        "retry_after_s": None,
    }


def by_name(verdicts: Sequence[Verdict], receipts: Sequence[Receipt]) -> dict[str, Receipt]:
    """The receipts to remember, under the op_id where it was claimed and under the blob's hash elsewhere."""
    return {
        verdict.incoming.sealed.op_id if verdict.claims_id else verdict.incoming.blob_hash: answer
        for verdict, answer in zip(verdicts, receipts, strict=True)
        if verdict.status in STORED
    }


def fill_duplicates(verdicts: Sequence[Verdict], receipts: Sequence[Receipt]) -> None:
    """A duplicate repeats the first answer, position and number; within one batch, now that they are known."""
    for verdict, answer in zip(verdicts, receipts, strict=True):
        if verdict.status != "duplicate":
            continue
        if verdict.repeats is not None:
            first = receipts[verdict.repeats]
            answer |= {"first": dict(first), "state": first["status"]}
        answer |= {"position": answer["first"].get("position"), "number": answer["first"].get("number")}
