"""What every answer carries, and what no request gets past: forgery, size, kind of content, other hosts."""

from __future__ import annotations

import gzip
import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.testclient import TestClient

from api import logs, static
from api.auth.boundary import HEADERS, TRANSPORT
from api.auth.gate import BODY_LIMIT_BYTES
from api.compression import SHORT_BYTES
from api.settings import Settings
from tests.api.conftest import PASSPHRASE, Cast, Enrol, SignIn, new_client
from tests.api.feed_reading import whole_submission

JSON = {"Content-Type": "application/json"}
SIGN_IN = json.dumps({"login": "officer", "password": PASSPHRASE})


@pytest.fixture
def built(app: FastAPI, tmp_path: Path) -> FastAPI:
    """The application with a small built app."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>app</title>" + "x" * 500)
    (dist / "sw.js").write_text("self.addEventListener('fetch', () => {});" * 20)
    (dist / "assets" / "index-abc123.js").write_text("console.log('app');" * 50)
    (dist / "assets" / "index-abc123.js.map").write_text("{}")
    (dist / "manifest.webmanifest").write_text("{}")
    app.state.files = static.load(dist)
    return app


KINDS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "the app": ("GET", "/", {"Accept": "text/html"}, 200),
    "a hashed file": ("GET", "/assets/index-abc123.js", {}, 200),
    "a file asked for by its head": ("HEAD", "/sw.js", {}, 200),
    "a packed file": ("GET", "/assets/index-abc123.js", {"Accept-Encoding": "gzip"}, 200),
    "a missing file": ("GET", "/none.js", {}, 404),
    "a probe": ("GET", "/healthz", {}, 200),
    "an open route": ("GET", "/api/bootstrap", {}, 200),
    "a route without a session": ("GET", "/api/session", {}, 401),
    "no such route": ("GET", "/api/none", {}, 404),
    "a method that a route has not": ("PUT", "/api/session", JSON, 405),
    "a malformed body": ("POST", "/api/session", JSON, 422),
    "a foreign page": ("POST", "/api/session", {"X-Handoff": "", **JSON}, 403),
    "a form": ("POST", "/api/session", {"Content-Type": "text/plain"}, 415),
    "a packed body": ("POST", "/api/session", {"Content-Encoding": "gzip", **JSON}, 415),
    "too large a body": ("POST", "/api/session", {"Content-Length": str(BODY_LIMIT_BYTES + 1), **JSON}, 413),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_carries_the_security_headers(built: FastAPI, kind: str) -> None:
    method, path, headers, status = KINDS[kind]
    answer = new_client(built).request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    assert answer.headers["Strict-Transport-Security"] == TRANSPORT
    assert "Cache-Control" in answer.headers
    assert "Server" not in answer.headers


def test_what_has_not_changed_carries_them_too(built: FastAPI) -> None:
    client = new_client(built)
    etag = client.get("/sw.js").headers["etag"]
    answer = client.get("/sw.js", headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


def test_a_redirect_carries_them(app: FastAPI) -> None:
    @app.get("/api/elsewhere")
    def elsewhere() -> RedirectResponse:
        return RedirectResponse("/", 303)

    app.router.routes.insert(0, app.router.routes.pop())
    answer = new_client(app).get("/api/elsewhere", follow_redirects=False)
    assert answer.status_code == 303
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_a_developers_machine_is_not_bound_to_https(app: FastAPI, host: str) -> None:
    answer = new_client(app).get("/healthz", headers={"Host": host})
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost.example.org", "127.0.0.1.example.org", "handoff.example.org:8000"])
def test_a_name_that_only_looks_like_loopback_is_bound(app: FastAPI, host: str) -> None:
    assert new_client(app).get("/healthz", headers={"Host": host}).headers["Strict-Transport-Security"] == TRANSPORT


def test_signing_out_clears_the_browsers_cache_and_not_what_waits(sign_in: SignIn) -> None:
    answer = sign_in("officer").delete("/api/session")
    assert answer.status_code == 204
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
def test_a_compressed_body_is_never_unpacked(client: TestClient, cast: Cast, encoding: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = client.post("/api/session", content=bomb, headers=JSON | {"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.json()["type"].endswith("encoded")
    plain = client.post("/api/session", content=SIGN_IN, headers=JSON | {"Content-Encoding": "identity"})
    assert plain.status_code == 200


def test_the_policy_allows_nothing_inline_and_no_third_party() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "handoff-sw"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not any("unsafe" in value or "http" in value or "*" in value for value in policy.values())
    assert HEADERS["Permissions-Policy"].startswith("camera=(self), geolocation=(self), ")


def test_answers_of_the_api_are_never_stored(client: TestClient, enrol: Enrol) -> None:
    device = enrol("officer")
    for path in ("/api/session", "/api/program", "/api/devices", "/api/bootstrap", "/api/none"):
        assert device.client.get(path).headers["cache-control"] == "no-store"


def test_only_the_long_documents_are_zipped(sign_in: SignIn, enrol: Enrol) -> None:
    officer = sign_in("officer")
    pack_hash = officer.get("/api/program").json()["pack"]["hash"]
    for path in ("/api/program", f"/api/rules/{pack_hash}"):
        plain = officer.get(path, headers={"Accept-Encoding": "identity"})
        packed = officer.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) * 3 < int(plain.headers["Content-Length"])
        assert packed.json() == plain.json()
        assert "Content-Encoding" not in plain.headers
    phone = enrol("officer")
    whole_submission(phone)
    asked = {"protocol": 1, "epoch": None, "cursor": None, "limit": 500, "device_id": phone.device_id}
    pulled = phone.client.post("/api/sync/pull", json=asked, headers={"Accept-Encoding": "gzip"})
    assert len(pulled.content) > SHORT_BYTES, "long enough to be packed, were it not for its path"
    assert "Content-Encoding" not in pulled.headers, "what was typed never shares a packed answer with what is secret"


def test_a_crash_carries_the_headers_and_gives_nothing_away(app: FastAPI, client: TestClient) -> None:
    app.state.demo_accounts = 5
    answer = client.get("/api/bootstrap")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert "object" not in answer.text


class TestForgery:
    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Handoff": ""},
            {"X-Handoff": "0"},
            {"X-Handoff": "1", "Sec-Fetch-Site": "cross-site"},
            {"X-Handoff": "1", "Sec-Fetch-Site": "same-site"},
            {"X-Handoff": "1", "Sec-Fetch-Site": "none"},
            {"X-Handoff": "1", "Origin": "https://evil.example"},
            {"X-Handoff": "1", "Origin": "null"},
            {"X-Handoff": "1", "Origin": "https://testserver.evil.example"},
            {"X-Handoff": "1", "Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        ],
    )
    def test_another_page_cannot_change_anything(self, app: FastAPI, cast: Cast, headers: dict[str, str]) -> None:
        client = TestClient(app, base_url="https://testserver")
        answer = client.post("/api/session", content=SIGN_IN, headers=JSON | headers)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("cross-site")

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}],
    )
    def test_the_app_itself_can(self, client: TestClient, cast: Cast, headers: dict[str, str]) -> None:
        assert client.post("/api/session", content=SIGN_IN, headers=JSON | headers).status_code == 200

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
    def test_only_json_is_taken(self, client: TestClient, cast: Cast, kind: str) -> None:
        answer = client.post("/api/session", content=SIGN_IN, headers={"Content-Type": kind})
        assert answer.status_code == 415

    def test_json_with_a_charset_is_json(self, client: TestClient, cast: Cast) -> None:
        kind = {"Content-Type": "application/json; charset=utf-8"}
        assert client.post("/api/session", content=SIGN_IN, headers=kind).status_code == 200

    def test_every_unsafe_method_is_guarded(self, app: FastAPI) -> None:
        client = TestClient(app, base_url="https://testserver")
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, "/api/session").status_code == 403


class TestPublicOrigin:
    @pytest.fixture
    def settings(self, database_url: str, tmp_path: Path) -> Settings:
        origin = "https://handoff.example.org"
        return Settings(data_dir=tmp_path / "data", database_url=database_url, worker=False, origin=origin)

    def test_another_host_name_is_not_answered(self, app: FastAPI, cast: Cast) -> None:
        for host, status in (("testserver", 421), ("handoff.example.org", 200), ("handoff.example.org:444", 421)):
            client = TestClient(app, base_url=f"https://{host}")
            assert client.get("/api/bootstrap").status_code == status

    def test_probes_come_by_address(self, app: FastAPI) -> None:
        assert TestClient(app, base_url="http://127.0.0.1").get("/healthz").status_code == 200

    def test_the_origin_must_be_the_public_one(self, app: FastAPI, cast: Cast) -> None:
        client = TestClient(app, base_url="https://handoff.example.org", headers={"X-Handoff": "1"})
        for origin, status in (("http://handoff.example.org", 403), ("https://handoff.example.org", 200)):
            answer = client.post("/api/session", content=SIGN_IN, headers=JSON | {"Origin": origin})
            assert answer.status_code == status


class TestSize:
    def body(self, size: int) -> bytes:
        return SIGN_IN.encode() + b" " * (size - len(SIGN_IN))

    def test_a_body_at_the_limit_passes(self, client: TestClient, cast: Cast) -> None:
        answer = client.post("/api/session", content=self.body(BODY_LIMIT_BYTES), headers=JSON)
        assert answer.status_code == 200

    def test_a_body_over_the_limit_does_not(self, client: TestClient, cast: Cast) -> None:
        answer = client.post("/api/session", content=self.body(BODY_LIMIT_BYTES + 1), headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["type"].endswith("too-large")

    @pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
    def test_a_body_without_a_declared_length_is_counted(
        self, client: TestClient, cast: Cast, over: int, status: int
    ) -> None:
        def parts() -> Iterator[bytes]:
            body = self.body(BODY_LIMIT_BYTES + over)
            for start in range(0, len(body), 60_000):
                yield body[start : start + 60_000]

        assert client.post("/api/session", content=parts(), headers=JSON).status_code == status

    def test_a_length_that_is_no_number_is_refused(self, client: TestClient, cast: Cast) -> None:
        answer = client.post("/api/session", content=SIGN_IN, headers=JSON | {"Content-Length": "many"})
        assert answer.status_code == 413


class TestStaticFiles:
    def test_a_navigation_gets_the_app_whatever_its_path(self, built: FastAPI) -> None:
        client = new_client(built)
        for path in ("/", "/index.html", "/anything/at/all"):
            answer = client.get(path, headers={"Accept": "text/html,*/*"})
            assert answer.status_code == 200
            assert answer.text.startswith("<!doctype html>")
            assert answer.headers["cache-control"] == "no-cache"

    def test_a_missing_file_is_not_the_app(self, built: FastAPI) -> None:
        client = new_client(built)
        for path in ("/assets/none.js", "/favicon.ico", "/assets/index-abc123.js.map", "/../pyproject.toml"):
            assert client.get(path, headers={"Accept": "*/*"}).status_code == 404

    def test_nothing_below_api_is_ever_the_app(self, built: FastAPI) -> None:
        for path in ("/api", "/api/", "/api/none", "/api/session/none"):
            answer = new_client(built).get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"

    def test_hashed_files_are_kept_for_ever_and_the_worker_never(self, built: FastAPI) -> None:
        client = new_client(built)
        assert client.get("/assets/index-abc123.js").headers["cache-control"] == static.IMMUTABLE
        for path in ("/sw.js", "/manifest.webmanifest"):
            assert client.get(path).headers["cache-control"] == "no-cache"
        assert client.get("/sw.js").headers["content-type"].startswith("text/javascript")

    def test_text_is_zipped_for_those_who_take_it(self, built: FastAPI) -> None:
        client = new_client(built)
        zipped = client.get("/assets/index-abc123.js", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/assets/index-abc123.js", headers={"Accept-Encoding": "identity"})
        assert zipped.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert zipped.content == plain.content
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])

    def test_the_builds_brotli_goes_to_those_who_take_it_and_is_no_file_of_its_own(
        self, built: FastAPI, tmp_path: Path
    ) -> None:
        (tmp_path / "dist" / "assets" / "index-abc123.js.br").write_bytes(b"packed by the build")
        built.state.files = static.load(tmp_path / "dist")
        client = new_client(built)
        expected = {"gzip, deflate, br": "br", "br;q=0.5": "br", "gzip, br;q=0": "gzip", "br;q=0.000": None}
        for accepted, encoding in expected.items():
            answer = client.head("/assets/index-abc123.js", headers={"Accept-Encoding": accepted})
            assert answer.headers.get("content-encoding") == encoding, accepted
            assert (answer.headers["content-length"] == "19") == (encoding == "br")
        assert client.get("/assets/index-abc123.js.br", headers={"Accept": "*/*"}).status_code == 404

    def test_what_has_not_changed_is_not_sent_again(self, built: FastAPI) -> None:
        client = new_client(built)
        etag = client.get("/sw.js").headers["etag"]
        again = client.get("/sw.js", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_server_without_the_app_says_what_to_do(self, app: FastAPI) -> None:
        app.state.files = {}
        answer = new_client(app).get("/", headers={"Accept": "text/html"})
        assert answer.status_code == 503
        assert "make build" in answer.text


class TestLogs:
    @pytest.fixture
    def lines(self) -> Iterator[StringIO]:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        stream = StringIO()
        logs.configure("info", stream)
        yield stream
        root.handlers[:] = handlers
        root.setLevel(level)

    def test_a_request_is_one_line_without_query_or_body(self, client: TestClient, cast: Cast, lines: StringIO) -> None:
        client.post("/api/session?name=Canary", content=SIGN_IN, headers=JSON)
        line = next(line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "request")
        assert (line["method"], line["route"], line["status"]) == ("POST", "/api/session", 200)
        assert line.keys() == {"at", "level", "event", "request_id", "method", "route", "status", "ms"}
        assert "Canary" not in lines.getvalue()
        assert PASSPHRASE not in lines.getvalue()

    def test_ids_in_a_path_are_logged_as_their_template(self, client: TestClient, lines: StringIO) -> None:
        client.delete("/api/devices/0de00000-0000-4000-8000-000000000001")
        assert '"/api/devices/{device_id}"' in lines.getvalue()
        assert "0de00000" not in lines.getvalue()

    def test_what_is_not_allowed_never_reaches_a_line(self, lines: StringIO) -> None:
        logging.getLogger("handoff.x").info("event %s", "Canary", extra={"name_of_person": "Canary", "op_id": "1"})
        logging.getLogger("library").warning("somebody typed Canary")
        try:
            raise ValueError("Canary")
        except ValueError as error:
            logs.error("crash", error)
        assert "Canary" not in lines.getvalue()
        own, library, crash = map(json.loads, lines.getvalue().splitlines())
        assert own["op_id"] == "1"
        assert library["event"] == "library.library"
        assert crash["error"] == "ValueError"
        assert sys._getframe().f_code.co_name in crash["places"][-1]
