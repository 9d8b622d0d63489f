"""The database: one engine for writes, one for reads, and the migrations.

SQLite: WAL with full fsync, one write connection that begins immediate, `query_only` readers. PostgreSQL: ordinary pools.
A `write` block commits before it returns, so a response built after it can only speak of what is stored.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel

from api import confinement
from api.witness import Witness

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_MS = 5000
READ_CONNECTIONS = 8
POSTGRESQL_CONNECTIONS = 10
WITNESS, FLOOR, COMMITTED = "witness", "witnessed_position", "sees_committed"
"""Names in every session's `info`: whom to tell what was read of the head, and what had been seen before it began."""
QUIET = {"hide_parameters": True}
"""An error that is logged or shown names the statement, never the values in it."""
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Database:
    """A database at an address, ready for `write` and `read` blocks.

    `cipher` is what `api.at_rest` seals columns with, `keys_dir` where the audit's key is, `ledger_dir` where the ledger is;
    they travel in every session's `info`. After another database has been put in its place, it raises Replaced.
    """

    def __init__(
        self, url: str, cipher: object = None, keys_dir: Path | None = None, ledger_dir: Path | None = None
    ) -> None:
        self.url = url
        self.cipher = cipher
        self.keys_dir = keys_dir
        self.ledger_dir = ledger_dir
        self.embedded = url.startswith("sqlite")
        self.witness = Witness(Path(url.removeprefix("sqlite:///")) if self.embedded else None)
        self._turn = threading.Lock()
        if self.embedded:
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            arguments = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
            self.writer = create_engine(url, connect_args=arguments, poolclass=StaticPool, **QUIET)
            self.reader = create_engine(
                url, connect_args=arguments, pool_size=READ_CONNECTIONS, max_overflow=0, **QUIET
            )
            _prepare_sqlite(self.writer, self.witness, "BEGIN IMMEDIATE", query_only=False)
            _prepare_sqlite(self.reader, self.witness, "BEGIN", query_only=True)
        else:
            self.writer = create_engine(
                url, pool_size=POSTGRESQL_CONNECTIONS, max_overflow=0, pool_pre_ping=True, **QUIET
            )
            event.listen(self.writer, "begin", _confine)
            self.reader = self.writer

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction; committed when the block ends, rolled back when it raises."""
        self.witness.check()
        if not self.embedded:
            with self._session(self.writer, committed=False) as session, session.begin():
                yield session
            return
        with (
            self._turn,
            self._session(self.writer, committed=False) as session,
            _fresh_after_error(session),
            session.begin(),
        ):
            yield session
        self.witness.check()  # committed into a file that may be nobody's any more: then nobody may hear of it

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; nothing can be written through it on SQLite."""
        self.witness.check()
        with self._session(self.reader, committed=True) as session:
            if not self.embedded:
                yield session
                return
            with _fresh_after_error(session):
                yield session

    def _session(self, engine: Engine, *, committed: bool) -> Session:
        """`committed`: whoever reads through it sees nothing of its own."""
        info = {"cipher": self.cipher, "keys_dir": self.keys_dir, "ledger_dir": self.ledger_dir}
        info |= {WITNESS: self.witness, FLOOR: self.witness.position, COMMITTED: committed}
        return Session(engine, expire_on_commit=False, info=info)

    def close(self) -> None:
        """Give all connections back, and forget which database it was."""
        self.writer.dispose()
        self.reader.dispose()
        self.witness.forget()


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


def witnessed(session: Session, epoch: str, position: int) -> None:
    """Where the server stands was read through this session. Raises Replaced if it stood elsewhere before."""
    witness: Witness | None = session.info.get(WITNESS)
    if witness is not None:
        witness.saw(epoch, position, session.info[FLOOR], committed=session.info[COMMITTED])


def _prepare_sqlite(engine: Engine, witness: Witness, begin: str, *, query_only: bool) -> None:
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
        witness.opened()

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

    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = _migrations()
    config.attributes["url"] = url
    command.upgrade(config, "head")


@cache
def code_head() -> str | None:
    """The newest migration that this code knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_migrations()).get_current_head()


@cache
def known_revisions() -> frozenset[str]:
    """Every migration that this code knows."""
    from alembic.script import ScriptDirectory

    return frozenset(each.revision for each in ScriptDirectory.from_config(_migrations()).walk_revisions())


def _migrations() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
