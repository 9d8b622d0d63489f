"""What is refused: answers that are not for this browser, codes and tokens that do not hold, other issuers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlmodel import select

from api.database import Database
from api.openid.attempt import COOKIE, challenge
from api.openid.directory import PublicKey
from api.openid.id_token import Expected, read
from api.openid.refusals import Refused
from api.tables.audit import AuditEvent
from api.tables.people import SignIn
from tests.api.conftest import Cast, FakeClock, new_client
from tests.api.openid.conftest import SUBJECT, Begin, Enter, Go, come_back, link_directly
from tests.api.openid.provider_process import ProviderProcess

REFUSED = "/#/openid/refused/"
NOT_VERIFIED, AGAIN = REFUSED + "not_verified", REFUSED + "again"

pytestmark = pytest.mark.usefixtures("linked")


@pytest.fixture
def database_kind() -> str:
    """What an answer is worth does not depend on the database; `test_sign_in` and `test_linking` run on both."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _no_session_by_the_back_door(request: pytest.FixtureRequest, database: Database, linked: str) -> Any:
    """Whatever was refused, nobody is signed in afterwards; a test that signs somebody in says how often."""
    yield
    expected = request.node.get_closest_marker("sessions")
    with database.read() as session:
        assert len(session.exec(select(SignIn)).all()) == (expected.args[0] if expected else 0)


def changed(address: str, **parameters: str | None) -> str:
    """An address with other parameters; None takes one away."""
    parts = urlsplit(address)
    query = {name: value[0] for name, value in parse_qs(parts.query).items()} | parameters
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value is not None})).geturl()


class TestTheWayBack:
    @pytest.mark.sessions(1)
    def test_a_return_works_once(self, begin: Begin, real: ProviderProcess) -> None:
        begun = begin()
        cookie = begun.client.cookies[COOKIE]
        back = real.visit(begun.address)
        assert come_back(begun.client, back) == "/#/openid/in"
        begun.client.cookies.set(COOKIE, cookie)
        assert come_back(begun.client, back) == AGAIN

    @pytest.mark.sessions(1)
    def test_a_code_that_was_used_is_refused_by_the_provider(
        self, begin: Begin, real: ProviderProcess, app: FastAPI
    ) -> None:
        first = begin()
        back = real.visit(first.address)
        code = parse_qs(urlsplit(back).query)["code"][0]
        assert come_back(first.client, back) == "/#/openid/in"
        second = begin(new_client(app))
        own = real.visit(second.address)
        real.control()
        assert come_back(second.client, changed(own, code=code)) == NOT_VERIFIED
        assert real.control() == ["/token"]

    def test_anothers_code_does_not_fit_this_browser(self, begin: Begin, real: ProviderProcess, app: FastAPI) -> None:
        """Code injection: the verifier is another one (PKCE)."""
        victim, thief = begin(), begin(new_client(app))
        stolen = parse_qs(urlsplit(real.visit(victim.address)).query)["code"][0]
        assert come_back(thief.client, changed(real.visit(thief.address), code=stolen)) == NOT_VERIFIED

    def test_a_challenge_that_is_not_ours_is_found_by_the_provider(self, begin: Begin, real: ProviderProcess) -> None:
        begun = begin()
        back = real.visit(changed(begun.address, code_challenge=challenge("another verifier")))
        real.control()
        assert come_back(begun.client, back) == NOT_VERIFIED
        assert real.control() == ["/token"]

    def test_a_link_that_somebody_else_made_signs_nobody_in(
        self, begin: Begin, real: ProviderProcess, app: FastAPI
    ) -> None:
        """Login CSRF: the state is not the one of this browser's way."""
        attacker, victim = begin(new_client(app)), begin()
        back = real.visit(attacker.address)
        real.control()
        assert come_back(victim.client, back) == AGAIN
        assert come_back(new_client(app), back) == AGAIN, "a browser that began nothing"
        assert real.control() == [], "the provider is not even asked"

    @pytest.mark.parametrize("state", [None, "", "x", "é", "A" * 43, "A" * 5000])
    def test_another_state_ends_the_way(
        self, begin: Begin, real: ProviderProcess, state: str | None, database: Database
    ) -> None:
        begun = begin()
        cookie = begun.client.cookies[COOKIE]
        back = real.visit(begun.address)
        assert come_back(begun.client, changed(back, state=state)) == AGAIN
        begun.client.cookies.set(COOKIE, cookie)
        assert come_back(begun.client, back) == AGAIN, "it is used up"
        with database.read() as session:
            refused = session.exec(select(AuditEvent).where(AuditEvent.action == "session.start")).all()
        assert [each.outcome for each in refused] == ["refused"]

    @pytest.mark.parametrize(("minutes", "ends"), [(9.9, False), (10, True)])
    def test_a_way_lasts_ten_minutes(
        self, begin: Begin, real: ProviderProcess, clock: FakeClock, minutes: float, ends: bool
    ) -> None:
        begun = begin()
        back = real.visit(begun.address)
        clock.advance(minutes=minutes)
        assert (come_back(begun.client, back) == AGAIN) is ends

    def test_a_code_or_state_given_twice_is_none(self, begin: Begin, real: ProviderProcess) -> None:
        for name in ("code", "state"):
            begun = begin()
            back = real.visit(begun.address)
            again = parse_qs(urlsplit(back).query)[name][0]
            assert come_back(begun.client, f"{back}&{name}={again}").startswith(REFUSED)

    def test_who_says_no_is_told_so(self, begin: Begin, real: ProviderProcess) -> None:
        real.control(decline=True)
        begun = begin()
        assert come_back(begun.client, real.visit(begun.address)) == REFUSED + "declined"

    @pytest.mark.parametrize("provider", ["nothing", "%00", "00000000-0000-4000-8000-000000000000"])
    def test_a_provider_that_is_not_there_is_none(self, begin: Begin, provider: str) -> None:
        begun = begin()
        assert come_back(begun.client, f"/api/openid/{provider}/return?code=a&state=b") == AGAIN
        assert begun.client.post(f"/api/openid/{provider}/begin", json={}).status_code == 404


class TestTheIssuer:
    @pytest.mark.parametrize("iss", ["https://evil.example", "", None])
    def test_an_answer_names_its_issuer(self, begin: Begin, real: ProviderProcess, iss: str | None) -> None:
        """RFC 9207; the real provider announces that it does."""
        begun = begin()
        back = real.visit(begun.address)
        assert parse_qs(urlsplit(back).query)["iss"] == [real.issuer]
        real.control()
        assert come_back(begun.client, changed(back, iss=iss)) == NOT_VERIFIED
        assert "/token" not in real.control()

    def test_an_answer_at_another_providers_address_opens_nothing(
        self, begin: Begin, real: ProviderProcess, enter: Enter, linked: str
    ) -> None:
        other = enter(program_id="dona-ana", issuer=real.issuer)
        begun = begin()
        assert come_back(begun.client, real.visit(begun.address).replace(linked, other)) == AGAIN

    def test_metadata_of_another_issuer_is_not_believed(
        self, client: TestClient, enter: Enter, real: ProviderProcess
    ) -> None:
        provider = enter(issuer=real.issuer + "/")  # not character by character the same
        assert client.post(f"/api/openid/{provider}/begin", json={}).status_code == 503


def seconds_ago(amount: float) -> int:
    return int(time.time() - amount)


TOKENS: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "somebody else"}},
    "another audience besides": {"claims": {"aud": ["warm handoff/tests", "somebody else"], "azp": "warm handoff/tests"}},
    "no audience": {"claims": {"aud": []}},
    "another authorized party": {"claims": {"azp": "somebody else"}},
    "run out": {"claims": {"exp": seconds_ago(120)}},
    "no expiry": {"claims": {"exp": None}},
    "an expiry that is no number": {"claims": {"exp": "9999999999"}},
    "made long ago": {"claims": {"iat": seconds_ago(3600)}},
    "made tomorrow": {"claims": {"iat": seconds_ago(-86400)}},
    "not before tomorrow": {"claims": {"nbf": seconds_ago(-86400)}},
    "signed in this morning": {"claims": {"auth_time": seconds_ago(6 * 3600)}},
    "signed in nobody knows when": {"claims": {"auth_time": None}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a subject that is a number": {"claims": {"sub": 7}},
    "a subject with a NUL": {"claims": {"sub": SUBJECT + "\u0000"}},
    "a subject that is long": {"claims": {"sub": "x" * 256}},
    "no signature": {"key": "none"},
    "signed with the client's secret": {"key": "secret"},
    "signed by somebody else": {"key": "foreign"},
    "a broken signature": {"key": "broken"},
    "an unknown key": {"header": {"kid": "second"}},
    "a key that is no name": {"header": {"kid": 5}},
    "an unknown critical extension": {"header": {"crit": ["strange"], "strange": 1}},
    "no token": {"raw": "a.b.c"},
    "an encrypted one": {"raw": "a.b.c.d.e"},
    "an endless one": {"raw": "a." * 40_000},
    "one with other letters": {"raw": "é.é.é"},
}  # fmt: skip


class TestTheToken:
    @pytest.mark.parametrize("name", TOKENS)
    def test_one_that_does_not_hold_signs_nobody_in(self, begin: Begin, real: ProviderProcess, name: str) -> None:
        begun = begin()
        real.control(account=SUBJECT, **TOKENS[name])
        assert come_back(begun.client, real.visit(begun.address)) == NOT_VERIFIED

    @pytest.mark.sessions(1)
    @pytest.mark.parametrize(
        "claims",
        [
            dict,
            lambda: {"aud": ["warm handoff/tests"]},
            lambda: {"azp": "warm handoff/tests"},
            lambda: {"exp": seconds_ago(-60), "nbf": seconds_ago(5)},
        ],
    )
    def test_one_that_holds_does(
        self, begin: Begin, real: ProviderProcess, claims: Callable[[], dict[str, Any]]
    ) -> None:
        """The same way of making tokens, so that the refusals above are for what they say."""
        begun = begin()
        real.control(account=SUBJECT, claims=claims())
        assert come_back(begun.client, real.visit(begun.address)) == "/#/openid/in"

    @pytest.mark.parametrize(("seconds", "holds"), [(0, True), (3600 + 55, True), (3600 + 65, False)])
    def test_its_expiry_counts_with_a_minute_for_clocks(self, seconds: int, holds: bool) -> None:
        """The provider's tokens last an hour, longer than any way: so the boundary is tried on the reader itself."""
        assert reads(exp=3600, now=seconds, iat=seconds) is holds

    @pytest.mark.parametrize(("age", "holds"), [(0, True), (355, True), (365, False), (-55, True), (-65, False)])
    def test_a_proof_counts_for_five_minutes(self, age: int, holds: bool) -> None:
        assert reads(exp=3600, now=1000, iat=1000, auth_time=1000 - age) is holds


def reads(*, exp: int, now: int, iat: int, auth_time: int | None = None) -> bool:
    """Whether a token with these times, otherwise sound, is read at `now`."""
    key = ECKey.generate_key("P-256")
    claims = {
        "iss": "i", "sub": "s", "aud": "c", "nonce": "n", "exp": exp, "iat": iat,
        "auth_time": now if auth_time is None else auth_time,
    }  # fmt: skip

    async def find(_key_id: str | None) -> PublicKey:
        return key

    try:
        asyncio.run(
            read(
                jwt.encode({"alg": "ES256"}, claims, key),
                Expected("i", "c", "n"),
                find,
                datetime.fromtimestamp(now, UTC),
            )
        )
    except Refused:
        return False
    return True


class TestTheProvider:
    @pytest.fixture
    def soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.openid.web.DEADLINE_SECONDS", 0.5)

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 500}, {"status": 302, "headers": {"location": "https://evil.example/token"}}, {"wait": True},
            {"bytes": 300_000}, {"body": []}, {"body": {"id_token": 5}}, {"body": {}}, {"body": "text"}, {"status": 204},
        ],
        ids=str,
    )  # fmt: skip
    @pytest.mark.usefixtures("soon")
    def test_a_token_endpoint_without_a_token(
        self, begin: Begin, real: ProviderProcess, answer: dict[str, Any]
    ) -> None:
        begun = begin()
        back = real.visit(begun.address)
        real.control(answer={"path": "/token", **answer})
        expected = NOT_VERIFIED if answer.get("status") in (302, 204) else REFUSED + "unavailable"
        assert come_back(begun.client, back) == expected

    @pytest.mark.parametrize(
        "answer",
        [{"status": 404}, {"wait": True}, {"bytes": 300_000}, {"body": {}}, {"body": {"keys": "none"}}],
        ids=str,
    )
    @pytest.mark.usefixtures("soon")
    def test_keys_that_cannot_be_had(self, begin: Begin, real: ProviderProcess, answer: dict[str, Any]) -> None:
        begun = begin()
        back = real.visit(begun.address)
        real.control(answer={"path": "/jwks", **answer})
        assert come_back(begun.client, back) == REFUSED + "unavailable"

    def test_keys_that_are_of_no_use(self, begin: Begin, real: ProviderProcess) -> None:
        begun = begin()
        back = real.visit(begun.address)
        odd = [
            {"kty": "oct", "k": "AAAA", "kid": "first"},
            {"kty": "RSA", "kid": "first"},
            {"kid": "first"},
            {"kty": 5},
        ]
        real.control(answer={"path": "/jwks", "body": {"keys": odd}})
        assert come_back(begun.client, back) == NOT_VERIFIED

    @pytest.mark.parametrize(
        "answer", [{"status": 500}, {"wait": True}, {"bytes": 300_000}, {"body": {"issuer": "x"}}, {"body": 5}], ids=str
    )
    @pytest.mark.usefixtures("soon")
    def test_one_that_does_not_answer_is_said_to(
        self, client: TestClient, provider_id: str, real: ProviderProcess, answer: dict[str, Any]
    ) -> None:
        real.control(answer={"path": "/.well-known/openid-configuration", **answer})
        said = client.post(f"/api/openid/{provider_id}/begin", json={})
        assert (said.status_code, COOKIE in client.cookies) == (503, False)
        assert said.json()["type"].endswith("unavailable")

    @pytest.mark.parametrize(
        "change",
        [
            {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": "http://localhost:1/token"},
            {"jwks_uri": "https://user:word@localhost/"}, {"code_challenge_methods_supported": ["plain"]}, {"jwks_uri": None},
        ],
        ids=str,
    )  # fmt: skip
    def test_metadata_that_leads_astray(
        self, client: TestClient, provider_id: str, real: ProviderProcess, change: dict[str, Any]
    ) -> None:
        sound: dict[str, Any] = {
            "issuer": real.issuer, "authorization_endpoint": f"{real.issuer}/auth", "token_endpoint": f"{real.issuer}/token",
            "jwks_uri": f"{real.issuer}/jwks",
        }  # fmt: skip
        for metadata, status in ((sound | change, 503), (sound, 200)):
            real.control(answer={"path": "/.well-known/openid-configuration", "body": metadata})
            assert client.post(f"/api/openid/{provider_id}/begin", json={}).status_code == status

    def test_one_at_a_private_address_is_not_asked(
        self, client: TestClient, enter: Enter, real: ProviderProcess
    ) -> None:
        real.control()
        provider = enter(issuer=real.issuer.replace("localhost", "127.0.0.1"))
        assert client.post(f"/api/openid/{provider}/begin", json={}).status_code == 503
        assert real.control() == []


@pytest.mark.sessions(1)
def test_metadata_and_keys_are_remembered_for_an_hour(go: Go, real: ProviderProcess, clock: FakeClock) -> None:
    asked = []
    for minutes in (0, 59, 2):
        clock.advance(minutes=minutes)
        at = int(clock.now().timestamp())
        real.control(account=SUBJECT, claims={"iat": at, "auth_time": at, "exp": at + 60})
        assert go() == "/#/openid/in"
        own = [path for path in real.control() if path in ("/jwks", "/.well-known/openid-configuration")]
        asked.append(own)
    assert asked == [["/.well-known/openid-configuration", "/jwks"], [], ["/.well-known/openid-configuration", "/jwks"]]


def test_unknown_keys_make_the_provider_be_asked_once_a_minute(go: Go, real: ProviderProcess, clock: FakeClock) -> None:
    counts = []
    for seconds in (0, 0, 30, 31):
        clock.advance(seconds=seconds)
        real.control(account=SUBJECT, header={"kid": "unknown"})
        assert go() == NOT_VERIFIED
        counts.append(real.control().count("/jwks"))
    assert counts == [1, 0, 0, 1]


def test_a_refused_sign_in_is_in_the_audit_trail(
    go: Go, real: ProviderProcess, database: Database, linked: str
) -> None:
    real.control(account=SUBJECT, claims={"nonce": "x"})
    assert go() == NOT_VERIFIED
    with database.read() as session:
        [event] = session.exec(select(AuditEvent).where(AuditEvent.action == "session.start")).all()
    assert (event.outcome, event.subject, event.program_id, event.source) == ("refused", linked, "denver", "testclient")


def test_a_foreign_subject_of_the_same_issuer_stays_its_own(
    go: Go, real: ProviderProcess, database: Database, cast: Cast
) -> None:
    link_directly(database, "https://elsewhere.example", cast["coordinator"].user_id, "coordinator-there")
    real.control(account="coordinator-there")
    assert go() == REFUSED + "not_linked"
