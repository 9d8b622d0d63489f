"""The disk fills up under a live server: nothing is called received that is not, phones keep all of it, and then it arrives.

What fills the disk is the caller's affair: SQLite's file layer refuses to let files grow, PostgreSQL raises the error that it
raises when a table cannot, or a real small disk is filled to its last block.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.databases import opened_at
from tests.postgres import APPLICATION, USER
from tests.torture.crew import Person, Reading, gather
from tests.torture.planted import FULL_MARK, Planted
from tests.torture.reckoning import reckon
from tests.torture.records import refer, to_the_end
from tests.torture.servers import Nursery, Server

ROUNDS = 3
"""How often every officer writes and flushes, before and after."""
FULL_ROUNDS = 6
PATIENCE_SECONDS = 60.0
DISK_BYTES = 64 << 20
GOING_ON = (200, 503)
REFUSE = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_space BEFORE INSERT ON operation_header FOR EACH STATEMENT EXECUTE FUNCTION no_space();
"""
ALLOW = "DROP TRIGGER no_space ON operation_header; DROP FUNCTION no_space();"

Act = Callable[[], None]


@dataclass
class Account:
    """What came of it. `wrong` names each loss and doubling; `answers` counts the statuses while the disk was full."""

    authored: int = 0
    waited: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.authored} operations written, {self.waited} waited while the disk was full, "
            f"answers meanwhile {dict(self.answers)}, {len(self.wrong)} wrong"
        )


def fill_up(
    url: str, folder: Path, fill: Act, free: Act, *, seed: int, planted: Planted | None = None,
    environment: Mapping[str, str] | None = None,
) -> Account:  # fmt: skip
    """Work, fill the disk, go on working, free it, and see that everything arrives."""
    account = Account()
    with ExitStack() as stack:
        nursery = Nursery(planted=planted)
        stack.callback(nursery.close)
        settings = {"HANDOFF_DATABASE_URL": url, "HANDOFF_DATA_DIR": str(folder), "HANDOFF_SNAPSHOT_MINUTES": "0"}
        server = Server(nursery, settings | dict(environment or {}), folder / "server.log")
        database = opened_at(url, folder)
        people = gather(database, folder, stack, [server.port], random.Random(seed))
        database.close()
        stack.callback(server.end)
        server.start()
        server.wait_until_ready()
        readings = {person.name: Reading(person) for person in people}
        officers = [person for person in people if person.role == "officer"]
        _work(officers, readings, ROUNDS)
        assert not any(person.outbox.waiting for person in officers), "all went well until here"
        fill()
        _work_in_vain(officers, readings, account)
        free()
        _drain(officers)
        _work(officers, readings, ROUNDS)
        shown = [to_the_end(reading) for reading in readings.values()]
        server.end(signal.SIGTERM)
        database = opened_at(url, folder)
        stack.callback(database.close)
        reckon(database, people, shown, account.wrong)
        account.authored = sum(len(person.outbox.authored()) for person in people)
    return account


def _work(officers: list[Person], readings: Mapping[str, Reading], rounds: int) -> None:
    for _ in range(rounds):
        for person in officers:
            refer(readings[person.name])
            person.flush(100)


def _work_in_vain(officers: list[Person], readings: Mapping[str, Reading], account: Account) -> None:
    """Space that was left may still take something; in the end nothing is taken any more, and each refusal says so."""
    for person in officers:
        person.answers.clear()
    _work(officers, readings, FULL_ROUNDS)
    for person in officers:
        account.answers += person.answers
        account.wrong += [f"{person.name} got {status}" for status in person.answers if status not in GOING_ON]
        account.waited += len(person.outbox.waiting)


def _drain(officers: list[Person]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(person.outbox.waiting for person in officers) and time.monotonic() < deadline:
        for person in officers:
            person.flush(100)


def switch_beside(url: str) -> tuple[Act, Act]:
    """For a server with “a disk that fills up”: fill and free by the mark beside the database."""
    mark = Path(url.removeprefix("sqlite:///")).with_name(FULL_MARK)
    return mark.touch, mark.unlink


def switch_in(url: str) -> tuple[Act, Act]:
    """PostgreSQL raises at the next operation what it raises when a table's file cannot grow."""

    def run(statements: str) -> None:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(statements)

    return lambda: run(REFUSE), lambda: run(ALLOW)


@dataclass(frozen=True)
class SmallDisk:
    """A database on a disk of its own, and how that is filled to its last block and freed again."""

    url: str
    fill: Act
    free: Act


@contextmanager
def small_disk(url: str, folder: Path) -> Iterator[SmallDisk]:
    """Move the database at `url` to a real disk of a few megabytes. Only root may mount one."""
    disk = Path(tempfile.mkdtemp(prefix="handoff-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0711", "tmpfs", disk], check=True)
    ballast = disk / "ballast"
    try:
        if url.startswith("sqlite"):
            moved = f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), disk / 'handoff.sqlite')}"
        else:
            moved = _tablespace(url, disk)
        yield SmallDisk(moved, lambda: _take_every_block(ballast), ballast.unlink)
    finally:
        # PostgreSQL still has its files open; they end with it.
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


def _take_every_block(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with suppress(OSError):  # a smaller piece may still fit
                while file.write(bytes(size)):
                    pass


def _tablespace(url: str, disk: Path) -> str:
    """Move the tables that grow to the small disk; the log of changes, without which nothing runs, stays where it is."""
    owner = Path(url.partition("?host=")[2].partition("&")[0]).stat()
    tables = disk / "tables"
    tables.mkdir(mode=0o700)
    os.chown(tables, owner.st_uid, owner.st_gid)
    plain = url.replace("+psycopg", "")
    administrator = plain.replace(APPLICATION, USER)
    name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(plain)["dbname"])  # type: ignore[arg-type]  # a text
    with psycopg.connect(administrator.replace("/torture?", "/postgres?"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(tables))))
        connection.execute(sql.SQL("ALTER DATABASE {} SET TABLESPACE small").format(name))
    return url
