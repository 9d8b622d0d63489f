"""`handoff doctor`: looks at what an operator can get wrong, and says what to do about it. Changes nothing."""

import sqlite3
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from api.accounts.program import config_of
from api.at_rest import opened
from api.at_rest.key_files import READABLE_BY_OTHERS, KeyFileError
from api.at_rest.rekey import finished
from api.audit.key import check
from api.auth.addresses import proxies
from api.backups.hourly import made_by_server
from api.backups.service import last_verified
from api.clock import SystemClock
from api.database import Database, code_head
from api.devices.keys import PREFIX, VAPID_FILE, SealingKeys, VapidKey
from api.health import FREE_BYTES_MIN, free_bytes
from api.paging.channels.switchboard import available
from api.settings import SECRETS, Settings
from api.tables.at_rest import DataKey
from api.tables.people import Program
from api.watch import queries
from api.watch.around_the_clock import standing

SQLITE_FIXED = (3, 51, 3)
"""Before it, two processes that write to one WAL file could corrupt it; one server alone is safe."""
BACKUP_AGE_MAX = timedelta(hours=4)
SECRET_LENGTH_MIN = 12
WELL_KNOWN = frozenset(
    {
        "secret",
        "password",
        "passphrase",
        "changeme",
        "change-me",
        "postgres",
        "handoff",
        "administrator",
        "test",
        "example",
    }
)
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
    yield from refusals(settings)
    if not settings.origin and _loopback(settings.host):
        yield Finding("look", "HANDOFF_ORIGIN", "set the public address, so that no other host name is answered")
    for name in SECRETS:
        if getattr(settings, name).get_secret_value() and not getattr(settings, f"{name}_file"):
            variable = f"HANDOFF_{name.upper()}"
            yield Finding(
                "look", variable, f"other programs can see the environment: put it in a file, {variable}_FILE"
            )
    if EXAMPLE_CONTACT in settings.push_contact:
        yield Finding("wrong", "HANDOFF_PUSH_CONTACT", "give an address at which push services reach you")


def refusals(settings: Settings) -> Iterator[Finding]:
    """What a server outside the demo does not start with."""
    name = urlsplit(settings.origin).hostname or ""
    if settings.origin and urlsplit(settings.origin).scheme != "https" and not _loopback(name):
        yield Finding("wrong", "HANDOFF_ORIGIN", "phones keep the app and its cookies for https addresses alone")
    if not settings.origin and not _loopback(settings.host):
        yield Finding("wrong", "HANDOFF_ORIGIN", f"set the public address: {settings.host} answers to every name")
    yield from _proxies(settings.trusted_proxies)
    for secret in SECRETS:
        yield from _weak(f"HANDOFF_{secret.upper()}", getattr(settings, secret).get_secret_value())
    yield from _weak("HANDOFF_DATABASE_URL", _password_in(settings.database_url))
    yield from _open_files(settings)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _proxies(setting: str) -> Iterator[Finding]:
    try:
        wide = [str(network) for network in proxies(setting) if network.prefixlen == 0]
    except ValueError as error:
        yield Finding("wrong", "HANDOFF_TRUSTED_PROXIES", str(error))
        return
    if wide:
        words = f"{wide[0]} lets everybody write their own address: name your proxies alone"
        yield Finding("wrong", "HANDOFF_TRUSTED_PROXIES", words)


def _weak(variable: str, secret: str) -> Iterator[Finding]:
    if secret and secret.lower() in WELL_KNOWN:
        yield Finding("wrong", variable, "this secret is everybody's first guess: make one of chance")
    elif secret and len(secret) < SECRET_LENGTH_MIN:
        yield Finding("wrong", variable, f"a secret has at least {SECRET_LENGTH_MIN} characters: make a longer one")


def _password_in(url: str) -> str:
    return (make_url(url).password or "") if url else ""


def _open_files(settings: Settings) -> Iterator[Finding]:
    named = (settings.data_key_file, settings.data_key_file_old)
    folder = settings.keys_dir
    found = [folder, *sorted(folder.glob("*"))] if folder.exists() else []
    for path in [*found, *(Path(name) for name in named if name and Path(name).exists())]:
        if path.stat().st_mode & READABLE_BY_OTHERS:
            mode = "700" if path.is_dir() else "600"
            yield Finding("wrong", "keys", f"everyone on this machine may open {path}: run chmod {mode} on it")


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
    for path in sorted([*folder.glob("*.pem"), *folder.glob("*.key")]):
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
    yield from _data_keys(settings)
    database = Database(settings.url)
    try:
        with database.read() as session:
            version = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
            current = version == code_head()
            programs = list(_programs(session, available(settings))) if current else []
            kept = [] if database.embedded else list(_endurance(session))
            walls = [] if database.embedded else list(_walls(session))
            backups = list(_backups(session, settings)) if current else []
            audit = list(_audit_key(session, settings.keys_dir)) if current else []
        yield Finding(
            "ok" if current else "wrong", "database", f"schema {version}" + ("" if current else ": run migrate")
        )
        yield from kept
        yield from walls
        yield from backups
        yield from audit
        yield from programs
    except SQLAlchemyError as error:
        yield Finding("wrong", "database", f"{type(error).__name__}: is it there, and migrated?")
    finally:
        database.close()


def _backups(session: Session, settings: Settings) -> Iterator[Finding]:
    """Whether a copy that was proved is young enough. Phones keep what they sent until one holds it."""
    if not made_by_server(settings):
        words = (
            "no server makes any: set HANDOFF_BACKUP_DIR, or run `backup` every hour, or back up by other means and "
        )
        yield Finding("look", "backups", words + "say so with `mark-durable`")
    last, now = last_verified(session), SystemClock().now()
    if last is None:
        yield Finding("look", "backups", "none has been verified yet: run `backup`")
        return
    hours = int((now - last.made_at).total_seconds() // 3600)
    old = now - last.made_at > BACKUP_AGE_MAX
    words = f"the last verified one was made {hours} h ago ({last.name})"
    if old:
        words += ": run `backup` and see what it says; until there is one, phones fill up with what they have sent"
    yield Finding("wrong" if old else "ok", "backups", words)


_ENDURANCE = {
    "fsync": "a crash of the machine can break the whole database",
    "full_page_writes": "a crash of the machine can break the whole database",
    "synchronous_commit": "a crash loses the last records, after officers were told that they are here",
}
"""What PostgreSQL must not have switched off, and what comes of it."""


def _endurance(session: Session) -> Iterator[Finding]:
    """Whether what PostgreSQL says to be committed outlives the machine."""
    for setting, comes in _ENDURANCE.items():
        value = session.connection().execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar_one()
        if value == "off":
            yield Finding("wrong", "PostgreSQL", f"{setting} is off: {comes}. Switch it on")


def _walls(session: Session) -> Iterator[Finding]:
    """Whether PostgreSQL's own lock between programs binds the role that the server uses."""
    free = session.connection().execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    )
    if free.scalar():
        words = "this role passes through row-level security: use one that is no superuser and has no BYPASSRLS"
        yield Finding("look", "wall between programs", words)
    else:
        yield Finding("ok", "wall between programs", "row-level security binds this role")


def _data_keys(settings: Settings) -> Iterator[Finding]:
    """Whether the database can be unlocked; nothing is made from here."""
    plain = Database(settings.url)
    try:
        with plain.read() as session:
            made = session.exec(select(DataKey).limit(1)).first()
        if made is None:
            yield Finding("look", "data key", "none yet; the server makes it when it first starts")
            return
        database = opened(settings)
        try:
            with database.read() as session:
                whole = finished(session)
        finally:
            database.close()
        words = f"data-{made.kek_id}.key opens the database; without it nobody can: keep a copy apart from its backups"
        yield Finding("ok", "data key", words)
        if not whole:
            yield Finding("look", "data key", "not every row is sealed under the newest data key: run rekey")
    except KeyFileError as error:
        yield Finding("wrong", "data key", str(error))
    except SQLAlchemyError:
        return  # said of the database itself
    finally:
        plain.close()


def _audit_key(session: Session, folder: Path) -> Iterator[Finding]:
    """Whether the audit can go on: the last code of every chain, recomputed."""
    try:
        chains = check(session, folder)
    except KeyFileError as error:
        yield Finding("wrong", "audit key", str(error))
        return
    if chains:
        yield Finding("ok", "audit key", f"fits the last code of {chains} chains; keep a copy with the other keys")


def _programs(session: Session, has: Collection[str]) -> Iterator[Finding]:
    """Whether each program may say that it is there day and night."""
    now = SystemClock().now()
    for program_id in queries.program_ids(session):
        if config_of(session.get_one(Program, program_id)).second_factor == "optional":
            yield Finding("look", program_id, 'a passphrase alone signs in: set second_factor to "required"')
        found = standing(session, program_id, has, now)
        if found.sound:
            yield Finding("ok", program_id, found.says)
        for reason in found.reasons:
            yield Finding(
                "wrong",
                program_id,
                f"cannot be called {found.says}: {reason}" if found.says == "24/7" else f"{found.says}; {reason}",
            )
