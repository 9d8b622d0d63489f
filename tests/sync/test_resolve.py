"""Settling a conflict can write only what the act itself could have written; consent needs real evidence; instants exist."""

from typing import Any

import pytest
from pydantic import ValidationError

from sync.fields import is_instant
from sync.payloads import Grant, Resolve

USER = "aaaaaaaa-0000-4000-8000-000000000001"


def settle(key: str, value: Any) -> Resolve:
    return Resolve.model_validate({"key": key, "value": value, "conflicts": ["any"]})


@pytest.mark.parametrize(("key", "value"), [
    ("name", "Sample Person"), ("name", None), ("status", "closed"), ("holder", None),
    ("holder", {"user_id": USER, "eta_minutes": 20}), ("handoff", {"outcome": "phone"}),
    ("decision", {"outcome": "waitlist", "reason": None}), ("closure", {"reason": "declined"}),
    ("confirmation", {"answer": "no"}), ("departure", {"how": "with_card", "reason": "after_hours"}),
])  # fmt: skip
def test_what_an_act_could_write_may_stand(key: str, value: Any) -> None:
    assert settle(key, value).value == value


@pytest.mark.parametrize(("key", "value"), [
    ("name", 5), ("status", "relapsed"), ("status", None), ("holder", "ana"), ("holder", {"user_id": USER}),
    ("handoff", {"outcome": "failed_test"}), ("decision", {"outcome": "accepted"}), ("closure", {"reason": "not clean"}),
    ("departure", None), ("departure", {"how": "alone", "reason": "after_hours"}), ("departure", {"how": "with_card"}),
    ("confirmation", {}), ("origin", {"pathway": "community", "agency_id": None}), ("unheard_of", 1),
])  # fmt: skip
def test_nothing_else_may(key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        settle(key, value)


def grant(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "method": "witness", "language": "en", "script_version": "default-1", "script_hash": "0" * 64, "reader": "self",
        "interpreter": None, "witness": "Witness Example", "camera_reference": None, "signature": None,
    }  # fmt: skip
    return whole | changes


@pytest.mark.parametrize("evidence", [
    {"witness": " \t"}, {"witness": None}, {"method": "camera", "camera_reference": "  "},
    {"method": "signature", "signature": {"width": 10, "height": 10, "strokes": []}}, {"method": "signature"},
])  # fmt: skip
def test_consent_without_its_evidence_is_refused(evidence: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Grant.model_validate(grant(**evidence))


def test_consent_by_phone_to_the_coordinator_needs_no_other_evidence() -> None:
    assert Grant.model_validate(grant(method="phone", witness=None)).method == "phone"


@pytest.mark.parametrize("text", ["2026-04-30T02:14:00Z", "2026-04-30T02:14:00.123456-06:00", "9999-12-31T23:59:59Z"])
def test_instants_that_exist(text: str) -> None:
    assert is_instant(text)


@pytest.mark.parametrize("text", [
    "2026-W18-4T02:14:00Z", "2026-04-30T02:14:00,5Z", "2026-04-30T02:14:00+06:00:30", "0001-01-01T00:00:00+14:00",
    "2026-02-30T00:00:00Z", "2026-04-30 02:14:00Z", "2026-04-30T02:14:00", "2026-04-30T25:14:00Z", "٢٠٢٦-04-30T02:14:00Z", 5,
])  # fmt: skip
def test_instants_that_do_not(text: Any) -> None:
    assert not is_instant(text)
