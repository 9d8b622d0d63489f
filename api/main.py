"""The wiring: one function that makes the application from settings and a clock. Nothing is decided here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import health, logs, problems, static
from api.accounts import first_administrator
from api.accounts.routes import router as accounts
from api.at_rest import opened
from api.auth.boundary import Boundary
from api.auth.gate import Gate
from api.backups.hourly import back_up_now_and_then, made_by_server
from api.break_glass.routes import router as break_glass
from api.clock import Clock, SystemClock
from api.compression import LEVEL, SHORT_BYTES, Compression
from api.credentials.routes import router as credentials
from api.database import Database, code_head
from api.demo.cast import ACCOUNTS
from api.devices.keys import SealingKeys, VapidKey, WebhookKey
from api.devices.routes import router as devices
from api.disclosures.routes import router as disclosures
from api.evaluators.routes import router as evaluators
from api.exchange.routes import router as exchange
from api.invitations.routes import router as invitations
from api.openid.directory import Directory
from api.openid.routes import router as openid
from api.operations.queries import standing
from api.oversight.refusals import Refusals
from api.oversight.routes import router as oversight
from api.paging import notices
from api.paging.bell import run_with_bell
from api.paging.channel_routes import router as channels
from api.paging.channels.switchboard import Channels, available
from api.paging.routes import router as paging
from api.paging.worker import Worker
from api.people.routes import router as people
from api.quarantine.routes import router as quarantine
from api.recovery.routes import router as recovery
from api.referrals.routes import router as referrals
from api.retention.replay import replay
from api.retention.routes import router as retention
from api.retention.upkeep import keep_house
from api.rules.routes import router as rules
from api.rules.service import remember_shipped
from api.second_person.routes import router as second_person
from api.settings import Settings
from api.shifts.routes import router as shifts
from api.watch.deadman import DeadMan
from api.watch.watchman import Watchman

WORKER_STOP_SECONDS = 15.0
WATCHMAN_STOP_SECONDS = 3.0
"""Nothing is lost if the present look is broken off."""
ROUTERS = (
    accounts, first_administrator.router, credentials, devices, invitations, recovery, people, exchange, referrals,
    paging, channels, shifts, rules, second_person, disclosures, evaluators, retention, break_glass, health.router,
    oversight, openid, quarantine,
)  # fmt: skip


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The application on its database, which must be migrated. The database is closed when the application stops."""
    app = FastAPI(
        title="Warm Handoff", version="1", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan,
        redirect_slashes=False, separate_input_output_schemas=False,
    )  # fmt: skip
    state = app.state
    state.settings = settings
    state.clock = clock or SystemClock()
    state.database = opened(settings)
    state.keys = SealingKeys.load(settings.keys_dir)
    state.vapid = VapidKey.load(settings.keys_dir)
    state.webhook_key = WebhookKey.load(settings.keys_dir)
    state.birth = health.Birth(state.clock.now())
    state.code_head = code_head()
    state.openid = Directory(settings)
    state.files = static.installed()
    state.demo_accounts = ACCOUNTS if settings.demo else ()
    state.refusals = Refusals(state.database)
    state.watchman = None
    state.wake = _asleep
    state.tell = notices.tell
    problems.install(app, state.refusals.after)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(static.router)  # last: it answers for every path that is left
    app.add_middleware(Compression, minimum_size=SHORT_BYTES, compresslevel=LEVEL)
    app.add_middleware(Gate, public_origin=settings.origin)
    app.add_middleware(Boundary)
    return app


def make_worker(settings: Settings, clock: Clock, database: Database, vapid: VapidKey) -> Worker:
    """The paging worker; call it where an event loop runs."""
    channels = Channels(settings, vapid.private, WebhookKey.load(settings.keys_dir).master)
    return Worker(database, clock, channels, settings.origin.rstrip("/"))


def make_watchman(settings: Settings, clock: Clock, database: Database, *, tests: bool = True) -> Watchman:
    """The watchman; call it where an event loop runs."""
    deadman = DeadMan(settings) if settings.deadman_url else None
    anchors_file = settings.audit_anchors_file if tests else None
    return Watchman(database, clock, available(settings), deadman, tests=tests, anchors_file=anchors_file)


def _asleep() -> None:
    """Nobody waits for a hint: no worker runs in this process."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests, ended before the database is closed."""
    state = app.state
    settings: Settings = state.settings
    try:
        replay(state.database, state.keys.by_id, state.clock.now())
        with state.database.write() as session:
            remember_shipped(session, state.clock.now())
        with state.database.read() as session:
            standing(session)  # from now on another database in its place is noticed
    except Exception as error:
        logs.error("start.failed", error)  # the server that runs the application tells no more than that it failed
        raise
    backups = (
        asyncio.create_task(back_up_now_and_then(settings, state.database, state.clock))
        if made_by_server(settings)
        else None
    )
    worker = make_worker(settings, state.clock, state.database, state.vapid) if settings.worker else None
    paging_task = asyncio.create_task(run_with_bell(worker, settings.url)) if worker is not None else None
    state.wake = worker.wake if worker is not None else _asleep
    state.watchman = make_watchman(settings, state.clock, state.database)
    watching = asyncio.create_task(state.watchman.run())
    keeping = asyncio.create_task(keep_house(state.database, state.keys.by_id, state.clock))
    try:
        yield
    finally:
        state.wake = _asleep
        if backups is not None:
            backups.cancel()
        keeping.cancel()
        state.watchman.stop()
        await asyncio.wait([watching], timeout=WATCHMAN_STOP_SECONDS)
        if worker is not None and paging_task is not None:
            worker.stop()
            await asyncio.wait([paging_task], timeout=WORKER_STOP_SECONDS)
        state.database.close()
