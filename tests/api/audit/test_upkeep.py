"""The audit's commands, and the watchman that writes its anchors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import cli
from api.audit.anchors import read
from api.settings import Settings, SettingsError, from_environment
from api.watch.watchman import Watchman
from tests.api.audit.conftest import NOW, PROGRAM, Audit
from tests.api.conftest import FakeClock

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(
    audit: Audit, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """A command on the audit's own database; its exit code and what it said."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", database_url)
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))

    def command(*words: str) -> tuple[int, str]:
        code = cli.main(words)
        said = capsys.readouterr()
        return code, said.out.strip() + said.err.strip()

    return command


class TestVerifyAudit:
    def test_a_whole_audit(self, audit: Audit, run: Run) -> None:
        audit.fill(3)
        code, said = run("verify-audit")
        assert code == 0
        assert "There are no anchors" in said
        audit.anchor()
        assert run("verify-audit") == (0, "3 events in 1 chains, 1 anchors: 0 faults.")

    def test_one_that_was_changed(self, audit: Audit, run: Run) -> None:
        audit.fill(3)
        audit.unguard()
        audit.alter("UPDATE audit_event SET subject = 'x' WHERE number = 2")
        code, said = run("verify-audit")
        assert code == 1
        assert said.splitlines()[0] == f"{PROGRAM}: number 2 was changed."

    def test_anchors_from_elsewhere(self, audit: Audit, run: Run, tmp_path: Path) -> None:
        audit.fill(3)
        audit.anchor()
        elsewhere = audit.file.rename(tmp_path / "mailed.log")
        assert run("verify-audit", "--anchors", str(elsewhere)) == (0, "3 events in 1 chains, 1 anchors: 0 faults.")
        code, said = run("verify-audit", "--anchors", str(tmp_path / "missing.log"))
        assert (code, "missing.log" in said) == (1, True)

    def test_a_restored_backup_is_to_be_confirmed(self, audit: Audit, run: Run) -> None:
        audit.fill(3)
        audit.anchor()
        lines = audit.file.read_text().replace('"number":3', '"number":9')
        audit.file.write_text(lines)
        assert run("verify-audit")[0] == 1
        assert run("note-restoration") == (0, f"Noted for: {PROGRAM}")
        code, said = run("verify-audit")
        assert code == 0
        assert "4 to 9 were lost" in said
        assert "Confirm" in said


def test_pruning_tells_how_many_and_writes_anchors(audit: Audit, run: Run) -> None:
    audit.add(at=NOW - timedelta(days=5000))
    audit.add(at=NOW + timedelta(days=50_000))
    assert run("prune-audit") == (0, "1 events older than 730 days were let go.")
    assert [anchor.number for anchor in read(audit.file)] == [3]
    assert run("verify-audit")[0] == 0


@pytest.mark.parametrize(("days", "taken"), [("364", False), ("365", True), ("730", True), ("x", False)])
def test_a_year_at_least_is_kept(days: str, taken: bool) -> None:
    if taken:
        assert from_environment({"HANDOFF_AUDIT_DAYS": days}).audit_days == int(days)
        return
    with pytest.raises(SettingsError, match="HANDOFF_AUDIT_DAYS"):
        from_environment({"HANDOFF_AUDIT_DAYS": days})


def test_anchors_go_where_the_settings_say() -> None:
    assert Settings(data_dir=Path("/srv")).audit_anchors_file == Path("/srv/anchors.log")
    assert Settings(audit_anchors="/mnt/other/anchors").audit_anchors_file == Path("/mnt/other/anchors")


class TestTheWatchman:
    def turns(self, watchman: Watchman, clock: FakeClock, minutes: int) -> None:
        async def run() -> None:
            for _ in range(minutes):
                await watchman.turn(look=False)
                clock.advance(minutes=1)

        asyncio.run(run())

    def test_it_writes_anchors_every_hour(self, audit: Audit) -> None:
        audit.fill(3)
        clock = FakeClock()
        watchman = Watchman(audit.database, clock, frozenset(), None, tests=False, anchors_file=audit.file)
        self.turns(watchman, clock, 180)
        assert [json.loads(line)["time"][11:16] for line in audit.file.read_text().splitlines()] == [
            "02:14",
            "03:14",
            "04:14",
        ]

    def test_what_cannot_be_written_is_tried_again_and_told(
        self, app: FastAPI, client: TestClient, clock: FakeClock, tmp_path: Path
    ) -> None:
        """A folder stands where the file should be."""
        file = tmp_path / "elsewhere"
        file.mkdir()
        watchman = Watchman(app.state.database, clock, frozenset(), None, tests=False, anchors_file=file)
        app.state.watchman = watchman
        self.turns(watchman, clock, 120)
        assert watchman.turned_at is None
        watchman.turned_at = clock.now()
        assert client.get("/readyz").json()["checks"]["audit_anchors"] == "ok"
        watchman.turned_at = clock.advance(seconds=1)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["audit_anchors"].startswith("no anchors of the audit for two hours")
        file.rmdir()
        self.turns(watchman, clock, 1)
        assert client.get("/readyz").json()["checks"]["audit_anchors"] == "ok"

    def test_one_without_a_file_writes_none_and_is_not_asked(
        self, app: FastAPI, client: TestClient, clock: FakeClock
    ) -> None:
        app.state.watchman = Watchman(app.state.database, clock, frozenset(), None, tests=False)
        self.turns(app.state.watchman, clock, 300)
        assert client.get("/readyz").json()["checks"]["audit_anchors"] == "ok"
