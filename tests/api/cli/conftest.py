"""The command line on a test's database: `run` one command, look into the `store`, and a `program` to begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api import cli
from api.database import Database
from tests.databases import opened_at

PROGRAM_TOML = """
id = "denver"
name = "Denver LEAD"
[config]
call_number = "303-555-0100"
call_name = "On call"
time_zone = "America/Denver"
pathways = ["arrest_diversion", "social_contact"]
pack = "denver"
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command on the test's database; gives its exit code, what it said, and its complaints."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", database_url)
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        said = capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    return command


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """The same database, to look at what a command left."""
    with closing(opened_at(database_url, tmp_path / "data")) as database:
        yield database


@pytest.fixture
def program(run: Run, tmp_path: Path) -> str:
    path = tmp_path / "program.toml"
    path.write_text(PROGRAM_TOML, "utf-8")
    assert run("add-program", "--file", str(path)) == (0, "denver", "")
    return "denver"
