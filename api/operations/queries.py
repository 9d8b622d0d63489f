"""Reads of the log and its projections, in bulk, with the locks in the one order: device, referrals by id, …, head last.

The statements of push and pull stand beside their functions, built once: to build one costs more than to run it.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Executable, Integer, bindparam, func, select, update
from sqlmodel import Session, col

from api.at_rest import unseal
from api.at_rest.cipher import cipher_of
from api.at_rest.columns import TABLES
from api.clock import milliseconds
from api.database import witnessed
from api.tables.devices import Device
from api.tables.people import Agency, Membership, User
from api.tables.records import (
    Assessment,
    AssessmentBody,
    FeedRow,
    Head,
    OperationBody,
    OperationHeader,
    Quarantine,
    Referral,
)
from sync.apart import joined
from sync.cursor import Anchor
from sync.fields import Role
from sync.reconcile import WAITS, KnownOperation, KnownReferral, Member
from sync.records import State

_BODY = TABLES["operation_body"].place("body")
_ASSESSMENT_BODY = TABLES["assessment_body"].place("body")
_ASSESSMENT = TABLES["assessment"].place("state")
_ITEM = TABLES["feed_row"].place("item")


class Standing(NamedTuple):
    """Where the server stands: its epoch, the last position given out, and the last that a verified backup holds."""

    epoch: str
    position: int
    durable_position: int


_DEVICE = select(Device).where(col(Device.id) == bindparam("device_id")).with_for_update()


def lock_device(session: Session, device_id: str) -> Device | None:
    """The device's row, locked until the transaction ends: two tabs of one phone take turns here."""
    return session.execute(_DEVICE, {"device_id": device_id}).scalar_one_or_none()


_PUBLIC_KEY = select(col(Device.public_key)).where(col(Device.id) == bindparam("device_id"))


def public_key(session: Session, device_id: str) -> str | None:
    """The key that the device was enrolled with, which never changes; None for one that is not enrolled."""
    return session.execute(_PUBLIC_KEY, {"device_id": device_id}).scalar_one_or_none()


_ENROLLED = select(col(Device.id), col(Device.created_at)).where(
    col(Device.id).in_(bindparam("device_ids", expanding=True))
)


def enrolments(session: Session, device_ids: Collection[str]) -> dict[str, datetime]:
    """Since when each of the devices is enrolled; the server's own (its epochs) are none."""
    if not device_ids:
        return {}
    rows = session.execute(_ENROLLED, {"device_ids": list(device_ids)})
    return {device_id: at for device_id, at in rows}  # noqa: C416  a row is a tuple only at run time


_ACTIVE = select(col(User.active)).where(col(User.id) == bindparam("user_id"))


def user_active(session: Session, user_id: str) -> bool:
    """False for a closed account."""
    return bool(session.execute(_ACTIVE, {"user_id": user_id}).scalar_one_or_none())


_MEMBERS = (
    select(col(Membership.role), col(Membership.agency_id), col(Membership.from_at), col(Membership.until_at))
    .where(col(Membership.user_id) == bindparam("user_id"), col(Membership.program_id) == bindparam("program_id"))
    .order_by(col(Membership.from_at).desc(), col(Membership.id))
)


def members(session: Session, user_id: str, program_id: str) -> tuple[Member, ...]:
    """Every role the user has or had in the program, newest first."""
    rows = session.execute(_MEMBERS, {"user_id": user_id, "program_id": program_id})
    return tuple(Member(_role(role), agency_id, from_at, until_at) for role, agency_id, from_at, until_at in rows)


def _role(text: str) -> Role:
    role: Role = text  # type: ignore[assignment]  # the column only ever holds roles
    return role


_AGENCIES = select(col(Agency.id)).where(col(Agency.program_id) == bindparam("program_id"))


def agencies(session: Session, program_id: str) -> frozenset[str]:
    """The ids of the program's agencies."""
    return frozenset(session.execute(_AGENCIES, {"program_id": program_id}).scalars())


_TAKEN = select(
    col(OperationHeader.op_id), col(OperationHeader.digest), col(OperationHeader.state), col(OperationHeader.receipt)
).where(col(OperationHeader.op_id).in_(bindparam("op_ids", expanding=True)))


def operations_by_id(session: Session, op_ids: Collection[str]) -> dict[str, KnownOperation]:
    """Those of the ids that are taken, with their first receipts."""
    rows = session.execute(_TAKEN, {"op_ids": list(op_ids)})
    return {op_id: KnownOperation(digest, state, receipt) for op_id, digest, state, receipt in rows}


_NUMBERS = select(col(OperationHeader.seq), col(OperationHeader.op_id)).where(
    col(OperationHeader.device_id) == bindparam("device_id"),
    col(OperationHeader.seq).in_(bindparam("numbers", expanding=True)),
)


def numbers_taken(session: Session, device_id: str, numbers: Collection[int]) -> dict[int, str]:
    """Those of a device's sequence numbers that an operation holds, and which operation."""
    if not numbers:
        return {}
    rows = session.execute(_NUMBERS, {"device_id": device_id, "numbers": list(numbers)})
    return {seq: op_id for seq, op_id in rows}  # noqa: C416  a row is a tuple only at run time


_QUARANTINED = select(col(Quarantine.blob_hash), col(Quarantine.receipt)).where(
    col(Quarantine.blob_hash).in_(bindparam("hashes", expanding=True))
)


def quarantined_by_hash(session: Session, hashes: Collection[str]) -> dict[str, dict[str, Any]]:
    """First receipts of what is already kept under these blob hashes."""
    rows = session.execute(_QUARANTINED, {"hashes": list(hashes)})
    return {blob_hash: receipt for blob_hash, receipt in rows}  # noqa: C416  a row is a tuple only at run time


_ARRIVED = select(col(Quarantine.op_id)).where(
    col(Quarantine.op_id).in_(bindparam("op_ids", expanding=True)), col(Quarantine.device_id) == bindparam("device_id")
)


def arrived(session: Session, op_ids: Collection[str], device_id: str) -> set[str]:
    """Those of the ids under which something of this device is kept without holding its id."""
    if not op_ids:
        return set()
    return set(session.execute(_ARRIVED, {"op_ids": list(op_ids), "device_id": device_id}).scalars())


_WAITING = (
    select(OperationHeader, col(OperationBody.body), col(AssessmentBody.body))
    .outerjoin(OperationBody, col(OperationBody.op_id) == col(OperationHeader.op_id))
    .outerjoin(AssessmentBody, col(AssessmentBody.op_id) == col(OperationHeader.op_id))
    .where(col(OperationHeader.referral_id).in_(bindparam("referral_ids", expanding=True)))
    .where(col(OperationHeader.program_id) == bindparam("program_id"))
    .where(col(OperationHeader.state) == "held", col(OperationHeader.reason).in_(WAITS))
    .order_by(col(OperationHeader.position))
    .with_for_update(of=OperationHeader)  # a person may be about to dismiss one of them
    .execution_options(populate_existing=True)
)


def waiting(session: Session, referral_ids: Collection[str], program_id: str) -> list[tuple[OperationHeader, bytes]]:
    """Operations held until their referral or a consent arrives, in the order of their positions."""
    if not referral_ids:
        return []
    rows = session.execute(_WAITING, {"referral_ids": list(referral_ids), "program_id": program_id})
    opened = ((row, _opened(session, row.op_id, *sealed)) for row, *sealed in rows)
    return [(row, body) for row, body in opened if body is not None]


def waiting_ids(session: Session, referral_ids: Collection[str]) -> set[str]:
    """The operations that wait for something about these referrals, by now."""
    header = OperationHeader
    query = select(col(header.op_id)).where(col(header.referral_id).in_(referral_ids))
    return set(session.execute(query.where(col(header.state) == "held", col(header.reason).in_(WAITS))).scalars())


def any_referral(session: Session, referral_ids: Collection[str]) -> bool:
    """True if one of them exists by now."""
    query = select(col(Referral.id)).where(col(Referral.id).in_(referral_ids)).limit(1)
    return session.execute(query).first() is not None


def _opened(session: Session, op_id: str, body: bytes | None, of_assessment: bytes | None) -> bytes | None:
    """An operation's clear bytes, wherever they are kept; None for one that was erased."""
    if body is not None:
        return unseal(session, _BODY, op_id, body)
    return None if of_assessment is None else unseal(session, _ASSESSMENT_BODY, op_id, of_assessment)


def bodies(session: Session, op_ids: Collection[str]) -> dict[str, bytes]:
    """The clear bytes of stored operations, wherever they are kept, of those that were not erased."""
    header = OperationHeader
    rows = session.execute(
        select(col(header.op_id), col(OperationBody.body), col(AssessmentBody.body))
        .outerjoin(OperationBody, col(OperationBody.op_id) == col(header.op_id))
        .outerjoin(AssessmentBody, col(AssessmentBody.op_id) == col(header.op_id))
        .where(col(header.op_id).in_(op_ids))
    )
    opened = ((op_id, _opened(session, op_id, *sealed)) for op_id, *sealed in rows)
    return {op_id: body for op_id, body in opened if body is not None}


def log_of(session: Session, referral_id: str) -> list[tuple[OperationHeader, bytes]]:
    """Every applied operation of a referral with its canonical bytes, in the order in which they count."""
    header = OperationHeader
    rows = session.execute(
        select(header, col(OperationBody.body), col(AssessmentBody.body))
        .outerjoin(OperationBody, col(OperationBody.op_id) == col(header.op_id))
        .outerjoin(AssessmentBody, col(AssessmentBody.op_id) == col(header.op_id))
        .where(col(header.referral_id) == referral_id, col(header.state).in_(("applied", "merged")))
        .order_by(func.coalesce(col(header.counts_from), col(header.position)))
    )
    opened = ((row, _opened(session, row.op_id, *sealed)) for row, *sealed in rows)
    return [(row, body) for row, body in opened if body is not None]


_REFERRALS = (
    select(Referral)
    .where(col(Referral.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Referral.id))
    .with_for_update()
    .execution_options(populate_existing=True)  # what this session read before the lock may have changed since
)


class Locked(NamedTuple):
    """A referral with its assessment, its row without, and the assessment as text, empty where there is none."""

    known: KnownReferral
    row: Referral
    assessment: bytes


def lock_referrals(session: Session, ids: Collection[str]) -> dict[str, Locked]:
    """The referrals that exist, of whatever program, locked in the order of their ids."""
    rows = list(session.execute(_REFERRALS, {"ids": list(ids)}).scalars())
    assessments = _assessments(session, [row.id for row in rows])
    found = {}
    for row in rows:
        text = assessments.get(row.id, b"")
        state = joined(_state(row), json.loads(text) if text else None)
        found[row.id] = Locked(
            KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, state), row, text
        )
    return found


_ASSESSMENTS = select(col(Assessment.referral_id), col(Assessment.program_id), col(Assessment.state)).where(
    col(Assessment.referral_id).in_(bindparam("ids", expanding=True))
)


def _assessments(session: Session, referral_ids: Collection[str]) -> dict[str, bytes]:
    """What is stored of assessments, as text.

    Asked after the referrals are locked and not by a join: PostgreSQL reads the locked row anew when it has waited for the
    lock, but what is joined to it as it was before, and a write in between would be lost.
    """
    if not referral_ids:
        return {}
    rows = session.execute(_ASSESSMENTS, {"ids": list(referral_ids)})
    return {key: unseal(session, _ASSESSMENT, f"{program_id}|{key}", state) for key, program_id, state in rows}


def _state(row: Referral) -> State:
    state: State = row.state  # type: ignore[assignment]  # stored JSON
    return state


def whole_state(session: Session, referral_id: str) -> State | None:
    """The referral's state with its assessment, for those who may read both; None for a referral that is not here."""
    row, assessment = session.get(Referral, referral_id), session.get(Assessment, referral_id)
    if row is None:
        return None
    return joined(_state(row), None if assessment is None else assessment.state)  # type: ignore[arg-type]  # stored JSON


_DIGESTS = select(col(FeedRow.scope), col(FeedRow.kind), col(FeedRow.item_id), col(FeedRow.digest)).where(
    col(FeedRow.scope).in_(bindparam("scopes", expanding=True)),
    col(FeedRow.kind).in_(bindparam("kinds", expanding=True)),
    col(FeedRow.item_id).in_(bindparam("item_ids", expanding=True)),
)


def feed_digests(session: Session, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """(scope, kind, item) → digest of what the feed shows now, for those of the keys that it shows.

    Asked part by part, which finds a few rows too many: SQLite reads the whole table for a list of triples.
    """
    scopes, kinds, item_ids = (list({key[part] for key in keys}) for part in range(3))
    rows = session.execute(_DIGESTS, {"scopes": scopes, "kinds": kinds, "item_ids": item_ids})
    return {(scope, kind, item_id): digest for scope, kind, item_id, digest in rows}


_ADVANCE = (
    update(Head)
    .where(col(Head.id) == 1)
    .values(position=col(Head.position) + bindparam("count"))
    .returning(col(Head.epoch), col(Head.position))
    .execution_options(synchronize_session=False)
)


def advance_head(session: Session, count: int) -> tuple[str, int]:
    """Take `count` feed positions: the last lock of a transaction. Returns the epoch and the first position taken."""
    epoch, last = session.execute(_ADVANCE, {"count": count}).one()
    return str(epoch), int(last) - count + 1


_STANDING = select(col(Head.epoch), col(Head.position), col(Head.durable_position)).where(col(Head.id) == 1)


def standing(session: Session) -> Standing:
    """Where the server stands as this transaction sees it. Raises Replaced if the database is not the one that it was."""
    epoch, position, durable_position = session.execute(_STANDING).one()
    witnessed(session, epoch, position)
    return Standing(epoch, position, durable_position)


_ANCHORS = select(col(OperationHeader.position), col(OperationHeader.op_id), col(OperationHeader.received_at))
_LAST_UP_TO = (
    _ANCHORS.where(col(OperationHeader.position) <= bindparam("position"))
    .order_by(col(OperationHeader.position).desc())
    .limit(1)
)
_AT = _ANCHORS.where(col(OperationHeader.position) == bindparam("position"))


def anchor(session: Session, up_to: int) -> Anchor:
    """The last operation of the log at or below a position."""
    return _anchor(session, _LAST_UP_TO, up_to) or Anchor()


def anchor_at(session: Session, position: int) -> Anchor:
    """What the log holds at a position; an anchor without an operation if that is nothing."""
    return _anchor(session, _AT, position) or Anchor(position)


def _anchor(session: Session, statement: Executable, position: int) -> Anchor | None:
    found = session.execute(statement, {"position": position}).first()
    return None if found is None else Anchor(found[0], found[1], milliseconds(found[2]))


_BETWEEN = (
    select(col(FeedRow.position), col(FeedRow.kind), col(FeedRow.item_id), col(FeedRow.item))
    .where(col(FeedRow.scope) == bindparam("scope"))
    .where(col(FeedRow.position) > bindparam("above"), col(FeedRow.position) <= bindparam("up_to"))
    .order_by(col(FeedRow.position))
    .limit(bindparam("at_most", type_=Integer))
)


class FeedLine(NamedTuple):
    """A row of the feed as it is stored."""

    position: int
    scope: str
    kind: str
    item_id: str
    sealed: bytes


def feed_between(session: Session, scope: str, above: int, up_to: int, limit: int) -> list[FeedLine]:
    """Rows of one scope with positions above one and up to another, in order."""
    rows = session.execute(_BETWEEN, {"scope": scope, "above": above, "up_to": up_to, "at_most": limit})
    return [FeedLine(position, scope, kind, item_id, item) for position, kind, item_id, item in rows]


def feed_items(session: Session, lines: Iterable[FeedLine]) -> list[str]:
    """What the rows hold, as JSON texts."""
    opened = cipher_of(session).unseal
    return [
        opened(session, _ITEM, f"{scope}|{kind}|{item_id}", sealed).decode() for _, scope, kind, item_id, sealed in lines
    ]
