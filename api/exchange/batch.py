"""One batch of one device's operations, one transaction: look up, reconcile, page, evaluate, store.

The receipts are built inside the transaction and leave only after its commit. A batch that meets a fault of the server is
taken apart, so that one operation delays no other; what cannot be stored now is answered `retry` and stays on the phone.
Who brought the batch, its own phone or a colleague's, is the caller's affair.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.audit.service import record
from api.exchange import receipts
from api.exchange.evaluation import evaluate_again
from api.exchange.failures import tried_again, unavailable
from api.exchange.receipts import Receipt
from api.operations import queries, service
from api.operations.draft import Draft
from api.paging import service as paging
from api.problems import Unavailable
from api.tables.devices import Device
from sync import ranges, reconcile
from sync.intake import Incoming
from sync.reconcile import STORED, Sender, Verdict

SERVER_FAULT_RETRY_SECONDS = 60
log = logging.getLogger("handoff.exchange")

Answer = dict[str, Any]


def whole_or_apart(transact: Callable[[Sequence[Incoming]], Answer], items: Sequence[Incoming]) -> Answer:
    """What `transact` answers for the batch, or else for each operation alone. Raises Unavailable when nothing can be stored.

    `transact` opens its own transaction and commits it; its answer holds `epoch` and the `receipts`.
    """
    try:
        return tried_again(lambda: transact(items))
    except Unavailable:
        raise
    except Exception:  # whatever one operation broke, the others of the batch must not wait for it
        log.exception("batch failed; taking it apart")
    return _one_by_one(transact, items)


def _one_by_one(transact: Callable[[Sequence[Incoming]], Answer], items: Sequence[Incoming]) -> Answer:
    """Each operation in its own transaction. If not even an empty one can be stored, nothing is said of any."""
    try:
        answer = tried_again(lambda: transact([]))
    except Unavailable:
        raise
    except Exception as error:
        raise unavailable() from error
    for incoming in items:
        try:
            part = tried_again(lambda one=incoming: transact([one]))  # type: ignore[misc]  # bound now, not later
        except Unavailable:
            raise
        except Exception:  # a fault of ours: it stays on the phone, logged here, and the next one is taken
            log.exception("operation failed", extra={"op_id": incoming.sealed.op_id})
            verdict = Verdict(incoming, "retry", "server_fault", "The server has a fault with it; keep it.")
            refused = receipts.receipt(verdict, answer["epoch"]) | {"retry_after_s": SERVER_FAULT_RETRY_SECONDS}
            part = answer | {"receipts": [refused]}
        answer = part | {"receipts": answer["receipts"] + part["receipts"]}
    return answer


def take(
    session: Session, draft: Draft, device: Device, items: Sequence[Incoming], now: datetime, *,
    lost: frozenset[str] = frozenset(), carried: bool = False,
) -> tuple[list[Verdict], list[Receipt]]:  # fmt: skip
    """Decide and store operations of this device, whose row is locked; verdicts and receipts in the order of the batch.

    `lost` names operations that the phone no longer has. Of what was `carried` by another phone only that counts as known of
    this device which it signed: a stranger's header must not make it believe that the server has something.
    """
    sender = _sender(session, device, lost)
    known = service.gather(session, sender, items, draft)
    outcome = reconcile.reconcile(items, known, now)
    service.lay_out(outcome, known, now, draft)
    named = [_under_sender(verdict, sender) for verdict in outcome.verdicts]
    paging.react(session, draft, named + outcome.adopted, now)
    evaluate_again(session, draft, device.program_id, outcome.verdicts + outcome.adopted, now)
    answers = [receipts.receipt(verdict, draft.epoch) for verdict in outcome.verdicts]
    _note_fork(session, device, known.forked_from, now)
    device.known = ranges.add(device.known, _sequences(outcome.verdicts, device.id, signed_only=carried))
    session.add(device)
    service.store(session, draft, receipts.by_name(outcome.verdicts, answers), now)
    receipts.fill_duplicates(outcome.verdicts, answers)
    return outcome.verdicts, answers


def _sender(session: Session, device: Device, lost: frozenset[str]) -> Sender:
    return Sender(
        device.id,
        device.user_id,
        device.program_id,
        device.state == "active",
        queries.user_active(session, device.user_id),
        queries.members(session, device.user_id, device.program_id),
        device.created_at,
        lost,
        device.known,
        device.forked_from,
    )


def _note_fork(session: Session, device: Device, forked_from: int | None, now: datetime) -> None:
    """Two browser profiles write as this device: each is told to enrol anew, and what both have written is taken."""
    if forked_from == device.forked_from:
        return
    if device.forked_at is None:
        device.forked_at = now
        record(
            session, now, "device.fork", actor_id=device.user_id, program_id=device.program_id, subject=device.id,
            device_id=device.id, detail={"seq": forked_from or 0},
        )  # fmt: skip
    device.forked_from = forked_from


def _sequences(verdicts: Sequence[Verdict], device_id: str, *, signed_only: bool) -> list[int]:
    stored = [verdict.incoming for verdict in verdicts if verdict.status != "retry"]
    counting = [incoming.sealed for incoming in stored if incoming.fault is None or not signed_only]
    return [sealed.seq for sealed in counting if sealed.device_id == device_id and sealed.seq > 0]


def _under_sender(verdict: Verdict, sender: Sender) -> Verdict:
    """What proved nothing is reported under who sent it: a header must not call another program's supervisors."""
    if verdict.claims_id or verdict.status not in STORED:
        return verdict
    header = verdict.incoming.sealed.model_copy(update={"device_id": sender.device_id, "program_id": sender.program_id})
    return replace(verdict, incoming=replace(verdict.incoming, sealed=header, operation=None))
