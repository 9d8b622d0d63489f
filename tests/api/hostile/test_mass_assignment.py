"""No request sets what is not its own: every write model refuses a role, a program, an author, a status it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.api.conftest import Cast, FakeClock
from tests.api.device import TestDevice
from tests.api.hostile.intruders import fitting, method_of, path_of, writes

FOREIGN = (
    "role", "program_id", "agency_id", "author", "user_id", "status", "state", "active", "fresh_at", "id", "created_at",
    "second_factor_needed", "is_admin", "__proto__", "constructor",
)  # fmt: skip

FROM_THE_BROWSER = ["Assertion", "AssertionResponse", "AttestationResponse", "ExtensionAnswers", "NewCredential"]
"""What browsers make (WebAuthn), with members that come and go; each that is used is read by its own name."""


@pytest.fixture
def database_kind() -> str:
    """What is refused here never reaches a database."""
    return "sqlite"


def with_bodies(app: FastAPI) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
    """The writes that take a body, with the schema of it."""
    document = app.openapi()
    for route in writes():
        operation = document["paths"][route.path][method_of(route).lower()]
        if "requestBody" in operation:
            yield route, operation["requestBody"]["content"]["application/json"]["schema"]


def models(document: dict[str, Any], schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every model that a schema is made of, by name."""
    seen: set[str] = set()

    def walk(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(part, list):
            for each in part:
                yield from walk(each)
        if not isinstance(part, dict):
            return
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            found = document["components"]["schemas"][name]
            yield name, found
            yield from walk(found)
        for key, each in part.items():
            if key not in ("default", "example", "examples"):
                yield from walk(each)

    yield from walk(schema)


def test_every_model_that_is_read_refuses_what_it_does_not_know(app: FastAPI) -> None:
    document = app.openapi()
    found = {name: model for _, schema in with_bodies(app) for name, model in models(document, schema)}
    objects = {name: model for name, model in found.items() if "properties" in model}
    lenient = sorted(name for name, model in objects.items() if model.get("additionalProperties") is not False)
    assert lenient == FROM_THE_BROWSER
    assert len(objects) > 15


def test_what_is_not_asked_for_is_named_and_refused(
    app: FastAPI, cast: Cast, clock: FakeClock, officer: TestDevice
) -> None:
    tried, missed = 0, []
    for route, schema in with_bodies(app):
        document = app.openapi()
        model = dict(models(document, schema)).get(str(schema.get("$ref", "")).rpartition("/")[2], {})
        foreign = [name for name in FOREIGN if name not in model.get("properties", {})]
        client = fitting(app, cast, clock, officer, route)
        usual = {"device_id": officer.device_id} if client is officer.client else {}
        for name in foreign:
            answer = client.request(method_of(route), path_of(route), json=usual | {name: "administrator"})
            named = {error["field"].rpartition(".")[2] for error in answer.json().get("errors", [])}
            tried += 1
            if answer.status_code != 422 or name not in named:
                missed.append((method_of(route), route.path, name, answer.status_code))
    assert missed == []
    assert tried > 200
