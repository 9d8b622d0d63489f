"""Copies, made and damaged, and what is put back from them, on both databases.

Fixtures
    world of tests.api.conftest, on a PostgreSQL whose role may create databases
    may_create    `may_create(False)` takes that right from the role for the rest of the test
    copied        `copied()` is a verified copy of the database as it is now
    restored      `restored(copy)` stops the server, restores, and starts it on the same cookies and phones
    altered       `altered(copy, *statements)` is the copy with its rows changed and its checksum made to fit
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session

from api.at_rest import opened
from api.backups import manifest as manifests
from api.backups import service
from api.backups.restoring import Restored, restore
from api.backups.service import Made
from api.database import Database
from api.operations.reprojection import project_anew
from api.retention.replay import replay
from api.settings import Settings
from tests.api.conftest import FakeClock
from tests.postgres import APPLICATION

MayCreate = Callable[[bool], None]
Copied = Callable[[], Made]
RestoreIt = Callable[..., Restored]
Altered = Callable[..., Path]


@pytest.fixture
def may_create(database_kind: str, request: pytest.FixtureRequest) -> Iterator[MayCreate]:
    def allow(allowed: bool) -> None:
        if database_kind == "postgresql":
            with request.getfixturevalue("postgres_cluster")._administer() as connection:
                connection.execute(f"ALTER ROLE {APPLICATION} {'CREATEDB' if allowed else 'NOCREATEDB'}")

    allow(True)
    yield allow
    allow(False)


@pytest.fixture(autouse=True)
def _may_create(may_create: MayCreate) -> None:
    """Verifying and restoring need it."""


@pytest.fixture(autouse=True)
def _of_this_release(app: FastAPI, clock: FakeClock) -> None:
    """As after a server's start: what was stored by an older release would be folded anew."""
    project_anew(app.state.database, clock.now())


@pytest.fixture
def copied(settings: Settings, app: FastAPI, clock: FakeClock) -> Copied:
    def copy_it() -> Made:
        clock.advance(seconds=1)
        return service.backup(settings, settings.backup_folder, clock.now())

    return copy_it


@pytest.fixture
def restored(settings: Settings, app: FastAPI, clock: FakeClock) -> RestoreIt:
    def put_back(copy: Path, **options: Any) -> Restored:
        app.state.database.close()
        clock.advance(seconds=1)
        try:
            return restore(settings, copy, clock.now(), **options)
        finally:
            app.state.database = opened(settings)
            replay(app.state.database, app.state.keys.by_id, clock.now())

    return put_back


@pytest.fixture
def altered(settings: Settings) -> Altered:
    def change(copy: Path, *statements: str) -> Path:
        store, found = service.store_of(settings), manifests.read(copy)
        target = copy.with_name("altered" + copy.suffix)
        with store.unpacked(copy, for_use=True) as url:
            database = Database(url)
            with database.write() as session:
                _without_triggers(session)
                for statement in statements:
                    changed = session.connection().execute(text(statement))
                    assert changed.rowcount != 0, statement
            database.close()
            service.store_of(settings.model_copy(update={"database_url": url})).copy(target)
        facts = manifests.Facts.model_validate(found.model_dump(include=set(manifests.Facts.model_fields)))
        manifests.write(target, manifests.of_file(target, facts, found.kind, found.made_at))
        return target

    return change


def _without_triggers(session: Session) -> None:
    """Whoever doctors a file has no respect for what the database refuses."""
    if session.get_bind().dialect.name == "sqlite":
        rows = session.connection().execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        statements = [f"DROP TRIGGER {name}" for (name,) in rows.all()]
    else:
        statements = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("audit_event", "operation_header")]
    for statement in statements:
        session.connection().execute(text(statement))
