"""Whose address a limit counts: nobody can write another one into a header, and one network is one address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.auth import limits, passwords
from api.main import create_app
from api.settings import Settings
from tests.api.conftest import FakeClock

PROXY = "10.0.0.7"
STRANGER, NEIGHBOUR = "203.0.113.9", "203.0.113.10"

Try = Callable[..., int]


@pytest.fixture
def database_kind() -> str:
    """`test_sessions` tries the limits on both."""
    return "sqlite"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", database_url=database_url, worker=False, snapshot_minutes=0, trusted_proxies="10.0.0.0/24",
    )  # fmt: skip


@pytest.fixture
def app(settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)  # what is counted is not what the hash costs
    application = create_app(settings, clock)
    yield application
    application.state.database.close()


@pytest.fixture
def fail(app: FastAPI) -> Try:
    """One wrong sign-in, under a new name each time, from a peer and with what it says of whom it forwards."""
    count = 0

    def once(peer: str, forwarded: str | None = None) -> int:
        nonlocal count
        count += 1
        client = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"}, client=(peer, 50_000))
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        body = {"login": f"nobody{count}", "password": "wrong words here"}
        return int(client.post("/api/session", json=body, headers=headers).status_code)

    return once


def allowed(answers: list[int]) -> int:
    """How many were tried before the limit; all after it must be refused by it."""
    first = answers.index(429) if 429 in answers else len(answers)
    assert set(answers[:first]) <= {401}
    assert set(answers[first:]) <= {429}
    return first


def test_a_stranger_cannot_name_another_address(fail: Try) -> None:
    answers = [fail(STRANGER, f"198.51.100.{number}") for number in range(limits.ADDRESS_FAILURES + 5)]
    assert allowed(answers) == limits.ADDRESS_FAILURES
    assert fail(NEIGHBOUR) == 401, "and locks nobody else out"


def test_behind_a_proxy_the_last_stranger_counts_whatever_he_wrote_before(fail: Try) -> None:
    answers = [
        fail(PROXY, f"198.51.100.{number}, 192.0.2.{number}, {STRANGER}")
        for number in range(limits.ADDRESS_FAILURES + 5)
    ]
    assert allowed(answers) == limits.ADDRESS_FAILURES
    assert fail(PROXY, NEIGHBOUR) == 401, "others behind the same proxy are not locked out with him"
    assert fail(PROXY, f"{NEIGHBOUR}, 10.0.0.8") == 401, "nor behind two"
    assert fail(PROXY, f"{NEIGHBOUR}, {STRANGER}, 10.0.0.8") == 429


def test_a_stranger_cannot_lock_another_one_out(fail: Try) -> None:
    for _ in range(limits.ADDRESS_FAILURES + 5):
        fail(STRANGER, NEIGHBOUR)
    assert fail(PROXY, NEIGHBOUR) == 401
    assert fail(NEIGHBOUR) == 401


def test_one_ipv6_network_is_one_address(fail: Try) -> None:
    answers = [fail(f"2001:db8:1:2:{number:x}::{number:x}") for number in range(1, limits.ADDRESS_FAILURES + 6)]
    assert allowed(answers) == limits.ADDRESS_FAILURES
    answers = [fail(PROXY, f"2001:db8:1:2:ffff::{number:x}") for number in range(3)]
    assert set(answers) == {429}
    assert fail("2001:db8:1:3::1") == 401


def test_a_mapped_ipv4_address_is_that_address(fail: Try) -> None:
    answers = [fail(each) for each in [STRANGER, f"::ffff:{STRANGER}"] * limits.ADDRESS_FAILURES]
    assert allowed(answers) == limits.ADDRESS_FAILURES


@pytest.mark.parametrize(
    "forwarded", ["", ",", "nonsense", "1.2.3.4:80", "[::1]", "x" * 5000, "10.0.0.8", "\t", "1.2.3"]
)
def test_nonsense_in_the_header_is_no_crash(fail: Try, forwarded: str) -> None:
    assert fail(PROXY, forwarded) == 401
    assert fail(STRANGER, forwarded) == 401
