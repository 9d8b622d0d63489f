"""Bodies that cost more than they weigh: all of them are refused, and none is answered with a crash or at length."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.auth.gate import BODY_LIMIT_BYTES
from tests.api.conftest import Cast, FakeClock
from tests.api.device import TestDevice
from tests.api.hostile.intruders import fitting, method_of, path_of, writes

PART = 64 * 1024
SMALL_BYTES, EACH_SO_MANY = 20_000, 6
"""Large bombs go to every sixth route: they are read by the same code everywhere, and take a while."""
ANSWER_LIMIT_BYTES = 16 * 1024
JSON = {"Content-Type": "application/json"}
BOMBS: dict[str, bytes] = {
    "80,000 fields": json.dumps({f"f{number}": 1 for number in range(80_000)}).encode(),
    "100,000 items": json.dumps({"operations": [{}] * 100_000, "items": [1] * 100_000}).encode(),
    "nested lists": b"[" * 500_000 + b"]" * 500_000,
    "nested objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "one key a thousand times": b"{" + b",".join([b'"device_id":"x"'] * 1000) + b"}",
    "not a number": b'{"device_id": NaN, "limit": NaN}',
    "infinity": b'{"limit": Infinity, "minutes": -Infinity}',
    "more than a float": b'{"limit": 1e999}',
    "a number of 4,000 digits": b'{"limit": ' + b"9" * 4000 + b"}",
    "a number of 500,000 digits": b'{"limit": ' + b"9" * 500_000 + b"}",
    "a long string": json.dumps({"login": "x" * 1_000_000, "password": "x"}).encode(),
    "lone surrogates": b'{"login": "\\ud800", "reason": "\\udfff"}',
    "nothing but a quote": b'"',
}


@pytest.fixture
def database_kind() -> str:
    """What is refused here never reaches a database."""
    return "sqlite"


@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_goes_off(app: FastAPI, cast: Cast, clock: FakeClock, officer: TestDevice, name: str) -> None:
    assert len(BOMBS[name]) <= BODY_LIMIT_BYTES, "it passes the gate"
    for route in writes()[:: 1 if len(BOMBS[name]) < SMALL_BYTES else EACH_SO_MANY]:
        client = fitting(app, cast, clock, officer, route)
        answer = client.request(method_of(route), path_of(route), content=BOMBS[name], headers=JSON)
        assert answer.status_code < 500, route.path
        assert len(answer.content) <= ANSWER_LIMIT_BYTES, route.path


def test_a_body_without_end_is_left_after_the_limit(app: FastAPI) -> None:
    """Chunked, so that no length was declared."""
    taken = 0

    async def receive() -> dict[str, object]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b" " * PART, "more_body": True}

    statuses = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"host", b"testserver"), (b"x-handoff", b"1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/session", "raw_path": b"/api/session", "query_string": b"",
        "headers": headers, "scheme": "https", "server": ("testserver", 443), "client": ("testclient", 1),
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 30))  # type: ignore[arg-type]
    assert statuses == [413]
    assert taken * PART <= BODY_LIMIT_BYTES + PART


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_body_is_never_unpacked(client: TestClient, cast: Cast, encoding: str) -> None:
    packed = gzip.compress(b'{"login": "' + b"x" * 50_000_000 + b'"}')
    assert len(packed) < BODY_LIMIT_BYTES
    answer = client.post("/api/session", content=packed, headers=JSON | {"Content-Encoding": encoding})
    assert answer.status_code in (400, 415, 422)
    small = gzip.compress(b'{"login": "officer", "password": "plain words for tests"}')
    answer = client.post("/api/session", content=small, headers=JSON | {"Content-Encoding": encoding})
    assert answer.status_code in (400, 415, 422)


@pytest.mark.parametrize("declared", ["-1", "1e3", "99999999999999999999", "x", "1, 1", " "])
def test_a_length_that_lies_or_is_none(client: TestClient, cast: Cast, declared: str) -> None:
    answer = client.post("/api/session", content=b"{}", headers=JSON | {"Content-Length": declared})
    assert answer.status_code == 413
