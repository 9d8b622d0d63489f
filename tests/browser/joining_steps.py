"""Joining as steps for the browser tests: an invitation by the server's own command, and taking it up."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.harness import LiveServer
from tests.browser.officer_steps import button, english, field, heading
from tests.browser.programs import administer

#: What somebody who joins chooses.
CHOSEN = "lantern gravel teapot window"


@dataclass(frozen=True)
class Invited:
    """Somebody whose account is not open yet, and the two ways in which they may take it up."""

    login: str
    name: str
    path: str
    code: str

    @property
    def token(self) -> str:
        return self.path.rpartition("/")[2]


def invite(server: LiveServer, login: str, name: str) -> Invited:
    """A new officer of Denver. Asked again before it was taken up, another invitation in place of the first."""
    person = ("--program", "denver", "--role", "officer", "--login", login, "--name", name)
    said = administer(server, "add-user", *person, "--agency", _agency(server.url, server))
    path = re.search(r"(/#/join/\S+)", said)
    code = re.search(r"the code: (\S+)", said)
    assert path is not None, said
    assert code is not None, said
    return Invited(login, name, path[1], code[1])


@cache
def _agency(url: str, server: LiveServer) -> str:
    return administer(server, "add-agency", "--program", "denver", "--name", f"Test Sheriff of {url}")


def choose_passphrase(page: Page, name: str, passphrase: str = CHOSEN) -> None:
    """From the invitation to the offer of a passkey."""
    expect(page.get_by_text(english("join_welcome").format(name=name), exact=True)).to_be_visible()
    page.get_by_label(english("passphrase_own")).fill(passphrase)
    button(page, english("join_do")).click()
    expect(heading(page)).to_have_text(english("access_title"))


def type_code(page: Page, login: str, code: str) -> None:
    """From the sign-in screen: "I have an invitation"."""
    button(page, english("join_have_code")).click()
    expect(heading(page)).to_have_text(english("join_title"))
    enter_code(page, login, code)


def enter_code(page: Page, login: str, code: str) -> None:
    field(page, english("login")).fill(login)
    field(page, english("join_code")).fill(code)
    button(page, english("join_look")).click()


def sql(server: LiveServer, statement: str, *values: str | int) -> Sequence[tuple[Any, ...]]:
    """One statement on the server's database while it runs: time passed, or what stands there."""
    with closing(sqlite3.connect(server.data_dir / "handoff.sqlite", timeout=15)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def devices_of(server: LiveServer, login: str) -> list[tuple[str, str]]:
    """A person's devices: id and state, the first one first."""
    question = """SELECT d.id, d.state FROM device d JOIN person p ON p.id = d.user_id
                  WHERE p.login = ? ORDER BY d.created_at"""
    return [(str(device_id), str(state)) for device_id, state in sql(server, question, login)]
