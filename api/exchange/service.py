"""One batch, one transaction: open, look up, reconcile, page, store. And the answers to a pull.

The receipts are built inside the transaction and leave only after its commit. A batch that meets a fault of the server is
taken apart, so that one operation delays no other; what cannot be stored now is answered `retry` and stays on the phone.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from api.auth.dependencies import DevicePrincipal
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.database import Database
from api.exchange.models import PROTOCOL, PullRequest, PushRequest
from api.operations import feed, projection, queries, service
from api.operations.feed import Slice
from api.paging import service as paging
from api.problems import SignInNeeded, TooLarge, Unavailable
from api.tables.devices import Device
from api.tables.people import Membership, User
from sync import intake, ranges, reconcile, sealing
from sync.intake import Incoming
from sync.operations import BATCH_LIMIT_BYTES
from sync.reconcile import Sender, Verdict

ATTEMPTS = 3
RETRY_AFTER_SECONDS = 5
SERVER_FAULT_RETRY_SECONDS = 60
log = logging.getLogger("handoff.exchange")

SealingKeys = Mapping[str, ec.EllipticCurvePrivateKey]


def push(
    database: Database, keys: SealingKeys, principal: DevicePrincipal, request: PushRequest, now: datetime
) -> dict[str, Any]:
    """Take in a batch; see PushAnswer. Raises TooLarge, or Unavailable when the database cannot be written now."""
    if sum(len(str(item.get("blob", ""))) for item in request.operations) > BATCH_LIMIT_BYTES:
        raise TooLarge(f"A batch has at most {BATCH_LIMIT_BYTES} bytes; send fewer operations at once.")
    with database.read() as session:
        device = session.get(Device, principal.device_id)
    if device is None:
        raise SignInNeeded("This phone is not enrolled. Sign in on it; what waits on it is kept.")
    key = sealing.public_key_from(device.public_key)
    batch = [intake.take_in_item(item, keys, key) for item in request.operations]
    try:
        return _transact(database, principal.device_id, batch, request, now)
    except Unavailable:
        raise
    except Exception:
        log.exception("batch failed; taking it apart", extra={"device_id": principal.device_id})
        if not batch:
            raise
    return _one_by_one(database, principal.device_id, batch, request, now)


def _one_by_one(
    database: Database, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime
) -> dict[str, Any]:
    answer = _transact(database, device_id, [], request, now)
    for incoming in batch:
        try:
            part = _transact(database, device_id, [incoming], request, now)
        except Unavailable:
            raise
        except Exception:
            log.exception("operation failed", extra={"op_id": incoming.sealed.op_id})
            verdict = Verdict(incoming, "retry", "server_fault", "The server has a fault with it; keep it.")
            receipt = _receipt(verdict, answer["epoch"]) | {"retry_after_s": SERVER_FAULT_RETRY_SECONDS}
            part = answer | {"receipts": [receipt]}
        answer = part | {"receipts": answer["receipts"] + part["receipts"]}
    return answer


def _transact(
    database: Database, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime
) -> dict[str, Any]:
    for attempt in range(ATTEMPTS):
        try:
            with database.write() as session:
                return _take(session, device_id, batch, request, now)
        except DBAPIError as error:
            log.warning("transaction failed", extra={"attempt": attempt, "kind": type(error.orig).__name__})
            last = error
    raise Unavailable("Nothing was stored; keep it and try again.", retry_after_seconds=RETRY_AFTER_SECONDS) from last


def _take(
    session: Session, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime
) -> dict[str, Any]:
    device = queries.lock_device(session, device_id)
    assert device is not None, "devices are never deleted"
    draft = service.Draft(epoch=queries.head(session).epoch)
    sender = Sender(
        device.id,
        device.user_id,
        device.program_id,
        device.state == "active",
        queries.user_active(session, device.user_id),
        queries.members(session, device.user_id, device.program_id),
        device.seen_at,
        frozenset(request.lost),
    )
    receipts: list[dict[str, Any]] = []
    if batch:
        known = service.gather(session, sender, batch, draft)
        outcome = reconcile.reconcile(batch, known, now)
        service.lay_out(outcome, known, now, draft)
        paging.react(session, draft, outcome.verdicts, now)
        receipts = [_receipt(verdict, draft.epoch) for verdict in outcome.verdicts]
        service.store(session, draft, _by_name(outcome.verdicts, receipts), now)
        _fill_duplicates(receipts)
        device.known = ranges.add(device.known, _sequences(outcome.verdicts, device_id))
    _note_contact(device, request, now)
    session.add(device)
    session.flush()
    head = queries.head(session)
    session.refresh(head)
    return {
        "protocol": PROTOCOL,
        "epoch": head.epoch,
        "server_time": rfc3339(now),
        "head": head.position,
        "durable_position": head.durable_position,
        "known": {device_id: device.known},
        "receipts": receipts,
        "wipe": device.state != "active",
    }


def _receipt(verdict: Verdict, epoch: str) -> dict[str, Any]:
    operation = verdict.incoming.operation
    return {
        "op_id": verdict.incoming.sealed.op_id,
        "digest": operation.digest if operation else verdict.incoming.digest,
        "epoch": epoch,
        "status": verdict.status,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "position": None,
        "number": None,
        "conflicts": verdict.conflicts,
        "first": dict(verdict.first) if verdict.first is not None else None,
        "state": verdict.present,
        "retry_after_s": None,
    }


def _by_name(verdicts: Sequence[Verdict], receipts: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The receipts to remember, under the op_id where it was claimed and under the blob's hash elsewhere."""
    named = {}
    for verdict, receipt in zip(verdicts, receipts, strict=True):
        if verdict.status not in ("duplicate", "retry"):
            name = verdict.incoming.sealed.op_id if verdict.claims_id else verdict.incoming.blob_hash
            named[name] = receipt
    return named


def _fill_duplicates(receipts: Sequence[dict[str, Any]]) -> None:
    """An operation sent twice in one batch: the second answer repeats the first, now that it is known."""
    stored = {receipt["op_id"]: receipt for receipt in receipts if receipt["status"] != "duplicate"}
    for receipt in receipts:
        if receipt["status"] == "duplicate":
            first = receipt["first"] or dict(stored.get(receipt["op_id"], {}))
            receipt |= {"first": first, "position": first.get("position"), "number": first.get("number")}


def _sequences(verdicts: Sequence[Verdict], device_id: str) -> list[int]:
    stored = (verdict.incoming.sealed for verdict in verdicts if verdict.status != "retry")
    return [sealed.seq for sealed in stored if sealed.device_id == device_id]


def _note_contact(device: Device, request: PushRequest, now: datetime) -> None:
    device.pending = request.device.pending
    device.app_version = request.device.app
    device.seen_at = now
    oldest = request.device.oldest_pending_at
    try:
        instant = datetime.fromisoformat(oldest) if oldest else None
    except ValueError:
        instant = None
    device.oldest_pending_at = instant if instant is not None and instant.tzinfo is not None else None


def pull(
    database: Database, principal: Principal, request: PullRequest
) -> tuple[Slice, dict[str, Any], dict[str, Any]]:
    """The feed's next slice for this session, what is known of the device, and the names of people in it."""
    scope = projection.scope_for(principal.role, principal.user_id, principal.program_id, principal.agency_id)
    scopes = tuple(name for name in (scope, f"user:{principal.user_id}") if name is not None)
    with database.read() as session:
        part = feed.read(session, scopes, request.cursor, request.limit)
        device = session.get(Device, request.device_id) if request.device_id else None
        known = {device.id: device.known} if device is not None and device.user_id == principal.user_id else {}
        return part, known, _people(session, principal)


STAFF = ("coordinator", "case_manager", "supervisor")


def _people(session: Session, principal: Principal) -> dict[str, Any]:
    """Names by user id: program staff for everybody; the program's officers for program staff; a sergeant's own agency's."""
    statement = (
        select(col(User.id), col(User.name), col(Membership.role), col(Membership.agency_id))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.program_id) == principal.program_id, col(Membership.role) != "administrator")
    )
    people = {}
    for user_id, name, role, agency_id in session.execute(statement):
        mine = user_id == principal.user_id or role in STAFF or principal.role in STAFF
        if mine or (principal.role == "sergeant" and agency_id == principal.agency_id):
            people[user_id] = {"name": name, "role": role}
    return people
