"""A batch of operations against what is known: receipts, new states and effects. Data in, data out.

This decides what becomes of each operation, in order, and documents every answer (`REASONS`). Opening and verifying come
before it (`intake`), storing and paging after it. Nothing here raises for bad input: each operation gets its own answer, and
one bad operation delays no other referral.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from sync import fold
from sync.fields import GROUPS, Group, Role
from sync.intake import Incoming
from sync.operations import KINDS, SERVER_KINDS, groups_of
from sync.records import State, commit

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
    "no_role": "held: the author had no role when it was made; a supervisor looks at it",
    "payload": "rejected: a field of the payload is missing, unknown, too long or wrong",
    "too_large": "rejected: larger than the limit",
    "not_permitted": "rejected: the author's role may not do this, or may not reach this referral",
    "unknown_referral": "held: the referral it belongs to is not here",
    "already_created": "rejected: the referral exists with another origin",
    "consent_missing": "held: it carries identity but names no consent of the participant",
}


@dataclass(frozen=True)
class Member:
    """One role somebody had, from an instant until another (None: still)."""

    role: Role
    agency_id: str | None
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True)
class Sender:
    """The device that sends and the person it belongs to."""

    device_id: str
    user_id: str
    program_id: str
    device_active: bool
    user_active: bool
    members: tuple[Member, ...]
    seen_at: datetime
    lost: frozenset[str] = frozenset()


@dataclass
class KnownReferral:
    """A referral as stored. `state` is changed in place by the fold."""

    program_id: str
    agency_id: str | None
    author_id: str
    pathway: str
    state: State


@dataclass(frozen=True)
class KnownOperation:
    """An operation that holds its op_id."""

    digest: str
    state: str
    receipt: Mapping[str, Any]


@dataclass(frozen=True)
class Rights:
    """The caller's permission table, as three questions."""

    reaches: Callable[[Role, str | None, str, "KnownReferral"], bool]
    may_write: Callable[[Role, frozenset[Group]], bool]
    reads: Callable[[Role], frozenset[Group]]


@dataclass
class Known:
    """What the server has stored about everything that the batch names."""

    epoch: str
    sender: Sender
    operations: dict[str, KnownOperation]
    quarantined: dict[str, Mapping[str, Any]]
    referrals: dict[str, KnownReferral]
    agencies: frozenset[str]
    rights: "Rights"


@dataclass
class Verdict:
    """What became of one operation. `position` is filled when it is stored."""

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
    won: bool = True


@dataclass
class Outcome:
    """The verdicts in the batch's order and the referrals that changed or were created."""

    verdicts: list[Verdict]
    touched: dict[str, KnownReferral]
    created: set[str]


def reconcile(batch: Sequence[Incoming], known: Known, now: datetime) -> Outcome:
    """Decide every operation of the batch in its order; `known` is brought forward as it goes."""
    outcome = Outcome([], {}, set())
    for incoming in batch:
        verdict = _decide(incoming, known, now, outcome)
        outcome.verdicts.append(verdict)
        operation = incoming.operation
        if operation is not None and verdict.claims_id and verdict.status in ("applied", "merged", "held", "rejected"):
            known.operations[operation.op_id] = KnownOperation(operation.digest, verdict.status, {})
    return outcome


def _decide(incoming: Incoming, known: Known, now: datetime, outcome: Outcome) -> Verdict:
    if incoming.fault is not None:
        if incoming.fault.status == "retry":
            return Verdict(incoming, "retry", incoming.fault.reason, incoming.fault.detail, claims_id=False)
        return _quarantine(incoming, known, incoming.fault.status, incoming.fault.reason, incoming.fault.detail)
    operation = incoming.operation
    assert operation is not None, "an incoming operation without a fault is open"
    earlier = known.operations.get(operation.op_id)
    if earlier is not None:
        if earlier.digest == operation.digest:
            return Verdict(incoming, "duplicate", first=earlier.receipt, present=earlier.state, claims_id=False)
        return _quarantine(incoming, known, "rejected", "op_id_reuse", "Another operation has this id. Both are kept.")
    if operation.device_id == known.epoch:
        return _quarantine(incoming, known, "rejected", "reserved_device", "Only the server writes as this device.")
    refused = _sender_fault(incoming, known, now)
    return refused or _apply(incoming, known, now, outcome)


def _quarantine(incoming: Incoming, known: Known, status: Status, reason: str, detail: str) -> Verdict:
    first = known.quarantined.get(incoming.blob_hash)
    if first is not None:
        return Verdict(incoming, "duplicate", first=first, present=str(first.get("status")), claims_id=False)
    return Verdict(incoming, status, reason, detail, claims_id=False)


def _sender_fault(incoming: Incoming, known: Known, now: datetime) -> Verdict | None:
    """Why this sender's operation cannot simply be applied, if so. A withdrawal of consent passes whoever sends it."""
    operation, sender = incoming.operation, known.sender
    assert operation is not None
    mine = (sender.device_id, sender.user_id, sender.program_id)
    if (operation.device_id, operation.user_id, operation.program_id) != mine:
        return Verdict(incoming, "rejected", "not_this_device", "It was made for another device, user or program.")
    if operation.kind == "consent.withdraw":
        return None
    if not sender.device_active:
        return Verdict(incoming, "held", "device_revoked", "This phone has been revoked. A supervisor will look at it.")
    if not sender.user_active:
        return Verdict(incoming, "held", "user_inactive", "This account is closed. A supervisor will look at it.")
    prev = operation.prev
    if prev is not None and prev not in known.operations and prev not in sender.lost:
        return Verdict(incoming, "retry", "missing_prev", prev, claims_id=False)
    return None


def role_when_made(sender: Sender, made_at: datetime, clock_off_ms: int | None, now: datetime) -> Member | None:
    """The role in force at the estimated moment: the phone's clock as corrected, within last contact and now."""
    estimate = min(now, max(sender.seen_at, _shifted(made_at, clock_off_ms)))
    for member in sender.members:
        if member.from_at <= estimate and (member.until_at is None or estimate < member.until_at):
            return member
    return None


def _shifted(made_at: datetime, clock_off_ms: int | None) -> datetime:
    try:
        return made_at + timedelta(milliseconds=clock_off_ms or 0)
    except OverflowError:
        return made_at


def _apply(incoming: Incoming, known: Known, now: datetime, outcome: Outcome) -> Verdict:
    operation = incoming.operation
    assert operation is not None and incoming.envelope is not None
    model = KINDS.get(operation.kind)
    if model is None:
        return Verdict(incoming, "retry", "newer_kind", operation.kind, claims_id=False)
    try:
        model.model_validate(operation.payload)
    except ValidationError as error:
        return Verdict(incoming, "rejected", "payload", explain(error))
    member = role_when_made(known.sender, datetime.fromisoformat(operation.made_at), operation.clock_off_ms, now)
    if member is None:
        return Verdict(
            incoming, "held", "no_role", "You had no role in this program then. A supervisor will look at it."
        )
    role = member.role
    groups = groups_of(operation.kind, operation.payload)
    refused = _refusal(incoming, known, member, groups)
    if refused is not None:
        return refused
    referral = known.referrals.get(operation.referral_id)
    if referral is None:
        referral = KnownReferral(
            operation.program_id,
            operation.payload["agency_id"],
            operation.user_id,
            operation.payload["pathway"],
            fold.empty(operation.referral_id, operation.program_id),
        )
        known.referrals[operation.referral_id] = referral
        outcome.created.add(operation.referral_id)
    conflicts = fold.apply(
        referral.state, commit(incoming.envelope, role, frozenset(GROUPS) - known.rights.reads(role))
    )
    outcome.touched[operation.referral_id] = referral
    flagged = (
        operation.prev is not None and operation.prev in known.sender.lost and operation.prev not in known.operations
    )
    holder = referral.state["registers"].get("holder")
    return Verdict(
        incoming,
        "merged" if conflicts else "applied",
        "missing_prev" if flagged else None,
        "An earlier step is lost on the phone; applied without it." if flagged else None,
        role,
        groups,
        conflicts,
        won=operation.kind != "page.acknowledge" or (holder is not None and holder["op"] == operation.op_id),
    )


def _refusal(incoming: Incoming, known: Known, member: Member, groups: frozenset[Group]) -> Verdict | None:
    operation = incoming.operation
    assert operation is not None
    role, referral = member.role, known.referrals.get(operation.referral_id)
    withdrawal = operation.kind == "consent.withdraw"
    if operation.kind in SERVER_KINDS or (operation.kind == "page.acknowledge" and operation.payload.get("user_id")):
        return Verdict(incoming, "rejected", "reserved_device", "Only the server writes this.", role, groups)
    if not known.rights.may_write(role, groups) and not withdrawal:
        return Verdict(incoming, "rejected", "not_permitted", "Your role may not write this.", role, groups)
    if operation.kind == "referral.create":
        return _creation_refusal(incoming, known, member, referral, groups)
    if referral is None:
        return Verdict(incoming, "held", "unknown_referral", "Its referral is not here yet.", role, groups)
    if not known.rights.reaches(role, member.agency_id, operation.user_id, referral):
        return Verdict(incoming, "rejected", "not_permitted", "There is no such referral for you.", role, groups)
    identity = "identity" in groups and referral.pathway != "community"
    grants = [op_id for op_id, event in referral.state["consent"].items() if event["kind"] == "grant"]
    if identity and not any(op_id in operation.saw for op_id in grants):
        detail = "It names a person but cites no consent. A supervisor will look at it."
        return Verdict(incoming, "held", "consent_missing", detail, role, groups)
    return None


def _creation_refusal(
    incoming: Incoming, known: Known, member: Member, referral: KnownReferral | None, groups: frozenset[Group]
) -> Verdict | None:
    operation = incoming.operation
    assert operation is not None
    payload, role = operation.payload, member.role
    if referral is not None:
        return Verdict(incoming, "rejected", "already_created", "This referral exists already.", role, groups)
    community = payload["pathway"] == "community"
    if role == "officer":
        allowed = not community and payload["agency_id"] == member.agency_id
    else:
        allowed = payload["pathway"] != "arrest_diversion" and payload["agency_id"] is None
    if not allowed:
        return Verdict(incoming, "rejected", "not_permitted", "This pathway or agency is not yours.", role, groups)
    if payload["agency_id"] is not None and payload["agency_id"] not in known.agencies:
        return Verdict(incoming, "rejected", "not_permitted", "There is no such agency in this program.", role, groups)
    return None


def explain(error: ValidationError) -> str:
    """The first faults of a refused payload, in words, without echoing what was typed."""
    parts = [f"{'.'.join(str(step) for step in item['loc'])}: {item['msg']}" for item in error.errors()[:5]]
    return "; ".join(parts)
