"""Pulling as a role does, and referrals with a canary in every field group."""

from __future__ import annotations

from typing import Any

from sync.fields import ASSESSMENT_ITEMS, Group
from tests.api import exchange_world as world
from tests.api.device import TestDevice

CANARIES: dict[Group, str] = {
    "case": "canary-case", "place": "canary-place", "identity": "canary-identity", "needs": "family_safety",
    "demographics": "canary-demographics", "safety": "canary-safety", "notes": "canary-notes",
    "contacts": "canary-contacts", "consent": "canary-consent", "decision": "canary-decision",
    "assessment": "canary-assessment", "approvals": "canary-approvals",
}  # fmt: skip
SHOWN: dict[str, set[Group]] = {
    "officer": {"case", "place", "identity", "safety", "consent", "approvals"},
    "coordinator": set(CANARIES),
    "case_manager": set(CANARIES),
    "supervisor": {"case", "place", "consent", "decision", "approvals"},
    "sergeant": {"approvals"},
    "prosecutor": {"case", "approvals"},
}
"""What each role's phone may be sent; everybody else is sent nothing."""
OVERRIDE = {
    "rule": "no_known_contact_order", "reason": "Seen before.", "by_name": "Coordinator Example", "by_role": "coordinator",
    "how": "phone", "given_at": "2026-04-30T02:10:00Z",
}  # fmt: skip


def whole_referral(officer: TestDevice, coordinator: TestDevice) -> str:
    """A referral with a canary in every group."""
    created = officer.create()
    referral_id: str = created["referral_id"]
    grant = officer.write(referral_id, "consent.grant", world.GRANT | {"witness": CANARIES["consent"]})
    cites = [grant["op_id"]]
    fields = {
        "unit": CANARIES["case"], "place": CANARIES["place"], "name": CANARIES["identity"],
        "needs": [CANARIES["needs"]], "race_self": CANARIES["demographics"],
    }  # fmt: skip
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
    assessed = {f"assessment.{ASSESSMENT_ITEMS[0]}": {"answer": "yes", "text": CANARIES["assessment"]}}
    decided = {"outcome": "waitlist", "reason": CANARIES["decision"]}
    receipts = coordinator.push(
        coordinator.acknowledge(referral_id), coordinator.write(referral_id, "contact.add", spoke),
        coordinator.set(referral_id, assessed), coordinator.write(referral_id, "decision.record", decided),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} == {"applied"}
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
