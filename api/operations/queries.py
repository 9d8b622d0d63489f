"""Reads of the log and its projections, in bulk, with the locks in the one order: device, referrals by id, …, head last."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from api.tables.devices import Device
from api.tables.people import Agency, Membership, User
from api.tables.records import FeedRow, Head, OperationBody, OperationHeader, Quarantine, Referral
from sync.cursor import Anchor
from sync.fields import Role
from sync.reconcile import WAITS, KnownOperation, KnownReferral, Member


class Standing(NamedTuple):
    """Where the server stands: its epoch, the last position given out, and the last that a verified backup holds."""

    epoch: str
    position: int
    durable_position: int


def lock_device(session: Session, device_id: str) -> Device | None:
    """The device's row, locked until the transaction ends: two tabs of one phone take turns here."""
    return session.execute(select(Device).where(col(Device.id) == device_id).with_for_update()).scalar_one_or_none()


def user_active(session: Session, user_id: str) -> bool:
    """False for a closed account."""
    return bool(session.execute(select(col(User.active)).where(col(User.id) == user_id)).scalar_one_or_none())


def members(session: Session, user_id: str, program_id: str) -> tuple[Member, ...]:
    """Every role the user has or had in the program, newest first."""
    columns = (Membership.role, Membership.agency_id, Membership.from_at, Membership.until_at)
    rows = session.execute(
        select(*(col(column) for column in columns))
        .where(col(Membership.user_id) == user_id, col(Membership.program_id) == program_id)
        .order_by(col(Membership.from_at).desc(), col(Membership.id))
    )
    return tuple(Member(_role(role), agency_id, from_at, until_at) for role, agency_id, from_at, until_at in rows)


def _role(text: str) -> Role:
    role: Role = text  # type: ignore[assignment]  # the column only ever holds roles
    return role


def agencies(session: Session, program_id: str) -> frozenset[str]:
    """The ids of the program's agencies."""
    return frozenset(session.execute(select(col(Agency.id)).where(col(Agency.program_id) == program_id)).scalars())


def operations_by_id(session: Session, op_ids: Collection[str]) -> dict[str, KnownOperation]:
    """Those of the ids that are taken, with their first receipts."""
    header = OperationHeader
    rows = session.execute(
        select(col(header.op_id), col(header.digest), col(header.state), col(header.receipt)).where(
            col(header.op_id).in_(op_ids)
        )
    )
    return {op_id: KnownOperation(digest, state, receipt) for op_id, digest, state, receipt in rows}


def quarantined_by_hash(session: Session, hashes: Collection[str]) -> dict[str, dict[str, Any]]:
    """First receipts of what is already kept under these blob hashes."""
    rows = session.execute(
        select(col(Quarantine.blob_hash), col(Quarantine.receipt)).where(col(Quarantine.blob_hash).in_(hashes))
    )
    return {blob_hash: receipt for blob_hash, receipt in rows}  # noqa: C416  a row is a tuple only at run time


def arrived(session: Session, op_ids: Collection[str], device_id: str) -> set[str]:
    """Those of the ids under which something of this device is kept without holding its id."""
    if not op_ids:
        return set()
    kept = Quarantine
    statement = select(col(kept.op_id)).where(col(kept.op_id).in_(op_ids), col(kept.device_id) == device_id)
    return set(session.execute(statement).scalars())


def waiting(session: Session, referral_ids: Collection[str], program_id: str) -> list[tuple[OperationHeader, bytes]]:
    """Operations held until their referral or a consent arrives, in the order of their positions."""
    if not referral_ids:
        return []
    header = OperationHeader
    rows = session.execute(
        select(header, col(OperationBody.body))
        .join(OperationBody, col(OperationBody.op_id) == col(header.op_id))
        .where(col(header.referral_id).in_(referral_ids), col(header.program_id) == program_id)
        .where(col(header.state) == "held", col(header.reason).in_(WAITS))
        .order_by(col(header.position))
    )
    return [(row, body) for row, body in rows]


def log_of(session: Session, referral_id: str) -> list[tuple[Role, bytes]]:
    """(role of the author, canonical bytes) of every applied operation of a referral, in the order of positions."""
    header = OperationHeader
    rows = session.execute(
        select(col(header.role), col(OperationBody.body))
        .join(OperationBody, col(OperationBody.op_id) == col(header.op_id))
        .where(col(header.referral_id) == referral_id, col(header.state).in_(("applied", "merged")))
        .order_by(col(header.position))
    )
    return [(_role(role), body) for role, body in rows]


def lock_referrals(session: Session, ids: Collection[str]) -> dict[str, tuple[KnownReferral, Referral]]:
    """The referrals that exist, of whatever program, locked in the order of their ids."""
    rows = session.execute(
        select(Referral).where(col(Referral.id).in_(ids)).order_by(col(Referral.id)).with_for_update()
    ).scalars()
    found = {}
    for row in rows:
        known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, row.state)
        found[row.id] = (known, row)
    return found


def feed_digests(session: Session, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """(scope, kind, item) → digest of what the feed shows now, for those of the keys that it shows.

    Asked part by part, which finds a few rows too many: SQLite reads the whole table for a list of triples.
    """
    scopes, kinds, item_ids = ({key[part] for key in keys} for part in range(3))
    rows = session.execute(
        select(col(FeedRow.scope), col(FeedRow.kind), col(FeedRow.item_id), col(FeedRow.digest)).where(
            col(FeedRow.scope).in_(scopes), col(FeedRow.kind).in_(kinds), col(FeedRow.item_id).in_(item_ids)
        )
    )
    return {(scope, kind, item_id): digest for scope, kind, item_id, digest in rows}


def advance_head(session: Session, count: int) -> tuple[str, int]:
    """Take `count` feed positions: the last lock of a transaction. Returns the epoch and the first position taken."""
    statement = (
        update(Head)
        .where(col(Head.id) == 1)
        .values(position=col(Head.position) + count)
        .returning(col(Head.epoch), col(Head.position))
        .execution_options(synchronize_session=False)
    )
    epoch, last = session.execute(statement).one()
    return str(epoch), int(last) - count + 1


def standing(session: Session) -> Standing:
    """Where the server stands as this transaction sees it."""
    columns = select(col(Head.epoch), col(Head.position), col(Head.durable_position))
    epoch, position, durable_position = session.execute(columns.where(col(Head.id) == 1)).one()
    return Standing(epoch, position, durable_position)


def anchor(session: Session, up_to: int) -> Anchor:
    """The last operation of the log at or below a position."""
    header = OperationHeader
    statement = select(col(header.position), col(header.op_id)).where(col(header.position) <= up_to)
    found = session.execute(statement.order_by(col(header.position).desc()).limit(1)).first()
    return Anchor() if found is None else Anchor(*found)


def operation_at(session: Session, position: int) -> str:
    """The id of the operation at a position, empty if there is none."""
    statement = select(col(OperationHeader.op_id)).where(col(OperationHeader.position) == position)
    return session.execute(statement).scalar_one_or_none() or ""


def feed_between(session: Session, scope: str, above: int, up_to: int, limit: int) -> list[tuple[int, str]]:
    """Items of one scope with positions above one and up to another, in order."""
    rows = session.execute(
        select(col(FeedRow.position), col(FeedRow.item))
        .where(col(FeedRow.scope) == scope, col(FeedRow.position) > above, col(FeedRow.position) <= up_to)
        .order_by(col(FeedRow.position))
        .limit(limit)
    )
    return [(position, item) for position, item in rows]
