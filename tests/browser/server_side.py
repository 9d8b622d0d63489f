"""What the server holds, read from its database while it runs: for tests that must not believe a screen."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from api.at_rest import unseal
from api.at_rest.columns import TABLES
from api.at_rest.service import opened
from api.settings import from_environment
from tests.browser.live_server import LiveServer

ARRIVAL_TRIES = 400
ARRIVAL_PAUSE_MS = 50

#: The first submission, in order.
ALERT = ["referral.create", "consent.grant", "referral.set", "referral.alert"]


def log_of(server: LiveServer, referral_id: str) -> list[dict[str, Any]]:
    """The operations of a referral in the server's order: header and content, whoever may see them."""
    question = """SELECT h.kind, h.user_id, h.device_id, h.seq, h.state, h.op_id, b.kept_in, b.body
                  FROM operation_header h JOIN (
                      SELECT op_id, 'operation_body' AS kept_in, body FROM operation_body
                      UNION ALL SELECT op_id, 'assessment_body', body FROM assessment_body
                  ) b USING (op_id)
                  WHERE h.referral_id = ? ORDER BY h.position"""
    rows = _ask(server, question, referral_id)
    names = ("kind", "user_id", "device_id", "seq", "state")
    settings = from_environment({"HANDOFF_DATA_DIR": str(server.data_dir)})
    with closing(opened(settings)) as database, database.read() as session:
        bodies = [unseal(session, TABLES[kept].place("body"), op_id, body) for *_, op_id, kept, body in rows]
    return [
        {**dict(zip(names, row, strict=False)), "operation": json.loads(body)}
        for row, body in zip(rows, bodies, strict=True)
    ]


def count_of_referrals(server: LiveServer) -> int:
    return int(_ask(server, "SELECT count(*) FROM referral")[0][0])


def referrals_of(server: LiveServer) -> list[str]:
    """The ids of all referrals that the server holds."""
    return [str(referral_id) for (referral_id,) in _ask(server, "SELECT id FROM referral ORDER BY number")]


def author_of(server: LiveServer, referral_id: str) -> str:
    """The login of whoever wrote a referral."""
    found = _ask(
        server, "SELECT u.login FROM referral r JOIN person u ON u.id = r.author_id WHERE r.id = ?", referral_id
    )
    return str(found[0][0])


def arrived(page: Page, server: LiveServer, referral_id: str, operations: int = len(ALERT)) -> list[dict[str, Any]]:
    """Waits until the server has so many operations of a referral; returns its log. The phone's screen is not asked."""
    for _ in range(ARRIVAL_TRIES):
        log = log_of(server, referral_id)
        if len(log) >= operations:
            return log
        page.wait_for_timeout(ARRIVAL_PAUSE_MS)
    raise AssertionError(f"the server has {len(log)} of {operations} operations of {referral_id}")


def _ask(server: LiveServer, question: str, *values: str) -> list[tuple[Any, ...]]:
    path: Path = server.data_dir / "handoff.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(question, values).fetchall()
