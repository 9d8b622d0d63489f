"""Reads of the log and its projections, in bulk, with the locks in the one order: device, referrals by id, …, head last."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from api.tables.devices import Device
from api.tables.people import Agency, Membership, User
from api.tables.records import FeedRow, Head, OperationHeader, Quarantine, Referral
from sync.fields import Role
from sync.reconcile import KnownOperation, KnownReferral, Member


def lock_device(session: Session, device_id: str) -> Device | None:
    """The device's row, locked until the transaction ends: two tabs of one phone take turns here."""
    return session.execute(select(Device).where(col(Device.id) == device_id).with_for_update()).scalar_one_or_none()


def user_active(session: Session, user_id: str) -> bool:
    """False for a closed account."""
    return bool(session.execute(select(col(User.active)).where(col(User.id) == user_id)).scalar_one_or_none())


def members(session: Session, user_id: str, program_id: str) -> tuple[Member, ...]:
    """Every role the user has or had in the program, newest first."""
    rows = session.execute(
        select(Membership)
        .where(col(Membership.user_id) == user_id, col(Membership.program_id) == program_id)
        .order_by(col(Membership.from_at).desc())
    ).scalars()
    return tuple(Member(_role(row.role), row.agency_id, row.from_at, row.until_at) for row in rows)


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
    return {blob_hash: receipt for blob_hash, receipt in rows}


def lock_referrals(session: Session, ids: Collection[str]) -> dict[str, tuple[KnownReferral, Referral]]:
    """The referrals that exist, locked in the order of their ids."""
    rows = session.execute(
        select(Referral).where(col(Referral.id).in_(ids)).order_by(col(Referral.id)).with_for_update()
    ).scalars()
    found = {}
    for row in rows:
        known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, row.state)  # type: ignore[arg-type]
        found[row.id] = (known, row)
    return found


def feed_digests(session: Session, item_ids: Collection[str]) -> dict[tuple[str, str, str], str]:
    """(scope, kind, item) → digest of what the feed shows now."""
    rows = session.execute(
        select(col(FeedRow.scope), col(FeedRow.kind), col(FeedRow.item_id), col(FeedRow.digest)).where(
            col(FeedRow.item_id).in_(item_ids)
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
    )
    epoch, last = session.execute(statement).one()
    return str(epoch), int(last) - count + 1


def head(session: Session) -> Head:
    """The epoch, the last position given out, and the last that a verified backup holds."""
    return session.execute(select(Head).where(col(Head.id) == 1)).scalar_one()


def feed_after(session: Session, scopes: Collection[str], position: int, limit: int) -> list[tuple[int, str]]:
    """Items of these scopes above a position, in order."""
    rows = session.execute(
        select(col(FeedRow.position), col(FeedRow.item))
        .where(col(FeedRow.scope).in_(scopes), col(FeedRow.position) > position)
        .order_by(col(FeedRow.position))
        .limit(limit)
    )
    return [(row_position, item) for row_position, item in rows]
