"""schemathesis over the whole API, as every role and as nobody: no crash, and no answer that the schema does not describe.

The examples are drawn with one seed, so that a failure is the same one again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from sqlalchemy import delete

from api.tables.people import SignInAttempt
from tests.api.conftest import Cast, FakeClock
from tests.api.device import TestDevice
from tests.api.hostile.intruders import signed_in

SEED = 20261123
EXAMPLES = 3
"""Of each operation, role and kind (as the schema says, and not as it says): what a minute allows."""
CASES_AT_LEAST = 300
OWN = {"X-Handoff": "1"}
ROLES = (
    "nobody", "officer", "sergeant", "coordinator", "case_manager", "supervisor", "administrator", "prosecutor",
    "evaluator", "partner",
)  # fmt: skip
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance, checks.response_headers_conformance,
    checks.response_schema_conformance,
]  # fmt: skip
PROBLEM: dict[str, Any] = {
    "description": "A problem document (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "additionalProperties": False,
                "properties": {
                    "type": {"type": "string", "pattern": "^urn:handoff:problem:[a-z-]+$"},
                    "title": {"type": "string", "minLength": 1},
                    "status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "detail": {"type": "string"},
                    "errors": {"type": "array", "maxItems": 20},
                    "problems": {"type": "array"},
                },
            }
        }
    },
}
"""Every refusal has this form; FastAPI's own description of a 422 is not what is answered."""


@pytest.fixture
def database_kind() -> str:
    """The same routes and models; what the two databases take differently is tried in `test_bad_input`."""
    return "sqlite"


def described(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI document with the form of its refusals."""
    document: dict[str, Any] = app.openapi()
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["4XX"] = PROBLEM
            operation["responses"]["503"] = PROBLEM
    return document


def send(client: TestClient, case: schemathesis.Case[Any]) -> Any:
    """The case over this client, whose cookies it keeps; a crash of the server is an answer."""
    asked = case.as_transport_kwargs(base_url="https://testserver")
    content = {"json": asked["json"]} if "json" in asked else {"content": asked.get("data")}
    headers = {
        name: value for name, value in asked["headers"].items() if name.lower() not in ("user-agent", "accept-encoding")
    }
    return client.request(
        asked["method"], asked["url"], params=asked["params"], headers=headers, follow_redirects=False, **content
    )


def test_no_crash_and_no_answer_beside_the_schema(
    app: FastAPI, cast: Cast, clock: FakeClock, officer: TestDevice, refer: Callable[..., str],
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    known = {"referral_id": refer({"place": "Here"}), "device_id": officer.device_id}
    schema = schemathesis.openapi.from_dict(described(app))
    statuses: dict[str, Counter[int]] = {role: Counter() for role in ROLES}
    faults = []
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 50
    for operation in operations:
        with app.state.database.write() as session:
            session.execute(delete(SignInAttempt))  # the limits have their own tests
        clients = {role: client_of(app, cast, role, clock) for role in ROLES}
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            try:
                examine(operation, mode, clients, statuses, known)
            except (AssertionError, FailureGroup) as error:
                faults.append(f"{operation.method.upper()} {operation.path}: {error}")
    for role, counted in statuses.items():
        tell(f"{role}: {counted.total()} cases, seed {SEED}: {dict(sorted(counted.items()))}")
    assert not faults, "\n\n".join(faults)
    assert min(counted.total() for counted in statuses.values()) > CASES_AT_LEAST
    assert all(counted[200] > 0 for counted in statuses.values())


def client_of(app: FastAPI, cast: Cast, role: str, clock: FakeClock) -> TestClient:
    """A browser of somebody in that role, or of nobody; a crash of the server is an answer."""
    client = TestClient(app, base_url="https://testserver", headers=OWN, raise_server_exceptions=False)
    if role != "nobody":
        client.cookies = signed_in(app, cast, role, clock).cookies
    return client


def examine(
    operation: Any, mode: GenerationMode, clients: Mapping[str, TestClient], statuses: Mapping[str, Counter[int]],
    known: Mapping[str, str],
) -> None:  # fmt: skip
    """Some cases of one operation, each sent by everybody; raises what schemathesis finds.

    What is sent as the schema says names things that exist, where there are any.
    """

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
        for role, client in clients.items():
            answer = send(client, case)
            statuses[role][answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

    try:
        run()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "nothing can be wrong with a request that takes nothing"
