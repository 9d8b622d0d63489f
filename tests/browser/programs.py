"""Programs beside the demo's own three, made with the server's commands as an operator makes them, while it runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.browser.live_server import ROOT, LiveServer

PROSECUTOR = "505-555-0199"

#: Settings of a program as an administrator writes them; its rules are those shipped for the place of the same name.
SETTINGS = {
    "call_number": "505-555-0100",
    "call_name": "Test line",
    "time_zone": "America/Denver",
    "pathways": ["arrest_diversion", "social_contact", "community"],
    "second_factor": "optional",
    "approval_numbers": {"prosecutor": PROSECUTOR},
}


def administer(server: LiveServer, *words: str) -> str:
    """Runs a command of the server's own as its operator would; what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT,
        env={**environment, "HANDOFF_DATA_DIR": str(server.data_dir)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def join(server: LiveServer, *person: str) -> str:
    """Adds somebody, who takes the invitation up over the wire; the passphrase that they chose."""
    said = administer(server, "add-user", *person)
    token = re.search(r"/#/join/(\S+)", said)
    assert token is not None, said
    words = "lantern gravel teapot window"
    body = {"token": token[1], "passphrase": words}
    headers = {"X-Handoff": "1"}
    answer = httpx.post(f"{server.url}/api/invitations/accept", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return words


def make_program(server: LiveServer, place: str, folder: Path) -> str:
    """A program with the rules of that place and the officer `<place>.officer`, whose passphrase is returned."""
    program = folder / "program.json"
    settings = {"id": place, "name": f"{place} (test)", "config": {**SETTINGS, "pack": place}}
    program.write_text(json.dumps(settings), encoding="utf-8")
    administer(server, "add-program", "--file", str(program))
    agency = administer(server, "add-agency", "--program", place, "--name", "Test Sheriff")
    person = ("--program", place, "--role", "officer", "--login", f"{place}.officer", "--name", "Officer Test Oak")
    return join(server, *person, "--agency", agency)
