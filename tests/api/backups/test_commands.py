"""The commands as an operator gives them, beside a real server and without one, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.live_server import ROOT, LiveServer

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(database_kind: str, bare_database_url: str) -> dict[str, str]:
    """On PostgreSQL a database without a table; the embedded one is in the server's data folder."""
    return {"HANDOFF_DATABASE_URL": bare_database_url} if database_kind == "postgresql" else {}


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str]) -> Iterator[LiveServer]:
    """A demo that serves, with its worker."""
    with LiveServer(tmp_path / "data", environment) as running:
        yield running


@pytest.fixture
def run(server: LiveServer) -> Run:
    """A command with the server's settings; what it says is in `stdout` and `stderr`."""

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
        own = {"HANDOFF_DATA_DIR": str(server.data_dir), **server.environment}
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *words],
            cwd=ROOT,
            env=inherited | own,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


def ready(server: LiveServer) -> bool:
    with urllib.request.urlopen(f"{server.url}/readyz") as answer:
        return bool(json.load(answer)["ready"])


def test_a_copy_is_made_beside_a_server_and_put_back_without_one(server: LiveServer, run: Run, tmp_path: Path) -> None:
    made = run("backup", "--to", str(tmp_path / "copies"))
    assert made.returncode == 0, made.stderr
    assert "Verified: " in made.stdout
    assert "audit.key" in made.stdout
    [copy] = [path for path in (tmp_path / "copies").iterdir() if path.suffix != ".json"]
    assert ready(server)

    refused = run("restore", str(copy))
    assert refused.returncode == 1
    assert "Stop" in refused.stderr
    assert ready(server), "and the server did not notice"

    server.stop()
    restored = run("restore", str(copy))
    assert restored.returncode == 0, restored.stderr
    for words in (
        "Restored: the database of",
        "is kept as",
        "Phones notice by themselves",
        "Lost, because only the server",
    ):
        assert words in restored.stdout
    audited = run("verify-audit")
    assert audited.returncode == 0, audited.stdout
    server.start()
    assert ready(server)

    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    for command in ("verify", "restore"):
        answer = run(command, str(copy))
        assert (answer.returncode, answer.stdout) == (1, ""), command
        assert not any(line.startswith("Traceback") for line in answer.stderr.splitlines())
