"""Every field of everything that phones send, with whatever should not be there: a documented answer, nothing lost, no crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.auth.gate import BODY_LIMIT_BYTES
from api.database import Database
from sync.fields import ASSESSMENT_ITEMS, FIELDS
from sync.operations import BATCH_LIMIT_OPERATIONS, MalformedOperation, canonical
from sync.payloads import KINDS
from sync.reconcile import REASONS
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, Enrol
from tests.api.device import TestDevice
from tests.sync.factories import PAYLOADS

DEEP: Any = "x"
for _ in range(150):
    DEEP = [DEEP]

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 - 1, 2**53, -(2**53), 10**30, 1.5, float("nan"), float("inf"), "", "1", "x",
    "\u0000", "a\u0000b", "\ud800", "\udfff!", "\U0001f9e6", "\u202eabc", "é" * 500, "x" * 20_000, "٢٠٢٦-٠٤", "2026-02-30",
    "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-04-30T02:14:00",
    "00000000-0000-0000-0000-000000000000", "' OR 1=1 --", [], {}, [None], [[]], ["x"] * 200, {"": ""}, {"\u0000": "\u0000"},
    {"\ud800": 1}, {"__proto__": {}}, DEEP, {"a": DEEP},
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a document, the whole included."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value[:2]):
            yield from places(inner, (*path, index))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with one part replaced."""
    if not path:
        return value
    changed = copy.copy(document)
    changed[path[0]] = replaced(document[path[0]], path[1:], value)
    return changed


def without(document: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(document)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


def bent(document: Any) -> Iterator[Any]:
    """The document with each part replaced by each strange value, left out, and joined by an unknown one."""
    for path in places(document):
        for value in STRANGE:
            yield replaced(document, path, value)
        if path:
            yield without(document, path)
        inner = document
        for step in path:
            inner = inner[step]
        if isinstance(inner, dict):
            for name in ("unknown", "\u0000", "\ud800", ""):
                yield replaced(document, path, {**inner, name: 1})


def post(client: TestClient, path: str, content: bytes | str, kind: str = "application/json") -> Any:
    return client.post(path, content=content, headers={"Content-Type": kind})


PATHS = ("/api/sync/push", "/api/sync/pull", "/api/sync/tally", "/api/sync/forward")


def bodies(officer: TestDevice, other: TestDevice) -> dict[str, dict[str, Any]]:
    """A good body for each endpoint; the last brings what the other phone wrote."""
    operation = officer.create()
    entry = {
        "id": str(uuid4()), "agency_id": AGENCY, "month": "2026-04", "pathway": "social_contact", "answer": "declined",
        "reason": "not_today", "demographics": {"race_self": "asian"},
    }  # fmt: skip
    push = officer.phone.push_body([operation], lost=[str(uuid4())]) | {"epoch": str(uuid4())}
    push["device"] |= {"oldest_pending_at": "2026-04-30T02:00:00Z"}
    return {
        "/api/sync/push": push,
        "/api/sync/pull": {
            "protocol": 1, "epoch": str(uuid4()), "cursor": officer.pull()["cursor"], "limit": 5,
            "device_id": officer.device_id,
        },
        "/api/sync/tally": {"protocol": 1, "device_id": officer.device_id, "tallies": [entry]},
        "/api/sync/forward": {
            "protocol": 1, "device_id": officer.device_id, "author_device_id": other.device_id,
            "operations": other.phone.push_body([other.create()])["operations"],
        },
    }  # fmt: skip


EXPECTED = {200, 401, 404, 413, 422}
"""401 where the device named is no longer the one whose cookie came along, 404 where what is brought is of no phone here."""


@pytest.mark.parametrize("path", PATHS)
def test_every_field_of_a_request_may_hold_anything(path: str, database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    good = bodies(officer, enrol("officer2"))[path]
    statuses = set()
    for body in bent(good):
        answer = post(officer.client, path, json.dumps(body))
        statuses.add(answer.status_code)
        assert answer.status_code in EXPECTED, (answer.status_code, answer.text, repr(body)[:300])
        if answer.status_code == 200:
            documented(answer.json())
        else:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["status"] == answer.status_code
            assert problem["title"]
    assert {200, 422} <= statuses
    assert post(officer.client, path, json.dumps(good)).status_code == 200, "and it still works"
    world.check_projection(database)


def documented(answer: dict[str, Any]) -> None:
    for receipt in answer.get("receipts", ()):
        if "reason" not in receipt:
            assert receipt["status"] in ("taken", "retry", "refused"), "a carrier hears no more"
            continue
        if receipt["status"] in ("applied", "merged", "duplicate"):
            continue
        assert REASONS[receipt["reason"]].startswith(receipt["status"] + ":"), receipt
        assert receipt["reason"] != "server_fault", receipt


RAW = {
    "nothing": b"",
    "no JSON": b"{",
    "HTML of a captive portal": b"<html>Sign in to the network</html>",
    "half a request": b'{"protocol":1,"operations":[{"op_id":"',
    "null": b"null",
    "a number": b"1",
    "a list": b"[]",
    "NaN": b"NaN",
    "a number of ten thousand digits": b'{"protocol":' + b"1" * 10_000 + b"}",
    "a number with a huge exponent": b'{"protocol":1e99999}',
    "nested a hundred thousandfold": b"[" * 100_000,
    "objects nested a hundred thousandfold": b'{"a":' * 100_000,
    "no UTF-8": b'{"protocol":"\xff\xfe"}',
    "an encoded surrogate": b'{"protocol":"\xed\xa0\x80"}',
    "a NUL": b'{"protocol":"\x00"}',
    "UTF-16": '{"protocol":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"protocol":1}',
    "a key twice": b'{"protocol":1,"protocol":1}',
}


@pytest.mark.parametrize("path", PATHS)
def test_whatever_the_body_is_the_answer_is_a_problem(path: str, enrol: Enrol) -> None:
    officer = enrol("officer")
    for name, content in RAW.items():
        answer = post(officer.client, path, content)
        assert answer.status_code in (400, 401, 415, 422), (name, answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", name
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert post(officer.client, path, json.dumps({"protocol": 1}), kind).status_code == 415, kind
    too_long = post(officer.client, path, b" " * (BODY_LIMIT_BYTES + 1))
    assert too_long.status_code == 413
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = officer.client.request(method, path)
        assert answer.status_code in (404, 405), (method, answer.status_code)


def test_a_batch_has_its_limits(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    item = officer.phone.push_body([officer.create()])["operations"][0]
    body = officer.phone.push_body([])
    many = officer.client.post("/api/sync/push", json=body | {"operations": [item] * (BATCH_LIMIT_OPERATIONS + 1)})
    assert many.status_code == 422
    large = [item | {"blob": "A" * 130_000} for _ in range(5)]
    assert officer.client.post("/api/sync/push", json=body | {"operations": large}).status_code == 413
    assert world.quarantined(database) == []
    full = officer.client.post("/api/sync/push", json=body | {"operations": [item] * BATCH_LIMIT_OPERATIONS})
    assert [one["status"] for one in full.json()["receipts"]] == ["applied"] + ["duplicate"] * 99


def stage(enrol: Enrol) -> tuple[TestDevice, TestDevice, str, str]:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    coordinator.pull()
    return officer, coordinator, referral_id, operations[1]["op_id"]


def in_batches(operations: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(operations), 50):
        yield operations[start : start + 50]


def expressible(operation: dict[str, Any]) -> bool:
    try:
        return len(canonical(operation)) < 90_000
    except MalformedOperation:
        return False


PAYLOADS_OF_EVERY_FIELD: dict[str, Any] = {
    "incident_at": "2026-04-30T02:14:00Z", "charges": ["trespass"], "facts": {"adult": True, "charges": ["trespass"]},
    "determination": {"outcome": "eligible", "pack": None, "answers": {"adult": "yes"}}, "custody": "detained",
    "paperwork_held": True, "basis": "record", "last_conduct_on": "2026-04-30", "within_area": "yes",
    "gps": {"latitude_e6": 1, "longitude_e6": 1, "accuracy_m": 1}, "wait_minutes": 30, "birth_date": "1991-04-02",
    "age_years": 34, "needs": ["food"], "person_knows": "yes",
    "review_facts": {"warrant": False, "birth_date": "1991-04-02"},
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_a_payload_may_hold_anything(kind: str, database: Database, enrol: Enrol) -> None:
    officer, coordinator, referral_id, grant_id = stage(enrol)
    phone = officer if kind == "referral.create" else coordinator
    payloads = [PAYLOADS[kind]]
    if kind == "referral.set":
        item = {"answer": "yes", "text": "x"}
        values = {key: PAYLOADS_OF_EVERY_FIELD.get(key, item if "." in key else "x") for key in FIELDS}
        first = ASSESSMENT_ITEMS[0]
        payloads = [
            {"fields": {key: value}} for key, value in values.items() if "." not in key or key.endswith("." + first)
        ]
    written = []
    for payload in payloads:
        for changed in bent(payload):
            target = str(uuid4()) if kind == "referral.create" else referral_id
            operation = phone_writes(phone, target, kind, changed, grant_id)
            if operation is not None:
                written.append(operation)
    assert len(written) > 20
    answered = {receipt["op_id"]: receipt for batch in in_batches(written) for receipt in phone.push(*batch)}
    assert len(answered) == len(written)
    for receipt in answered.values():
        documented({"receipts": [receipt]})
        assert receipt["reason"] in (
            None, "payload", "envelope", "not_canonical", "not_permitted", "reserved_device", "too_large", "unknown_referral",
            "unknown_entry",
        ), receipt  # fmt: skip
        assert len(receipt["detail"] or "") <= 600
    kept = {row.op_id for row in world.quarantined(database)}
    stored = {op_id for op_id in answered if world.header(database, op_id) is not None}
    assert stored | kept == set(answered), "nothing is lost"
    for login in (officer, coordinator):
        login.pull()
    world.check_projection(database)


def phone_writes(phone: TestDevice, referral_id: str, kind: str, payload: Any, grant_id: str) -> dict[str, Any] | None:
    """The operation, if a phone could write it at all: what has no canonical form cannot be signed."""
    rest: dict[str, Any] = {"prev": None, "saw": [grant_id]}
    operation = phone.write(referral_id, "note.add", {"text": "x"}, **rest)
    changed = {**operation, "kind": kind, "payload": payload}
    return world.signed(phone, changed) if expressible(changed) else None


def test_every_field_of_an_envelope_may_hold_anything(database: Database, enrol: Enrol) -> None:
    officer, _, referral_id, _ = stage(enrol)
    items: list[dict[str, Any]] = []
    good = world.note(officer, referral_id, prev=None)
    for field in sorted(good):
        for value in (*STRANGE, "absent"):
            operation = world.note(officer, referral_id, prev=None)
            changed = {key: found for key, found in operation.items() if key not in ("digest", "sig")}
            if field in ("digest", "sig"):
                changed = operation | {field: value}
            elif value == "absent":
                del changed[field]
            else:
                changed |= {field: value}
            if not expressible(changed):
                continue
            whole = changed if field in ("digest", "sig") else world.signed(officer, changed)
            items.append(world.seal_bytes(officer, canonical(whole), **world.header_of(operation)))
    assert len(items) > 400
    names = {}
    for batch in in_batches(items):
        for receipt in world.post_items(officer, batch)["receipts"]:
            names[receipt["op_id"]] = receipt
            documented({"receipts": [receipt]})
    assert len(names) == len(items)
    kept = {row.op_id for row in world.quarantined(database)}
    for op_id, receipt in names.items():
        if receipt["status"] != "retry":
            assert op_id in kept or world.header(database, op_id) is not None
    officer.pull()
    world.check_projection(database)


def test_a_device_row_survives_whatever_the_phone_says_of_its_clock(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    for said in (
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999Z", "2026-04-30", "soon",
        "2026-04-30T02:00:00", "", "\u0000", "2026-04-30T02:00:00Z",
    ):  # fmt: skip
        body = officer.phone.push_body([])
        body["device"] |= {"oldest_pending_at": said}
        assert officer.client.post("/api/sync/push", json=body).status_code == 200, said
        assert officer.client.get("/api/devices").status_code == 200, "the row can still be read"
        assert officer.push() == []
