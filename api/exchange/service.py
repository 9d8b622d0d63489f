"""Push and pull: a phone's own operations in, the views of its session out. What becomes of a batch is `batch`'s to say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
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
from api.exchange import batch
from api.exchange.failures import tried_again
from api.exchange.models import PROTOCOL, PullRequest, PushRequest
from api.exchange.queries import people
from api.exchange.receipts import Receipt
from api.operations import feed, projection, queries, service
from api.operations.feed import Slice
from api.problems import SignInNeeded, TooLarge
from api.tables.devices import Device
from sync import intake, sealing
from sync.intake import Incoming
from sync.operations import BATCH_LIMIT_BYTES

EARLIEST_PENDING = datetime(2000, 1, 1, tzinfo=UTC)
_AUDITING = ThreadPoolExecutor(4, thread_name_prefix="audit")

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
    items = [intake.take_in_item(item, keys, key) for item in request.operations]
    confine(EVERY)  # ids are unique over all programs: a push must learn that another program has taken one

    def transact(part: Sequence[Incoming]) -> dict[str, Any]:
        with database.write() as session:
            return _take(session, principal.device_id, part, request, now, source)

    return batch.whole_or_apart(transact, items)


def _take(
    session: Session, device_id: str, items: Sequence[Incoming], request: PushRequest, now: datetime, source: str
) -> dict[str, Any]:
    device = queries.lock_device(session, device_id)
    assert device is not None, "devices are never deleted"
    _note_contact(device, request, now)
    session.add(device)
    draft = service.begin(session)
    answers: list[Receipt] = []
    if items:
        verdicts, answers = batch.take(session, draft, device, items, now, lost=frozenset(request.lost))
        record(
            session, now, "sync.push", actor_id=device.user_id, program_id=device.program_id, subject=device_id,
            source=source, device_id=device_id, detail=Counter(verdict.status for verdict in verdicts),
        )  # fmt: skip
        _note_left(device, sum(verdict.status != "retry" for verdict in verdicts))
    return {
        "protocol": PROTOCOL,
        "epoch": draft.epoch,
        "server_time": rfc3339(now),
        "head": draft.head,
        "durable_position": draft.durable_position,
        "known": {device_id: device.known},
        "durable": {device_id: device.durable},
        "receipts": answers,
        "wipe": device.state != "active",
        "forked": device.forked_at is not None,
    }


def _note_contact(device: Device, request: PushRequest, now: datetime) -> None:
    device.pending = request.device.pending
    device.app_version = request.device.app
    device.seen_at = now
    device.oldest_pending_at = _instant(request.device.oldest_pending_at, now)
    device.written = max(device.written, request.device.written)


def _note_left(device: Device, stored: int) -> None:
    """The phone counted before it sent: what it is told of now waits no longer."""
    device.pending = max(0, device.pending - stored)
    if device.pending == 0:
        device.oldest_pending_at = None


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
) -> tuple[Slice, Device | None, dict[str, Any]]:
    """The feed's next slice for this session, the phone that asks if it is this person's, and the names of people in it.

    Which referrals it shows is in the audit before it leaves: while the disk is waited for, the items are unsealed. An empty
    slice writes nothing.
    """
    scope = projection.scope_for(principal.role, principal.user_id, principal.program_id, principal.agency_id)
    scopes = tuple(name for name in (scope, f"user:{principal.user_id}") if name is not None)
    telling: Future[None] | None = None
    with database.read() as session:
        found = feed.look(session, scopes, request.cursor, request.limit)
        asking = session.get(Device, request.device_id) if request.device_id else None
        device = asking if asking is not None and asking.user_id == principal.user_id else None
        if found.referrals:
            tell = partial(_audit_pull, database, principal, found.referrals, device.id if device else None, now, source)
            telling = _AUDITING.submit(copy_context().run, tell)
        named = _people(session, principal)
        part = found.unsealed(session)
    if telling is not None:
        telling.result()
    return part, device, named


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
