"""After a batch: the server's own word on every referral whose determination or facts changed in it.

The word is an operation like any other, in the same transaction. It refuses nothing and nobody waits for it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from api.operations import service
from api.operations.draft import Draft
from api.rules import check
from sync.reconcile import APPLIED, Verdict


def evaluate_again(session: Session, draft: Draft, program_id: str, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Add a `determination.check` to the draft for each referral that calls for one."""
    changed = {
        operation.referral_id
        for verdict in verdicts
        if verdict.status in APPLIED and (operation := verdict.incoming.operation) is not None
        if check.concerns(operation)
    }
    states = [draft.touched[referral_id].state for referral_id in sorted(changed)]
    for referral_id, payload in check.due(session, program_id, states).items():
        service.author(draft, referral_id, "determination.check", payload, now)
