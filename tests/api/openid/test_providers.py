"""Entering and removing providers on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from api import cli
from api.at_rest import opened
from api.database import Database
from api.openid.web import may_be_asked
from api.settings import Settings
from api.tables.audit import AuditEvent
from api.tables.openid import OpenidAttempt, OpenidIdentity, OpenidProvider
from tests.api.conftest import AGENCY, JOINED, OTHER_AGENCY, OTHER_PROGRAM, PROGRAM, Cast

ISSUER = "https://login.agency.example/realms/police"
SECRET = "a secret that is long enough"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url, worker=False, snapshot_minutes=0)


@pytest.fixture
def run(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cast: Cast
) -> Run:
    """Runs one command on the test's database; gives its exit code, what it said, and its complaints."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", database_url)
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HANDOFF_ORIGIN", "https://lead.test")

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def add(run: Run, tmp_path: Path) -> Run:
    def enter(program: str = PROGRAM, *more: str, issuer: str = ISSUER, secret: str = SECRET) -> tuple[int, str, str]:
        file = tmp_path / "secret"
        file.write_text(secret + "\n", "utf-8")
        words = ["--issuer", issuer, "--client-id", "handoff", "--client-secret-file", str(file), "--label", "Police"]
        return run("add-provider", program, *words, *more)

    return enter


def test_one_is_entered_with_its_secret_sealed(add: Run, database: Database, settings: Settings) -> None:
    code, said, complaint = add(PROGRAM, "--agency", AGENCY, "--accept-amr", "otp", "--accept-amr", "hwk")
    assert (code, complaint) == (0, "")
    other = opened(settings)
    with other.read() as session:
        row = session.exec(select(OpenidProvider)).one()
        assert (row.issuer, row.client_secret, row.agency_id) == (ISSUER, SECRET, AGENCY)
        assert (row.accepted_acr, row.accepted_amr) == ([], ["otp", "hwk"])
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "openid.provider")).one()
        assert (event.subject, event.source) == (row.id, "command line")
    other.close()
    assert said.splitlines()[-1] == f"https://lead.test/api/openid/{row.id}/return"
    assert SECRET not in said


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "http://login.agency.example"}, {"issuer": "https://a.example/?x=1"}, {"issuer": "https://a.example/#x"},
        {"issuer": "https://u:p@a.example"}, {"issuer": "login.agency.example"}, {"secret": "short"},
        {"secret": "with a\nline break in it"},
    ],
    ids=str,
)  # fmt: skip
def test_one_that_does_not_fit_is_refused(add: Run, database: Database, change: dict[str, str]) -> None:
    code, said, complaint = add(**change)
    assert (code, said) == (1, "")
    assert complaint
    assert change.get("secret", SECRET) not in complaint
    with database.read() as session:
        assert session.exec(select(OpenidProvider)).all() == []


def test_program_and_agency_must_be_there_and_the_issuer_new(add: Run) -> None:
    assert add("nowhere")[0] == 1
    assert add(PROGRAM, "--agency", OTHER_AGENCY)[0] == 1
    assert [add()[0], add()[0], add(OTHER_PROGRAM)[0]] == [0, 1, 0]


def test_one_that_is_removed_takes_its_links_along(add: Run, run: Run, database: Database, cast: Cast) -> None:
    ids = [add(program)[1].split()[1].rstrip(".") for program in (PROGRAM, OTHER_PROGRAM)]
    with database.write() as session:
        user_id = cast["officer"].user_id
        session.add(OpenidIdentity(issuer=ISSUER, subject="s", user_id=user_id, linked_at=JOINED))
        session.add(OpenidAttempt(handle_hash="h", provider_id=ids[0], source="s", began_at=JOINED))
    assert run("remove-provider", ids[0]) == (0, "Removed. Links that ended with it: 0\n", "")
    assert run("remove-provider", ids[0])[0] == 1
    assert run("remove-provider", ids[1])[:2] == (0, "Removed. Links that ended with it: 1\n")
    with database.read() as session:
        assert session.exec(select(OpenidProvider)).all() == []
        assert session.exec(select(OpenidIdentity)).all() == []


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://a.example", True), ("https://a.example:8443/x?y=1", True), ("HTTPS://a.example", True),
        ("http://a.example", False), ("http://inside.test:8080/x", True), ("http://inside.test:8081/x", False),
        ("https://", False), ("https://a b.example", False), ("https://a.example/é", False), ("javascript:alert(1)", False),
        ("data:text/html,x", False), ("https://[::1", False), ("https://a.example:99999", False), ("", False),
        ("https://a.example/" + "x" * 2000, False), ("https://u@a.example", False), ("https://a.example#x", False),
    ],
)  # fmt: skip
def test_only_plain_https_is_asked(address: str, may: bool) -> None:
    assert may_be_asked(address, frozenset({("inside.test", 8080)})) is may
