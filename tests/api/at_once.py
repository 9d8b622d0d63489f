"""Doing things at the same moment: phones that push from threads, and readers that follow the feed meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.auth.dependencies import DevicePrincipal
from api.database import Database
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.operations import feed
from api.problems import Unavailable
from tests.api.conftest import PROGRAM, START
from tests.api.device import TestDevice

PATIENCE_SECONDS = 120
on_postgresql = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
"""SQLite has one writer: nothing can come between."""


def pusher(database: Database, app: FastAPI) -> Callable[[TestDevice, Sequence[dict[str, Any]]], list[dict[str, Any]]]:
    """Push as the route does, from any thread; a real phone tries again when it is told to."""

    def push(device: TestDevice, operations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        principal = DevicePrincipal(device.device_id, device.user_id, PROGRAM, "active")
        request = PushRequest.model_validate(device.phone.push_body(operations))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(Unavailable):
                answer = exchange.push(database, app.state.keys.by_id, principal, request, START)
                receipts: list[dict[str, Any]] = answer["receipts"]
                return receipts
        raise AssertionError("the server never had time")

    return push


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """All at the same moment; the first exception is raised here."""
    gate = threading.Barrier(len(acts))

    def start(act: Callable[[], Any]) -> Any:
        gate.wait(PATIENCE_SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(PATIENCE_SECONDS) for done in [pool.submit(start, act) for act in acts]]


def until_blocked(database: Database, at_least: int = 1) -> None:
    """Wait until so many sessions wait for a lock (PostgreSQL)."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with database.read() as session:
            if session.execute(text(waiting)).scalar_one() >= at_least:
                return
    raise AssertionError("nobody ever waited")


class Tail:
    """A reader that follows the feed with its cursor and keeps the last form of each item."""

    def __init__(self, database: Database, scope: str, limit: int) -> None:
        self.database, self.scope, self.limit = database, scope, limit
        self.items: dict[str, str] = {}
        self.cursor: str | None = None
        self.resyncs = 0

    def step(self) -> bool:
        with self.database.read() as session:
            part = feed.read(session, (self.scope, "user:nobody"), self.cursor, self.limit)
        self.resyncs += part.resync and self.cursor is not None
        self.cursor = part.cursor
        for item in part.items:
            head, _, _ = item.partition(',"number"')
            self.items[head if '"t":"put"' in head else item.partition(',"page"')[0]] = item
        return part.more or bool(part.items)

    def follow(self, ended: threading.Event) -> None:
        while not ended.is_set():
            self.step()
        while self.step():
            pass


def check_log_order(database: Database, ended: threading.Event) -> None:
    """Positions become visible in their order: whoever saw one misses none below it ever after."""
    seen: set[int] = set()
    highest = 0
    while True:
        last_look = ended.is_set()
        with database.read() as session:
            found = {row[0] for row in session.execute(text("SELECT position FROM operation_header"))}
        late = {position for position in found - seen if position < highest}
        assert not late, f"{late} became visible after {highest}"
        seen, highest = found, max(found, default=0)
        if last_look:
            return
