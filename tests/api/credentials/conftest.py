"""People with passkeys and authenticator apps.

passkey_of("officer")     an authenticator that holds one passkey of that person
app_of("officer")         an authenticator app, confirmed; `app.code()` is what it shows now
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.program import ProgramConfig
from api.database import Database
from api.tables.people import Program
from tests.api.conftest import PROGRAM, FakeClock, SignIn, new_client
from tests.api.credentials.authenticator import Authenticator

PasskeyOf = Callable[..., Authenticator]


@dataclass(frozen=True)
class App:
    """An authenticator app; `client` is the session in which it was added."""

    secret: str
    clock: FakeClock
    client: TestClient

    def code(self, steps: int = 0) -> str:
        """What it shows so many steps of thirty seconds from now."""
        return pyotp.TOTP(self.secret).at(self.clock.now(), counter_offset=steps)

    def wrong(self) -> str:
        """Six digits that fit at no time near now."""
        near = {self.code(steps) for steps in range(-5, 6)}
        return next(digits for digits in (f"{number:06}" for number in range(20)) if digits not in near)


AppOf = Callable[[str], App]


def add_passkey(client: TestClient, authenticator: Authenticator, label: str = "This phone") -> Any:
    """The server's answer to a new passkey."""
    asked = client.post("/api/passkeys/options")
    assert asked.status_code == 200, asked.text
    credential = authenticator.create(asked.json()["options"])
    body = {"challenge_id": asked.json()["challenge_id"], "label": label, "credential": credential}
    return client.post("/api/passkeys", json=body)


def proof_by(client: TestClient, authenticator: Authenticator) -> dict[str, Any]:
    """A challenge answered: a body for signing in and for proving again."""
    asked = client.post("/api/session/passkey-options", json={}).json()
    return {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["options"])}


def enter(client: TestClient, authenticator: Authenticator, **more: Any) -> Any:
    """The server's answer to a sign-in by passkey."""
    return client.post("/api/session/passkey", json=proof_by(client, authenticator) | more)


@pytest.fixture
def passkey_of(sign_in: SignIn) -> PasskeyOf:
    def make(login: str, **nature: Any) -> Authenticator:
        authenticator = Authenticator(**nature)
        answer = add_passkey(sign_in(login), authenticator)
        assert answer.status_code == 201, answer.text
        return authenticator

    return make


@pytest.fixture
def app_of(sign_in: SignIn, clock: FakeClock) -> AppOf:
    def make(login: str) -> App:
        client = sign_in(login)
        app = App(client.post("/api/totp").json()["secret"], clock, client)
        assert client.post("/api/totp/confirm", json={"code": app.code()}).status_code == 204
        clock.advance(seconds=30)
        return app

    return make


@pytest.fixture
def second_factor_required(database: Database, cast: object) -> None:
    """The program asks for two factors."""
    with database.write() as session:
        program = session.get_one(Program, PROGRAM)
        program.config = ProgramConfig.model_validate(program.config | {"second_factor": "required"}).model_dump()
        session.add(program)


@pytest.fixture
def browsers(app: FastAPI) -> Callable[[], TestClient]:
    """Browsers that know nobody yet."""
    return lambda: new_client(app)
