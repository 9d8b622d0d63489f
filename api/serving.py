"""Running the server: what has to be so before it serves, logs in JSON, and an orderly end."""

import gc

import uvicorn
from fastapi import FastAPI

from api import logs
from api.at_rest import opened
from api.at_rest.rekey import catch_up
from api.audit.key import check
from api.backups.embedded import refuse_half_restored
from api.clock import SystemClock
from api.database import migrate
from api.operations.reprojection import project_anew
from api.settings import Settings

SHUTDOWN_SECONDS = 20
OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""About two full batches: objects that live for one request are then gone before anybody looks."""


def prepare(settings: Settings) -> None:
    """Logs; the newest schema where the database is embedded (elsewhere `migrate` is the operator's own step); sealed rows.

    Raises KeyFileError if the database's keys are not there, BackupRefused if a restore was broken off.
    """
    logs.configure(settings.log_level)
    if settings.url.startswith("sqlite"):
        refuse_half_restored(settings.url)
        migrate(settings.url)
    _know_the_audit(settings)
    _seal_what_is_clear(settings)
    _show_anew(settings)
    settle()


def _know_the_audit(settings: Settings) -> None:
    """A server with another key would go on with a chain that nobody can verify. Raises AuditKeyLost."""
    database = opened(settings)
    try:
        with database.read() as session:
            check(session, settings.keys_dir)
    finally:
        database.close()


def _seal_what_is_clear(settings: Settings) -> None:
    """Rows of a revision that knew no sealing, and of a change of keys that was broken off. Raises KeyFileError."""
    database = opened(settings)
    try:
        rows = catch_up(database)
    finally:
        database.close()
    if rows:
        logs.info("at_rest.sealed", count=rows)


def _show_anew(settings: Settings) -> None:
    """Stored views of a revision that showed some roles more."""
    database = opened(settings)
    try:
        referrals = project_anew(database, SystemClock().now())
    finally:
        database.close()
    if referrals:
        logs.info("operations.projected_anew", count=referrals)


def settle() -> None:
    """Take what has been loaded so far out of the garbage collector's rounds, and let it look less often.

    What is loaded stays until the process ends; looking through it again and again would stop every request and every page
    for a tenth of a second at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def run(app: FastAPI, settings: Settings) -> None:
    """Serve until told to stop; requests in flight are finished first."""
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, proxy_headers=False,
        server_header=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS, lifespan="on",
    )  # fmt: skip
    settle()
    uvicorn.Server(config).run()
