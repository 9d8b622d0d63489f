"""`handoff doctor`: looks at what an operator can get wrong, and says what to do about it. Changes nothing."""

import sqlite3
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from api.auth.addresses import proxies
from api.clock import SystemClock
from api.database import Database
from api.devices.keys import PREFIX, VAPID_FILE, KeyFileError, SealingKeys, VapidKey
from api.health import FREE_BYTES_MIN, code_head, free_bytes
from api.paging.channels.switchboard import available
from api.settings import Settings
from api.watch import queries
from api.watch.around_the_clock import standing

SQLITE_FIXED = (3, 51, 3)
"""Before it, two processes that write to one WAL file could corrupt it; one server alone is safe."""
EXAMPLE_CONTACT = "example.org"
OWNER_ONLY = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    verdict: Literal["ok", "look", "wrong"]
    about: str
    words: str


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which to mend it."""
    return [
        *_settings(settings),
        *_channels(settings),
        *_keys(settings.keys_dir),
        _disk(settings),
        *_database(settings),
    ]


def _settings(settings: Settings) -> Iterator[Finding]:
    if settings.demo:
        yield Finding("wrong", "HANDOFF_DEMO", "this is the demo: never use it for real people")
    if not settings.origin:
        yield Finding("look", "HANDOFF_ORIGIN", "set the public address, so that no other host name is answered")
    elif urlsplit(settings.origin).scheme != "https":
        yield Finding("wrong", "HANDOFF_ORIGIN", "phones keep the app and its cookies for https addresses alone")
    if EXAMPLE_CONTACT in settings.push_contact:
        yield Finding("wrong", "HANDOFF_PUSH_CONTACT", "give an address at which push services reach you")
    try:
        proxies(settings.trusted_proxies)
    except ValueError as error:
        yield Finding("wrong", "HANDOFF_TRUSTED_PROXIES", str(error))


def _channels(settings: Settings) -> Iterator[Finding]:
    """What is set up; whether a provider answers is not tried from here."""
    has = available(settings)
    beside = [name for name in ("sms", "voice", "email") if name in has]
    words = f"set up: {', '.join(['push', *beside, 'webhook'])}"
    if not beside:
        words += "; phones with the app alone can sleep through a page: set up SMS, voice or e-mail"
    yield Finding("ok" if beside else "look", "channels", words)
    if not settings.deadman_url:
        yield Finding("look", "HANDOFF_DEADMAN_URL", "without it nobody outside notices that this server has stopped")


def _keys(folder: Path) -> Iterator[Finding]:
    if not any(folder.glob(f"{PREFIX}*.pem")) or not (folder / VAPID_FILE).exists():
        yield Finding("look", "keys", f"none in {folder} yet; the server makes them when it first starts")
        return
    try:
        keys = SealingKeys.load(folder)
        VapidKey.load(folder)
    except KeyFileError as error:
        yield Finding("wrong", "keys", str(error))
        return
    for path in sorted(folder.glob("*.pem")):
        if path.stat().st_mode & OWNER_ONLY:
            yield Finding("look", "keys", f"{path} can be read by others than its owner: chmod 600")
    yield Finding("ok", "keys", f"{len(keys.by_id)} to open with, {keys.active.key_id} in use; keep a copy elsewhere")


def _disk(settings: Settings) -> Finding:
    free = free_bytes(settings.data_dir)
    return Finding("ok" if free >= FREE_BYTES_MIN else "wrong", "disk", f"{free // 2**20} MiB free")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.url.startswith("sqlite"):
        fixed = sqlite3.sqlite_version_info >= SQLITE_FIXED
        words = "" if fixed else "; let no other program write to the file while the server runs"
        yield Finding("ok" if fixed else "look", "SQLite", sqlite3.sqlite_version + words)
        if not Path(settings.url.removeprefix("sqlite:///")).exists():
            yield Finding("look", "database", "there is none yet: serve or migrate makes it")
            return
    database = Database(settings.url)
    try:
        with database.read() as session:
            version = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
            current = version == code_head()
            programs = list(_programs(session, available(settings))) if current else []
        yield Finding(
            "ok" if current else "wrong", "database", f"schema {version}" + ("" if current else ": run migrate")
        )
        yield from programs
    except SQLAlchemyError as error:
        yield Finding("wrong", "database", f"{type(error).__name__}: is it there, and migrated?")
    finally:
        database.close()


def _programs(session: Session, has: Collection[str]) -> Iterator[Finding]:
    """Whether each program may say that it is there day and night."""
    now = SystemClock().now()
    for program_id in queries.program_ids(session):
        found = standing(session, program_id, has, now)
        if found.sound:
            yield Finding("ok", program_id, found.says)
        for reason in found.reasons:
            yield Finding(
                "wrong",
                program_id,
                f"cannot be called {found.says}: {reason}" if found.says == "24/7" else f"{found.says}; {reason}",
            )
