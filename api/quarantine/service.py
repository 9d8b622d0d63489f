"""What supervisors see of what was held or rejected, and of phones whose records are missing: that there are some, no content."""

from datetime import datetime

from sqlmodel import Session
from uuid6 import uuid7

from api.audit.service import record
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.devices.unarrived import Unarrived, unarrived
from api.problems import Conflict, NotFound
from api.quarantine import queries
from api.quarantine.models import DecidedItem, SealedRecord, UnarrivedEntry, UndecidedItem
from api.tables.devices import Device
from api.tables.quarantine import UnarrivedSettled
from api.tables.records import OperationHeader, Quarantine
from sync.reconcile import MENDED_BY_A_PERSON

UNSIGNED = "unsigned"


class _Cast:
    """Names, phones and numbers that the list speaks of."""

    def __init__(
        self, session: Session, program_id: str, headers: list[OperationHeader], kept: list[Quarantine]
    ) -> None:
        sent_by = {row.device_id for row in headers} | {row.sent_by for row in kept}
        self.phones = queries.devices(session, program_id, sent_by)
        people = {row.user_id for row in headers} | {phone.user_id for phone in self.phones.values()}
        self.names = queries.names(session, people)
        referrals = {row.referral_id for row in headers} | {row.referral_id for row in kept}
        self.numbers = queries.numbers(session, program_id, referrals)

    def phone(self, device_id: str) -> dict[str, str]:
        """What is told of a phone, whether or not it is one of the program's."""
        phone = self.phones.get(device_id)
        state = "unknown" if phone is None else "forked" if phone.forked_at else phone.state
        return {"device_id": device_id, "device_label": "" if phone is None else phone.label, "device_state": state}

    def referral(self, referral_id: str) -> dict[str, str | int | None]:
        number = self.numbers.get(referral_id)
        return {"referral_id": referral_id if number is not None else None, "referral_number": number}


def undecided(session: Session, principal: Principal) -> list[UndecidedItem]:
    """The oldest that wait for somebody in the supervisor's program, in the order in which they arrived."""
    headers, kept = queries.undecided(session, principal.program_id)
    cast = _Cast(session, principal.program_id, headers, kept)
    items = [_of_header(row, cast) for row in headers] + [_of_kept(row, cast) for row in kept]
    return sorted(items, key=lambda item: item.received_at)[: queries.LISTED]


def _of_header(row: OperationHeader, cast: _Cast) -> UndecidedItem:
    return UndecidedItem.model_validate(
        {
            "id": row.op_id, "author_name": cast.names.get(row.user_id), "kind": row.kind, "made_at": row.made_at,
            "received_at": rfc3339(row.received_at), "state": row.state, "reason": row.reason or "",
            "may_adopt": row.state == "held" and row.reason in MENDED_BY_A_PERSON, "sealed": False, "brought": None,
            **cast.phone(row.device_id), **cast.referral(row.referral_id),
        }
    )  # fmt: skip


def _of_kept(row: Quarantine, cast: _Cast) -> UndecidedItem:
    """Whoever sent it is its author as far as anybody can tell; what its header says besides proves nothing."""
    phone = cast.phones.get(row.sent_by)
    mendable = row.reason == UNSIGNED and phone is not None and row.device_id == row.sent_by
    return UndecidedItem.model_validate(
        {
            "id": row.blob_hash, "author_name": None if phone is None else cast.names.get(phone.user_id),
            "kind": row.kind or None, "made_at": row.made_at or None, "received_at": rfc3339(row.received_at),
            "state": row.state, "reason": row.reason, "may_adopt": mendable and bool(row.kind), "sealed": True,
            "brought": row.detail if row.reason == UNSIGNED else None,
            **cast.phone(row.sent_by), **cast.referral(row.referral_id),
        }
    )  # fmt: skip


def decided(session: Session, principal: Principal) -> list[DecidedItem]:
    """The latest decisions, with both names."""
    rows = queries.decided(session, principal.program_id)
    names = queries.names(session, {row.decided_by for row in rows} | {row.author_id for row in rows})
    return [
        DecidedItem.model_validate(
            {
                "op_id": row.op_id, "author_name": names.get(row.author_id), "decision": row.decision,
                "because": row.because, "reason": row.reason, "decided_by_name": names[row.decided_by],
                "decided_at": rfc3339(row.decided_at),
            }
        )
        for row in rows
    ]  # fmt: skip


def export(session: Session, principal: Principal, item_id: str, now: datetime, source: str) -> SealedRecord:
    """An operation as it came, for whoever can find out what is wrong with it. Written down. NotFound looks alike for all."""
    _, kept = queries.find(session, principal.program_id, [item_id])
    if not kept or not kept[0].blob:
        raise NotFound("There is no such sealed operation here.")
    row = kept[0]
    record(
        session, now, "quarantine.export", actor_id=principal.user_id, program_id=principal.program_id, subject=row.op_id,
        source=source, device_id=principal.device_id,
    )  # fmt: skip
    copied = {
        name: getattr(row, name) for name in ("op_id", "device_id", "program_id", "seq", "key_id", "blob", "reason")
    }
    return SealedRecord.model_validate({**copied, "received_at": rfc3339(row.received_at)})


def phones(session: Session, principal: Principal, now: datetime) -> list[UnarrivedEntry]:
    """Phones of which records never arrived, those that nobody has looked into before the others."""
    settled = queries.settled(session, principal.program_id)
    names = queries.names(session, {row.settled_by for row in settled.values()})
    found = [
        (phone.device, phone.name, unarrived(phone.device, phone.newest_at, now))
        for phone in queries.phones(session, principal.program_id)
    ]
    entries = [
        _entry(device, name, missing, settled.get(device.id), names)
        for device, name, missing in found
        if missing.standing == "lost"
    ]
    return sorted(entries, key=lambda entry: (entry.settled >= entry.count, entry.name, entry.device_id))


def _entry(
    device: Device, name: str, missing: Unarrived, settled: UnarrivedSettled | None, names: dict[str, str]
) -> UnarrivedEntry:
    word: dict[str, int | str | None] = {
        "settled": 0,
        "settled_by_name": None,
        "settled_at": None,
        "settled_reason": None,
    }
    if settled is not None:
        word = {
            "settled": settled.count, "settled_by_name": names[settled.settled_by],
            "settled_at": rfc3339(settled.settled_at), "settled_reason": settled.reason,
        }  # fmt: skip
    return UnarrivedEntry.model_validate(
        {
            "device_id": device.id, "name": name, "label": device.label, "state": device.state,
            "forked": device.forked_at is not None, "count": missing.records, "seen_at": rfc3339(device.seen_at), **word,
        }
    )  # fmt: skip


def settle(
    session: Session, principal: Principal, device_id: str, count: int, reason: str, now: datetime, source: str
) -> None:
    """Somebody looked into what never arrived of a phone. Raises NotFound, or Conflict where it is another number by now."""
    phone = next((each for each in queries.phones(session, principal.program_id) if each.device.id == device_id), None)
    if phone is None:
        raise NotFound("There is no such phone here.")
    missing = unarrived(phone.device, phone.newest_at, now)
    if missing.standing != "lost" or missing.records != count:
        raise Conflict("It is another number by now. Look at the list again.")
    session.add(
        UnarrivedSettled(
            id=str(uuid7()), program_id=principal.program_id, device_id=device_id, count=count, reason=reason,
            settled_by=principal.user_id, settled_at=now,
        )
    )  # fmt: skip
    record(
        session, now, "unarrived.settle", actor_id=principal.user_id, program_id=principal.program_id, subject=device_id,
        source=source, device_id=principal.device_id, detail={"count": count},
    )  # fmt: skip
