"""A supervisor's word on held and rejected operations: adopted or dismissed, each with a reason, for good.

Adopting vouches for one thing alone, which a machine could not know: that the phone, the account, the role or the missing
signature is in order (`MENDED_BY_A_PERSON`). Every other rule is asked as if the operation arrived now, under its author's
name and the role they had; what a rule refuses is the author's to correct. It pages as a fresh submission would.

Locks are taken in the one order (referrals, what is decided, page, counter), so that of two supervisors the second finds it
decided, and what arrives meanwhile finds it either waiting or counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session

from api.audit.service import record
from api.auth.sessions import Principal
from api.confinement import EVERY, confine
from api.database import Database
from api.exchange.evaluation import evaluate_again
from api.exchange.failures import tried_again
from api.operations import adoption, service
from api.operations import queries as operations
from api.operations.adoption import ADOPTED, DISMISSED
from api.operations.draft import Draft
from api.operations.undecided import UNDECIDED
from api.paging import service as paging
from api.problems import Conflict, NotFound
from api.quarantine import queries
from api.tables.devices import Device
from api.tables.quarantine import QuarantineDecision
from api.tables.records import OperationHeader, Quarantine
from sync import intake, reconcile, sealing
from sync.known import Member, Sender, Waiting
from sync.operations import SealedOperation
from sync.reconcile import APPLIED, EXPUNGED, MENDED_BY_A_PERSON, Outcome, Verdict
from sync.times import estimated, timing

SealingKeys = Mapping[str, ec.EllipticCurvePrivateKey]

DECIDED = "Somebody has decided this already. Look at the list again."
NOT_MENDED = "Nobody's word mends this: its author has to correct it, or what it waits for has to arrive."
NOT_OPENED = "This cannot be opened, or not as what its phone wrote. Dismiss it, or export it as it came."
EARLIER_FIRST = "The same phone wrote something earlier about this referral. Decide that first, or both together."
NO_ROLE_EVER = "Its author never had a role in this program. Dismiss it."
TAKEN = "Another operation has its id. Dismiss it."
NEWER = "It is newer than this server. Update the server first."
ONE_PHONE = "Decide what one phone wrote at a time."
ENDED = frozenset({"handed_off", "closed"})


class Act(NamedTuple):
    """Who decides, why, when and from where."""

    by: Principal
    reason: str
    now: datetime
    source: str


def adopt(database: Database, keys: SealingKeys, item_ids: Sequence[str], act: Act) -> list[Verdict]:
    """Adopt operations of one phone, in its order; what became of each. NotFound or Conflict: nothing was done."""
    confine(EVERY)  # as for a push: ids are unique over all programs. Every query here names the program itself.

    def transact() -> list[Verdict]:
        with database.write() as session:
            return _adopt(session, keys, list(dict.fromkeys(item_ids)), act)

    return tried_again(transact)


def _adopt(session: Session, keys: SealingKeys, item_ids: Sequence[str], act: Act) -> list[Verdict]:
    program_id = act.by.program_id
    headers, kept = _found(queries.find(session, program_id, item_ids), item_ids)
    _require_mendable([*headers, *kept])
    device = _one_phone(session, headers, kept, program_id)
    stored = _opened(session, keys, headers, kept, device)
    batch = [one.incoming for one in stored]
    draft = service.begin(session)
    known = service.gather(session, _sender(session, device), batch, draft)
    headers, kept = _found(queries.locked(session, program_id, item_ids), item_ids)
    _require_mendable([*headers, *kept])
    _require_in_turn(session, device, stored, headers)
    if any(row.op_id in known.operations for row in kept):
        raise Conflict(TAKEN)
    outcome = reconcile.adopt(stored, known, act.now)
    if any(verdict.status == "retry" for verdict in outcome.verdicts):
        raise Conflict(NEWER)
    adoption.lay_out(outcome, known, draft, act.reason, act.by.user_id, act.now)
    paging.react(session, draft, _calling(outcome, draft), act.now)
    evaluate_again(session, draft, program_id, outcome.verdicts + outcome.adopted, act.now)
    _note(session, [*headers, *kept], ADOPTED, {device.id: device.user_id}, act)
    done = [verdict.incoming.sealed.op_id for verdict in outcome.verdicts if verdict.status in APPLIED]
    _close_attention(session, program_id, device.id, done, act)
    positions = service.store(session, draft, {}, act.now)
    _answer_for(kept, outcome, positions)
    session.add_all(kept)
    return outcome.verdicts


def _found(
    found: tuple[list[OperationHeader], list[Quarantine]], item_ids: Sequence[str]
) -> tuple[list[OperationHeader], list[Quarantine]]:
    headers, kept = found
    if len(headers) + len(kept) != len(item_ids):
        raise NotFound("There is no such operation here.")
    rows: list[OperationHeader | Quarantine] = [*headers, *kept]
    for row in rows:
        if row.state not in UNDECIDED or row.reason == EXPUNGED.reason:
            raise Conflict(DECIDED)
    return headers, kept


def _require_mendable(rows: Iterable[OperationHeader | Quarantine]) -> None:
    for row in rows:
        if row.state != "held" or row.reason not in MENDED_BY_A_PERSON:
            raise Conflict(NOT_MENDED if isinstance(row, OperationHeader) else NOT_OPENED)


def _one_phone(
    session: Session, headers: Sequence[OperationHeader], kept: Sequence[Quarantine], program_id: str
) -> Device:
    """The phone they came from: of what is unsigned, the one under whose name it came."""
    ids = {row.device_id for row in headers} | {row.sent_by for row in kept}
    device = queries.devices(session, program_id, ids).get(next(iter(ids)))
    if len(ids) > 1:
        raise Conflict(ONE_PHONE)
    if device is None:
        raise Conflict(NOT_OPENED)
    return device


def _opened(
    session: Session, keys: SealingKeys, headers: Sequence[OperationHeader], kept: Sequence[Quarantine], device: Device
) -> list[Waiting]:
    """As they are decided again, in the order in which the phone wrote them."""
    roles = operations.members(session, device.user_id, device.program_id)
    bodies = operations.bodies(session, [row.op_id for row in headers])
    told = service.timings(session, headers)
    stored = []
    for row in headers:
        if row.op_id not in bodies:
            raise Conflict(DECIDED)
        member = _member(roles, row.role, row.made_at, row.clock_off_ms, device.created_at, row.received_at)
        stored.append(service.reopened(row, bodies[row.op_id], member, told[row.op_id]))
    stored += [_unsealed(row, keys, roles, device) for row in kept]
    return sorted(stored, key=_number)


def _number(one: Waiting) -> int:
    assert one.incoming.operation is not None
    return one.incoming.operation.seq


def _unsealed(row: Quarantine, keys: SealingKeys, roles: Sequence[Member], device: Device) -> Waiting:
    """What was written without its phone's key, if its content says the same as whoever sent it."""
    names = ("op_id", "device_id", "seq", "program_id", "key_id", "blob")
    sealed = SealedOperation.model_validate({name: getattr(row, name) for name in names})
    incoming = intake.take_in(sealed, keys, sealing.public_key_from(device.public_key))
    operation = incoming.operation
    if operation is None or incoming.fault is None or incoming.fault.reason != "unsigned":
        raise Conflict(NOT_OPENED)
    if (operation.device_id, operation.user_id, operation.program_id) != (device.id, device.user_id, device.program_id):
        raise Conflict(NOT_OPENED)
    member = _member(roles, "", operation.made_at, operation.clock_off_ms, device.created_at, row.received_at)
    told = timing(operation.made_at, operation.clock_off_ms, device.created_at, row.received_at)
    return Waiting(replace(incoming, fault=None), member, told, received_at=row.received_at)


def _member(
    roles: Sequence[Member], role: str, made_at: str, clock_off_ms: int | None, enrolled_at: datetime, received_at: datetime
) -> Member:  # fmt: skip
    """The role that counts: the one found when it arrived, else that of then, else the last one before, else the first."""
    if not roles:
        raise Conflict(NO_ROLE_EVER)
    moment = estimated(made_at, clock_off_ms, enrolled_at, received_at)
    known = [one for one in roles if role in ("", one.role)] or list(roles)
    return next((one for one in known if one.from_at <= moment), known[-1])


def _sender(session: Session, device: Device) -> Sender:
    """Whoever sent it passes: that is what the supervisor's word says."""
    roles = operations.members(session, device.user_id, device.program_id)
    return Sender(device.id, device.user_id, device.program_id, True, True, roles, device.created_at)


def _require_in_turn(
    session: Session, device: Device, stored: Sequence[Waiting], headers: Sequence[OperationHeader]
) -> None:
    """A phone's later word says that its earlier one was seen: that must not be decided after it."""
    last: dict[str, int] = {}
    for one in stored:
        assert one.incoming.operation is not None
        last[one.incoming.operation.referral_id] = one.incoming.operation.seq
    ids = [row.op_id for row in headers]
    for referral_id, seq in queries.earlier_undecided(session, device.id, list(last), MENDED_BY_A_PERSON, ids):
        if seq < last[referral_id]:
            raise Conflict(EARLIER_FIRST)


def _calling(outcome: Outcome, draft: Draft) -> list[Verdict]:
    """What pages. Nobody is called for a referral that has ended meanwhile, and no supervisor for what one has just decided."""
    verdicts = [verdict for verdict in outcome.verdicts if verdict.status in APPLIED] + outcome.adopted
    return [verdict for verdict in verdicts if not _ended(verdict, draft)]


def _ended(verdict: Verdict, draft: Draft) -> bool:
    operation = verdict.incoming.operation
    assert operation is not None
    if operation.kind != "referral.alert":
        return False
    status = draft.touched[operation.referral_id].state["registers"].get("status")
    return status is not None and status["value"] in ENDED


def dismiss(database: Database, item_ids: Sequence[str], act: Act) -> None:
    """Set operations aside; they are kept for ever. Raises NotFound or Conflict, and then nothing was done."""

    def transact() -> None:
        with database.write() as session:
            _dismiss(session, list(dict.fromkeys(item_ids)), act)

    tried_again(transact)


def _dismiss(session: Session, item_ids: Sequence[str], act: Act) -> None:
    program_id = act.by.program_id
    draft = service.begin(session)
    headers, kept = _found(queries.locked(session, program_id, item_ids), item_ids)
    senders = queries.devices(session, program_id, {row.sent_by for row in kept})
    for row in headers:
        row.state = DISMISSED
        _tell(draft, row.user_id, row.op_id, row.referral_id, row.reason, act)
    for each in kept:
        each.state, each.receipt = DISMISSED, each.receipt | {"status": DISMISSED}
        if each.sent_by in senders:
            _tell(draft, senders[each.sent_by].user_id, each.op_id, each.referral_id, each.reason, act)
    session.add_all([*headers, *kept])
    _note(session, [*headers, *kept], DISMISSED, {phone.id: phone.user_id for phone in senders.values()}, act)
    done = [row.op_id for row in headers] + [row.op_id for row in kept]
    for device_id in sorted({row.device_id for row in headers} | {row.sent_by for row in kept}):
        _close_attention(session, program_id, device_id, done, act)
    service.store(session, draft, {}, act.now)


def _tell(draft: Draft, user_id: str, op_id: str, referral_id: str, reason: str | None, act: Act) -> None:
    answer = {"status": DISMISSED, "reason": reason, "detail": act.reason}
    adoption.tell(draft, act.by.program_id, user_id, op_id, referral_id, answer, act.by.user_id)


def _note(
    session: Session, rows: Iterable[OperationHeader | Quarantine], decision: str, owners: Mapping[str, str], act: Act
) -> None:
    """One line each for people, and one in the audit: ids alone, the reason is sealed. `owners`: whose each phone is."""
    verb = "quarantine.adopt" if decision == ADOPTED else "quarantine.dismiss"
    for row in rows:
        author_id = row.user_id if isinstance(row, OperationHeader) else owners.get(row.sent_by, "")
        session.add(
            QuarantineDecision(
                item_id=row.op_id if isinstance(row, OperationHeader) else row.blob_hash, program_id=act.by.program_id,
                op_id=row.op_id, author_id=author_id, decision=decision, because=row.reason or "", reason=act.reason,
                decided_by=act.by.user_id, decided_at=act.now,
            )
        )  # fmt: skip
        record(
            session, act.now, verb, actor_id=act.by.user_id, program_id=act.by.program_id, subject=row.op_id,
            source=act.source, device_id=act.by.device_id, detail={"author": author_id, "because": row.reason or ""},
        )  # fmt: skip


def _answer_for(kept: Sequence[Quarantine], outcome: Outcome, positions: Mapping[str, int]) -> None:
    """What the phone hears of the unsigned copy, should it send it once more."""
    status = {
        verdict.incoming.sealed.op_id: ADOPTED if verdict.status in APPLIED else verdict.status
        for verdict in outcome.verdicts
    }
    for row in kept:
        row.state = ADOPTED
        row.receipt = row.receipt | {"status": status[row.op_id], "position": positions[row.op_id]}


def _close_attention(session: Session, program_id: str, device_id: str, done: Sequence[str], act: Act) -> None:
    """Supervisors were called because of this phone; once all but what is `done` here is decided, nobody needs to answer."""
    session.flush()
    if not queries.waits_for_somebody(session, program_id, device_id, done):
        paging.attended(session, device_id, act.by.user_id, act.now)
