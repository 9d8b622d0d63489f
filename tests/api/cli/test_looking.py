"""Commands that look and say: doctor, watch, permissions, and a setting that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.auth.permissions import matrix
from api.database import Database
from api.devices.keys import SealingKeys, VapidKey
from api.tables.paging import Delivery, WorkerBeat
from api.tables.people import Program
from tests.api.cli.conftest import Run
from tests.api.conftest import JOINED


def test_permissions_prints_the_table_for_the_readme(run: Run) -> None:
    code, said, _ = run("permissions")
    lines = said.splitlines()
    assert code == 0
    assert len(lines) == len(matrix()) + 1
    assert all(line.count("|") == len(matrix()[0]) + 1 for line in lines)


def test_doctor_finds_what_an_operator_gets_wrong(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, said, _ = run("doctor")
    assert code == 1
    assert "HANDOFF_PUSH_CONTACT" in said
    assert "ok    disk" in said
    monkeypatch.setenv("HANDOFF_PUSH_CONTACT", "mailto:on-call@lead.test")
    monkeypatch.setenv("HANDOFF_ORIGIN", "https://lead.test")
    SealingKeys.load(tmp_path / "data" / "keys")
    VapidKey.load(tmp_path / "data" / "keys")
    code, said, _ = run("doctor")
    assert (code, "wrong" in said) == (0, False), said
    monkeypatch.setenv("HANDOFF_TRUSTED_PROXIES", "10.0.0.0/8, nonsense")
    monkeypatch.setenv("HANDOFF_DEMO", "1")
    next((tmp_path / "data" / "keys").glob("sealing-*.pem")).write_text("broken")
    said = run("doctor")[1]
    assert all(word in said for word in ("HANDOFF_DEMO", "HANDOFF_TRUSTED_PROXIES", "restore it"))


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    code, _, complaint = run("permissions")
    assert code == 1
    assert "PORT" in complaint


def test_watch_once_says_what_is_wrong_for_cron(run: Run, store: Database, program: str) -> None:
    code, said, _ = run("watch", "--once")
    assert code == 1
    assert [line.partition(".")[0] for line in said.splitlines()] == [
        "No paging worker looks for work: pages are not going out",
        "denver: No coordinator can be reached by any channel: let one allow notifications on a phone",
    ]
    with store.write() as session:
        session.add(WorkerBeat(worker_id="w", at=datetime.now(UTC)))
        config = session.get_one(Program, program)
        step = {"who": "coordinators", "channels": ["webhook"]}
        config.config = config.config | {
            "webhook_url": "https://pager.example/x", "policies": [{"name": "all", "steps": [step]}],
        }  # fmt: skip
        session.add(config)
    assert run("watch", "--once") == (0, "", "")


def test_watch_once_is_not_content_with_a_database_that_cannot_be_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDOFF_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    code, said, _ = run("watch", "--once")
    assert code == 1
    assert "cannot be read" in said


def test_doctor_calls_no_program_24_7_that_is_not(run: Run, program: str, store: Database) -> None:
    code, said, _ = run("doctor")
    assert code == 1
    assert "wrong denver: cannot be called 24/7: nobody is called at all" in said
    assert "look  channels: set up: push, webhook;" in said
    with store.write() as session:
        config = session.get_one(Program, program)
        step = {"who": "coordinators", "channels": ["webhook"]}
        config.config = config.config | {
            "webhook_url": "https://pager.example/x", "policies": [{"name": "all", "steps": [step]}],
        }  # fmt: skip
        session.add(config)
    assert "cannot be called 24/7: the webhook has not taken its last message" in run("doctor")[1]
    with store.write() as session:
        session.add(
            Delivery(
                id="d", kind="page", text="", channel="webhook", program_id=program, user_id="", target_id="webhook",
                state="sent", attempts=1, due_at=JOINED, lease_until=JOINED, created_at=JOINED,
            )
        )  # fmt: skip
    assert "ok    denver: 24/7" in run("doctor")[1]
