"""May this operation be applied? Each rule gives the refusal that says why not, or None.

The rules in their order: is it well formed, may this sender send now, what role had its author when it was made, may that
role do this, is the referral there, and does identity cite a consent. A withdrawal of consent passes every rule about the
sender: nothing blocks it but a signature that is not the phone's.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from sync.approvals import may_confirm, may_override
from sync.fields import Group, Role
from sync.known import Known, KnownReferral, Member, Sender
from sync.merging import MERGED_LIMIT, links, members, whole_of
from sync.operations import Operation
from sync.payloads import ENTRY_GROUPS, KINDS, SERVER_KINDS
from sync.records import State
from sync.times import estimated

REASON_LIMIT = 300
FAULTS_NAMED = 5
NEEDS_SIGHT = frozenset({"decision.record", "conflict.resolve", "approval.confirm"})
"""Whoever decides must be able to read what they decide; a right to add is not enough."""


class Refusal(NamedTuple):
    """Why an operation is not applied, and what its author is told."""

    status: Literal["held", "rejected", "retry"]
    reason: str
    detail: str


UNKNOWN_REFERRAL = Refusal(
    "held", "unknown_referral", "There is no such referral for you yet. A supervisor will look at it."
)
UNKNOWN_ENTRY = Refusal("held", "unknown_entry", "What it speaks of is not here yet; it counts when that arrives.")
NOT_ALERTED = Refusal("held", "not_alerted", "Nobody has been called yet; it counts when the alert arrives.")
CONSENT_MISSING = Refusal(
    "held", "consent_missing", "It names a person but cites no consent. A supervisor will look at it."
)


def form(operation: Operation) -> Refusal | None:
    """Whether the kind is known and the payload is of its kind."""
    model = KINDS.get(operation.kind)
    if model is None:
        return Refusal("retry", "newer_kind", "The server is older than the app; keep the operation.")
    try:
        model.model_validate(operation.payload)
    except ValidationError as error:
        return Refusal("rejected", "payload", explain(error))
    return None


def explain(error: ValidationError) -> str:
    """The first faults of a refused payload, in words, bounded, without the values that were typed."""
    parts = [f"{'.'.join(str(step) for step in item['loc'])}: {item['msg']}" for item in error.errors()[:FAULTS_NAMED]]
    text = "; ".join(parts).encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)[:REASON_LIMIT]


def sender(operation: Operation, known: Known) -> Refusal | None:
    """Whether this sender's operations are taken now. Never asked of a withdrawal."""
    by = known.sender
    if not by.device_active:
        return Refusal("held", "device_revoked", "This phone has been revoked. A supervisor will look at it.")
    if not by.user_active:
        return Refusal("held", "user_inactive", "This account is closed. A supervisor will look at it.")
    if misses_previous(operation, known) and operation.prev not in by.lost:
        return Refusal(
            "retry", "missing_prev", "An earlier step has not arrived; send it first, or say that it is lost."
        )
    return None


def misses_previous(operation: Operation, known: Known) -> bool:
    """True if the device's previous operation on this referral has never arrived in any form."""
    prev = operation.prev
    return prev is not None and prev not in known.operations and prev not in known.arrived


def role_when_made(by: Sender, operation: Operation, now: datetime) -> Member | None:
    """The role in force at the estimated moment: the phone's clock as corrected, between its enrolment and now.

    A withdrawal by somebody whose role has ended counts under the last role they had.
    """
    estimate = estimated(operation.made_at, operation.clock_off_ms, by.enrolled_at, now)
    for member in by.members:
        if member.from_at <= estimate and (member.until_at is None or estimate < member.until_at):
            return member
    return by.members[0] if by.members and operation.kind == "consent.withdraw" else None


NO_ROLE = Refusal("held", "no_role", "You had no role in this program then. A supervisor will look at it.")


def rights(operation: Operation, member: Member, groups: frozenset[Group], known: Known) -> Refusal | None:
    """Whether the author's role may do this at all, and reaches the referral. Unknown and out of reach look alike."""
    role, referral = member.role, known.referrals.get(operation.referral_id)
    if operation.kind in SERVER_KINDS or (operation.kind == "page.acknowledge" and operation.payload.get("user_id")):
        return Refusal("rejected", "reserved_device", "Only the server writes this.")
    if operation.kind == "consent.withdraw":
        allowed = True
    else:
        allowed = known.rights.may_write(role, groups)
        if operation.kind in NEEDS_SIGHT:
            allowed = allowed and groups <= known.rights.reads(role)
    if not allowed:
        return Refusal("rejected", "not_permitted", "Your role may not write this.")
    if operation.kind == "referral.create":
        return _creation(operation, member, referral, known)
    if referral is None or not known.rights.reaches(role, member.agency_id, operation.user_id, referral):
        return UNKNOWN_REFERRAL
    if operation.kind == "officer.leave":
        return _departure(member, referral.state, known)
    if "merging" in groups:
        return _merging(operation, member, known)
    return _approvals(operation, member, groups, known)


def together(known: Known, referral_id: str, role: Role) -> State:
    """What the referral is worked on as: its state with those of one person that were merged, for a role that may know."""
    referral = known.referrals[referral_id]
    if "merging" not in known.rights.reads(role):
        return referral.state
    return whole_of({key: each.state for key, each in known.referrals.items()}, referral_id) or referral.state


def _merging(operation: Operation, member: Member, known: Known) -> Refusal | None:
    """Another referral, one that the author reaches, and not too many. One that is not here yet counts when it arrives."""
    into = operation.payload["value" if operation.kind == "conflict.resolve" else "into"]
    if into is None or operation.kind == "referral.unmerge":
        return None
    if into == operation.referral_id:
        return Refusal("rejected", "payload", "into: a referral cannot be merged into itself")
    other = known.referrals.get(into)
    if other is None:
        return None
    if not known.rights.reaches(member.role, member.agency_id, operation.user_id, other):
        return Refusal("rejected", "not_permitted", "There is no such referral for you to merge it into.")
    linked = links({key: each.state for key, each in known.referrals.items()})
    if len({*members(linked, into), *members(linked, operation.referral_id)}) > MERGED_LIMIT:
        return Refusal("rejected", "payload", f"into: at most {MERGED_LIMIT} referrals are worked on as one")
    return None


def _departure(member: Member, state: State, known: Known) -> Refusal | None:
    """Only who stands beside the person can drive on, and only from a referral for which somebody was called."""
    if not known.rights.may_leave(member.role):
        return Refusal("rejected", "not_permitted", "Only the officer of this referral writes this.")
    return None if "status" in state["registers"] else NOT_ALERTED  # phones send again in any order


def _approvals(operation: Operation, member: Member, groups: frozenset[Group], known: Known) -> Refusal | None:
    """Whose word it is: a rule is set aside by its role, confirmed by whoever was named, struck by who wrote it."""
    kind, payload = operation.kind, operation.payload
    if kind == "override.add":
        allowed = may_override(member.role, payload)
    elif not _speaks_of_approval(kind, payload):
        return None
    elif (entry := together(known, operation.referral_id, member.role)["entries"].get(payload["entry"])) is None:
        return UNKNOWN_ENTRY  # phones send again in any order
    elif kind == "approval.confirm":
        allowed = may_confirm(member.role, operation.user_id, entry)
    else:
        own = entry["by"] == operation.user_id
        allowed = own or known.rights.may_change(member.role, groups)
    return None if allowed else Refusal("rejected", "not_permitted", "This is for somebody else to say.")


def _speaks_of_approval(kind: str, payload: Mapping[str, Any]) -> bool:
    """True for what means nothing without the approval or override that it names."""
    return kind == "approval.confirm" or (kind == "entry.strike" and ENTRY_GROUPS[payload["entry_kind"]] == "approvals")


def _creation(operation: Operation, member: Member, referral: KnownReferral | None, known: Known) -> Refusal | None:
    """Whether there is none yet, on a pathway of the role, and for the author's own agency: none where they have none."""
    if referral is not None or operation.referral_id in known.foreign:
        return Refusal("rejected", "already_created", "This referral exists already.")
    agency_id = operation.payload["agency_id"]
    allowed = operation.payload["pathway"] in known.rights.begins(member.role) and agency_id == member.agency_id
    if not allowed or (agency_id is not None and agency_id not in known.agencies):
        return Refusal("rejected", "not_permitted", "This pathway or agency is not yours.")
    return None


def lacks_consent(groups: Iterable[Group], saw: Iterable[str], pathway: str, state: State) -> bool:
    """True for identity that cites no grant of this referral. The community pathway is excepted (DESIGN 3)."""
    if "identity" not in groups or pathway == "community":
        return False
    consent = state["consent"]
    return not any(op_id in consent and consent[op_id]["kind"] == "grant" for op_id in saw)
