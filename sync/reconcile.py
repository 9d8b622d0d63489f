"""A batch of operations against what is known: receipts, new states and effects. Data in, data out.

This decides what becomes of each operation, in order, by one of the answers of `reasons`. Opening and verifying come
before it (`intake`), the rules of admission stand in `admission`, storing and paging come after. Nothing here raises for
bad input: each operation gets its own answer, and one bad operation delays no other referral.

What waits for its referral, a consent, an approval or an alert (`WAITS`) is held, and applied by itself as soon as that
arrives: phones send again after a restore in any order. Its place in the fold is then the place of what it waited for;
`refolding` does the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sync import admission, fold, losing
from sync.admission import Refusal
from sync.fields import Group, Role
from sync.intake import Incoming
from sync.known import Known, KnownOperation, KnownReferral, Member, Rights, Sender, Waiting
from sync.losing import Told
from sync.operations import Operation
from sync.out_of_turn import told_apart
from sync.payloads import groups_of
from sync.reasons import APPLIED, AWAITED_KINDS, EXPUNGED, MENDED_BY_A_PERSON, REASONS, STORED, WAITS, Status
from sync.records import commit
from sync.times import Timing, timing
from sync.views import unseen

__all__ = [
    "APPLIED", "AWAITED_KINDS", "EXPUNGED", "MENDED_BY_A_PERSON", "REASONS", "STORED", "WAITS", "Known", "KnownOperation",
    "KnownReferral", "Member", "Outcome", "Rights", "Sender", "Status", "Verdict", "Waiting", "adopt", "reconcile",
]  # fmt: skip


@dataclass
class Verdict:
    """What became of one operation.

    `claims_id` is False for what is kept under its blob's hash, or not at all. Of a duplicate, `first` is the stored first
    receipt and `present` the state now, or `repeats` the place in this batch of what it repeats. `won` is False for an
    acknowledgement that came too late to hold the referral. `timing` is what the fold is told of its times.
    `late` and `forked_from`: see `out_of_turn`.
    """

    incoming: Incoming
    status: Status
    reason: str | None = None
    detail: str | None = None
    role: Role | None = None
    groups: frozenset[Group] = frozenset()
    conflicts: list[str] = field(default_factory=list)
    claims_id: bool = True
    first: Mapping[str, Any] | None = None
    present: str | None = None
    repeats: int | None = None
    won: bool = True
    timing: Timing | None = None
    told: dict[str, Told] = field(default_factory=dict)
    """Whom it must be told what gave way by it, by user id."""
    late: bool = False
    forked_from: int | None = None
    received_at: datetime | None = None
    """When it came, if that was not now."""


@dataclass
class Outcome:
    """The verdicts in the batch's order, those on stored operations that no longer wait, and the referrals touched."""

    verdicts: list[Verdict] = field(default_factory=list)
    adopted: list[Verdict] = field(default_factory=list)
    touched: dict[str, KnownReferral] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)


@dataclass
class _Run:
    """One batch being decided. `waiting` holds, per referral, what may be applied later, with the verdict to change."""

    known: Known
    now: datetime
    outcome: Outcome = field(default_factory=Outcome)
    by_id: dict[str, int] = field(default_factory=dict)
    by_hash: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, list[tuple[Verdict, Member]]] = field(default_factory=dict)


def reconcile(batch: Sequence[Incoming], known: Known, now: datetime) -> Outcome:
    """Decide every operation of the batch in its order; `known` is brought forward as it goes."""
    run = _begin(known, now)
    for incoming in batch:
        _note(run, _decide(run, incoming))
    return run.outcome


def adopt(stored: Sequence[Waiting], known: Known, now: datetime) -> Outcome:
    """Decide stored operations for which a person vouches, in their order, as if they arrived now.

    That person's word stands for what was missing (`MENDED_BY_A_PERSON`). Every other rule is asked, so an operation may be
    rejected now, or wait for its referral or a consent. `retry`: newer than this server, and nothing is decided.
    """
    run = _begin(known, now)
    for one in stored:
        verdict = _vouched(run, one)
        refusal = None if verdict.reason is not None else _stands_against(run, verdict, one.member)
        if refusal is not None:
            verdict.status, verdict.reason, verdict.detail = refusal
            _wait_if_it_can(run, verdict, one.member)
        elif verdict.reason is None:
            _apply_in_turn(run, verdict)
        _note(run, verdict)
    return run.outcome


def _vouched(run: _Run, stored: Waiting) -> Verdict:
    operation = stored.incoming.operation
    assert operation is not None, "what cannot be opened cannot be adopted"
    refusal = EXPUNGED if operation.referral_id in run.known.expunged else admission.form(operation)
    if refusal is not None:
        return Verdict(stored.incoming, *refusal, stored.member.role)
    return replace(_reopened(stored), late=True)


def _begin(known: Known, now: datetime) -> _Run:
    run = _Run(known, now)
    for referral_id, stored in known.waiting.items():
        run.waiting[referral_id] = [(_reopened(one), one.member) for one in stored]
    return run


def _note(run: _Run, verdict: Verdict) -> None:
    """The next verdict of the batch, and what need wait no longer because of it."""
    run.outcome.verdicts.append(verdict)
    _remember(run, verdict, len(run.outcome.verdicts) - 1)
    operation = verdict.incoming.operation
    if operation is not None and verdict.status in APPLIED and operation.kind in AWAITED_KINDS:
        _release(run, operation.referral_id)


def _reopened(stored: Waiting) -> Verdict:
    operation = stored.incoming.operation
    assert operation is not None, "what waits was opened once"
    groups = groups_of(operation.kind, operation.payload)
    return Verdict(
        stored.incoming, "held", role=stored.member.role, groups=groups, timing=stored.timing, late=stored.late,
        forked_from=stored.forked_from, received_at=stored.received_at,
    )  # fmt: skip


def _remember(run: _Run, verdict: Verdict, place: int) -> None:
    if verdict.status not in STORED:
        return
    incoming = verdict.incoming
    if verdict.claims_id:
        run.by_id[incoming.sealed.op_id] = place
        operation = incoming.operation
        assert operation is not None, "only what was opened claims its id"
        run.known.operations[operation.op_id] = KnownOperation(operation.digest, verdict.status, {})
    else:
        run.by_hash[incoming.blob_hash] = place
        run.known.arrived.add(incoming.sealed.op_id)


def _decide(run: _Run, incoming: Incoming) -> Verdict:
    fault, known = incoming.fault, run.known
    if fault is not None:
        if fault.status == "retry":
            return Verdict(incoming, "retry", fault.reason, fault.detail, claims_id=False)
        return _quarantine(run, incoming, Refusal(fault.status, fault.reason, fault.detail))
    operation = incoming.operation
    assert operation is not None, "an incoming operation without a fault is open"
    earlier = known.operations.get(operation.op_id)
    if earlier is not None:
        if earlier.digest != operation.digest:
            return _quarantine(
                run, incoming, Refusal("rejected", "op_id_reuse", "Another operation has this id. Both are kept.")
            )
        place = run.by_id.get(operation.op_id)
        first = None if place is not None else earlier.receipt
        return Verdict(incoming, "duplicate", first=first, present=earlier.state, repeats=place, claims_id=False)
    if operation.device_id == known.epoch:
        return _quarantine(
            run, incoming, Refusal("rejected", "reserved_device", "Only the server writes as this device.")
        )
    by = known.sender
    if (operation.device_id, operation.user_id, operation.program_id) != (by.device_id, by.user_id, by.program_id):
        refusal = Refusal("rejected", "not_this_device", "It was made for another device, user or program.")
        return _quarantine(run, incoming, refusal)
    return _judge(run, incoming)


def _quarantine(run: _Run, incoming: Incoming, refusal: Refusal) -> Verdict:
    """Kept under the blob's hash: whatever did not prove to be this device's own may not claim an id."""
    if incoming.referral_named in run.known.expunged:
        refusal = EXPUNGED
    place = run.by_hash.get(incoming.blob_hash)
    first = run.known.quarantined.get(incoming.blob_hash)
    if place is not None or first is not None:
        present = refusal.status if first is None else str(first.get("status"))
        return Verdict(incoming, "duplicate", first=first, present=present, repeats=place, claims_id=False)
    return Verdict(incoming, refusal.status, refusal.reason, refusal.detail, claims_id=False)


def _judge(run: _Run, incoming: Incoming) -> Verdict:
    """An operation of this device's own, seen for the first time."""
    operation, known = incoming.operation, run.known
    assert operation is not None
    if operation.referral_id in known.expunged:
        return Verdict(incoming, *EXPUNGED)
    member = admission.role_when_made(known.sender, operation, run.now)
    role = None if member is None else member.role
    refusal = admission.form(operation)
    if refusal is None and operation.kind != "consent.withdraw":
        refusal = admission.sender(operation, known)
    if refusal is None and member is None:
        refusal = admission.NO_ROLE
    if refusal is not None and refusal.status == "retry":
        return Verdict(incoming, *refusal, role, claims_id=False)
    forked_from = _fork(known, operation)
    if refusal is not None:
        return Verdict(incoming, *refusal, role, forked_from=forked_from)
    assert member is not None
    told = timing(operation.made_at, operation.clock_off_ms, known.sender.enrolled_at, run.now)
    groups = groups_of(operation.kind, operation.payload)
    verdict = Verdict(incoming, "held", role=role, groups=groups, timing=told, forked_from=forked_from)
    refusal = _stands_against(run, verdict, member)
    if refusal is None:
        _apply_in_turn(run, verdict)
    else:
        verdict.status, verdict.reason, verdict.detail = refusal
        _wait_if_it_can(run, verdict, member)
    return verdict


def _fork(known: Known, operation: Operation) -> int | None:
    """From which number on two profiles write under this device's id, where this operation is one of those; else None."""
    if known.numbers.setdefault(operation.seq, operation.op_id) != operation.op_id:
        known.forked_from = min(known.forked_from or operation.seq, operation.seq)
    forked_from = known.forked_from
    return forked_from if forked_from is not None and operation.seq >= forked_from else None


def _wait_if_it_can(run: _Run, verdict: Verdict, member: Member) -> None:
    operation = verdict.incoming.operation
    assert operation is not None
    if verdict.reason in WAITS:
        run.waiting.setdefault(operation.referral_id, []).append((verdict, member))


def _apply_in_turn(run: _Run, verdict: Verdict) -> None:
    """As `_apply`, with a word where an earlier step is missing."""
    operation = verdict.incoming.operation
    assert operation is not None
    _apply(run, verdict)
    if admission.misses_previous(operation, run.known) and operation.kind != "consent.withdraw":
        verdict.reason = "missing_prev"
        verdict.detail = "An earlier step is lost on the phone; applied without it."


def _stands_against(run: _Run, verdict: Verdict, member: Member) -> Refusal | None:
    operation = verdict.incoming.operation
    assert operation is not None
    refusal = admission.rights(operation, member, verdict.groups, run.known)
    if refusal is not None or operation.kind == "referral.create":
        return refusal
    referral = run.known.referrals[operation.referral_id]
    cited = (verdict.groups, operation.saw, referral.pathway)
    if not admission.lacks_consent(*cited, referral.state):
        return None
    if admission.lacks_consent(*cited, admission.together(run.known, operation.referral_id, member.role)):
        return admission.CONSENT_MISSING
    return None


def _apply(run: _Run, verdict: Verdict) -> None:
    """Fold the operation in; the verdict becomes `applied` or `merged`."""
    incoming, known = verdict.incoming, run.known
    operation = incoming.operation
    assert operation is not None
    assert incoming.envelope is not None
    assert verdict.role is not None
    referral = known.referrals.get(operation.referral_id)
    if referral is None:
        payload, state = operation.payload, fold.empty(operation.referral_id, operation.program_id)
        referral = KnownReferral(
            operation.program_id, payload["agency_id"], operation.user_id, payload["pathway"], state
        )
        known.referrals[operation.referral_id] = referral
        run.outcome.created.add(operation.referral_id)
    run.outcome.touched[operation.referral_id] = referral
    envelope = told_apart(incoming.envelope, referral.state, verdict.forked_from, late=verdict.late)
    blind = unseen(referral.state, envelope["base"], known.rights.shown(verdict.role, referral.state))
    committed, before = commit(envelope, verdict.role, blind, verdict.timing), losing.before(referral.state)
    verdict.conflicts = fold.apply(referral.state, committed)
    verdict.told = losing.told(before, referral.state, committed, verdict.conflicts)
    verdict.status, verdict.reason, verdict.detail = "merged" if verdict.conflicts else "applied", None, None
    if operation.kind == "page.acknowledge":
        holder = referral.state["registers"].get("holder")
        verdict.won = holder is not None and holder["op"] == operation.op_id


def _release(run: _Run, referral_id: str) -> None:
    """Apply what waited on this referral and need wait no longer: always the first that can be, until none can."""
    waiting = run.waiting.get(referral_id, [])
    while entry := next((entry for entry in waiting if _stands_against(run, *entry) is None), None):
        waiting.remove(entry)
        verdict, _ = entry
        _apply(run, verdict)
        operation = verdict.incoming.operation
        assert operation is not None
        if operation.op_id in run.by_id:
            run.known.operations[operation.op_id] = KnownOperation(operation.digest, verdict.status, {})
        else:
            run.outcome.adopted.append(verdict)
