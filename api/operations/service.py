"""Append, fold, project, feed: how operations become rows. The caller holds the transaction and commits it.

Everything is prepared first; the feed positions are taken last, from the one counter row; then rows are written in bulk.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, SQLModel, col
from uuid6 import uuid7

from api.auth.permissions import may_write, readable_groups
from api.clock import rfc3339
from api.operations import projection, queries
from api.operations.projection import FeedItem
from api.tables.records import FeedRow, OperationBody, OperationHeader, Quarantine, Referral
from sync import fold
from sync.fields import Role
from sync.intake import Incoming
from sync.operations import ENVELOPE_VERSION, canonical, digest_of, groups_of
from sync.reconcile import Known, KnownReferral, Outcome, Rights, Sender, Verdict
from sync.records import commit

RIGHTS = Rights(projection.reaches, may_write, readable_groups)
SERVER_APP = {"version": "server", "pack": None}


@dataclass
class Draft:
    """What a transaction is about to store."""

    epoch: str
    headers: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    touched: dict[str, KnownReferral] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    pages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    own: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


def gather(session: Session, sender: Sender, batch: Sequence[Incoming], draft: Draft) -> Known:
    """Everything stored about what the batch names, with the referrals locked."""
    operations = [incoming.operation for incoming in batch if incoming.operation is not None]
    ids = {operation.op_id for operation in operations} | {operation.prev for operation in operations if operation.prev}
    known = Known(
        epoch=draft.epoch,
        sender=sender,
        operations=queries.operations_by_id(session, ids),
        quarantined=queries.quarantined_by_hash(session, {incoming.blob_hash for incoming in batch}),
        referrals={},
        agencies=queries.agencies(session, sender.program_id),
        rights=RIGHTS,
    )
    for referral_id in _lock(session, {operation.referral_id for operation in operations}, draft):
        known.referrals[referral_id] = draft.touched.pop(referral_id)
    return known


def _lock(session: Session, ids: Iterable[str], draft: Draft) -> list[str]:
    found = queries.lock_referrals(session, set(ids))
    for referral_id, (known, row) in found.items():
        draft.touched[referral_id] = known
        draft.numbers[referral_id] = row.number
        draft.received[referral_id] = row.received_at
    return list(found)


def lay_out(outcome: Outcome, known: Known, now: datetime, draft: Draft) -> None:
    """Turn verdicts into rows-to-be."""
    draft.touched, draft.created = outcome.touched, outcome.created
    for verdict in outcome.verdicts:
        incoming = verdict.incoming
        if verdict.status in ("duplicate", "retry"):
            continue
        if not verdict.claims_id:
            draft.quarantine.append(_quarantine_row(verdict, now))
            continue
        assert incoming.envelope is not None, "whoever claims an id was open"
        row = _header_row(incoming.envelope, verdict.role or "server", verdict.status, verdict.reason, now)
        draft.headers.append(row)
        draft.bodies.append({"op_id": row["op_id"], "body": incoming.raw})
        if verdict.status in ("held", "rejected"):
            answer = {"status": verdict.status, "reason": verdict.reason, "detail": verdict.detail}
            draft.own.append((known.sender.user_id, row["op_id"], {**answer, "referral_id": row["referral_id"]}))


def hold(session: Session, referral_id: str) -> Draft:
    """A draft with this referral locked and unchanged. Raises LookupError for one that does not exist."""
    draft = Draft(epoch=queries.head(session).epoch)
    if not _lock(session, {referral_id}, draft):
        raise LookupError(referral_id)
    return draft


def author(draft: Draft, referral_id: str, kind: str, payload: dict[str, Any], now: datetime) -> str:
    """Add an operation of the server's own: its device is the epoch, its seq the next one on this referral.

    Returns its op_id. The referral must be held by the draft.
    """
    referral = draft.touched[referral_id]
    vectors = referral.state["vectors"]
    base: dict[str, int] = {}
    for vector in vectors.values():
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
        "salt": hashlib.sha256(op_id.encode()).hexdigest()[:32],
    }
    envelope |= {"digest": digest_of(envelope), "sig": None}
    fold.apply(referral.state, commit(envelope, "server"))
    draft.headers.append(_header_row(envelope, "server", "applied", None, now))
    draft.bodies.append({"op_id": op_id, "body": canonical(envelope)})
    return op_id


def _header_row(
    envelope: Mapping[str, Any], role: Role, state: str, reason: str | None, now: datetime
) -> dict[str, Any]:
    copied = ("op_id", "digest", "program_id", "device_id", "user_id", "seq", "referral_id", "kind", "made_at")
    row = {key: envelope[key] for key in copied}
    groups = sorted(groups_of(envelope["kind"], envelope["payload"])) if state in ("applied", "merged") else []
    row |= {"clock_off_ms": envelope["clock_off_ms"], "role": role, "groups": " ".join(groups)}
    return row | {"received_at": now, "state": state, "reason": reason, "receipt": {}, "position": 0}


def _quarantine_row(verdict: Verdict, now: datetime) -> dict[str, Any]:
    sealed = verdict.incoming.sealed
    row = sealed.model_dump()
    row |= {"blob_hash": verdict.incoming.blob_hash, "state": verdict.status, "reason": verdict.reason or ""}
    return row | {"detail": verdict.detail or "", "received_at": now, "receipt": {}}


def store(session: Session, draft: Draft, receipts: Mapping[str, dict[str, Any]], now: datetime) -> dict[str, int]:
    """Write the draft: positions last, then rows in bulk. Returns op_id → position.

    `receipts` maps op_id (or blob hash) to the answer to remember; positions and numbers are filled in here.
    """
    changed = _changed_items(session, draft)
    epoch, first = queries.advance_head(session, len(draft.headers) + len(changed))
    assert epoch == draft.epoch, "the epoch changes only while no server runs"
    positions: dict[str, int] = {}
    for offset, header in enumerate(draft.headers):
        header["position"] = positions[header["op_id"]] = first + offset
        if header["referral_id"] in draft.created and header["referral_id"] not in draft.numbers:
            draft.numbers[header["referral_id"]] = first + offset
            draft.received[header["referral_id"]] = now
    for header in draft.headers:
        receipt = receipts.get(header["op_id"], {})
        receipt |= {"position": header["position"], "number": draft.numbers.get(header["referral_id"])}
        header["receipt"] = receipt
    for row in draft.quarantine:
        row["receipt"] = receipts.get(row["blob_hash"], {})
    _insert(session, OperationHeader, draft.headers)
    _insert(session, OperationBody, draft.bodies)
    _insert(session, Quarantine, draft.quarantine)
    _write_referrals(session, draft)
    _write_feed(session, draft, changed, first + len(draft.headers))
    return positions


def _changed_items(session: Session, draft: Draft) -> list[tuple[FeedItem, bool]]:
    """The items whose text differs from what the feed shows, each with whether a row for it exists."""
    items = [item for referral in draft.touched.values() for item in projection.referral_items(referral)]
    for referral_id, page in draft.pages.items():
        items += projection.page_items(draft.touched[referral_id], page)
    items += [projection.operation_item(user_id, op_id, answer) for user_id, op_id, answer in draft.own]
    if not items:
        return []
    shown = queries.feed_digests(session, {item.item_id for item in items})
    keyed = [(item, (item.scope, item.kind, item.item_id)) for item in items]
    return [(item, key in shown) for item, key in keyed if shown.get(key) != item.digest]


def _write_referrals(session: Session, draft: Draft) -> None:
    fresh, known = [], []
    for referral_id, referral in draft.touched.items():
        if referral_id in draft.created:
            row = {"id": referral_id, "program_id": referral.program_id, "agency_id": referral.agency_id}
            row |= {"author_id": referral.author_id, "pathway": referral.pathway, "state": referral.state}
            fresh.append(row | {"number": draft.numbers[referral_id], "received_at": draft.received[referral_id]})
        else:
            known.append({"key": referral_id, "state": referral.state})
    _insert(session, Referral, fresh)
    if known:
        statement = (
            update(_table(Referral)).where(col(Referral.id) == bindparam("key")).values(state=bindparam("state"))
        )
        session.connection().execute(statement, known)


def _write_feed(session: Session, draft: Draft, changed: list[tuple[FeedItem, bool]], first: int) -> None:
    fresh, known = [], []
    for offset, (item, exists) in enumerate(changed):
        text = item.body
        if item.kind == "put":
            received_at = rfc3339(draft.received[item.item_id])
            text = projection.put_text(item, draft.numbers[item.item_id], received_at)
        if exists:
            key = {"in_scope": item.scope, "of_kind": item.kind, "of_item": item.item_id}
            known.append(key | {"position": first + offset, "digest": item.digest, "item": text})
        else:
            row = {"scope": item.scope, "kind": item.kind, "item_id": item.item_id, "digest": item.digest}
            fresh.append(row | {"position": first + offset, "item": text})
    _insert(session, FeedRow, fresh)
    if known:
        statement = (
            update(_table(FeedRow))
            .where(col(FeedRow.scope) == bindparam("in_scope"))
            .where(col(FeedRow.kind) == bindparam("of_kind"), col(FeedRow.item_id) == bindparam("of_item"))
            .values(position=bindparam("position"), digest=bindparam("digest"), item=bindparam("item"))
        )
        session.connection().execute(statement, known)


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def _insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(_table(model)), rows)
