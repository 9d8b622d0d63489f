"""Generated from the routes themselves: every one is guarded, and every role gets exactly what the table says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.auth.dependencies import SessionGuard, public, require
from api.auth.permissions import ROLES, may
from api.main import ROUTERS
from api.settings import Settings
from api.static import router as static_router
from sync.fields import Role
from tests.api.conftest import Cast, Enrol, SignIn, new_client

PEOPLE_ROLES = [role for role in ROLES if role != "server"]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
ODD_IDS = ("%00", "..%2f..", "%F0%9F%98%80", "x" * 300, "%ED%A0%80", "0")


def routes_of(router: Any) -> Iterator[APIRoute]:
    """Every route of a router or application, included ones too."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes_of(getattr(route, "original_router", route))


ROUTES = [route for router in (*ROUTERS, static_router) for route in routes_of(router)]


def guards_of(route: APIRoute) -> list[Any]:
    """The guards among all that a route depends on, however deep."""

    def walk(dependant: Dependant) -> Iterator[Any]:
        for part in dependant.dependencies:
            if hasattr(part.call, "handoff_guard"):
                yield part.call
            yield from walk(part)

    return list(walk(route.dependant))


def method_of(route: APIRoute) -> str:
    return sorted(route.methods or ())[0]


def name_of(route: APIRoute) -> str:
    return f"{method_of(route)} {route.path}"


def call(client: TestClient, route: APIRoute, part: str | None = None) -> Any:
    path = re.sub(r"\{[^}]+\}", lambda _: part or str(uuid4()), route.path)
    method = method_of(route)
    return client.request(method, path, json={} if method in UNSAFE else None)


GUARDED = [(route, guard) for route in ROUTES for guard in guards_of(route) if isinstance(guard, SessionGuard)]
CELLS = [(route, guard, role) for route, guard in GUARDED for role in PEOPLE_ROLES]


def test_the_application_serves_these_routes_and_no_others(app: FastAPI) -> None:
    assert sorted(name_of(route) for route in routes_of(app)) == sorted(map(name_of, ROUTES))
    assert len(ROUTES) > 15


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_route_declares_exactly_one_guard(route: APIRoute) -> None:
    assert len(guards_of(route)) == 1, f"{name_of(route)}: use require(), device_guard or public()"


def test_a_route_without_a_guard_would_be_found() -> None:
    router = APIRouter()
    router.get("/bare")(lambda: None)
    router.get("/open", dependencies=[public("a test")])(lambda: None)
    router.get("/both", dependencies=[public("a test"), require("session", "R")])(lambda: None)
    assert [len(guards_of(route)) for route in routes_of(router)] == [0, 1, 2]


def test_every_public_route_says_why() -> None:
    for route in ROUTES:
        guard = guards_of(route)[0].handoff_guard
        assert not guard.startswith("public:") or len(guard) > len("public:") + 10, name_of(route)


def test_documentation_is_not_served(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/api/docs", "/api/openapi.json"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "openapi" not in answer.text.lower()


@pytest.fixture
def database_kind() -> str:
    """What a guard decides does not depend on the database; the rest of the tests run on both."""
    return "sqlite"


def test_every_cell_of_role_and_route_is_as_declared(app: FastAPI, sign_in: SignIn) -> None:
    clients = {role: sign_in(role) for role in PEOPLE_ROLES}
    wrong = []
    for route, guard, role in CELLS:
        if name_of(route) == "DELETE /api/session":
            continue  # everybody may; it would end the client's session
        status = call(clients[role], route).status_code
        refused = status == 403
        if refused == may(role, guard.resource, guard.right) or status in (401, 500):
            wrong.append((name_of(route), role, status))
    assert not wrong
    assert len(CELLS) >= 9 * 8


def test_guarded_routes_ask_strangers_to_sign_in(app: FastAPI, client: TestClient) -> None:
    for route, _ in GUARDED:
        answer = call(client, route)
        assert answer.status_code == 401, name_of(route)
        assert answer.json()["type"].endswith("sign-in-needed")


def test_device_routes_ask_for_the_devices_cookie(client: TestClient, sign_in: SignIn) -> None:
    routes = [route for route in ROUTES if guards_of(route)[0].handoff_guard == "device"]
    assert routes
    for route in routes:
        for own in (client, sign_in("officer")):
            assert call(own, route).status_code == 401, name_of(route)


def test_nothing_in_a_path_makes_the_server_crash(app: FastAPI, enrol: Enrol) -> None:
    clients = [new_client(app), *(enrol(login).client for login in ("officer", "coordinator", "administrator"))]
    for route in ROUTES:
        for part in ODD_IDS if "{" in route.path else ():
            for client in clients:
                assert call(client, route, part).status_code < 500 or "{path" in route.path, (name_of(route), part)


def test_no_body_makes_the_server_crash(app: FastAPI, enrol: Enrol) -> None:
    clients = [enrol(login).client for login in ("officer", "coordinator")]
    bodies = (b"null", b"[]", b"5", b'"x"', b"{}", b'{"device_id": {}}', b"[" * 20_000, b'{"a": 1e999}', b"\xff\xfe")
    for route in ROUTES:
        method = method_of(route)
        if method not in UNSAFE or name_of(route) == "DELETE /api/session":
            continue
        path = re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), route.path)
        for client in clients:
            for body in bodies:
                answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
                assert answer.status_code < 500, (name_of(route), body[:20], answer.text)


def test_unknown_and_forbidden_ids_look_alike(enrol: Enrol, sign_in: SignIn, cast: Cast) -> None:
    device = enrol("officer")
    referral_id, operations = device.submission()
    device.push(*operations)
    strangers = {"officer2": "same program", "other_officer": "other program", "other_coordinator": "other program"}
    routes = [route for route in ROUTES if "{referral_id}" in route.path or "{device_id}" in route.path]
    assert len(routes) >= 2
    for route in routes:
        known = referral_id if "{referral_id}" in route.path else device.device_id
        for login in strangers:
            client = sign_in(login)
            theirs, unknown = call(client, route, known), call(client, route, str(uuid4()))
            assert (theirs.status_code, theirs.content) == (unknown.status_code, unknown.content), (
                name_of(route),
                login,
            )
            assert theirs.status_code in (403, 404, 204)


def test_nobody_writes_to_another_programs_referral(enrol: Enrol, app: FastAPI) -> None:
    device = enrol("officer")
    referral_id, operations = device.submission()
    device.push(*operations)
    before = enrol("coordinator").views()[referral_id]
    for login in ("other_coordinator", "other_supervisor", "other_officer"):
        stranger = enrol(login)
        answers = []
        for target in (referral_id, str(uuid4())):
            receipt = stranger.push(stranger.write(target, "consent.confirm", {"answer": "no"}))[0]
            answers.append((receipt["status"], receipt["reason"], receipt["detail"]))
        assert answers[0] == answers[1], f"{login} learns that the referral exists"
        assert answers[0][0] in ("held", "rejected")
    assert enrol("coordinator").views()[referral_id] == before


def test_wrong_methods_and_paths_are_problems(client: TestClient) -> None:
    for method, path, status in (("PUT", "/api/session", 405), ("GET", "/api/none", 404), ("POST", "/healthz", 405)):
        answer = client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description is not None
    assert len(description) > 15


@pytest.mark.parametrize("role", PEOPLE_ROLES)
def test_every_role_may_sign_in_and_out_and_read_its_program(role: Role) -> None:
    for resource, right in (("session", "R"), ("session", "D"), ("program", "R"), ("devices.own", "C")):
        assert may(role, resource, right)
