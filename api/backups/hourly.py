"""A verified copy at every interval, beside the requests of a server, and the oldest ones dropped.

Of several servers on one PostgreSQL each looks, and one copies: whoever finds a copy that is young enough, or another one at
it, goes back to sleep.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from api import logs
from api.backups.manifest import MANIFEST_SUFFIX, Manifest, read
from api.backups.postgresql import CannotProve
from api.backups.proof import SAMPLE, Depth
from api.backups.service import backup, forget, last_verified
from api.clock import Clock
from api.database import Database
from api.operations import queries
from api.settings import Settings

KEPT = 24
"""Copies in the folder: a day of them."""
LOCK = 7_204_616_015
"""The advisory lock of whoever is making the copy, on PostgreSQL."""
YOUNG = 0.9
"""Of an interval: how old a copy may be that makes another one needless. Servers do not wake at the same instant."""


def made_by_server(settings: Settings) -> bool:
    """Whether a server with these settings makes copies of its own accord."""
    return settings.snapshot_minutes > 0 and (settings.url.startswith("sqlite") or bool(settings.backup_dir))


async def back_up_now_and_then(settings: Settings, database: Database, clock: Clock) -> None:
    """Copy at every interval until cancelled; a failure is logged and the next turn tries again."""
    while True:
        await asyncio.sleep(settings.snapshot_minutes * 60.0)
        try:
            await asyncio.to_thread(turn, settings, database, clock.now())
        except Exception as error:
            logs.error("backup.failed", error)


def turn(settings: Settings, database: Database, now: datetime) -> Path | None:
    """Make a copy if one is due here. What phones may forget because of it is proved wholly, the rest by a sample.

    Returns the copy, None if none was due. Raises BackupRefused.
    """
    with _alone(database) as alone:
        if not alone:
            return None
        with database.read() as session:
            last, durable = last_verified(session), queries.standing(session).durable_position
        made_at = [each.made_at for each in (last, _newest(settings.backup_folder)) if each is not None]
        if any(now - each < timedelta(minutes=settings.snapshot_minutes * YOUNG) for each in made_at):
            return None
        try:
            made = backup(settings, settings.backup_folder, now, depth=Depth(durable, SAMPLE), database=database)
        except CannotProve:
            logs.warning("backup.unverified")  # it is there; `doctor` says what is lacking
            return None
        finally:
            _drop_oldest(settings.backup_folder)
    logs.info("backup.verified", position=made.manifest.position, bytes=made.manifest.bytes)
    return made.path


@contextmanager
def _alone(database: Database) -> Iterator[bool]:
    """False if another server is making a copy. The embedded database has one server."""
    if database.embedded:
        yield True
        return
    with database.writer.connect() as connection:
        yield bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK}).scalar_one())


def _newest(folder: Path) -> Manifest | None:
    """Of the copies in the folder; one that cannot be proved here is in no database's record."""
    found = sorted(folder.glob(f"handoff-*{MANIFEST_SUFFIX}"))
    return read(found[-1].with_name(found[-1].name.removesuffix(MANIFEST_SUFFIX))) if found else None


def _drop_oldest(folder: Path) -> None:
    manifests = sorted(folder.glob(f"handoff-*{MANIFEST_SUFFIX}"))
    for manifest in manifests[:-KEPT]:
        forget(manifest.with_name(manifest.name.removesuffix(MANIFEST_SUFFIX)))
