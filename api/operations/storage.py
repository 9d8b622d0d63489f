"""Writing a draft: the feed items that changed, positions last from the one counter row, then rows in bulk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import Session, SQLModel, col

from api.at_rest import keyed, seal
from api.at_rest.columns import TABLES, encode_json
from api.clock import rfc3339
from api.operations import projection, queries, together
from api.operations.draft import Draft
from api.operations.projection import FeedItem
from api.tables.records import (
    Assessment,
    AssessmentBody,
    FeedRow,
    OperationBody,
    OperationHeader,
    Quarantine,
    Referral,
)
from sync.apart import divided
from sync.reconcile import APPLIED, WAITS

_STATE = TABLES["referral"].place("state")
_ASSESSMENT = TABLES["assessment"].place("state")
_ITEM = TABLES["feed_row"].place("item")


def store(session: Session, draft: Draft, receipts: Mapping[str, dict[str, Any]], now: datetime) -> dict[str, int]:
    """Write the draft. Returns op_id → position.

    `receipts` maps op_id (or blob hash) to the answer to remember; positions and numbers are filled in here.
    """
    changed = _changed_items(session, draft)
    session.flush()  # what others added to the session must not hold up the counter
    first = _take_positions(session, draft, len(draft.by_hand) + len(draft.headers) + len(changed))
    _look_for_others(session, draft)
    for place, row in enumerate(draft.by_hand, first):  # before what the server writes about them in this transaction
        row["counts_from"] = place
        _number_created(draft, row.pop("referral_id"), place, now)
    first += len(draft.by_hand)
    positions: dict[str, int] = {}
    for offset, header in enumerate(draft.headers):
        header["position"] = positions[header["op_id"]] = first + offset
        if header["counts_from"] is not None:
            header["counts_from"] = header["position"]
        _number_created(draft, header["referral_id"], first + offset, now)
    for header in draft.headers:
        receipt = receipts.get(header["op_id"], {})
        receipt |= {"position": header["position"], "number": _number(header, draft)}
        header["receipt"] = receipt
    for row in draft.quarantine:
        row["receipt"] = receipts.get(row["blob_hash"], {})
    _insert(session, OperationHeader, draft.headers)
    insert_bodies(session, OperationBody, draft.bodies)
    insert_bodies(session, AssessmentBody, draft.assessment_bodies)
    _insert(session, Quarantine, [TABLES["quarantine"].sealed(session, row) for row in draft.quarantine])
    _adopt(session, draft)
    _write_referrals(session, draft)
    together.write_links(session, draft)
    _write_feed(session, draft, changed, first + len(draft.headers))
    return positions


class Outrun(Exception):
    """Somebody stored meanwhile what this transaction waits for, or what waits for it. Begin it again: it sees both then."""


def _look_for_others(session: Session, draft: Draft) -> None:
    """Raises Outrun where a referral and an operation that waits for it were stored at the same moment.

    A referral that does not exist yet cannot be locked, so neither transaction saw the other. The counter is: whoever takes it
    second finds here what the first has committed. SQLite has one writer.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    rows = [*draft.headers, *draft.by_hand]
    unknown = {row["referral_id"] for row in rows if row["reason"] == "unknown_referral"} - draft.numbers.keys()
    if unknown and queries.any_referral(session, unknown):
        raise Outrun
    if draft.created and queries.waiting_ids(session, draft.created) - draft.waiting:
        raise Outrun


def _number_created(draft: Draft, referral_id: str, position: int, now: datetime) -> None:
    """A referral is called by the place of the operation that it began with."""
    if referral_id in draft.created and referral_id not in draft.numbers:
        draft.numbers[referral_id] = position
        draft.received[referral_id] = now


def insert_bodies(session: Session, model: type[OperationBody | AssessmentBody], rows: list[dict[str, Any]]) -> None:
    """Seal and write the clear bytes of operations: rows of `op_id` and `body`."""
    table = TABLES[_table(model).name]
    _insert(session, model, [table.sealed(session, row) for row in rows])


_IN_REACH = WAITS - {"unknown_referral"}


def _number(header: Mapping[str, Any], draft: Draft) -> int | None:
    """The referral's number, for whoever was found to reach it: to others a refusal must not tell that there is one."""
    told = header["state"] in APPLIED or header["reason"] in _IN_REACH
    return draft.numbers.get(header["referral_id"]) if told else None


def _take_positions(session: Session, draft: Draft, count: int) -> int:
    if count == 0:
        return draft.head + 1
    epoch, first = queries.advance_head(session, count)
    assert epoch == draft.epoch, "the epoch changes only while no server runs"
    draft.head = first + count - 1
    return first


def _changed_items(session: Session, draft: Draft) -> list[tuple[FeedItem, bool]]:
    """The items whose text differs from what the feed shows, each with whether a row for it exists. Digests are keyed."""
    referrals, wholes = together.shown(draft)
    items = [item for key, each in referrals.items() for item in projection.referral_items(each, wholes.get(key))]
    for referral_id, page in draft.pages.items():
        items += projection.page_items(referrals[referral_id], page)
    items += [projection.operation_item(*own) for own in draft.own]
    items += [projection.told_item(*told) for told in draft.told]
    items = [item._replace(digest=keyed(session, item.digest)) for item in items]
    named = [(item, (item.scope, item.kind, item.item_id)) for item in items]
    # Nothing of a referral that is created here is in the feed yet.
    asked = [key for item, key in named if item.item_id not in draft.created]
    shown = queries.feed_digests(session, asked) if asked else {}
    return [(item, key in shown) for item, key in named if shown.get(key) != item.digest]


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


_ADOPT = (
    update(_table(OperationHeader))
    .where(col(OperationHeader.op_id) == bindparam("key"))
    .values(state=bindparam("state"), groups=bindparam("groups"), reason=None)
)
_BY_HAND = update(_table(OperationHeader)).where(col(OperationHeader.op_id) == bindparam("key"))
_BY_HAND = _BY_HAND.values({name: bindparam(name) for name in ("state", "groups", "reason", "role", "counts_from")})


def _adopt(session: Session, draft: Draft) -> None:
    """What waited and is applied now: its state changes, what was received does not."""
    if draft.adopted:
        session.connection().execute(_ADOPT, draft.adopted)
    if draft.by_hand:
        session.connection().execute(_BY_HAND, draft.by_hand)


_REFOLD = update(_table(Referral)).where(col(Referral.id) == bindparam("key")).values(state=bindparam("state"))


def _write_referrals(session: Session, draft: Draft) -> None:
    fresh: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    assessments: dict[str, bytes] = {}
    for referral_id, referral in draft.touched.items():
        row_id = f"{referral.program_id}|{referral_id}"
        common, assessment = divided(referral.state)
        assessments[referral_id] = b"" if assessment is None else encode_json(assessment)
        state = seal(session, _STATE, row_id, encode_json(common))
        if referral_id in draft.created:
            row: dict[str, Any] = {
                "id": referral_id,
                "program_id": referral.program_id,
                "agency_id": referral.agency_id,
            }
            row |= {"author_id": referral.author_id, "pathway": referral.pathway, "state": state}
            fresh.append(row | {"number": draft.numbers[referral_id], "received_at": draft.received[referral_id]})
        else:
            known.append({"key": referral_id, "state": state})
    _insert(session, Referral, fresh)
    if known:
        session.connection().execute(_REFOLD, known)
    _write_assessments(session, draft, assessments)


_ASSESS = update(_table(Assessment)).where(col(Assessment.referral_id) == bindparam("key"))
_ASSESS = _ASSESS.values(state=bindparam("state"))


def _write_assessments(session: Session, draft: Draft, assessments: Mapping[str, bytes]) -> None:
    """Those that changed, in the order of their ids, as everybody takes them who locks several."""
    fresh, known, gone = [], [], []
    for referral_id, text in sorted(assessments.items()):
        stored = draft.assessments.get(referral_id, b"")
        program_id = draft.touched[referral_id].program_id
        sealed = seal(session, _ASSESSMENT, f"{program_id}|{referral_id}", text) if text != stored and text else b""
        if sealed and stored:
            known.append({"key": referral_id, "state": sealed})
        elif sealed:
            fresh.append({"referral_id": referral_id, "program_id": program_id, "state": sealed})
        elif stored and not text:
            gone.append(referral_id)
    _insert(session, Assessment, fresh)
    if known:
        session.connection().execute(_ASSESS, known)
    if gone:
        session.execute(delete(Assessment).where(col(Assessment.referral_id).in_(gone)))


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
        if item.kind == "put" and not item.whole:
            received_at = rfc3339(draft.received[item.item_id])
            text = projection.put_text(item, draft.numbers[item.item_id], received_at)
        sealed = seal(session, _ITEM, f"{item.scope}|{item.kind}|{item.item_id}", text.encode())
        if exists:
            key = {"in_scope": item.scope, "of_kind": item.kind, "of_item": item.item_id}
            known.append(key | {"position": first + offset, "digest": item.digest, "item": sealed})
        else:
            row = {"scope": item.scope, "kind": item.kind, "item_id": item.item_id, "digest": item.digest}
            row["program_id"] = item.program_id
            fresh.append(row | {"position": first + offset, "item": sealed})
    _insert(session, FeedRow, fresh)
    if known:
        session.connection().execute(_MOVE_UP, known)


def _insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(_table(model)), rows)
