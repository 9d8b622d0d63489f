"""Whatever anybody sends, and wherever in a request, none of it stands in a log."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from io import StringIO
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import logs
from tests.api.conftest import Cast, FakeClock
from tests.api.device import TestDevice
from tests.api.hostile.intruders import method_of, path_of, routes, signed_in

CANARY = "Kanari Zeisig 1990-05-01"
ELSEWHERE = "kanari-zeisig"
"""Where a space cannot stand."""


@pytest.fixture
def database_kind() -> str:
    """Both write the same lines; the driver's own are silenced in `logs`."""
    return "sqlite"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Everything that is logged, down to the last word of every library."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = StringIO()
    logs.configure("debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def forms() -> list[str]:
    """A canary as it may look after somebody quoted it."""
    encoded = base64.b64encode(CANARY.encode()).decode()[:20]
    return [CANARY, CANARY.lower(), quote(CANARY), CANARY.replace(" ", "+"), encoded, ELSEWHERE, "Kanari", "Zeisig"]


def test_nothing_that_was_sent_is_logged(
    app: FastAPI, cast: Cast, clock: FakeClock, officer: TestDevice, written: StringIO
) -> None:
    people = [signed_in(app, cast, login, clock) for login in ("supervisor", "administrator")]
    quiet = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"}, raise_server_exceptions=False)
    headers = {"User-Agent": ELSEWHERE, "Referer": f"https://x.example/{ELSEWHERE}", "X-Forwarded-For": ELSEWHERE}
    bodies = [
        {"login": CANARY, "password": CANARY, "name": CANARY, "reason": CANARY, "device_id": CANARY, CANARY: 1},
        {"login": "officer", "password": CANARY},
        {"device_id": officer.device_id, "operations": [{"blob": CANARY}], "text": CANARY},
    ]
    asked = 0
    for route in routes():
        method = method_of(route)
        for client in (quiet, officer.client, *people):
            for body in bodies if method not in ("GET", "DELETE") else [None]:
                for path in (path_of(route), route.path.replace("{", "").replace("}", ELSEWHERE)):
                    client.request(
                        method, path, params={"q": CANARY, "code": CANARY, "state": CANARY}, json=body, headers=headers,
                        follow_redirects=False,
                    )  # fmt: skip
                    asked += 1
    text = written.getvalue()
    assert [form for form in forms() if form in text] == []
    assert text.count('"event": "request"') >= asked
    assert asked > 500


def test_a_crash_does_not_quote_what_crashed_it(app: FastAPI, written: StringIO, cast: Cast) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(CANARY)

    app.state.clock = Broken()
    quiet = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"}, raise_server_exceptions=False)
    answer = quiet.post("/api/session", json={"login": "officer", "password": CANARY})
    assert answer.status_code == 500
    assert '"event": "crash"' in written.getvalue()
    for text in (answer.text, written.getvalue()):
        assert [form for form in forms() if form in text] == []
