"""Programs from files: adding, configuring and showing them, and what they share with whoever they page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlmodel import select

from api.database import Database
from api.devices.keys import WebhookKey
from api.paging.channels.webhook import webhook_secret
from api.tables.audit import AuditEvent
from api.tables.people import Program
from tests.api.cli.conftest import Run


def test_a_program_comes_from_toml_or_json(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "program.json"
    config = {"call_number": "911", "call_name": "On call", "time_zone": "America/Denver", "pathways": ["community"]}
    path.write_text(json.dumps({"id": "valley", "name": "Valley", "config": config}), "utf-8")
    assert run("add-program", "--file", str(path))[0] == 0
    with store.read() as session:
        assert set(session.exec(select(Program.id)).all()) == {"denver", "valley"}
    code, _, complaint = run("add-program", "--file", str(path))
    assert (code, "already" in complaint) == (1, True)


@pytest.mark.parametrize("content", ["", "{", '{"id": "x"}', '{"id": "NO!", "name": "x", "config": {}}', "[]"])
def test_a_program_file_that_does_not_fit_is_explained(run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "program.json"
    path.write_text(content, "utf-8")
    code, said, complaint = run("add-program", "--file", str(path))
    assert (code, said) == (1, "")
    assert complaint
    assert "Traceback" not in complaint


CONFIG_TOML = """
call_number = "303-555-0100"
call_name = "On call"
time_zone = "America/Denver"
pathways = ["arrest_diversion"]
webhook_url = "https://pager.example/x"
service_hours = [{weekday = 0, start = "08:00", end = "17:00"}]
[[policies]]
name = "all"
steps = [{who = "lead", minutes = 7, channels = ["push", "webhook"]}]
"""


def test_a_programs_settings_are_set_whole_and_shown(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML, "utf-8")
    assert run("configure-program", program, "--file", str(path)) == (0, "Configured.", "")
    code, said, _ = run("show-program", program)
    shown = json.loads(said)
    assert code == 0
    assert (shown["policies"][0]["steps"][0]["minutes"], shown["pack"]) == (7, None)
    with store.read() as session:
        assert json.loads(json.dumps(session.get_one(Program, program).config)) == shown
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "program.configure")).one()
    assert (event.program_id, event.subject, event.source) == (program, program, "command line")
    again = tmp_path / "config.json"
    again.write_text(said, "utf-8")
    assert run("configure-program", program, "--file", str(again))[0] == 0
    assert run("show-program", program)[1] == said


@pytest.mark.parametrize(
    ("broken", "named"),
    [("minutes = 7", "minutes = 0"), ("weekday = 0", "weekday = 9"), ('"lead"', '"boss"'), ("https:", "http:")],
)
def test_settings_that_do_not_fit_change_nothing(
    run: Run, store: Database, program: str, tmp_path: Path, broken: str, named: str
) -> None:
    before = run("show-program", program)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML.replace(broken, named), "utf-8")
    code, said, complaint = run("configure-program", program, "--file", str(path))
    assert (code, said) == (1, "")
    assert re.search("needs attention|must begin with https", complaint)
    assert run("show-program", program) == before


def test_the_webhook_secret_is_the_one_that_signs(run: Run, program: str, tmp_path: Path) -> None:
    code, said, _ = run("webhook-secret", program)
    assert (code, said) == (0, webhook_secret(WebhookKey.load(tmp_path / "data" / "keys").master, program))
    assert run("webhook-secret", program)[1] == said


@pytest.mark.parametrize("command", ["show-program", "webhook-secret", "configure-program"])
def test_a_program_that_is_not_there_is_named(run: Run, program: str, tmp_path: Path, command: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML, "utf-8")
    more = ("--file", str(path)) if command == "configure-program" else ()
    code, said, complaint = run(command, "nowhere", *more)
    assert (code, said) == (1, "")
    assert "nowhere" in complaint
