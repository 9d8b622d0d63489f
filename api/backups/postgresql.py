"""PostgreSQL's copies: an archive by pg_dump of one consistent moment, put back by pg_restore into a database of its own.

Nothing is ever restored over the present database. A copy is unpacked beside it, under another name, and takes its place by
two renamings in one transaction; the former one stays under a name that says so. PostgreSQL itself refuses to rename a
database that anybody is connected to, and every server and worker is, so a restore beside a running server cannot happen.
An advisory lock would say less: a connection that a proxy or a restart has cut gives it back while the server lives on.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from glob import glob
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url, text

from api import confinement
from api.backups.manifest import FILE_MODE, BackupRefused, DatabaseKind, Facts, facts_of, to_disk
from api.database import Database

Connection = psycopg.Connection[tuple[object, ...]]

FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
MAINTENANCE = ("postgres", "template1")
"""Databases that every PostgreSQL has: from one of them others are made and renamed."""
UNPACKED, ASIDE = "_unpacked_", "_before_restore_"
STAMP = "%Y%m%d%H%M%S"
NAME_BYTES = 30
"""Of the database's own name in the names made from it; PostgreSQL cuts names at 63 bytes."""
LEFTOVERS_AFTER = timedelta(days=1)
TIME_LIMIT_SECONDS = 6 * 3600.0
CONNECT_SECONDS = 10


class CannotProve(BackupRefused):
    """The copy was made but cannot be unpacked here, so nobody knows whether it can be restored."""


class PostgreSQL:
    """The database at an address."""

    kind: DatabaseKind = "postgresql"
    suffix = ".dump"

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.name = self.url.database or ""

    def copy(self, target: Path) -> Facts:
        """An archive of one moment on the disk; the facts are of that same moment. Raises BackupRefused."""
        tool = self._tool("pg_dump")
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        database = Database(self._address(self.name))
        try:
            with database.read() as session:
                connection = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                facts = facts_of(session)
                moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
                # Row-level security confines the dump as it does the server, which works here for every program.
                options = ["--format=custom", "--enable-row-security", f"--snapshot={moment}", f"--file={target}"]
                self._run(tool, self.name, *options)
        finally:
            database.close()
        to_disk(target)
        return facts

    @contextmanager
    def unpacked(self, copy: Path, *, for_use: bool) -> Iterator[str]:
        """The address of a database with the copy's content, on the same server. It is dropped afterwards, if still there.

        Raises CannotProve where this role may make no databases, BackupRefused if the copy does not restore.
        """
        tool = self._tool("pg_restore")
        scratch = f"{self._short()}{UNPACKED}{datetime.now(UTC):{STAMP}}_{os.getpid()}"
        with self._maintenance() as connection:
            self._may_create(connection)
            self._sweep(connection)
            connection.execute(self._creation(connection, scratch))
        try:
            # Rights of other roles matter to a database that is used, and would fail a proof where those roles are missing.
            privileges = [] if for_use else ["--no-privileges"]
            self._run(tool, scratch, "--exit-on-error", "--no-owner", *privileges, str(copy))
            yield self._address(scratch)
        finally:
            with self._maintenance() as connection:
                _drop(connection, scratch)

    def take_place(self, url: str, now: datetime) -> str | None:
        """Rename the present database aside and the unpacked one into its place; returns the former's name, None if there was
        none. Raises BackupRefused if anybody is connected to it."""
        new = make_url(url).database or ""
        aside = f"{self._short()}{ASIDE}{now:{STAMP}}"
        with self._maintenance() as connection:
            there = _exists(connection, self.name)
            try:
                with connection.transaction():
                    for former, later in [(self.name, aside), (new, self.name)] if there else [(new, self.name)]:
                        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                        connection.execute(rename.format(sql.Identifier(former), sql.Identifier(later)))
            except psycopg.errors.ObjectInUse as error:
                raise BackupRefused(f"Somebody has connected to {self.name} meanwhile. {self._stop()}") from error
        return aside if there else None

    def users(self) -> list[str]:
        """Who is connected to it now."""
        query = (
            "SELECT coalesce(nullif(application_name, ''), 'a program without a name'), count(*) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
        )
        with self._maintenance() as connection:
            rows = connection.execute(query, [self.name]).fetchall()
        return [f"{name} ({count})" for name, count in rows]

    def present(self) -> str | None:
        """The address of the present database, None if there is none."""
        with self._maintenance() as connection:
            return self._address(self.name) if _exists(connection, self.name) else None

    def _stop(self) -> str:
        return "Stop every server and worker of this database first."

    def _short(self) -> str:
        return self.name.encode()[:NAME_BYTES].decode(errors="ignore")

    def _address(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _conninfo(self, name: str) -> tuple[str, str]:
        """What libpq takes, without the password: a command line is public. And the password."""
        arguments = self.url.set(database=name).translate_connect_args(username="user", database="dbname")
        values: dict[str, object] = {**self.url.query, **arguments}
        password = str(values.pop("password", "") or "")
        return make_conninfo("", **{key: str(value) for key, value in values.items()}), password

    @contextmanager
    def _maintenance(self) -> Iterator[Connection]:
        """A connection to a database that is neither the present nor an unpacked one. Raises BackupRefused."""
        for name in MAINTENANCE:
            conninfo, password = self._conninfo(name)
            try:
                found = psycopg.connect(
                    conninfo, password=password or None, autocommit=True, connect_timeout=CONNECT_SECONDS
                )
            except psycopg.OperationalError as error:
                refused = error
                continue
            with found:
                try:
                    yield found
                except psycopg.Error as error:
                    raise BackupRefused(f"PostgreSQL refuses: {error.diag.message_primary or error}.") from error
            return
        raise BackupRefused(f"PostgreSQL cannot be reached through {' or '.join(MAINTENANCE)}: {refused}") from refused

    def _may_create(self, connection: Connection) -> None:
        row = connection.execute(
            "SELECT rolcreatedb OR rolsuper, current_user FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if row is not None and not row[0]:
            raise CannotProve(
                f"The role {row[1]} may not create databases, so a copy cannot be unpacked here: it is NOT verified, and "
                f'cannot be restored by this role. Allow it (ALTER ROLE "{row[1]}" CREATEDB), or verify the copy on another '
                "PostgreSQL whose role may."
            )

    def _creation(self, connection: Connection, scratch: str) -> sql.Composed:
        """A new database that sorts and compares texts as the present one does."""
        row = connection.execute(
            "SELECT datcollate, datctype FROM pg_database WHERE datname = %s", [self.name]
        ).fetchone()
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(scratch))
        if row is None:
            return statement
        return statement + sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(row[0]), sql.Literal(row[1]))

    def _sweep(self, connection: Connection) -> None:
        """Drop what a killed process has left behind."""
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            found = re.fullmatch(rf"{re.escape(self._short() + UNPACKED)}(\d{{14}})_\d+", str(name))
            if found and datetime.now(UTC) - datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) > LEFTOVERS_AFTER:
                _drop(connection, str(name))

    def _tool(self, name: str) -> str:
        """The path of a client program that is no older than the server. Raises BackupRefused."""
        with self._maintenance() as connection:
            server = connection.info.server_version // 10_000
        found = {path: _major(path) for path in _candidates(name)}
        for path, major in found.items():
            if major >= server:
                return path
        install = f"Install PostgreSQL's client programs, version {server} or newer, where this command runs."
        if found:
            raise BackupRefused(
                f"{name} is of version {max(found.values())}, the server of {server}: it would refuse. {install}"
            )
        raise BackupRefused(f"{name} was not found. {install}")

    def _run(self, tool: str, database: str, *arguments: str) -> None:
        conninfo, password = self._conninfo(database)
        environment = {**os.environ, "PGOPTIONS": f"-c {confinement.SETTING}={confinement.EVERY}"}
        if password:
            environment["PGPASSWORD"] = password
        command = [tool, "--no-password", f"--dbname={conninfo}", *arguments]
        try:
            ended = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                check=False, timeout=TIME_LIMIT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BackupRefused(f"{Path(tool).name} had not ended after {TIME_LIMIT_SECONDS:.0f} seconds.") from error
        if ended.returncode != 0:
            raise BackupRefused(f"{_first_error(ended.stderr) or f'{Path(tool).name} failed'}.")


def _first_error(said: str) -> str:
    """The first line of a tool's complaint: those after it may quote rows."""
    return next((line.rstrip(".") for line in said.splitlines() if "error:" in line), "")


def _candidates(name: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    on_path = shutil.which(name, path=environment.get("PATH"))
    known = [path for pattern in FOLDERS for path in glob(f"{pattern}/{name}") if os.access(path, os.X_OK)]
    return [path for path in (on_path, *known) if path is not None]


def _major(tool: str) -> int:
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False, timeout=CONNECT_SECONDS)
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found else 0


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(connection: Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
