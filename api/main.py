"""The wiring: one function that makes the application from settings and a clock. Nothing is decided here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from api import health, logs, problems, static
from api.accounts import first_administrator
from api.accounts.routes import router as accounts
from api.auth.boundary import Boundary
from api.auth.gate import Gate
from api.clock import Clock, SystemClock
from api.database import Database
from api.demo.cast import ACCOUNTS
from api.devices.keys import SealingKeys, VapidKey
from api.devices.routes import router as devices
from api.exchange.routes import router as exchange
from api.operations.snapshots import snapshot
from api.paging.routes import router as paging
from api.referrals.routes import router as referrals
from api.settings import Settings

ROUTERS = (accounts, first_administrator.router, devices, exchange, referrals, paging, health.router)


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The application on its database, which must be migrated. The database is closed when the application stops."""
    app = FastAPI(
        title="Warm Handoff", version="1", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan,
        redirect_slashes=False, separate_input_output_schemas=False,
    )  # fmt: skip
    state = app.state
    state.settings = settings
    state.clock = clock or SystemClock()
    state.database = Database(settings.url)
    state.keys = SealingKeys.load(settings.keys_dir)
    state.vapid = VapidKey.load(settings.keys_dir)
    state.birth = health.Birth.of(state.database, state.clock.now())
    state.code_head = health.code_head()
    state.files = static.load()
    state.demo_accounts = ACCOUNTS if settings.demo else ()
    state.wake = _asleep
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(static.router)  # last: it answers for every path that is left
    app.add_middleware(Gate, public_origin=settings.origin)
    app.add_middleware(Boundary)
    return app


def _asleep() -> None:
    """Nobody waits for a hint: no worker runs in this process."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests, ended before the database is closed."""
    tasks = [asyncio.create_task(task) for task in background(app)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        app.state.database.close()


def background(app: FastAPI) -> list:
    """The tasks of this process."""
    settings: Settings = app.state.settings
    tasks = []
    if app.state.database.embedded and settings.snapshot_minutes:
        tasks.append(_every(timedelta(minutes=settings.snapshot_minutes), lambda: take_snapshot(app)))
    return tasks


async def _every(interval: timedelta, act: Callable[[], object]) -> None:
    """Do something in a thread again and again; a failure is logged and tried again at the next turn."""
    while True:
        await asyncio.sleep(interval.total_seconds())
        try:
            await asyncio.to_thread(act)
        except Exception as error:
            logs.error("background.failed", error)


def take_snapshot(app: FastAPI) -> None:
    """One verified copy of the embedded database."""
    snapshot(app.state.database, app.state.settings.data_dir / "snapshots", app.state.clock.now())
