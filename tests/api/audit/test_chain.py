"""The chain as it grows: numbered without gaps, in the act's own transaction, whoever writes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from api.at_rest.key_files import KeyFileError
from api.audit.chain import START, Event, mac
from api.audit.key import FILE, make_in, secret_in
from api.audit.service import record
from api.database import Database
from api.tables.audit import AuditEvent, AuditHead
from api.tables.people import Program
from tests.api.audit.conftest import NOW, OTHER, PROGRAM, Audit


def programs(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Program.id)))


def make(database: Database, name: str) -> None:
    """An act: a program, audited."""
    with database.write() as session:
        session.add(Program(id=name, name=name, config={}, created_at=NOW))
        record(session, NOW, "program.create", program_id=name)


class TestAnEvent:
    def test_it_is_covered_by_a_known_code(self) -> None:
        """Computed apart, with `openssl dgst -sha256 -mac HMAC` over the 32 zero bytes and the canonical text."""
        event = Event("denver", 1, 1777515247123, "device.enrol", "done", "a", "b", "192.0.2.1", None, {"applied": 2})
        assert mac(bytes(32), START, event) == "d401c35a23ff86642d47919015e8a83758b1c745e89a307c67b9fc07915428ff"

    @pytest.mark.parametrize("field", list(Event.__dataclass_fields__))
    def test_every_field_of_it_is_covered(self, field: str) -> None:
        values: dict[str, Any] = {
            "program_id": "p", "number": 1, "at_ms": 1, "action": "a", "outcome": "o", "actor_id": None, "subject": "s",
            "source": "x", "device_id": None, "detail": None,
        }  # fmt: skip
        other = {"number": 2, "at_ms": 2, "detail": {}}.get(field, "")
        assert mac(b"k", START, Event(**values)) != mac(b"k", START, Event(**values | {field: other}))

    def test_what_was_recorded_is_what_is_stored(self, audit: Audit) -> None:
        audit.add(
            action="sync.push",
            outcome="done",
            actor_id="a",
            subject="b",
            source="192.0.2.1",
            device_id="c",
            detail={"held": 1},
        )
        with audit.database.read() as session:
            row = session.exec(select(AuditEvent)).one()
            head = session.exec(select(AuditHead)).one()
        assert (row.program_id, row.number, row.previous) == (PROGRAM, 1, START)
        assert (row.actor_id, row.subject, row.source, row.device_id) == ("a", "b", "192.0.2.1", "c")
        assert (row.detail, row.at.microsecond) == ({"held": 1}, 123000)
        assert (head.number, head.mac) == (1, row.mac)


class TestAChain:
    def test_each_program_has_its_own_and_the_installation_another(self, audit: Audit) -> None:
        for program_id in (PROGRAM, None, OTHER, PROGRAM, None):
            audit.add(program_id)
        assert [audit.numbers(each) for each in (PROGRAM, OTHER, "")] == [[1, 2], [1], [1, 2]]
        assert audit.verdict().faults == []

    def test_events_of_one_transaction_keep_their_order(self, audit: Audit) -> None:
        with audit.database.write() as session:
            for program_id, subject in ((PROGRAM, "1"), (OTHER, "1"), (PROGRAM, "2"), (OTHER, "2")):
                record(session, NOW, "test.act", program_id=program_id, subject=subject)
        with audit.database.read() as session:
            rows = session.exec(select(AuditEvent))
            assert sorted((each.program_id, each.number, each.subject) for each in rows) == [
                (PROGRAM, 1, "1"), (PROGRAM, 2, "2"), (OTHER, 1, "1"), (OTHER, 2, "2"),
            ]  # fmt: skip

    @pytest.mark.postgresql
    def test_eight_writers_at_once_make_one_unbroken_chain(self, postgresql_url: str, tmp_path: Path) -> None:
        database = Database(postgresql_url, keys_dir=tmp_path / "keys")
        audit = Audit(database, tmp_path)

        def write(writer: int) -> None:
            for turn in range(100):
                both = (PROGRAM, OTHER) if (writer + turn) % 2 else (OTHER, PROGRAM)
                with database.write() as session:
                    for program_id in both:
                        record(session, NOW, "test.act", program_id=program_id, subject=f"{writer} {turn}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        verdict = audit.verdict()
        assert (verdict.events, verdict.chains, verdict.faults) == (1600, 2, [])
        assert audit.numbers() == audit.numbers(OTHER) == list(range(1, 801))
        database.close()

    def test_what_was_undone_leaves_no_gap(self, audit: Audit) -> None:
        def fail() -> None:
            with audit.database.write() as session:
                record(session, NOW, "test.act", program_id=PROGRAM)
                raise RuntimeError

        audit.add()
        with pytest.raises(RuntimeError):
            fail()
        audit.add()
        assert audit.numbers() == [1, 2]
        assert audit.verdict().faults == []


class TestAnActWhoseAuditCannotBeWritten:
    def test_does_not_happen_when_the_events_cannot_be_inserted(self, audit: Audit) -> None:
        audit.alter("ALTER TABLE audit_event RENAME COLUMN mac TO broken")
        with pytest.raises(DBAPIError):
            make(audit.database, "lost")
        assert programs(audit.database) == []

    def test_does_not_happen_when_the_head_is_gone(self, audit: Audit) -> None:
        audit.alter("DROP TABLE audit_head")
        with pytest.raises(DBAPIError):
            make(audit.database, "lost")
        assert programs(audit.database) == []

    def test_does_not_happen_without_the_key(self, database_url: str) -> None:
        database = Database(database_url)
        with pytest.raises(KeyFileError, match="without its keys"):
            make(database, "lost")
        assert programs(database) == []
        database.close()


class TestTheKey:
    def test_it_is_made_once_and_for_its_owner_alone(self, tmp_path: Path) -> None:
        secret = make_in(tmp_path / "keys")
        path = tmp_path / "keys" / FILE
        assert (len(secret), path.stat().st_mode & 0o777) == (32, 0o600)
        secret_in.cache_clear()
        assert make_in(tmp_path / "keys") == secret_in(tmp_path / "keys") == secret

    def test_one_that_everybody_may_read_is_refused(self, tmp_path: Path) -> None:
        make_in(tmp_path)
        (tmp_path / FILE).chmod(0o644)
        secret_in.cache_clear()
        with pytest.raises(KeyFileError, match="chmod 600"):
            secret_in(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        *(
            f"UPDATE audit_event SET {column} = NULL"
            for column in ("actor_id", "program_id", "device_id", "detail", "number")
        ),
        *(
            f"UPDATE audit_event SET {column} = 'x'"
            for column in ("action", "outcome", "subject", "source", "previous", "mac")
        ),
        "UPDATE audit_event SET at = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE number = 2",
    ],
)
def test_the_database_itself_refuses(audit: Audit, statement: str) -> None:
    audit.fill(3)
    with pytest.raises(DBAPIError, match="append-only"):
        audit.alter(statement)
    assert audit.verdict().faults == []


@pytest.mark.postgresql
def test_postgresql_refuses_to_empty_the_table(postgresql_url: str, tmp_path: Path) -> None:
    database = Database(postgresql_url, keys_dir=tmp_path / "keys")
    audit = Audit(database, tmp_path)
    audit.fill(1)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text("TRUNCATE audit_event"))
    database.close()
