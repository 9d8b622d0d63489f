"""One batch, one transaction: open, look up, reconcile, page, store. And the answers to a pull.

The receipts are built inside the transaction and leave only after its commit. A batch that meets a fault of the server is
taken apart, so that one operation delays no other; what cannot be stored now is answered `retry` and stays on the phone.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session

from api.accounts.service import PROGRAM_STAFF
from api.audit.service import record
from api.auth.dependencies import DevicePrincipal
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.confinement import EVERY, confine
from api.database import Database
from api.exchange import receipts
from api.exchange.evaluation import evaluate_again
from api.exchange.failures import tried_again, unavailable
from api.exchange.models import PROTOCOL, PullRequest, PushRequest
from api.exchange.queries import people
from api.exchange.receipts import Receipt
from api.operations import feed, projection, queries, service
from api.operations.feed import Slice
from api.paging import service as paging
from api.problems import SignInNeeded, TooLarge, Unavailable
from api.tables.devices import Device
from sync import intake, ranges, reconcile, sealing
from sync.intake import Incoming
from sync.operations import BATCH_LIMIT_BYTES
from sync.reconcile import STORED, Sender, Verdict

SERVER_FAULT_RETRY_SECONDS = 60
EARLIEST_PENDING = datetime(2000, 1, 1, tzinfo=UTC)
log = logging.getLogger("handoff.exchange")

SealingKeys = Mapping[str, ec.EllipticCurvePrivateKey]


def push(
    database: Database, keys: SealingKeys, principal: DevicePrincipal, request: PushRequest, now: datetime,
    source: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Take in a batch; see PushAnswer. Raises TooLarge, or Unavailable when the database cannot be written now."""
    if sum(len(str(item.get("blob", ""))) for item in request.operations) > BATCH_LIMIT_BYTES:
        raise TooLarge(f"A batch has at most {BATCH_LIMIT_BYTES} bytes; send fewer operations at once.")
    with database.read() as session:
        public_key = queries.public_key(session, principal.device_id)
    if public_key is None:
        raise SignInNeeded("This phone is not enrolled. Sign in on it; what waits on it is kept.")
    key = sealing.public_key_from(public_key)
    batch = [intake.take_in_item(item, keys, key) for item in request.operations]
    confine(EVERY)  # ids are unique over all programs: a push must learn that another program has taken one
    try:
        return _transact(database, principal.device_id, batch, request, now, source)
    except Unavailable:
        raise
    except Exception:  # whatever one operation broke, the others of the batch must not wait for it
        log.exception("batch failed; taking it apart", extra={"device_id": principal.device_id})
    return _one_by_one(database, principal.device_id, batch, request, now, source)


def _one_by_one(
    database: Database, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime, source: str
) -> dict[str, Any]:
    """Each operation in its own transaction. If not even an empty one can be stored, nothing is said of any."""
    try:
        answer = _transact(database, device_id, [], request, now, source)
    except Unavailable:
        raise
    except Exception as error:
        raise unavailable() from error
    for incoming in batch:
        try:
            part = _transact(database, device_id, [incoming], request, now, source)
        except Unavailable:
            raise
        except Exception:  # a fault of ours: it stays on the phone, logged here, and the next one is taken
            log.exception("operation failed", extra={"op_id": incoming.sealed.op_id})
            verdict = Verdict(incoming, "retry", "server_fault", "The server has a fault with it; keep it.")
            refused = receipts.receipt(verdict, answer["epoch"]) | {"retry_after_s": SERVER_FAULT_RETRY_SECONDS}
            part = answer | {"receipts": [refused]}
        answer = part | {"receipts": answer["receipts"] + part["receipts"]}
    return answer


def _transact(
    database: Database, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime, source: str
) -> dict[str, Any]:
    """One transaction: the answer leaves it only after its commit."""

    def transact() -> dict[str, Any]:
        with database.write() as session:
            return _take(session, device_id, batch, request, now, source)

    return tried_again(transact)


def _take(
    session: Session, device_id: str, batch: Sequence[Incoming], request: PushRequest, now: datetime, source: str
) -> dict[str, Any]:
    device = queries.lock_device(session, device_id)
    assert device is not None, "devices are never deleted"
    draft = service.begin(session)
    answers: list[Receipt] = []
    if batch:
        sender = _sender(session, device, request)
        known = service.gather(session, sender, batch, draft)
        outcome = reconcile.reconcile(batch, known, now)
        service.lay_out(outcome, known, now, draft)
        named = [_under_sender(verdict, sender) for verdict in outcome.verdicts]
        paging.react(session, draft, named + outcome.adopted, now)
        evaluate_again(session, draft, device.program_id, outcome.verdicts + outcome.adopted, now)
        answers = [receipts.receipt(verdict, draft.epoch) for verdict in outcome.verdicts]
        device.known = ranges.add(device.known, _sequences(outcome.verdicts, device_id))
    _note_contact(device, request, now)
    session.add(device)
    if batch:
        service.store(session, draft, receipts.by_name(outcome.verdicts, answers), now)
        receipts.fill_duplicates(outcome.verdicts, answers)
        record(
            session, now, "sync.push", actor_id=device.user_id, program_id=device.program_id, subject=device_id,
            source=source, device_id=device_id, detail=Counter(verdict.status for verdict in outcome.verdicts),
        )  # fmt: skip
    return {
        "protocol": PROTOCOL,
        "epoch": draft.epoch,
        "server_time": rfc3339(now),
        "head": draft.head,
        "durable_position": draft.durable_position,
        "known": {device_id: device.known},
        "receipts": answers,
        "wipe": device.state != "active",
    }


def _sender(session: Session, device: Device, request: PushRequest) -> Sender:
    return Sender(
        device.id,
        device.user_id,
        device.program_id,
        device.state == "active",
        queries.user_active(session, device.user_id),
        queries.members(session, device.user_id, device.program_id),
        device.created_at,
        frozenset(request.lost),
    )


def _under_sender(verdict: Verdict, sender: Sender) -> Verdict:
    """What proved nothing is reported under who sent it: a header must not call another program's supervisors."""
    if verdict.claims_id or verdict.status not in STORED:
        return verdict
    header = verdict.incoming.sealed.model_copy(update={"device_id": sender.device_id, "program_id": sender.program_id})
    return replace(verdict, incoming=replace(verdict.incoming, sealed=header, operation=None))


def _sequences(verdicts: Sequence[Verdict], device_id: str) -> list[int]:
    stored = (verdict.incoming.sealed for verdict in verdicts if verdict.status != "retry")
    return [sealed.seq for sealed in stored if sealed.device_id == device_id and sealed.seq > 0]


def _note_contact(device: Device, request: PushRequest, now: datetime) -> None:
    device.pending = request.device.pending
    device.app_version = request.device.app
    device.seen_at = now
    device.oldest_pending_at = _instant(request.device.oldest_pending_at, now)


def _instant(text: str | None, now: datetime) -> datetime | None:
    """What the phone says of its oldest operation, if that can be true at all: its clock may be anywhere."""
    try:
        instant = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return (
        instant if instant is not None and instant.tzinfo is not None and EARLIEST_PENDING <= instant <= now else None
    )


def pull(
    database: Database, principal: Principal, request: PullRequest, now: datetime, source: str = ""
) -> tuple[Slice, dict[str, Any], dict[str, Any]]:
    """The feed's next slice for this session, what is known of the device, and the names of people in it.

    Which referrals it shows is in the audit before it leaves. An empty slice writes nothing.
    """
    scope = projection.scope_for(principal.role, principal.user_id, principal.program_id, principal.agency_id)
    scopes = tuple(name for name in (scope, f"user:{principal.user_id}") if name is not None)
    with database.read() as session:
        part = feed.read(session, scopes, request.cursor, request.limit)
        device = session.get(Device, request.device_id) if request.device_id else None
        known = {device.id: device.known} if device is not None and device.user_id == principal.user_id else {}
        named = _people(session, principal)
    if part.referrals:
        _audit_pull(database, principal, part.referrals, next(iter(known), None), now, source)
    return part, known, named


def _audit_pull(
    database: Database, principal: Principal, referrals: Sequence[str], device_id: str | None, now: datetime, source: str,
) -> None:  # fmt: skip
    """The ids are one text: a list of five hundred takes five times as long to write canonically."""

    def tell() -> None:
        with database.write() as session:
            record(
                session, now, "sync.pull", actor_id=principal.user_id, program_id=principal.program_id, source=source,
                subject=device_id or "", device_id=device_id, detail={"referrals": " ".join(referrals)},
            )  # fmt: skip

    tried_again(tell)


def _people(session: Session, principal: Principal) -> dict[str, Any]:
    """Names by user id: program staff for everybody; officers for program staff, prosecutors and the own agency's sergeant."""
    shown = {}
    for person in people(session, principal.program_id):
        mine = person.user_id == principal.user_id or person.role in PROGRAM_STAFF or principal.role in PROGRAM_STAFF
        charged = principal.role == "prosecutor" and person.role == "officer"  # whose arrest it is
        if mine or charged or (principal.role == "sergeant" and person.agency_id == principal.agency_id):
            shown[person.user_id] = {"name": person.name, "role": person.role}
    return shown
