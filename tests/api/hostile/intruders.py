"""Sessions without the ceremony, and every route with a way to call it: what the hostile tests share.

Opening a session by its form costs a passphrase and counts against the address; here thousands are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlmodel import SQLModel

from api.auth import sessions
from api.auth.cookies import SESSION_COOKIE
from api.auth.dependencies import SessionGuard
from api.auth.permissions import ROLES, may
from api.database import Database
from api.main import ROUTERS
from tests.api.conftest import Cast, FakeClock, new_client
from tests.api.device import TestDevice
from tests.api.test_routes import guards_of

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def signed_in(app: FastAPI, cast: Cast, login: str, clock: FakeClock) -> TestClient:
    """A browser with an open, fresh session of one of the cast."""
    client = new_client(app)
    database: Database = app.state.database
    with database.write() as session:
        membership = sessions.standing_membership(session, cast[login].user_id, clock.now())
        assert membership is not None
        token, _ = sessions.open_session(session, membership, None, clock.now())
    client.cookies.set(SESSION_COOKIE, token)
    return client


def routes(router: Any = None) -> Iterator[APIRoute]:
    """Every route of the API."""
    for route in (each for part in (ROUTERS if router is None else [router]) for each in part.routes):
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes(getattr(route, "original_router", route))


def fitting(app: FastAPI, cast: Cast, clock: FakeClock, phone: TestDevice, route: APIRoute) -> TestClient:
    """A browser that a route's guard lets through: what the route itself refuses is then the route's doing."""
    [guard] = guards_of(route)
    if isinstance(guard, SessionGuard):
        role = next(role for role in ROLES if may(role, guard.resource, guard.right))
        return signed_in(app, cast, role, clock)
    return phone.client if guard.handoff_guard == "device" else new_client(app)


def method_of(route: APIRoute) -> str:
    return sorted(route.methods or ())[0]


def path_of(route: APIRoute) -> str:
    """The route's path with an id in every place for one."""
    return re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), route.path)


def writes() -> list[APIRoute]:
    """The routes that may change something."""
    return [route for route in routes() if method_of(route) in UNSAFE]


def everything_stored(database: Database) -> dict[str, tuple[int, str]]:
    """Every table's number of rows and a digest of their content: equal before and after is unchanged."""
    found = {}
    with database.read() as session:
        for name, table in sorted(SQLModel.metadata.tables.items()):
            rows = sorted(map(repr, session.connection().execute(table.select())))
            found[name] = (len(rows), str(hash(tuple(rows))))
    return found
