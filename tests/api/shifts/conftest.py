"""A program with a weekly rota of two coordinators, and everybody's own browser.

It is Wednesday 29 April 2026, 20:14 in Denver. `coordinator` is on call until Monday 08:00, then `coordinator2` for a week,
and so on in turn. Notices that would be sent are kept in `notices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session, col, select

from api.database import Database
from api.rota.model import Level
from api.shifts import queries
from api.shifts.service import Told
from api.tables.audit import AuditEvent
from api.tables.rota import RotaChange, RotaRule
from tests.api.conftest import PROGRAM, Cast, FakeClock, SignIn

NOW = "2026-04-30T02:14:00.000Z"
HANDOFF = "2026-05-04T14:00:00.000Z"
"""Monday 08:00 in Denver."""
EVENING = {"start": "2026-05-01T00:00:00Z", "end": "2026-05-01T04:00:00Z"}
NEXT_WEEK = {"with_start": "2026-05-06T00:00:00Z", "with_end": "2026-05-06T04:00:00Z"}
FIRST_DAYS = {"from": "2026-04-30T02:14:00Z", "to": "2026-05-03T00:00:00Z"}
UNCHANGED = [("coordinator", "04-30T02:14", "05-03T00:00")]
COVERED = [
    ("coordinator", "04-30T02:14", "05-01T00:00"), ("coordinator2", "05-01T00:00", "05-01T04:00"),
    ("coordinator", "05-01T04:00", "05-03T00:00"),
]  # fmt: skip
WEEK = {"weekday": 0, "start": "08:00", "end": "08:00", "days": 7}


@dataclass
class World:
    """What a test asks and says of the rota."""

    app: FastAPI
    cast: Cast
    clock: FakeClock
    sign_in: SignIn
    clients: dict[str, TestClient] = field(default_factory=dict)
    notices: list[tuple[str, str, str]] = field(default_factory=list)

    def tell(self, _session: Session, program_id: str, told: Sequence[Told], _now: datetime) -> None:
        names = {member.user_id: login for login, member in self.cast.items()}
        self.notices += [(program_id, names[each.user_id], each.text) for each in told]

    def wait(self, **amount: float) -> None:
        """Time passes; sessions end, so everybody signs in anew."""
        self.clock.advance(**amount)
        self.clients.clear()

    def client(self, login: str) -> TestClient:
        if login not in self.clients:
            self.clients[login] = self.sign_in(login)
        return self.clients[login]

    def id(self, login: str) -> str:
        return self.cast[login].user_id

    def terms(self, *logins: str, **changes: Any) -> dict[str, Any]:
        """One rule as a supervisor writes it: a week each, from Monday 08:00."""
        return {
            "level": "on_call", "zone": "America/Denver", "turns": [WEEK], "people": [self.id(login) for login in logins],
            "advance": "week", "first_week": "2026-04-27", "ends": None,
        } | changes  # fmt: skip

    def rota(self, login: str = "supervisor", **asked: str) -> dict[str, Any]:
        answer = self.client(login).get("/api/rota", params=asked)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def save(
        self, *rules: dict[str, Any], level: str = "on_call", by: str = "supervisor", version: str = ""
    ) -> Response:
        body = {"version": version or self.rota(by)["version"], "rules": list(rules)}
        answer: Response = self.client(by).put(f"/api/rota/levels/{level}", json=body)
        return answer

    def wish(self, by: str, kind: str, *, user: str = "", to: str = "", **more: Any) -> Response:
        people = {"user_id": self.id(user) if user else None, "to_user_id": self.id(to) if to else None}
        body = {"kind": kind, "level": "on_call", **{key: value for key, value in people.items() if value}, **more}
        answer: Response = self.client(by).post("/api/rota/changes", json=body)
        return answer

    def wished(self, by: str, kind: str, state: str, **more: Any) -> str:
        """The id of a change that was made and has come to this state."""
        answer = self.wish(by, kind, **more)
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == state
        return str(answer.json()["ids"][0])

    def settle(self, by: str, change_id: str, how: str) -> Response:
        answer: Response = self.client(by).post(f"/api/rota/changes/{change_id}/{how}")
        return answer

    def duty(self, level: str = "on_call", **asked: str) -> list[tuple[str, str, str]]:
        """Who is on duty from when to when, by login; minutes are enough."""
        names = {member.user_id: login for login, member in self.cast.items()}
        found = next(each for each in self.rota(**asked)["levels"] if each["level"] == level)
        return [(names[span["user_id"]], span["start"][5:16], span["end"][5:16]) for span in found["spans"]]

    def now_on_call(self, level: Level = "on_call", program_id: str = PROGRAM) -> list[str] | None:
        names = {member.user_id: login for login, member in self.cast.items()}
        with self.database.read() as session:
            found = queries.on_call_now(session, program_id, level, self.clock.now())
        return None if found is None else [names[user_id] for user_id in found]

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    def changes(self) -> list[RotaChange]:
        with self.database.read() as session:
            return list(session.exec(select(RotaChange).order_by(col(RotaChange.id))))

    def rules(self) -> list[RotaRule]:
        with self.database.read() as session:
            return list(session.exec(select(RotaRule).order_by(col(RotaRule.id))))

    def audited(self) -> list[tuple[str, str | None, str]]:
        """Acts on the rota, by whom and on what."""
        with self.database.read() as session:
            events = session.exec(select(AuditEvent).order_by(col(AuditEvent.id)))
            return [(each.action, each.actor_id, each.subject) for each in events if each.action.startswith("rota.")]


@pytest.fixture
def bare(app: FastAPI, cast: Cast, clock: FakeClock, sign_in: SignIn) -> World:
    """No rota yet."""
    world = World(app, cast, clock, sign_in)
    app.state.tell = world.tell
    return world


@pytest.fixture
def world(bare: World) -> World:
    """The weekly rota stands."""
    answer = bare.save(bare.terms("coordinator", "coordinator2"))
    assert answer.status_code == 200, answer.text
    bare.notices.clear()
    return bare
