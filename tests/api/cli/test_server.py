"""The server itself as a process of its own: alone on its database, twice started, ended in order."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

from api import cli
from api.demo.cast import ACCOUNTS
from api.settings import Settings
from api.sole_user import AlreadyRunning, sole_user
from api.tables.people import User
from tests.browser.live_server import LiveServer
from tests.databases import opened_at


class TestServer:
    def test_a_second_server_on_the_same_file_is_refused(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path)
        with sole_user(settings), pytest.raises(AlreadyRunning, match="Stop it first"), sole_user(settings):
            pass
        with sole_user(settings):
            pass

    def test_the_worker_alone_is_for_postgresql(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
        assert cli.main(["worker"]) == 2
        assert "embedded" in capsys.readouterr().err

    def test_the_demo_starts_twice_keeps_its_data_and_ends_in_order(self, tmp_path: Path) -> None:
        with LiveServer(tmp_path / "data") as server:
            assert "Passphrase of every demo account" in server.log
            accounts = json.load(urllib.request.urlopen(f"{server.url}/api/bootstrap"))["accounts"]
            assert len(accounts) == len(ACCOUNTS)
            second = subprocess.run(
                [sys.executable, "-m", "api.cli", "serve"],
                env={"HANDOFF_DATA_DIR": str(server.data_dir), "PORT": "1", "PATH": ""},
                capture_output=True,
                text=True,
                check=False,
            )
            assert second.returncode == 1
            assert "already uses" in second.stderr
            process = server._process
            assert process is not None
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) in (0, -signal.SIGTERM), server.log
            assert "Application shutdown complete." in server.log
            server.kill()
            server.start()
            address = f"sqlite:///{server.data_dir / 'handoff.sqlite'}"
            with closing(opened_at(address, server.data_dir)) as database, database.read() as session:
                assert len(session.exec(select(User)).all()) == len(ACCOUNTS)
            for line in server.log.splitlines():
                assert not line.startswith("Traceback")
