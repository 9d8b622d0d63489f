"""A phone for tests: it signs in, enrols, writes, seals, pushes and pulls over HTTP, as a real one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx import Response

from api.clock import rfc3339
from api.demo.devices import ScriptedDevice

SCRIPT_HASH = "0" * 64


class TestDevice:
    """One enrolled phone. `phone` holds its keys and sequence; `client` its cookies; `clock` tells when it writes."""

    __test__ = False

    def __init__(self, client: TestClient, phone: ScriptedDevice, now: Any, agency_id: str | None = None) -> None:
        self.client = client
        self.phone = phone
        self.agency_id = agency_id
        self._now = now
        self._screens: dict[str, dict[str, int]] = {}

    @property
    def device_id(self) -> str:
        return self.phone.device_id

    @property
    def user_id(self) -> str:
        return self.phone.user_id

    def write(self, referral_id: str, kind: str, payload: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """A finished, signed operation. Its base is what this phone pulled last, unless `base` is given."""
        moment: datetime = self._now()
        base = changes.pop("base", self._screens.get(referral_id, {}))
        made_at = changes.pop("made_at", rfc3339(moment))
        return self.phone.write(referral_id, kind, payload, made_at, base=base, **changes)

    def create(
        self, referral_id: str | None = None, pathway: str = "arrest_diversion", **changes: Any
    ) -> dict[str, Any]:
        """The first operation of a new referral."""
        payload = {"pathway": pathway, "agency_id": None if pathway == "community" else self.agency_id}
        return self.write(referral_id or str(uuid4()), "referral.create", payload, **changes)

    def set(self, referral_id: str, fields: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        return self.write(referral_id, "referral.set", {"fields": dict(fields)}, **changes)

    def grant(self, referral_id: str, saw: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
        """Consent spoken before a named witness."""
        payload = {
            "method": "witness",
            "language": "en",
            "script_version": "default-1",
            "script_hash": SCRIPT_HASH,
            "reader": "read_aloud",
            "interpreter": None,
            "witness": "Witness Example",
            "camera_reference": None,
            "signature": None,
        }
        return self.write(referral_id, "consent.grant", payload, saw=saw, **changes)

    def alert(self, referral_id: str, *, waiting: bool = True, **changes: Any) -> dict[str, Any]:
        return self.write(referral_id, "referral.alert", {"officer_waiting": waiting}, **changes)

    def acknowledge(self, referral_id: str, eta_minutes: int | None = 20, **changes: Any) -> dict[str, Any]:
        payload = {"eta_minutes": eta_minutes, "user_id": None}
        return self.write(referral_id, "page.acknowledge", payload, **changes)

    def submission(self, place: str = "Sample Street") -> tuple[str, list[dict[str, Any]]]:
        """A new referral's id and the operations of an officer's usual alert."""
        first = self.create()
        referral_id: str = first["referral_id"]
        fields = {"place": place, "wait_minutes": 30}
        return referral_id, [first, self.grant(referral_id), self.set(referral_id, fields), self.alert(referral_id)]

    def post_push(self, operations: Iterable[Mapping[str, Any]], **changes: Any) -> Response:
        """Push, whatever the answer."""
        lost = changes.pop("lost", ())
        body = self.phone.push_body(list(operations), lost=lost) | changes
        answer: Response = self.client.post("/api/sync/push", json=body)
        return answer

    def push(self, *operations: Mapping[str, Any], **changes: Any) -> list[dict[str, Any]]:
        """Push and return the receipts."""
        answer = self.post_push(operations, **changes)
        assert answer.status_code == 200, answer.text
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    def pull(self, cursor: str | None = None, limit: int = 500) -> dict[str, Any]:
        """One pull; what it shows becomes the base of the next operations."""
        body = {"protocol": 1, "epoch": None, "cursor": cursor, "limit": limit, "device_id": self.device_id}
        answer = self.client.post("/api/sync/pull", json=body)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        for item in document["items"]:
            if item["t"] == "put":
                vector = item["view"]["vector"]
                self._screens[item["id"]] = {device: seq for device, seq in vector.items() if device != self.device_id}
        return document

    def views(self) -> dict[str, dict[str, Any]]:
        """Every referral that a fresh pull shows, by id."""
        return {item["id"]: item["view"] for item in self.pull()["items"] if item["t"] == "put"}
