"""Pulling as a role does, and referrals with a canary in every field group."""

from __future__ import annotations

from typing import Any

from sync.fields import ASSESSMENT_ITEMS, FIELDS, Group
from tests.api import exchange_world as world
from tests.api.device import TestDevice

CANARIES: dict[Group, str] = {
    "case": "canary-case", "circumstances": "canary-circumstances", "place": "canary-place",
    "identity": "canary-identity", "needs": "family_safety", "demographics": "canary-demographics",
    "safety": "canary-safety", "notes": "canary-notes", "contacts": "canary-contacts", "consent": "canary-consent",
    "release": "canary-release", "decision": "canary-decision", "assessment": "canary-assessment",
    "approvals": "canary-approvals",
}  # fmt: skip
SHOWN: dict[str, set[Group]] = {
    "officer": {"case", "circumstances", "place", "identity", "safety", "consent", "approvals"},
    "coordinator": set(CANARIES),
    "case_manager": set(CANARIES),
    "supervisor": {"case", "circumstances", "place", "consent", "release", "decision", "approvals"},
    "sergeant": {"approvals"},
    "prosecutor": {"case", "approvals"},
}
"""What each role's phone may be sent; everybody else is sent nothing."""
_MAIN: dict[str, Group] = {
    "unit": "case",
    "property_held": "circumstances",
    "place": "place",
    "name": "identity",
    "race_self": "demographics",
}
TEXTS: dict[str, Group] = {
    key: field.group
    for key, field in FIELDS.items()
    if field.accepts("canary-canary-canary") and field.group in CANARIES
}
"""Every field that is a text, with its group."""
FIELD_CANARIES: dict[str, Group] = (
    {canary: group for group, canary in CANARIES.items()}
    | {f"canary-{key}": group for key, group in TEXTS.items() if key not in _MAIN}
    | {f"canary-{item}": "assessment" for item in ASSESSMENT_ITEMS[1:]}
    | {
        "canary-recipient": "release",
        "canary-struck": "notes",
        "canary-by-name": "approvals",
        "canary-camera": "consent",
    }
)
"""One canary for each text that a referral can hold: what it is found by in whatever somebody is sent."""
RELEASE = {
    "recipient": {"kind": "prosecutor", "name": "canary-recipient"}, "information": ["intake", "enrolled"],
    "purpose": "canary-release", "expires_on": "2026-10-31", "signed_how": "paper", "signed_at": "2026-04-30T02:14:00Z",
}  # fmt: skip
OVERRIDE = {
    "rule": "no_known_contact_order", "reason": "Seen before.", "by_name": "canary-by-name", "by_role": "coordinator",
    "how": "phone", "given_at": "2026-04-30T02:10:00Z",
}  # fmt: skip


def whole_referral(officer: TestDevice, coordinator: TestDevice) -> str:
    """A referral with a canary in every group."""
    created = officer.create()
    referral_id: str = created["referral_id"]
    proof = {"witness": CANARIES["consent"], "camera_reference": "canary-camera"}
    grant = officer.write(referral_id, "consent.grant", world.GRANT | proof)
    cites = [grant["op_id"]]
    fields: dict[str, Any] = {key: CANARIES[group] for key, group in _MAIN.items()}
    fields |= {key: f"canary-{key}" for key in TEXTS if key not in _MAIN}
    fields["needs"] = [CANARIES["needs"]]
    observed = {
        "about": "other", "text": CANARIES["safety"], "observed_at": "2026-04-30T02:00:00Z",
        "expires_at": "2026-05-01T02:00:00Z",
    }  # fmt: skip
    receipts = officer.push(
        created, grant, officer.set(referral_id, fields, saw=cites), officer.write(referral_id, "safety.add", observed),
        world.note(officer, referral_id, CANARIES["notes"]), officer.alert(referral_id),
        officer.write(referral_id, "override.add", OVERRIDE | {"reason": CANARIES["approvals"]}),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} == {"applied"}
    coordinator.pull()
    spoke = {"how": "phone", "result": "reached", "text": CANARIES["contacts"]}
    said = [CANARIES["assessment"], *(f"canary-{item}" for item in ASSESSMENT_ITEMS[1:])]
    assessed = {
        f"assessment.{item}": {"answer": "yes", "text": text} for item, text in zip(ASSESSMENT_ITEMS, said, strict=True)
    }
    struck = world.note(coordinator, referral_id, "canary-struck")
    reason = {"entry": struck["op_id"], "entry_kind": "note.add", "reason": "canary-struck"}
    decided = {"outcome": "waitlist", "reason": CANARIES["decision"]}
    receipts = coordinator.push(
        struck, coordinator.write(referral_id, "entry.strike", reason),
        coordinator.acknowledge(referral_id), coordinator.write(referral_id, "contact.add", spoke),
        coordinator.set(referral_id, assessed), coordinator.write(referral_id, "decision.record", decided),
        coordinator.write(referral_id, "release.give", RELEASE, saw=cites),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} == {"applied"}, receipts
    return referral_id


def whole_submission(officer: TestDevice) -> str:
    referral_id, operations = officer.submission()
    assert {receipt["status"] for receipt in officer.push(*operations)} == {"applied"}
    return referral_id


def pull(client: Any, cursor: str | None = None, limit: int = 500) -> dict[str, Any]:
    body = {"protocol": 1, "epoch": None, "cursor": cursor, "limit": limit, "device_id": None}
    answer = client.post("/api/sync/pull", json=body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def puts(document: dict[str, Any]) -> dict[str, Any]:
    return {item["id"]: item for item in document["items"] if item["t"] == "put"}
