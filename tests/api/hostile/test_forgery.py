"""Requests that a foreign page makes a signed-in person's browser send: none of them changes anything."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.database import Database
from tests.api.conftest import PASSPHRASE, Cast, FakeClock
from tests.api.device import TestDevice
from tests.api.hostile.intruders import everything_stored, method_of, path_of, routes, signed_in, writes

JSON, FORM, PLAIN = "application/json", "application/x-www-form-urlencoded", "text/plain"
FORGERIES: tuple[dict[str, str], ...] = (
    {"Content-Type": FORM},
    {"Content-Type": PLAIN},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": PLAIN, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Content-Type": JSON},
    {"Content-Type": JSON, "X-Handoff": "1", "Origin": "https://evil.example"},
    {"Content-Type": JSON, "X-Handoff": "1", "Origin": "null"},
    {"Content-Type": JSON, "X-Handoff": "1", "Sec-Fetch-Site": "cross-site"},
    {"Content-Type": JSON, "X-Handoff": "1", "Sec-Fetch-Site": "same-site"},
    {"Content-Type": FORM, "X-Handoff": "1", "Origin": "https://testserver"},
)
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
SENT = json.dumps({"login": "officer", "password": PASSPHRASE})
WRITTEN_BY_LOOKING = {"audit_event", "audit_head"}
"""Who looked at what is written down."""


@pytest.fixture
def database_kind() -> str:
    """The gate stands before everything that knows a database."""
    return "sqlite"


@pytest.fixture
def victims(app: FastAPI, cast: Cast, clock: FakeClock, officer: TestDevice) -> list[TestClient]:
    """People whose browsers are open, with every right that there is among them."""
    staff = [signed_in(app, cast, login, clock) for login in ("coordinator", "supervisor", "administrator")]
    for each in (*staff, officer.client):
        del each.headers["X-Handoff"]
    return [officer.client, *staff]


def test_no_forged_request_changes_anything(victims: list[TestClient], database: Database) -> None:
    before = everything_stored(database)
    tried, answers = 0, set()
    for route in writes():
        for headers in FORGERIES:
            for victim in victims:
                answers.add(victim.request(method_of(route), path_of(route), content=SENT, headers=headers).status_code)
                tried += 1
    assert everything_stored(database) == before
    assert answers <= {403, 415}
    assert tried >= 100


def test_no_read_changes_anything_whatever_method_it_claims(victims: list[TestClient], database: Database) -> None:
    before = everything_stored(database)
    tried = 0
    for route in routes():
        if method_of(route) != "GET":
            continue
        for victim in victims:
            for name in OVERRIDES:
                victim.get(path_of(route), headers={name: "DELETE"}, follow_redirects=False)
            victim.get(path_of(route), params={"_method": "DELETE"}, follow_redirects=False)
            tried += 4
    for route in writes():  # by the address of a write, as an image would
        for victim in victims:
            victim.get(path_of(route), follow_redirects=False)
            tried += 1
    after = everything_stored(database)
    assert {name for name in after if after[name] != before[name]} <= WRITTEN_BY_LOOKING
    assert tried >= 100


def test_the_same_requests_from_the_app_do_change_things(victims: list[TestClient], database: Database) -> None:
    """So that the tests above can fail."""
    before = everything_stored(database)
    victims[0].post("/api/session", content=SENT, headers={"Content-Type": JSON, "X-Handoff": "1"})
    assert everything_stored(database) != before
