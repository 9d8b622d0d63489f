"""What becomes of operations, before it is stored: looking up what is known, and turning verdicts into rows-to-be.

The caller holds the transaction and commits it. `storage` writes the draft: positions last, rows in bulk.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlmodel import Session
from uuid6 import uuid7

from api.auth.permissions import may_begin, may_change, may_leave, may_write, readable_groups
from api.clock import rfc3339
from api.ledger import service as ledger
from api.operations import projection, queries
from api.operations.draft import Draft
from api.operations.storage import store
from sync import fold, intake
from sync.apart import ASSESSMENT, writes_assessment
from sync.fields import Group, Role
from sync.intake import Incoming
from sync.operations import ENVELOPE_VERSION, canonical, digest_of
from sync.payloads import groups_of
from sync.reconcile import (
    AWAITED_KINDS,
    EXPUNGED,
    Known,
    KnownReferral,
    Member,
    Outcome,
    Rights,
    Sender,
    Verdict,
    Waiting,
    refold,
)
from sync.records import State, commit

__all__ = ["Draft", "author", "begin", "gather", "hold", "hold_all", "lay_out", "rebuilt", "store"]

RIGHTS = Rights(
    may_begin, projection.reaches, may_leave, cache(may_write), cache(may_change), cache(readable_groups), projection.shown_to
)  # fmt: skip
SALT_BYTES = 16
SERVER_APP = {"version": "server", "pack": None}


def begin(session: Session) -> Draft:
    """An empty draft of this transaction."""
    return Draft(*queries.standing(session))


def gather(session: Session, sender: Sender, batch: Sequence[Incoming], draft: Draft) -> Known:
    """Everything stored about what the batch names, with the referrals locked."""
    operations = [incoming.operation for incoming in batch if incoming.operation is not None]
    previous = {operation.prev for operation in operations if operation.prev is not None}
    awaited = {operation.referral_id for operation in operations if operation.kind in AWAITED_KINDS}
    found = _lock(session, {operation.referral_id for operation in operations}, draft)
    taken = queries.operations_by_id(session, {operation.op_id for operation in operations} | previous)
    return Known(
        epoch=draft.epoch,
        sender=sender,
        operations=taken,
        quarantined=queries.quarantined_by_hash(session, {incoming.blob_hash for incoming in batch}),
        arrived=queries.arrived(session, previous - taken.keys(), sender.device_id),
        referrals={key: referral for key, referral in found.items() if referral.program_id == sender.program_id},
        foreign=frozenset(key for key, referral in found.items() if referral.program_id != sender.program_id),
        agencies=queries.agencies(session, sender.program_id),
        rights=RIGHTS,
        waiting=_waiting(session, awaited, sender.program_id),
        expunged=ledger.noted(session, "expunged", sender.program_id, _named(batch)),
    )


def _named(batch: Sequence[Incoming]) -> set[str]:
    return {incoming.referral_named for incoming in batch if incoming.referral_named is not None}


def _waiting(session: Session, referral_ids: set[str], program_id: str) -> dict[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = {}
    for header, body in queries.waiting(session, referral_ids, program_id):
        roles = queries.members(session, header.user_id, program_id)
        role: Role = header.role  # type: ignore[assignment]  # stored text
        nobody = Member(role, None, header.received_at, None)
        member = next((one for one in roles if one.role == role and one.from_at <= header.received_at), nobody)
        found.setdefault(header.referral_id, []).append(Waiting(intake.reopen(body), member))
    return found


def _lock(session: Session, ids: Iterable[str], draft: Draft) -> dict[str, KnownReferral]:
    found = queries.lock_referrals(session, set(ids))
    for referral_id, locked in found.items():
        draft.numbers[referral_id] = locked.row.number
        draft.received[referral_id] = locked.row.received_at
        draft.assessments[referral_id] = locked.assessment
    return {referral_id: locked.known for referral_id, locked in found.items()}


def lay_out(outcome: Outcome, known: Known, now: datetime, draft: Draft) -> None:
    """Turn verdicts into rows-to-be."""
    draft.touched, draft.created = outcome.touched, outcome.created
    for verdict in outcome.verdicts:
        incoming = verdict.incoming
        if verdict.status in ("duplicate", "retry"):
            continue
        if not verdict.claims_id:
            draft.quarantine.append(_quarantine_row(verdict, known.sender.program_id, now))
            continue
        assert incoming.envelope is not None, "whoever claims an id was open"
        row = _header_row(incoming.envelope, verdict.role or "", verdict.status, verdict.reason, verdict.groups, now)
        draft.headers.append(row)
        if verdict.reason != EXPUNGED.reason:
            _bodies(draft, verdict).append({"op_id": row["op_id"], "body": incoming.raw})
        if verdict.status in ("held", "rejected"):
            _tell_author(draft, verdict)
    for verdict in outcome.adopted:
        groups = " ".join(sorted(verdict.groups))
        draft.adopted.append({"key": verdict.incoming.sealed.op_id, "state": verdict.status, "groups": groups})
        _tell_author(draft, verdict)


def _bodies(draft: Draft, verdict: Verdict) -> list[dict[str, Any]]:
    """Where the operation's bytes go. What was refused before its groups were asked for is looked into."""
    operation = verdict.incoming.operation
    assert operation is not None
    if verdict.groups:
        apart = ASSESSMENT in verdict.groups
    else:
        apart = writes_assessment(operation.kind, operation.payload)
    return draft.assessment_bodies if apart else draft.bodies


def _tell_author(draft: Draft, verdict: Verdict) -> None:
    """The state of one's own operation is an item of one's own feed."""
    operation = verdict.incoming.operation
    assert operation is not None
    answer = {"status": verdict.status, "reason": verdict.reason, "detail": verdict.detail}
    draft.own.append(
        (operation.program_id, operation.user_id, operation.op_id, {**answer, "referral_id": operation.referral_id})
    )


def hold(session: Session, referral_id: str) -> Draft:
    """A draft with this referral locked and unchanged. Raises LookupError for one that does not exist."""
    draft = hold_all(session, {referral_id})
    if not draft.touched:
        raise LookupError(referral_id)
    return draft


def hold_all(session: Session, referral_ids: Iterable[str]) -> Draft:
    """A draft with those of the referrals that exist locked and unchanged."""
    draft = begin(session)
    draft.touched = _lock(session, referral_ids, draft)
    return draft


def author(draft: Draft, referral_id: str, kind: str, payload: dict[str, Any], now: datetime) -> str:
    """Add an operation of the server's own: its device is the epoch, its seq the next one on this referral.

    Returns its op_id. The referral must be held by the draft.
    """
    referral = draft.touched[referral_id]
    base: dict[str, int] = {}
    for vector in referral.state["vectors"].values():
        for device, seq in vector.items():
            base[device] = max(base.get(device, 0), seq)
    op_id = str(uuid7())
    envelope: dict[str, Any] = {
        "v": ENVELOPE_VERSION,
        "op_id": op_id,
        "program_id": referral.program_id,
        "device_id": draft.epoch,
        "user_id": str(payload.get("user_id") or draft.epoch),
        "seq": base.get(draft.epoch, 0) + 1,
        "referral_id": referral_id,
        "prev": None,
        "kind": kind,
        "payload": payload,
        "base": base,
        "saw": [],
        "made_at": rfc3339(now),
        "clock_off_ms": 0,
        "app": SERVER_APP,
        "salt": secrets.token_hex(SALT_BYTES),
    }
    envelope |= {"digest": digest_of(envelope), "sig": None}
    fold.apply(referral.state, commit(envelope, "server"))
    draft.headers.append(_header_row(envelope, "server", "applied", None, groups_of(kind, payload), now))
    draft.bodies.append({"op_id": op_id, "body": canonical(envelope)})
    return op_id


def _header_row(
    envelope: Mapping[str, Any], role: str, state: str, reason: str | None, groups: frozenset[Group], now: datetime
) -> dict[str, Any]:
    copied = ("op_id", "digest", "program_id", "device_id", "user_id", "seq", "referral_id", "kind", "made_at")
    row = {key: envelope[key] for key in copied}
    touched = sorted(groups) if state in ("applied", "merged") else []
    row |= {"clock_off_ms": envelope["clock_off_ms"], "role": role, "groups": " ".join(touched)}
    return row | {"received_at": now, "state": state, "reason": reason, "receipt": {}, "position": 0}


def _quarantine_row(verdict: Verdict, program_id: str, now: datetime) -> dict[str, Any]:
    """It belongs to the program whose device sent it; a program that its header names otherwise stands in the detail."""
    sealed = verdict.incoming.sealed
    detail = verdict.detail or ""
    if sealed.program_id != program_id:
        detail += f" Its header names the program {sealed.program_id!r}."
    row = sealed.model_dump() | {"program_id": program_id, "detail": detail, "received_at": now, "receipt": {}}
    if verdict.reason == EXPUNGED.reason:
        row["blob"] = ""
    return row | {"blob_hash": verdict.incoming.blob_hash, "state": verdict.status, "reason": verdict.reason or ""}


def rebuilt(session: Session, referral_id: str) -> State:
    """The referral's state folded anew from its log: what the stored one must equal. ValueError without a whole log."""
    operations = [commit(json.loads(body), role) for role, body in queries.log_of(session, referral_id)]
    return refold(operations, projection.shown_to)
