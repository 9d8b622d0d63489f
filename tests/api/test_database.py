"""The database's two doors: what a write block promises, and what an error inside one must not leave behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel, select

from api.database import Database, migrate
from api.tables.columns import Instant
from api.tables.people import Program

NOW = datetime(2026, 4, 30, 2, 14, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def add(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Program(id=name, name=name, config={}, created_at=NOW))


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(Program.id)).all())


def test_what_a_block_wrote_is_there_when_it_ends(database: Database) -> None:
    add(database, "one")
    assert names(database) == {"one"}


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(Program(id="lost", name="lost", config={}, created_at=NOW))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(database) == set()


@pytest.mark.parametrize("door", ["read", "write"])
def test_a_cursor_left_open_by_an_error_does_not_hold_the_past(database: Database, door: str) -> None:
    for number in range(5):
        add(database, f"before{number}")
    held = []

    def fail() -> None:
        with getattr(database, door)() as session:
            rows = session.execute(text("SELECT id FROM program"))
            held.append((rows, rows.fetchone()))
            raise RuntimeError

    for _ in range(10):
        with pytest.raises(RuntimeError):
            fail()
    add(database, "after")
    assert all("after" in names(database) for _ in range(10))
    assert len(held) == 10


def test_a_reader_of_the_embedded_database_cannot_write(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(Exception, match="readonly"), database.read() as session:
        session.execute(text("DELETE FROM program"))
    database.close()


def test_the_embedded_database_flushes_fully(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as session:
        answers = [session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]
    assert answers == ["wal", 2]
    database.close()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    database = Database(database_url)
    add(database, "kept")
    migrate(database_url)
    assert names(database) == {"kept"}
    database.close()


def test_instants_keep_their_moment_whatever_their_zone(database: Database) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-6)))
    with database.write() as session:
        session.add(Program(id="zone", name="zone", config={}, created_at=there))
    with database.read() as session:
        assert session.exec(select(Program)).one().created_at == NOW


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Instant().process_bind_param(NOW.replace(tzinfo=None), None)  # type: ignore[arg-type]


def test_the_migrations_make_the_tables_that_the_code_knows(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    assert [difference for difference in found if not _of_type_alone(difference)] == []


def _of_type_alone(difference: Any) -> bool:
    """Both databases hold what is bounded by the models in unbounded text; only names, keys and indexes must agree."""
    return isinstance(difference, list) and all(part[0] in ("modify_type", "modify_default") for part in difference)
