"""What becomes of operations, before it is stored: looking up what is known, and turning verdicts into rows-to-be.

The caller holds the transaction and commits it. `storage` writes the draft: positions last, rows in bulk.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlmodel import Session
from uuid6 import uuid7

from api.auth.permissions import may_begin, may_change, may_leave, may_write, readable_groups
from api.clock import rfc3339
from api.ledger import service as ledger
from api.operations import projection, queries, together
from api.operations.draft import Draft
from api.operations.storage import store
from api.tables.records import OperationHeader
from sync import fold, intake
from sync.apart import ASSESSMENT, writes_assessment
from sync.fields import Group, Role
from sync.intake import UUID_CHARACTERS, Incoming
from sync.merging import whole_of
from sync.operations import ENVELOPE_VERSION, Operation, canonical, digest_of
from sync.payloads import groups_of
from sync.ranges import contains
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
)
from sync.records import Committed, State, commit
from sync.refolding import refold
from sync.times import Timing, timing

__all__ = [
    "Draft", "author", "begin", "claim", "gather", "hold", "hold_all", "lay_out", "lay_out_released", "rebuilt", "reopened",
    "store", "timings",
]  # fmt: skip

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
    targets = {into for operation in operations if (into := _merged_into(operation)) is not None}
    found = _lock(session, {operation.referral_id for operation in operations}, draft, targets)
    taken = queries.operations_by_id(session, {operation.op_id for operation in operations} | previous)
    # A number that is known, under an id that is not: perhaps two browser profiles write as one device.
    known_numbers = {one.seq for one in operations if one.op_id not in taken and contains(sender.numbers, one.seq)}
    waiting = _waiting(session, awaited, sender.program_id)
    draft.waiting = {one.incoming.sealed.op_id for stored in waiting.values() for one in stored}
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
        waiting=waiting,
        expunged=ledger.noted(session, "expunged", sender.program_id, _named(batch)),
        numbers=queries.numbers_taken(session, sender.device_id, known_numbers),
        forked_from=sender.forked_from,
    )


def _named(batch: Sequence[Incoming]) -> set[str]:
    return {incoming.referral_named for incoming in batch if incoming.referral_named is not None}


def _waiting(session: Session, referral_ids: set[str], program_id: str) -> dict[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = {}
    rows = queries.waiting(session, referral_ids, program_id)
    told = timings(session, [header for header, _ in rows])
    for header, body in rows:
        roles = queries.members(session, header.user_id, program_id)
        role: Role = header.role  # type: ignore[assignment]  # stored text
        nobody = Member(role, None, header.received_at, None)
        member = next((one for one in roles if one.role == role and one.from_at <= header.received_at), nobody)
        found.setdefault(header.referral_id, []).append(reopened(header, body, member, told[header.op_id]))
    return found


def reopened(header: OperationHeader, body: bytes, member: Member, told: Timing | None) -> Waiting:
    """A stored operation as it is decided again."""
    late = header.counts_from is not None
    return Waiting(intake.reopen(body), member, told, late=late, forked_from=header.forked_from)


def timings(session: Session, headers: Collection[OperationHeader]) -> dict[str, Timing | None]:
    """What is worth telling of the times of stored operations, by their ids."""
    enrolled = queries.enrolments(session, {header.device_id for header in headers})
    return {
        header.op_id: timing(header.made_at, header.clock_off_ms, enrolled.get(header.device_id), header.received_at)
        for header in headers
    }


def _merged_into(operation: Operation) -> str | None:
    """The other referral, where the operation says that its own is merged into that; its payload may still be anything."""
    name = {"referral.merge": "into", "conflict.resolve": "value"}.get(operation.kind, "")
    into = operation.payload.get(name)
    settles = operation.kind == "referral.merge" or operation.payload.get("key") == "merged_into"
    return into if settles and isinstance(into, str) and len(into) == UUID_CHARACTERS and into.isascii() else None


def _lock(
    session: Session, ids: Iterable[str], draft: Draft, targets: Collection[str] = ()
) -> dict[str, KnownReferral]:
    """The referrals, those into which some of them are about to be merged, and all that are worked on together with these."""
    found = together.lock(session, ids, draft, targets)
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
            draft.quarantine.append(_quarantine_row(verdict, known.sender, now))
            continue
        assert incoming.envelope is not None, "whoever claims an id was open"
        claim(draft, verdict, now)
        if verdict.status in ("held", "rejected"):
            _tell_author(draft, verdict)
    lay_out_released(outcome, draft)


def claim(draft: Draft, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """Into the log, under its own id; returns the row of its header."""
    incoming = verdict.incoming
    assert incoming.envelope is not None, "whoever claims an id was open"
    came = verdict.received_at or now
    row = _header_row(incoming.envelope, verdict.role or "", verdict.status, verdict.reason, verdict.groups, came)
    row["forked_from"] = verdict.forked_from
    draft.headers.append(row)
    if verdict.reason != EXPUNGED.reason:
        _bodies(draft, verdict).append({"op_id": row["op_id"], "body": incoming.raw})
    return row


def lay_out_released(outcome: Outcome, draft: Draft) -> None:
    """What was stored before and need wait no longer."""
    for verdict in (*outcome.verdicts, *outcome.adopted):
        _tell_losers(draft, verdict)
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


def _tell_losers(draft: Draft, verdict: Verdict) -> None:
    """That a value gave way is an item of its author's own feed, under the operation that it gave way to."""
    operation = verdict.incoming.operation
    for user_id, told in verdict.told.items():
        assert operation is not None
        answer = {"referral_id": operation.referral_id, **told._asdict()}
        draft.told.append((operation.program_id, user_id, operation.op_id, answer))


def hold(session: Session, referral_id: str) -> Draft:
    """A draft with this referral locked and unchanged. Raises LookupError for one that does not exist."""
    draft = hold_all(session, {referral_id})
    if not draft.touched:
        raise LookupError(referral_id)
    return draft


def hold_all(session: Session, referral_ids: Iterable[str]) -> Draft:
    """A draft with those of the referrals that exist locked and unchanged."""
    draft = begin(session)
    named = set(referral_ids)
    draft.touched = {key: known for key, known in _lock(session, named, draft).items() if key in named}
    return draft


def author(draft: Draft, referral_id: str, kind: str, payload: dict[str, Any], now: datetime) -> str:
    """Add an operation of the server's own: its device is the epoch, its seq the next one on this referral.

    Returns its op_id. The referral must be held by the draft.
    """
    referral = draft.touched[referral_id]
    base: dict[str, int] = {}
    for vector in _acted_upon(draft, referral, kind)["vectors"].values():
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


def _acted_upon(draft: Draft, referral: KnownReferral, kind: str) -> State:
    """Whoever answers for a person answers for all of that person's referrals; the server's other acts are about one."""
    if kind != "page.acknowledge":
        return referral.state
    whole = whole_of({key: each.state for key, each in draft.beside.items()}, referral.state["referral_id"])
    same = whole is not None and whole["referral_id"] == referral.state["referral_id"]
    return whole if whole is not None and same else referral.state


def _header_row(
    envelope: Mapping[str, Any], role: str, state: str, reason: str | None, groups: frozenset[Group],
    received_at: datetime,
) -> dict[str, Any]:  # fmt: skip
    copied = ("op_id", "digest", "program_id", "device_id", "user_id", "seq", "referral_id", "kind", "made_at")
    row = {key: envelope[key] for key in copied}
    touched = sorted(groups) if state in ("applied", "merged") else []
    row |= {"clock_off_ms": envelope["clock_off_ms"], "role": role, "groups": " ".join(touched)}
    row |= {"received_at": received_at, "state": state, "reason": reason, "receipt": {}, "position": 0}
    return row | {"counts_from": None, "forked_from": None}


_TOLD_OF_KEPT = ("user_id", "kind", "referral_id", "made_at")


def _quarantine_row(verdict: Verdict, sender: Sender, now: datetime) -> dict[str, Any]:
    """It belongs to the program whose device sent it; a program that its header names otherwise stands in the detail."""
    sealed, operation = verdict.incoming.sealed, verdict.incoming.operation
    detail = verdict.detail or ""
    if sealed.program_id != sender.program_id:
        detail += f" Its header names the program {sealed.program_id!r}."
    row = sealed.model_dump() | {"program_id": sender.program_id, "detail": detail, "received_at": now, "receipt": {}}
    row["sent_by"] = sender.device_id
    gone = verdict.reason == EXPUNGED.reason
    row |= {name: "" if operation is None or gone else getattr(operation, name) for name in _TOLD_OF_KEPT}
    if gone:
        row["blob"] = ""
    return row | {"blob_hash": verdict.incoming.blob_hash, "state": verdict.status, "reason": verdict.reason or ""}


def rebuilt(session: Session, referral_id: str) -> State:
    """The referral's state folded anew from its log: what the stored one must equal. ValueError without a whole log."""
    rows = queries.log_of(session, referral_id)
    told = timings(session, [header for header, _ in rows])
    operations = [_logged(header, body, told[header.op_id]) for header, body in rows]
    own = {operation["op_id"] for operation in operations}
    cited = {op_id for operation in operations for op_id in operation["saw"]} - own
    program_id = operations[0]["program_id"] if operations else ""
    return refold(operations, projection.shown_to, together.grants_elsewhere(session, program_id, cited))


def _logged(header: OperationHeader, body: bytes, told: Timing | None) -> Committed:
    operation = commit(json.loads(body), _role(header), timing=told)
    operation["late"], operation["forked_from"] = header.counts_from is not None, header.forked_from
    return operation


def _role(header: OperationHeader) -> Role:
    role: Role = header.role  # type: ignore[assignment]  # stored text
    return role
