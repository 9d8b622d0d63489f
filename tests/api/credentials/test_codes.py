"""Authenticator apps: adding one, the code at sign-in, each step once, a little skew."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import col, select

from api.auth import limits
from api.database import Database
from api.tables.audit import AuditEvent
from tests.api.at_once import together
from tests.api.conftest import PASSPHRASE, Cast, FakeClock, SignIn
from tests.api.credentials.conftest import App, AppOf

WRONG = "not the right words"


def post(client: TestClient, login: str = "officer", password: str = PASSPHRASE, **more: str) -> Any:
    return client.post("/api/session", json={"login": login, "password": password} | more)


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").rpartition(":")[2]


class TestAdding:
    def test_the_secret_is_shown_once_as_apps_read_it(self, sign_in: SignIn, cast: Cast) -> None:
        document = sign_in("officer").post("/api/totp").json()
        address = urlsplit(document["uri"])
        assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Warm%20Handoff:officer")
        assert parse_qs(address.query) == {"secret": [document["secret"]], "issuer": ["Warm Handoff"]}
        assert len(document["secret"]) == 32, "160 bits in base32"

    def test_it_counts_once_confirmed(self, sign_in: SignIn, browsers: Any, clock: FakeClock) -> None:
        client = sign_in("officer")
        app = App(client.post("/api/totp").json()["secret"], clock, client)
        assert client.get("/api/passkeys").json()["totp"] is False
        assert post(browsers()).status_code == 200
        assert client.post("/api/totp/confirm", json={"code": app.wrong()}).status_code == 409
        assert client.post("/api/totp/confirm", json={"code": app.code()}).status_code == 204
        assert client.get("/api/passkeys").json()["totp"] is True
        assert kind(post(browsers())) == (401, "code-needed")

    def test_a_confirmed_one_is_not_replaced_by_asking_again(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        assert app.client.post("/api/totp").status_code == 409
        assert app.client.post("/api/totp/confirm", json={"code": app.code()}).status_code == 409
        assert post(browsers(), code=app.code()).status_code == 200

    def test_a_secret_that_was_never_confirmed_gives_way_to_the_next(self, sign_in: SignIn, clock: FakeClock) -> None:
        client = sign_in("officer")
        first, second = (App(client.post("/api/totp").json()["secret"], clock, client) for _ in range(2))
        assert client.post("/api/totp/confirm", json={"code": first.code()}).status_code == 409
        assert client.post("/api/totp/confirm", json={"code": second.code()}).status_code == 204

    def test_the_code_that_confirmed_it_does_not_sign_in(
        self, sign_in: SignIn, browsers: Any, clock: FakeClock
    ) -> None:
        client = sign_in("officer")
        app = App(client.post("/api/totp").json()["secret"], clock, client)
        client.post("/api/totp/confirm", json={"code": app.code()})
        assert kind(post(browsers(), code=app.code())) == (401, "sign-in-refused")

    def test_the_secret_lies_sealed(self, app_of: AppOf, database: Database) -> None:
        app = app_of("officer")
        with database.read() as session:
            stored = session.execute(text("SELECT secret FROM one_time_code")).scalar_one()
        assert app.secret.encode() not in bytes(stored)

    def test_removed_no_code_is_asked_for(self, app_of: AppOf, browsers: Any, clock: FakeClock) -> None:
        app = app_of("officer")
        clock.advance(minutes=6)
        assert kind(app.client.delete("/api/totp")) == (403, "proof-needed")
        again = browsers()
        post(again, code=app.code())
        assert again.delete("/api/totp").status_code == 204
        assert again.delete("/api/totp").status_code == 404
        assert post(browsers()).status_code == 200


class TestSigningIn:
    def test_with_the_code_it_opens(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        assert kind(post(browsers())) == (401, "code-needed")
        assert post(browsers(), code=app.code()).status_code == 200

    def test_a_wrong_passphrase_is_told_alike_with_and_without_an_app(self, app_of: AppOf, browsers: Any) -> None:
        app_of("officer")
        answers = [post(browsers(), login, WRONG) for login in ("officer", "coordinator", "nobody")]
        assert len({answer.content for answer in answers}) == 1
        assert kind(answers[0]) == (401, "sign-in-refused")

    def test_whoever_has_no_app_may_send_any_code(self, cast: Cast, browsers: Any) -> None:
        assert post(browsers(), code="000000").status_code == 200

    @pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
    def test_clocks_may_differ_by_one_step(self, app_of: AppOf, browsers: Any, steps: int, status: int) -> None:
        app = app_of("officer")
        app.clock.advance(minutes=5)
        assert post(browsers(), code=app.code(steps)).status_code == status

    def test_a_code_is_used_once_and_none_before_it_after_it(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        app.clock.advance(minutes=5)
        assert post(browsers(), code=app.code()).status_code == 200
        assert post(browsers(), code=app.code()).status_code == 401
        assert post(browsers(), code=app.code(-1)).status_code == 401
        assert post(browsers(), code=app.code(1)).status_code == 200
        app.clock.advance(seconds=30)
        assert post(browsers(), code=app.code()).status_code == 401, "used ahead of its time"

    def test_two_who_send_the_same_code_at_once_get_one_session(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        app.clock.advance(minutes=5)
        code, clients = app.code(), [browsers() for _ in range(4)]
        answers = together([partial(post, client, code=code) for client in clients])
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]

    def test_wrong_codes_lock_the_passphrase_like_wrong_words(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        for _ in range(limits.ACCOUNT_FAILURES):
            assert kind(post(browsers(), code=app.wrong())) == (401, "sign-in-refused")
        assert post(browsers(), code=app.code()).status_code == 429

    def test_asking_for_the_code_neither_counts_nor_forgives(self, app_of: AppOf, browsers: Any) -> None:
        app = app_of("officer")
        for _ in range(limits.ACCOUNT_FAILURES * 2):
            assert kind(post(browsers())) == (401, "code-needed")
        for _ in range(limits.ACCOUNT_FAILURES):
            assert kind(post(browsers(), code=app.wrong())) == (401, "sign-in-refused")
            post(browsers())
        assert post(browsers(), code=app.code()).status_code == 429

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n", 123456])
    def test_what_is_no_code_is_malformed(self, app_of: AppOf, browsers: Any, code: Any) -> None:
        app_of("officer")
        assert post(browsers(), code=code).status_code == 422


def test_every_step_is_audited(app_of: AppOf, database: Database, cast: Cast) -> None:
    app_of("officer").client.delete("/api/totp")
    with database.read() as session:
        query = select(AuditEvent).where(col(AuditEvent.action).like("totp.%")).order_by(col(AuditEvent.id))
        events = session.exec(query).all()
    assert [event.action for event in events] == ["totp.begin", "totp.add", "totp.remove"]
    assert {event.actor_id for event in events} == {cast["officer"].user_id}
