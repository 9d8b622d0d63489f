"""The kinds of operations: what the payload of each holds, and which groups of fields it writes.

This answers for what is well formed inside the envelope (`operations`); `admission` asks it, `fold` gives meaning.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from sync.approvals import Approve, ConfirmApproval, Override
from sync.fields import FIELDS, TEXT_LIMIT, FieldError, Group, Pathway, check_field, group_of, is_instant
from sync.operations import SAW_LIMIT, Strict, Uuid
from sync.releases import Give, Revoke

NOTE_LIMIT = 16_000
STROKES_LIMIT = 12_000

ShortText = Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]


class Create(Strict):
    """The first operation of a referral. `agency_id` is None on the community pathway."""

    pathway: Pathway
    agency_id: Uuid | None


class SetFields(Strict):
    """Values for fields (see `fields.FIELDS`); None clears one."""

    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=len(FIELDS))]

    @model_validator(mode="after")
    def _known(self) -> "SetFields":
        for key, value in self.fields.items():
            check_field(key, value)
        return self


class Alert(Strict):
    """The demand for a coordinator: the page starts here."""

    officer_waiting: bool


class Leave(Strict):
    """Nobody came, and the officer drives on: the person keeps the card and is found later. It is still a diversion."""

    reason: Literal["nobody_answered", "after_hours", "cannot_come"]


class Assign(Strict):
    """A supervisor moves the referral to a coordinator."""

    user_id: Uuid


class Close(Strict):
    """The referral ends. No reason may express a failed test, relapse or non-compliance."""

    reason: Literal[
        "person_left", "entered_by_mistake", "declined", "could_not_be_reached", "not_eligible", "moved_or_died",
        "asked_to_leave", "transitioned_out", "referred_elsewhere",
    ]  # fmt: skip


class Acknowledge(Strict):
    """A coordinator has it. `user_id` is given only by the server, for a tap on a lock screen."""

    eta_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None
    user_id: Uuid | None = None


class Expire(Strict):
    """The server takes back an acknowledgement that was not followed by opening the referral."""

    acknowledgement: Uuid


class Signature(Strict):
    """A drawn signature: strokes of x, y pairs on a grid of the given width and height."""

    width: Annotated[int, Field(ge=1, le=4096)]
    height: Annotated[int, Field(ge=1, le=4096)]
    strokes: Annotated[list[list[Annotated[int, Field(ge=0, le=4096)]]], Field(min_length=1, max_length=400)]

    @model_validator(mode="after")
    def _bounded(self) -> "Signature":
        if sum(len(stroke) for stroke in self.strokes) > STROKES_LIMIT:
            raise ValueError(f"a signature has at most {STROKES_LIMIT} numbers; thin it out")
        return self


class Grant(Strict):
    """Consent to be referred, and how it was given. Not a release of information (42 CFR Part 2)."""

    method: Literal["signature", "witness", "camera", "phone"]
    language: Annotated[str, StringConstraints(max_length=20)]
    script_version: Annotated[str, StringConstraints(max_length=40)]
    script_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reader: Literal["self", "read_aloud", "interpreter"]
    interpreter: ShortText | None
    witness: ShortText | None
    camera_reference: ShortText | None
    signature: Signature | None

    @model_validator(mode="after")
    def _evidence(self) -> "Grant":
        witness, camera = (self.witness or "").strip(), (self.camera_reference or "").strip()
        if not {"signature": self.signature, "witness": witness, "camera": camera, "phone": True}[self.method]:
            raise ValueError(f"consent by {self.method} needs its evidence: draw, name or number it")
        return self


class Withdraw(Strict):
    """Consent is taken back. Nothing ever blocks a withdrawal."""

    reason: ShortText | None


class Confirm(Strict):
    """The coordinator asked "do you still want this?"."""

    answer: Literal["yes", "no", "not_asked"]


class Note(Strict):
    """Free text for the coordinator. Never source or informant information."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=NOTE_LIMIT)]


class Contact(Strict):
    """An attempt to reach the person."""

    how: Literal["in_person", "phone", "message", "other"]
    result: Literal["reached", "not_reached"]
    text: Annotated[str, StringConstraints(max_length=NOTE_LIMIT)]


class Safety(Strict):
    """A dated observation that expires; corrected by striking it and adding another."""

    about: Literal["weapon", "medical", "withdrawal", "self_harm", "other"]
    text: ShortText
    observed_at: str
    expires_at: str

    @model_validator(mode="after")
    def _dated(self) -> "Safety":
        if not is_instant(self.observed_at) or not is_instant(self.expires_at):
            raise ValueError("observed_at and expires_at: give instants such as 2026-04-30T02:14:00Z")
        return self


class Strike(Strict):
    """An entry no longer stands; it stays readable, struck through."""

    entry: Uuid
    entry_kind: Literal[
        "note.add", "contact.add", "safety.add", "approval.add", "approval.confirm", "override.add"
    ]  # fmt: skip
    reason: ShortText


class Handoff(Strict):
    """How the meeting went."""

    outcome: Literal["in_person", "phone", "deferred", "could_not_meet"]


class Decision(Strict):
    """The program's decision."""

    outcome: Literal["accepted", "not_eligible", "waitlist", "redirected"]
    reason: ShortText | None


class Merge(Strict):
    """This referral and `into` are about one person; from now on they are worked on together, as `into`."""

    into: Uuid


class Unmerge(Strict):
    """They are about two persons after all: what was done to each stands in its own log, and counts for it alone."""

    into: Uuid


class Check(Strict):
    """The server's own evaluation of the determination `of`, with the pack (by hash) that the phone used."""

    verdict: Literal[
        "agrees", "differs", "unreadable_facts", "unknown_pack", "withdrawn_pack", "not_in_force", "no_pack",
        "not_to_set_aside",
    ]  # fmt: skip
    outcome: Literal["eligible", "ineligible", "needs_review"] | None
    pack: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None
    of: Uuid


class Holder(Strict):
    """Who has a referral, as a register holds it."""

    user_id: Uuid
    eta_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None


class Departure(Leave):
    """That the officer left, as a register holds it."""

    how: Literal["with_card"]


class _Status(Strict):
    value: Literal["submitted", "acknowledged", "not_met", "deferred", "handed_off", "closed"]


class _Holder(Strict):
    value: Holder | None


class _Departure(Strict):
    value: Departure


class _Handoff(Strict):
    value: Handoff


class _Decision(Strict):
    value: Decision


class _Closure(Strict):
    value: Close


class _Confirmation(Strict):
    value: Confirm


class _MergedInto(Strict):
    value: Uuid | None


RESOLVED_BY: dict[str, type[Strict]] = {
    "status": _Status,
    "holder": _Holder,
    "departure": _Departure,
    "handoff": _Handoff,
    "decision": _Decision,
    "closure": _Closure,
    "confirmation": _Confirmation,
    "merged_into": _MergedInto,
}
"""What a person may put into a register of acts when settling a conflict: what the act itself could have written."""


class Resolve(Strict):
    """A person settles conflicts on one field."""

    key: str
    value: Any
    conflicts: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=1, max_length=SAW_LIMIT)
    ]

    @model_validator(mode="after")
    def _known(self) -> "Resolve":
        if self.key in FIELDS:
            check_field(self.key, self.value)
        elif self.key in RESOLVED_BY:
            RESOLVED_BY[self.key].model_validate({"value": self.value})
        else:
            raise FieldError(f"{self.key}: no such field")
        return self


KINDS: dict[str, type[Strict]] = {
    "referral.create": Create,
    "referral.set": SetFields,
    "referral.alert": Alert,
    "officer.leave": Leave,
    "referral.assign": Assign,
    "referral.close": Close,
    "page.acknowledge": Acknowledge,
    "page.expire": Expire,
    "consent.grant": Grant,
    "consent.withdraw": Withdraw,
    "consent.confirm": Confirm,
    "note.add": Note,
    "contact.add": Contact,
    "safety.add": Safety,
    "entry.strike": Strike,
    "handoff.record": Handoff,
    "decision.record": Decision,
    "conflict.resolve": Resolve,
    "approval.add": Approve,
    "approval.confirm": ConfirmApproval,
    "override.add": Override,
    "release.give": Give,
    "release.revoke": Revoke,
    "determination.check": Check,
    "referral.merge": Merge,
    "referral.unmerge": Unmerge,
}
ENTRY_GROUPS: dict[str, Group] = {
    "note.add": "notes",
    "contact.add": "contacts",
    "safety.add": "safety",
    "approval.add": "approvals",
    "approval.confirm": "approvals",
    "override.add": "approvals",
    "release.give": "release",
}
SERVER_KINDS = frozenset({"page.expire", "determination.check"})

_ACT_GROUPS: dict[str, tuple[Group, ...]] = {
    "referral.create": ("origin",),
    "referral.alert": ("status",),
    "officer.leave": ("status",),
    "referral.assign": ("holder",),
    "referral.close": ("status", "decision"),
    "page.acknowledge": ("status", "holder"),
    "page.expire": ("status", "holder"),
    "consent.grant": ("consent",),
    "consent.withdraw": ("consent",),
    "consent.confirm": ("consent",),
    "release.revoke": ("release",),
    "handoff.record": ("status", "holder"),
    "decision.record": ("decision",),
    "determination.check": ("decision",),
    "referral.merge": ("merging",),
    "referral.unmerge": ("merging",),
}


def groups_of(kind: str, payload: dict[str, Any]) -> frozenset[Group]:
    """The groups that an operation writes; the payload must have passed its model."""
    if kind == "referral.set":
        return frozenset(FIELDS[key].group for key in payload["fields"])
    if kind in ENTRY_GROUPS:
        return frozenset((ENTRY_GROUPS[kind],))
    if kind == "entry.strike":
        return frozenset((ENTRY_GROUPS[payload["entry_kind"]],))
    if kind == "conflict.resolve":
        return frozenset((group_of(payload["key"]),))
    return frozenset(_ACT_GROUPS[kind])
