"""A private PostgreSQL for one run of the tests: made in a temporary folder, gone afterwards.

Answers for starting, filling and stopping the cluster. It is a real one with fsync on and its default
durability (version 15 or newer), reached through a unix socket in a folder that nobody else may enter; no port is taken and no
installed cluster touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

USER = "handoff"
APPLICATION = "handoff_application"
"""Owns the databases and is nobody special, so that row-level security binds it as it does in operation."""
PORT = 5432  # Names the socket's file only: the server listens on no address.
START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class _Owner:
    """Whom the server runs as; it refuses to run as root."""

    uid: int
    gid: int

    @classmethod
    def choose(cls) -> _Owner:
        if os.geteuid() != 0:
            return cls(os.getuid(), os.getgid())
        for name in ("postgres", "nobody"):
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(found.pw_uid, found.pw_gid)
        raise RuntimeError("PostgreSQL does not run as root, and no user postgres or nobody exists.")

    def arguments(self) -> dict[str, Any]:
        """What `subprocess` needs to become this user."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class PostgresCluster:
    """One running server. `with PostgresCluster(folder_of_initdb) as cluster: cluster.create("name")`.

    Its files lie in a new folder in `base`, on the disk if that is None.
    """

    def __init__(self, binaries: Path, base: Path | None = None) -> None:
        self._binaries = binaries
        self._owner = _Owner.choose()
        # Directly under /tmp where there is one: a socket's path may have 107 bytes at most.
        base = base or (Path("/tmp") if os.path.isdir("/tmp") else None)
        self._folder = Path(tempfile.mkdtemp(prefix="handoff-postgresql-", dir=base))
        self._log: IO[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PostgresCluster:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def url(self, name: str) -> str:
        """The address of one database, as HANDOFF_DATABASE_URL takes it."""
        return f"postgresql+psycopg://{APPLICATION}@/{name}?host={self._folder}&port={PORT}"

    def create(self, name: str, template: str | None = None) -> str:
        """A new database, a copy of `template` if one is given; returns its address."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(APPLICATION))
        with self._administer() as connection:
            if template is not None:
                # A template with a connection open cannot be copied.
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
                )
                statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            connection.execute(statement)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Removes a database, whoever is still connected to it."""
        with self._administer() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Ends the server and removes everything it wrote."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # "Fast": open connections are ended.
            try:
                self._server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        os.chmod(self._folder, 0o700)
        os.chown(self._folder, self._owner.uid, self._owner.gid)
        data = self._folder / "data"
        made = subprocess.run(
            [
                str(self._binaries / "initdb"), f"--pgdata={data}", f"--username={USER}",
                "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions",
            ],
            cwd=self._folder, capture_output=True, text=True, check=False, **self._owner.arguments(),
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        self._log = (self._folder / "server.log").open("wb")
        self._server = subprocess.Popen(
            [
                str(self._binaries / "postgres"), "-D", str(data), "-k", str(self._folder),
                "-c", "listen_addresses=", "-c", f"port={PORT}", "-c", "max_connections=100",
            ],
            cwd=self._folder, stdout=self._log, stderr=subprocess.STDOUT, **self._owner.arguments(),
        )  # fmt: skip
        self._wait_until_ready()
        with self._administer() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION)))
            # For the one test that decides which of two deadlocked sessions is ended.
            grant = "GRANT SET ON PARAMETER deadlock_timeout TO {}"
            connection.execute(sql.SQL(grant).format(sql.Identifier(APPLICATION)))

    def _wait_until_ready(self) -> None:
        assert self._server is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._administer().close()
                return
            except psycopg.OperationalError as error:
                log = (self._folder / "server.log").read_text(errors="replace")
                if self._server.poll() is not None:
                    raise RuntimeError(f"PostgreSQL ended while starting:\n{log}") from error
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL was not ready in {START_SECONDS} s:\n{log}") from error
            time.sleep(0.05)

    def _administer(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self._folder),
            port=PORT,
            user=USER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )
