"""A batch of operations against what is known: receipts, new states and effects. Data in, data out.

This decides what becomes of each operation, in order, and documents every answer (`REASONS`). Opening and verifying come
before it (`intake`), the rules of admission stand in `admission`, storing and paging come after. Nothing here raises for
bad input: each operation gets its own answer, and one bad operation delays no other referral.

What waits for its referral, a consent, an approval or an alert (`WAITS`) is held, and applied by itself as soon as that
arrives: phones send again after a restore in any order. Its place in the fold is then the place of what it waited for;
`refold` does the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sync import admission, fold
from sync.admission import Refusal
from sync.fields import Group, Role
from sync.intake import Incoming
from sync.known import Known, KnownOperation, KnownReferral, Member, Rights, Sender, Waiting
from sync.payloads import groups_of
from sync.records import Committed, State, commit
from sync.views import unseen

__all__ = [
    "REASONS", "WAITS", "Known", "KnownOperation", "KnownReferral", "Member", "Outcome", "Rights", "Sender", "Status",
    "Verdict", "Waiting", "reconcile", "refold",
]  # fmt: skip

Status = Literal["applied", "merged", "duplicate", "held", "rejected", "retry"]

REASONS: dict[str, str] = {
    "unknown_key": "retry: sealed to a key this server does not hold",
    "newer_version": "retry: the envelope is of a newer version than the server",
    "newer_kind": "retry: the kind is newer than the server",
    "missing_prev": "retry: an earlier operation of this device on this referral has not arrived (applied and flagged if lost)",
    "cannot_open": "rejected: damaged, or sealed with another header",
    "not_json": "rejected: the content is not JSON",
    "not_canonical": "rejected: the content is not canonical JSON, or holds a float, a lone surrogate or a huge number",
    "envelope": "rejected: a field of the envelope is missing, unknown or wrong",
    "header": "rejected: the header itself is not well formed",
    "server_fault": "retry: the server has a fault with it; the operation stays on the phone",
    "header_mismatch": "rejected: the content is not the operation that the header names",
    "wrong_digest": "rejected: the digest is not that of the content",
    "signature": "rejected: the signature is not this device's",
    "unsigned": "held: written without the device's key; a supervisor looks at it",
    "reserved_device": "rejected: the server's own operations are not accepted from outside",
    "not_this_device": "rejected: made for another device, user or program than the one that sends it",
    "op_id_reuse": "rejected: the id belongs to another operation; both are kept",
    "device_revoked": "held: the device has been revoked; a supervisor looks at it",
    "user_inactive": "held: the account has been closed; a supervisor looks at it",
    "expunged": "rejected: its referral was expunged; nothing of the content is kept",
    "no_role": "held: the author had no role when it was made; a supervisor looks at it",
    "payload": "rejected: a field of the payload is missing, unknown, too long or wrong",
    "too_large": "rejected: larger than the limit",
    "not_permitted": "rejected: the author's role may not do this",
    "unknown_referral": "held: its referral is not here, or not for its author; applied when it arrives",
    "already_created": "rejected: the referral exists already",
    "consent_missing": "held: it carries identity but names no consent of the participant; applied when that arrives",
    "unknown_entry": "held: the approval or override that it confirms or strikes is not here; applied when that arrives",
    "not_alerted": "held: the officer leaves a referral for which nobody was called; applied when the alert arrives",
}
WAITS = frozenset({"unknown_referral", "consent_missing", "unknown_entry", "not_alerted"})
EXPUNGED = Refusal("rejected", "expunged", "This referral was expunged. Nothing of what was sent is kept.")
APPLIED: tuple[Status, ...] = ("applied", "merged")
STORED: tuple[Status, ...] = ("applied", "merged", "held", "rejected")
AWAITED_KINDS = frozenset(
    {"referral.create", "referral.alert", "consent.grant", "approval.add", "approval.confirm", "override.add"}
)


@dataclass
class Verdict:
    """What became of one operation.

    `claims_id` is False for what is kept under its blob's hash, or not at all. Of a duplicate, `first` is the stored first
    receipt and `present` the state now, or `repeats` the place in this batch of what it repeats. `won` is False for an
    acknowledgement that came too late to hold the referral.
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
    run = _Run(known, now)
    for referral_id, stored in known.waiting.items():
        run.waiting[referral_id] = [(_reopened(one), one.member) for one in stored]
    for place, incoming in enumerate(batch):
        verdict = _decide(run, incoming)
        run.outcome.verdicts.append(verdict)
        _remember(run, verdict, place)
        operation = incoming.operation
        if operation is not None and verdict.status in APPLIED and operation.kind in AWAITED_KINDS:
            _release(run, operation.referral_id)
    return run.outcome


def _reopened(stored: Waiting) -> Verdict:
    operation = stored.incoming.operation
    assert operation is not None, "what waits was opened once"
    groups = groups_of(operation.kind, operation.payload)
    return Verdict(stored.incoming, "held", role=stored.member.role, groups=groups)


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
    if refusal is not None:
        return Verdict(
            incoming, refusal.status, refusal.reason, refusal.detail, role, claims_id=refusal.status != "retry"
        )
    assert member is not None
    verdict = Verdict(incoming, "held", role=role, groups=groups_of(operation.kind, operation.payload))
    refusal = _stands_against(run, verdict, member)
    if refusal is None:
        _apply(run, verdict)
        if admission.misses_previous(operation, known) and operation.kind != "consent.withdraw":
            verdict.reason = "missing_prev"
            verdict.detail = "An earlier step is lost on the phone; applied without it."
        return verdict
    verdict.status, verdict.reason, verdict.detail = refusal
    if refusal.reason in WAITS:
        run.waiting.setdefault(operation.referral_id, []).append((verdict, member))
    return verdict


def _stands_against(run: _Run, verdict: Verdict, member: Member) -> Refusal | None:
    operation = verdict.incoming.operation
    assert operation is not None
    refusal = admission.rights(operation, member, verdict.groups, run.known)
    if refusal is not None or operation.kind == "referral.create":
        return refusal
    referral = run.known.referrals[operation.referral_id]
    if admission.lacks_consent(verdict.groups, operation.saw, referral.pathway, referral.state):
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
    blind = unseen(referral.state, operation.base, known.rights.shown(verdict.role, referral.state))
    verdict.conflicts = fold.apply(referral.state, commit(incoming.envelope, verdict.role, blind))
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


Shown = Callable[[Role, State], frozenset[Group]]


def refold(operations: Iterable[Committed], shown: Shown) -> State:
    """The state of one referral from its log: every applied operation, in the order of positions.

    `shown` tells the groups that a role may read in a state, from which follows what each author had not seen.

    What waited for an approval or an alert may stand before it: entries, strikes and the departure have no part in it, and
    fold to the same in any order.

    Raises ValueError if the log does not hold the operation that created the referral.
    """
    state: State | None = None
    pathway = ""
    waiting: list[Committed] = []
    for operation in operations:
        if operation["kind"] == "referral.create":
            state = fold.empty(operation["referral_id"], operation["program_id"])
            pathway = str(operation["payload"]["pathway"])
        elif state is None or _lacks_consent(operation, pathway, state):
            waiting.append(operation)
            continue
        _fold_in(state, operation, shown)
        if operation["kind"] in AWAITED_KINDS:
            _fold_waiting(state, pathway, waiting, shown)
    if state is None or waiting:
        raise ValueError("The log lacks what some of its operations waited for.")
    return state


def _fold_in(state: State, operation: Committed, shown: Shown) -> None:
    role = operation["role"]
    blind = () if role == "server" else unseen(state, operation["base"], shown(role, state))
    fold.apply(state, commit(operation, role, blind))


def _fold_waiting(state: State, pathway: str, waiting: list[Committed], shown: Shown) -> None:
    """As `_release`, in the same order."""
    while ready := next((one for one in waiting if not _lacks_consent(one, pathway, state)), None):
        waiting.remove(ready)
        _fold_in(state, ready, shown)


def _lacks_consent(operation: Committed, pathway: str, state: State) -> bool:
    groups = groups_of(operation["kind"], operation["payload"])
    return admission.lacks_consent(groups, operation["saw"], pathway, state)
