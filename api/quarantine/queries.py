"""The statements about what is held or rejected, and about phones whose records are missing. Every one names its program."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from api.devices import queries as devices_of
from api.devices.service import PROGRAM_DEVICES_LISTED
from api.devices.unarrived import newest_by_person
from api.operations import undecided as open_rows
from api.tables.devices import Device
from api.tables.people import User
from api.tables.quarantine import QuarantineDecision, UnarrivedSettled
from api.tables.records import OperationHeader, Quarantine, Referral

LISTED = 500
DECIDED_LISTED = 50


def undecided(session: Session, program_id: str) -> tuple[list[OperationHeader], list[Quarantine]]:
    """The oldest of both kinds, each in the order in which they arrived."""
    headers = select(OperationHeader).where(*open_rows.headers(program_id))
    kept = select(Quarantine).where(*open_rows.kept(program_id))
    kept = kept.order_by(col(Quarantine.received_at), col(Quarantine.seq), col(Quarantine.blob_hash))
    return (
        list(session.exec(headers.order_by(col(OperationHeader.position)).limit(LISTED))),
        list(session.exec(kept.limit(LISTED))),
    )


def find(
    session: Session, program_id: str, item_ids: Collection[str]
) -> tuple[list[OperationHeader], list[Quarantine]]:
    """Those of the ids that name something of this program, decided or not. Nothing is locked."""
    headers = select(OperationHeader).where(
        col(OperationHeader.op_id).in_(item_ids), col(OperationHeader.program_id) == program_id
    )
    kept = select(Quarantine).where(col(Quarantine.blob_hash).in_(item_ids), col(Quarantine.program_id) == program_id)
    return list(session.exec(headers)), list(session.exec(kept))


def locked(
    session: Session, program_id: str, item_ids: Collection[str]
) -> tuple[list[OperationHeader], list[Quarantine]]:
    """As `find`, as they stand now and nobody else's to change. Referrals are locked before."""
    headers = select(OperationHeader).where(
        col(OperationHeader.op_id).in_(item_ids), col(OperationHeader.program_id) == program_id
    )
    headers = headers.order_by(col(OperationHeader.position)).with_for_update()
    kept = select(Quarantine).where(col(Quarantine.blob_hash).in_(item_ids), col(Quarantine.program_id) == program_id)
    kept = kept.order_by(col(Quarantine.blob_hash)).with_for_update()
    return (
        list(session.exec(headers.execution_options(populate_existing=True))),
        list(session.exec(kept.execution_options(populate_existing=True))),
    )


def earlier_undecided(
    session: Session, device_id: str, referral_ids: Collection[str], reasons: Collection[str], but: Collection[str]
) -> list[tuple[str, int]]:
    """(referral, number) of what a phone wrote about these referrals and a person must decide, apart from some."""
    header = OperationHeader
    query = select(header.referral_id, header.seq).where(
        col(header.device_id) == device_id, col(header.referral_id).in_(referral_ids),
        col(header.state) == "held", col(header.reason).in_(reasons), col(header.op_id).not_in(but),
    )  # fmt: skip
    return list(session.exec(query))


def waits_for_somebody(session: Session, program_id: str, device_id: str, but: Collection[str]) -> bool:
    """True if something of the phone is still undecided, apart from these operations."""
    headers = select(OperationHeader.op_id).where(
        *open_rows.headers(program_id), col(OperationHeader.op_id).not_in(but)
    )
    kept = select(Quarantine.op_id).where(*open_rows.kept(program_id), col(Quarantine.op_id).not_in(but))
    return (
        session.exec(headers.where(col(OperationHeader.device_id) == device_id).limit(1)).first() is not None
        or session.exec(kept.where(col(Quarantine.sent_by) == device_id).limit(1)).first() is not None
    )


def decided(session: Session, program_id: str) -> list[QuarantineDecision]:
    """The latest decisions."""
    decision = QuarantineDecision
    query = select(decision).where(col(decision.program_id) == program_id)
    return list(
        session.exec(query.order_by(col(decision.decided_at).desc(), col(decision.item_id)).limit(DECIDED_LISTED))
    )


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """Person → name."""
    return dict(session.exec(select(User.id, User.name).where(col(User.id).in_(user_ids))).all())


def numbers(session: Session, program_id: str, referral_ids: Collection[str]) -> dict[str, int]:
    """Referral → the number that people call it by, of this program's."""
    query = select(Referral.id, Referral.number)
    return dict(
        session.exec(query.where(col(Referral.id).in_(referral_ids), col(Referral.program_id) == program_id)).all()
    )


def devices(session: Session, program_id: str, device_ids: Collection[str]) -> dict[str, Device]:
    """Those of the phones that are this program's."""
    query = select(Device).where(col(Device.id).in_(device_ids), col(Device.program_id) == program_id)
    return {device.id: device for device in session.exec(query)}


class Phone(NamedTuple):
    """A phone of the program, its person's name, and when that person last enrolled one, be it this one."""

    device: Device
    name: str
    newest_at: datetime


def phones(session: Session, program_id: str) -> list[Phone]:
    """Every phone of the program."""
    rows = devices_of.of_program(session, program_id, PROGRAM_DEVICES_LISTED)
    newest = newest_by_person(device for device, _ in rows)
    return [Phone(device, name, newest[device.user_id]) for device, name in rows]


def settled(session: Session, program_id: str) -> dict[str, UnarrivedSettled]:
    """Phone → the last word on what never arrived of it."""
    row = UnarrivedSettled
    query = select(row).where(col(row.program_id) == program_id).order_by(col(row.settled_at), col(row.id))
    return {each.device_id: each for each in session.exec(query)}
