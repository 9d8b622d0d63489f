"""What every test may ask for: an empty database of either kind, and an honest word when a part is missing.

Fixtures
    database_url          a migrated, empty database; the test runs once on SQLite and once on PostgreSQL
    bare_database_url     the same without a single table, for tests of the migrations
    sqlite_url, postgresql_url    a migrated, empty database of that kind alone
    postgres_cluster      the running PostgreSQL (started when the first test needs it)
    tell                  `tell("40 kills, seed 7: nothing lost")` stands in the summary, whichever process runs the test

Where PostgreSQL or Chromium is missing, CI fails; elsewhere the tests that need it are deselected and the
summary says so in red. Browser tests run last, so that a broken rule shows in seconds.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from scripts.programs import find_chromium, find_postgresql, in_ci
from tests.memory import memory_folder
from tests.postgres import PostgresCluster

BROWSER_TESTS = Path(__file__).parent / "browser"
TEMPLATE = "handoff_template"

TOLD = "told"
NOT_RUN = pytest.StashKey[list[str]]()

# A test that forgot to name its data must not find a developer's own.
for _name in ("HANDOFF_DATABASE_URL", "HANDOFF_DATA_DIR", "HANDOFF_DEMO"):
    os.environ.pop(_name, None)

# Folders of tests go with them, so that memory holds them all.
if (_memory := memory_folder()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_memory))

# Shared machines are slow at times: a deadline would test the machine. The blob repeats a failure elsewhere.
settings.register_profile("handoff", deadline=None, print_blob=True)
settings.load_profile("handoff")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgresql: needs a PostgreSQL server")
    config.addinivalue_line("markers", "browser: needs Chromium and the built PWA")


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.is_relative_to(BROWSER_TESTS):
        item.add_marker(pytest.mark.browser)
    if {"postgres_cluster", "postgresql_url"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.postgresql)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    needs: list[tuple[str, str, Callable[[], Path | None]]] = [
        ("postgresql", "PostgreSQL", find_postgresql),
        ("browser", "Chromium", find_chromium),
    ]
    not_run = config.stash.setdefault(NOT_RUN, [])
    for marker, name, find in needs:
        affected = [item for item in items if item.get_closest_marker(marker) is not None]
        if not affected or find() is not None:
            continue
        message = f"{name} is not installed: {len(affected)} tests that need it"
        if in_ci():
            raise pytest.UsageError(f"{message} cannot run, and in CI that is an error.")
        not_run.append(f"{message} did NOT run.")
        config.hook.pytest_deselected(items=affected)
        items[:] = [item for item in items if item not in affected]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """For figures and seeds that a reader wants to know of a run in which nothing failed. Of more than a line, the first."""
    return lambda text: record_property(TOLD, text.partition("\n")[0])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = sorted(
        f"{report.nodeid.rpartition('/')[2]}: {line}"
        for report in reports
        for name, line in report.user_properties
        if name == TOLD
    )
    if told:
        terminalreporter.section("told by the tests")
    for line in told:
        terminalreporter.line(line)
    messages = config.stash.get(NOT_RUN, [])
    if messages:
        terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
    for message in messages:
        terminalreporter.line(message, red=True, bold=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """The one PostgreSQL server of this run, with fsync on."""
    binaries = find_postgresql()
    assert binaries is not None, "tests that need PostgreSQL are deselected where there is none"
    with PostgresCluster(binaries, memory_folder()) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _database_names() -> Iterator[str]:
    return (f"test_{number}" for number in count(1))


@pytest.fixture(scope="session")
def _postgresql_template(postgres_cluster: PostgresCluster) -> str:
    """Migrated once: a copy of a template takes a tenth of what migrating takes."""
    from api.database import migrate

    migrate(postgres_cluster.create(TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from api.database import migrate

    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return settled(path)


def settled(path: Path) -> Path:
    """A SQLite database that nobody has open, as one file that may be copied."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_source(_sqlite_template: Path) -> Path:
    """What the test's own SQLite database is a copy of."""
    return _sqlite_template


@pytest.fixture
def postgresql_source(_postgresql_template: str) -> str:
    """Name of the database that the test's own on PostgreSQL is a copy of."""
    return _postgresql_template


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each database."""
    return str(request.param)


@pytest.fixture
def sqlite_url(sqlite_source: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database in the test's own folder."""
    return f"sqlite:///{shutil.copyfile(sqlite_source, tmp_path / 'handoff.db')}"


@pytest.fixture
def postgresql_url(
    postgres_cluster: PostgresCluster, postgresql_source: str, _database_names: Iterator[str]
) -> Iterator[str]:
    """A migrated, empty PostgreSQL database, removed after the test."""
    name = next(_database_names)
    yield postgres_cluster.create(name, template=postgresql_source)
    postgres_cluster.drop(name)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database. Give it to `api.database.Database` and dispose of that in the test."""
    return str(request.getfixturevalue(f"{database_kind}_url"))


@pytest.fixture
def bare_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    name = next(request.getfixturevalue("_database_names"))
    yield cluster.create(name)
    cluster.drop(name)
