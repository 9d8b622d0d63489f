"""A database with nothing but an audit in it, and what an attacker can do to that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from api.audit import anchors, verify
from api.audit.anchors import Anchor
from api.audit.key import make_in
from api.audit.service import record
from api.audit.verify import Verdict
from api.database import Database

NOW = datetime(2026, 4, 30, 2, 14, 7, 123456, tzinfo=UTC)
PROGRAM, OTHER = "denver", "dona-ana"


class Audit:
    """An audit under examination."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.file = folder / "anchors.log"
        self.key = make_in(folder / "keys")

    def add(self, program_id: str | None = PROGRAM, action: str = "test.act", at: datetime = NOW, **more: Any) -> None:
        """One event, in a transaction of its own."""
        with self.database.write() as session:
            record(session, at, action, program_id=program_id, **more)

    def fill(self, count: int, program_id: str | None = PROGRAM) -> None:
        """So many events that differ from each other, in one transaction."""
        with self.database.write() as session:
            for number in range(count):
                record(
                    session, NOW + timedelta(seconds=number), "test.act", ("done", "refused")[number % 2],
                    actor_id=(None, f"person-{number}")[number % 2], program_id=program_id, subject=f"thing-{number}",
                    source=f"192.0.2.{number}", device_id=(f"device-{number}", None)[number % 2],
                    detail=({"applied": number}, {"referrals": f"a{number} b{number}"}, None)[number % 3],
                )  # fmt: skip

    def anchor(self, at: datetime = NOW) -> None:
        anchors.anchor(self.database, self.file, at)

    def anchored(self) -> list[Anchor]:
        return list(anchors.read(self.file)) if self.file.exists() else []

    def verdict(self, with_anchors: Sequence[Anchor] = ()) -> Verdict:
        with self.database.read() as session:
            return verify.verify(session, self.key, with_anchors)

    def numbers(self, program_id: str = PROGRAM) -> list[int]:
        with self.database.read() as session:
            rows = session.execute(
                text("SELECT number FROM audit_event WHERE program_id = :program ORDER BY number"),
                {"program": program_id},
            )
            return [int(row[0]) for row in rows if row[0] is not None]

    def unguard(self) -> None:
        """What somebody with the database in hand does first: away with the triggers."""
        on = "" if self.database.embedded else " ON audit_event"
        with self.database.write() as session:
            for name in ("audit_event_fixed", "audit_event_kept"):
                session.execute(text(f"DROP TRIGGER {name}{on}"))
            session.execute(text("DROP INDEX ix_audit_event_chain"))

    def alter(self, statement: str, **values: Any) -> None:
        """One statement, committed."""
        with self.database.write() as session:
            run(session, statement, **values)


def run(session: Session, statement: str, **values: Any) -> None:
    session.execute(text(statement), values)


@pytest.fixture
def audit(database_url: str, tmp_path: Path) -> Iterator[Audit]:
    database = Database(database_url, keys_dir=tmp_path / "keys")
    yield Audit(database, tmp_path)
    database.close()
