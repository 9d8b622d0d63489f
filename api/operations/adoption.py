"""Stored operations that a person decides: adopted by the rules that a fresh one would meet, or dismissed. The same write path.

The caller holds the transaction, has locked the operations' referrals by `gather`, and stores the draft.
"""

from datetime import datetime
from typing import Any

from api.operations.draft import Draft
from api.operations.service import claim, lay_out_released
from sync.known import Known
from sync.reconcile import APPLIED, Outcome, Verdict

ADOPTED, DISMISSED = "adopted", "dismissed"


def lay_out(outcome: Outcome, known: Known, draft: Draft, said: str, by: str, now: datetime) -> None:
    """Turn what became of adopted operations into rows-to-be: what had its id keeps its header, what had none claims it."""
    draft.touched, draft.created = outcome.touched, outcome.created
    for verdict in outcome.verdicts:
        operation = verdict.incoming.operation
        assert operation is not None, "what is adopted was opened"
        if verdict.incoming.sealed.blob:
            claim(draft, verdict, now)["counts_from"] = 0  # the place that it is given
        else:
            draft.by_hand.append(_by_hand(verdict))
        applied = verdict.status in APPLIED
        answer = {"status": ADOPTED, "reason": None, "detail": said} if applied else _refused(verdict)
        tell(draft, known.sender.program_id, operation.user_id, operation.op_id, operation.referral_id, answer, by)
    lay_out_released(outcome, draft)


def _by_hand(verdict: Verdict) -> dict[str, Any]:
    operation = verdict.incoming.operation
    assert operation is not None
    groups = sorted(verdict.groups) if verdict.status in APPLIED else []
    return {
        "key": operation.op_id, "state": verdict.status, "reason": verdict.reason, "role": verdict.role or "",
        "groups": " ".join(groups), "referral_id": operation.referral_id,
    }  # fmt: skip


def _refused(verdict: Verdict) -> dict[str, Any]:
    return {"status": verdict.status, "reason": verdict.reason, "detail": verdict.detail}


def tell(
    draft: Draft, program_id: str, user_id: str, op_id: str, referral_id: str, answer: dict[str, Any], by: str
) -> None:
    """The author's phone learns what became of it, and by whose word."""
    draft.own.append((program_id, user_id, op_id, answer | {"referral_id": referral_id, "by": by}))
