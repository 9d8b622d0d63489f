"""The database: one engine for writes, one for reads, and the migrations.

SQLite: WAL with full fsync, one write connection that begins immediate, `query_only` readers. PostgreSQL: ordinary pools.
A `write` block commits before it returns, so a response built after it can only speak of what is stored.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel

from api import confinement

BUSY_TIMEOUT_MS = 5000
READ_CONNECTIONS = 8
POSTGRESQL_CONNECTIONS = 10
QUIET = {"hide_parameters": True}
"""An error that is logged or shown names the statement, never the values in it."""
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Database:
    """A database at an address, ready for `write` and `read` blocks.

    `cipher` is what `api.at_rest` seals columns with, `keys_dir` where the audit's key is, `ledger_dir` where the ledger is;
    they travel in every session's `info`.
    """

    def __init__(
        self, url: str, cipher: object = None, keys_dir: Path | None = None, ledger_dir: Path | None = None
    ) -> None:
        self.url = url
        self.cipher = cipher
        self.keys_dir = keys_dir
        self.ledger_dir = ledger_dir
        self.embedded = url.startswith("sqlite")
        self._turn = threading.Lock()
        if self.embedded:
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            arguments = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
            self.writer = create_engine(url, connect_args=arguments, poolclass=StaticPool, **QUIET)
            self.reader = create_engine(
                url, connect_args=arguments, pool_size=READ_CONNECTIONS, max_overflow=0, **QUIET
            )
            _prepare_sqlite(self.writer, "BEGIN IMMEDIATE", query_only=False)
            _prepare_sqlite(self.reader, "BEGIN", query_only=True)
        else:
            self.writer = create_engine(
                url, pool_size=POSTGRESQL_CONNECTIONS, max_overflow=0, pool_pre_ping=True, **QUIET
            )
            event.listen(self.writer, "begin", _confine)
            self.reader = self.writer

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction; committed when the block ends, rolled back when it raises."""
        if not self.embedded:
            with self._session(self.writer) as session, session.begin():
                yield session
            return
        with (
            self._turn,
            self._session(self.writer) as session,
            _fresh_after_error(session),
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; nothing can be written through it on SQLite."""
        with self._session(self.reader) as session:
            if not self.embedded:
                yield session
                return
            with _fresh_after_error(session):
                yield session

    def _session(self, engine: Engine) -> Session:
        info = {"cipher": self.cipher, "keys_dir": self.keys_dir, "ledger_dir": self.ledger_dir}
        return Session(engine, expire_on_commit=False, info=info)

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()


@contextmanager
def _fresh_after_error(session: Session) -> Iterator[None]:
    """After an error the connection is thrown away.

    A cursor that somebody's traceback still holds would pin SQLite's snapshot: the connection would go on showing the past to
    readers, and could never write again.
    """
    try:
        yield
    except BaseException:
        session.invalidate()
        raise


def _confine(connection: Connection) -> None:
    """Tell the database whose rows this transaction is about, until it ends."""
    connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (confinement.SETTING, confinement.program()))


def _prepare_sqlite(engine: Engine, begin: str, *, query_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own lazy BEGIN would come too late for a write lock
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if not query_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def inserting(session: Session, model: type[SQLModel], rows: dict[str, Any] | list[dict[str, Any]]) -> Any:
    """An insert that can say what happens when the row is there already: `on_conflict_do_nothing()` and so on."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model).values(rows)


def migrate(url: str) -> None:
    """Bring the schema at `url` to the newest revision."""
    from alembic import command
    from alembic.config import Config

    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "head")
