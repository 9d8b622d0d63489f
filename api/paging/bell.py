"""How a worker hears that another process wrote something due: PostgreSQL's LISTEN, on a connection of its own.

A hint and no more: `outbox.ring` rings within the transaction, so that it sounds when that commits. Where the bell is not
heard, the worker's poll finds the same rows a second later.
"""

import asyncio
from collections.abc import Callable

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from api import logs
from api.paging.outbox import BELL
from api.paging.worker import Worker

PAUSE_SECONDS = 1.0
"""Before a lost connection is made again."""


async def run_with_bell(worker: Worker, database_url: str) -> None:
    """Run the worker until it is stopped; on PostgreSQL it hears the other processes."""
    listening = None if database_url.startswith("sqlite") else asyncio.create_task(listen(database_url, worker.wake))
    try:
        await worker.run()
    finally:
        if listening is not None:
            listening.cancel()


async def listen(database_url: str, heard: Callable[[], None]) -> None:
    """Call `heard` at each ring, until cancelled."""
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(BELL)))
                heard()  # it may have rung while nobody listened
                async for _ in connection.notifies():
                    heard()
        except (psycopg.Error, OSError) as error:
            logs.warning("bell.lost", reason=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)
