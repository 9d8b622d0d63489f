"""Writing a draft: the feed items that changed, positions last from the one counter row, then rows in bulk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, SQLModel, col

from api.clock import rfc3339
from api.operations import projection, queries
from api.operations.draft import Draft
from api.operations.projection import FeedItem
from api.tables.records import FeedRow, OperationBody, OperationHeader, Quarantine, Referral


def store(session: Session, draft: Draft, receipts: Mapping[str, dict[str, Any]], now: datetime) -> dict[str, int]:
    """Write the draft. Returns op_id → position.

    `receipts` maps op_id (or blob hash) to the answer to remember; positions and numbers are filled in here.
    """
    changed = _changed_items(session, draft)
    session.flush()  # what others added to the session must not hold up the counter
    first = _take_positions(session, draft, len(draft.headers) + len(changed))
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
    _adopt(session, draft)
    _write_referrals(session, draft)
    _write_feed(session, draft, changed, first + len(draft.headers))
    return positions


def _take_positions(session: Session, draft: Draft, count: int) -> int:
    if count == 0:
        return draft.head + 1
    epoch, first = queries.advance_head(session, count)
    assert epoch == draft.epoch, "the epoch changes only while no server runs"
    draft.head = first + count - 1
    return first


def _changed_items(session: Session, draft: Draft) -> list[tuple[FeedItem, bool]]:
    """The items whose text differs from what the feed shows, each with whether a row for it exists."""
    items = [item for referral in draft.touched.values() for item in projection.referral_items(referral)]
    for referral_id, page in draft.pages.items():
        items += projection.page_items(draft.touched[referral_id], page)
    items += [projection.operation_item(user_id, op_id, answer) for user_id, op_id, answer in draft.own]
    keyed = [(item, (item.scope, item.kind, item.item_id)) for item in items]
    # Nothing of a referral that is created here is in the feed yet.
    asked = [key for item, key in keyed if item.item_id not in draft.created]
    shown = queries.feed_digests(session, asked) if asked else {}
    return [(item, key in shown) for item, key in keyed if shown.get(key) != item.digest]


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


_ADOPT = (
    update(_table(OperationHeader))
    .where(col(OperationHeader.op_id) == bindparam("key"))
    .values(state=bindparam("state"), groups=bindparam("groups"), reason=None)
)


def _adopt(session: Session, draft: Draft) -> None:
    """What waited and is applied now: its state changes, what was received does not."""
    if draft.adopted:
        session.connection().execute(_ADOPT, draft.adopted)


_REFOLD = update(_table(Referral)).where(col(Referral.id) == bindparam("key")).values(state=bindparam("state"))


def _write_referrals(session: Session, draft: Draft) -> None:
    fresh: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for referral_id, referral in draft.touched.items():
        if referral_id in draft.created:
            row: dict[str, Any] = {
                "id": referral_id,
                "program_id": referral.program_id,
                "agency_id": referral.agency_id,
            }
            row |= {"author_id": referral.author_id, "pathway": referral.pathway, "state": referral.state}
            fresh.append(row | {"number": draft.numbers[referral_id], "received_at": draft.received[referral_id]})
        else:
            known.append({"key": referral_id, "state": referral.state})
    _insert(session, Referral, fresh)
    if known:
        session.connection().execute(_REFOLD, known)


_MOVE_UP = (
    update(_table(FeedRow))
    .where(col(FeedRow.scope) == bindparam("in_scope"))
    .where(col(FeedRow.kind) == bindparam("of_kind"), col(FeedRow.item_id) == bindparam("of_item"))
    .values(position=bindparam("position"), digest=bindparam("digest"), item=bindparam("item"))
)


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
        session.connection().execute(_MOVE_UP, known)


def _insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(_table(model)), rows)
