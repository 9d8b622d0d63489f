"""The server of a world: the real application on a real database, in this process, asked through its own interface.

It can be killed at its commits, copied, and put back to any earlier copy with or without a word. Nothing of it is replaced.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import anyio.to_thread
from sqlalchemy import update
from sqlmodel import Session, col, select

from api.at_rest.cipher import cipher_of
from api.auth import sessions
from api.auth.cookies import SESSION_COOKIE
from api.database import Database, migrate
from api.ledger.file import LOG_FILE
from api.main import create_app
from api.operations import durable
from api.retention.replay import replay
from api.settings import Settings
from api.tables.records import Head
from tests.postgres import PostgresCluster
from tests.simulation.casting import START

HOST = "simulation.example"


Request = tuple[str, str, dict[str, str], bytes]
"""Method, path, headers, body."""
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.002


class Killed(BaseException):
    """The server's process ended here. No handler of the application may hear of it."""


class Clock:
    """The server's clock; the world moves it."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by

    @property
    def ms(self) -> int:
        return round(self.instant.timestamp() * 1000)


@dataclass(frozen=True)
class Answer:
    """What came back; `cookies` are those it sets."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass
class Doom:
    """When the server dies: at its n-th writing transaction from now on, before or after the commit."""

    writes: int
    after_commit: bool


class Gap:
    """Between what a transaction has written and its commit: the writer waits there while somebody reads.

    The reader is let through until it is answered or wants to write itself, which on SQLite must wait for the first.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._writer: int | None = None
        self._waits, self._reads_no_more, self._over = False, False, False

    def arrive_to_write(self) -> None:
        """Somebody wants to write: the first is the writer, any other has read what it came for."""
        with self._changed:
            if self._writer is None:
                self._writer = threading.get_ident()
            elif self._writer != threading.get_ident() and not self._over:
                self._reads_no_more = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._over, PATIENCE_SECONDS)

    def about_to_commit(self) -> None:
        """The writer has written, and waits."""
        with self._changed:
            if self._writer == threading.get_ident() and not self._over:
                self._waits = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._over, PATIENCE_SECONDS)

    def wait_for_writer(self, task: asyncio.Task[Answer]) -> None:
        self._until(lambda: self._waits, task)

    def wait_for_reader(self, task: asyncio.Task[Answer]) -> None:
        self._until(lambda: self._reads_no_more, task)

    def let_go(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _until(self, reached: Callable[[], bool], task: asyncio.Task[Answer]) -> None:
        """Until it is reached, or the request was answered without."""
        with self._changed:
            while not reached() and not task.done():
                self._changed.wait(LOOK_SECONDS)


class Server:
    """One application on one database at a time."""

    def __init__(self, kind: str, folder: Path, cluster: PostgresCluster | None = None) -> None:
        self.kind, self.clock = kind, Clock()
        self._folder, self._cluster, self._names = folder, cluster, (f"{kind}_{uuid4().hex[:8]}_{n}" for n in count())
        self.doom: Doom | None = None
        self.gap: Gap | None = None
        self._asked = False
        self._copies: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self.settings = Settings(
            data_dir=folder / "data", database_url=self._fresh_url(), worker=False, snapshot_minutes=0
        )
        migrate(self.settings.url)
        self.app = create_app(self.settings, self.clock)
        self._write, self._threads = Database.write, anyio.to_thread.run_sync
        self._watch_commits()
        self._stay_in_one_thread()

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    def close(self) -> None:
        Database.write = self._write  # type: ignore[method-assign]
        anyio.to_thread.run_sync = self._threads
        self.database.close()
        if self._cluster is not None:
            for name in (self._database_name, *self._copies.values()):
                self._cluster.drop(name)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """One request, answered. Raises Killed."""
        self._asked = True
        try:
            return self._loop.run_until_complete(self._ask(method, path, headers, body))
        finally:
            self._asked = False

    def ask_together(self, writer: Request, reader: Request) -> tuple[Answer, Answer]:
        """Two requests: the second is read for while the first is about to commit, and answered after that."""
        return self._loop.run_until_complete(self._ask_together(writer, reader))

    def let_in(self, user_id: str) -> dict[str, str] | None:
        """A session's cookie, as a sign-in gives it; None for somebody who may not. Saves the passphrase's cost."""
        with self.database.write() as session:
            membership = sessions.standing_membership(session, user_id, self.clock.now())
            if membership is None:
                return None
            token, _ = sessions.open_session(session, membership, None, self.clock.now())
        return {SESSION_COOKIE: token}

    def restart(self) -> None:
        """Another process takes over on the same database."""
        self.doom = None
        self.database.close()
        self._begin_anew()

    def back_up(self, name: str) -> None:
        """Remember the database as it is now, and tell nobody."""
        self._copies[name] = self._copy()

    def publish(self, name: str) -> None:
        """A verified backup, with the durable position that it proves."""
        with self.database.read() as session:
            position = session.exec(select(Head.position)).one()
        self._copies[name] = self._copy()
        with self.database.write() as session:
            durable.publish(session, position)

    def restore(self, name: str, *, announced: bool) -> None:
        """An earlier copy takes the database's place, which takes a while. Announced, it begins a new epoch."""
        self.doom = None
        self.clock.advance(timedelta(milliseconds=1))
        self.database.close()
        self._put(self._copies[name])
        if announced:
            with self.database.write() as session:
                session.execute(update(Head).where(col(Head.id) == 1).values(epoch=str(uuid4())))
        self._begin_anew()

    def reset(self, name: str) -> None:
        """The copy again, and of everything since then nothing, the ledger outside the database included."""
        (self.settings.ledger_folder / LOG_FILE).unlink(missing_ok=True)
        shutil.rmtree(self._folder / "snapshots", ignore_errors=True)
        self.clock.instant = START
        self.restore(name, announced=False)
        for other in [each for each in self._copies if each != name]:
            self._forget(self._copies.pop(other))

    def _begin_anew(self) -> None:
        """As a server starts. Connections are new; what stays in memory is compiled statements, which are dear, and keys."""
        with self.database.read() as session:
            cipher_of(session).load(session)
        replay(self.database, self.app.state.keys.by_id, self.clock.now())

    def _fresh_url(self) -> str:
        if self._cluster is None:
            return f"sqlite:///{self._folder / 'handoff.sqlite'}"
        return self._cluster.create(self._next())

    def _next(self) -> str:
        return next(self._names)

    def _copy(self) -> str:
        if self._cluster is not None:
            name = self._next()
            self.database.close()
            self._cluster.create(name, template=self._database_name)
            return name
        path = self._folder / f"{self._next()}.sqlite"
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
        return str(path)

    def _put(self, copy: str) -> None:
        if self._cluster is not None:
            self._cluster.drop(self._database_name)
            self._cluster.create(self._database_name, template=copy)
            return
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(copy, self._path)

    def _forget(self, copy: str) -> None:
        if self._cluster is not None:
            self._cluster.drop(copy)
        else:
            Path(copy).unlink()

    @property
    def _path(self) -> Path:
        return Path(self.settings.url.removeprefix("sqlite:///"))

    @property
    def _database_name(self) -> str:
        return urlsplit(self.settings.url).path.removeprefix("/")

    def _watch_commits(self) -> None:
        """Every writing transaction passes here, at its end and after it."""
        server, write = self, self._write

        @contextmanager
        def watched(database: Database) -> Iterator[Session]:
            dies = None
            if server.gap is not None:
                server.gap.arrive_to_write()
            with write(database) as session:
                yield session
                if server.gap is not None:
                    session.flush()
                    server.gap.about_to_commit()
                dies = server._dies_now()
                if dies is not None and not dies.after_commit:
                    raise Killed
            if dies is not None:
                raise Killed

        Database.write = watched  # type: ignore[method-assign, assignment]  # the same to a caller

    def _stay_in_one_thread(self) -> None:
        """One request at a time needs no threads, and to change between them costs more than to answer."""
        threads = self._threads

        async def run_sync(work: Callable[..., Any], *given: Any, **options: Any) -> Any:
            return work(*given) if self.gap is None else await threads(work, *given, **options)

        anyio.to_thread.run_sync = run_sync  # type: ignore[assignment]  # the same to whoever awaits it

    def _dies_now(self) -> Doom | None:
        if self.doom is None or not self._asked:
            return None
        self.doom.writes -= 1
        if self.doom.writes > 0:
            return None
        doom, self.doom = self.doom, None
        return doom

    async def _ask_together(self, writer: Request, reader: Request) -> tuple[Answer, Answer]:
        self.gap = gap = Gap()
        writing = asyncio.create_task(self._ask(*writer))
        try:
            await asyncio.to_thread(gap.wait_for_writer, writing)
            reading = asyncio.create_task(self._ask(*reader))
            await asyncio.to_thread(gap.wait_for_reader, reading)
        finally:
            self.gap = None
            gap.let_go()
        return await writing, await reading

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        sent: list[Any] = []
        given = [{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            return given.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.lower().encode(), value.encode()) for name, value in {"host": HOST, **headers}.items()]
        target, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": target, "raw_path": target.encode(), "query_string": query.encode(), "root_path": "",
            "headers": raw, "client": ("203.0.113.7", 50000), "server": (HOST, 443), "state": {},
        }  # fmt: skip
        await self.app(scope, receive, send)
        start = sent[0]
        named = [(name.decode(), value.decode()) for name, value in start["headers"]]
        cookies = dict(value.split(";")[0].split("=", 1) for name, value in named if name == "set-cookie")
        content = b"".join(part.get("body", b"") for part in sent[1:])
        return Answer(start["status"], {n: v for n, v in named if n != "set-cookie"}, content, cookies)
