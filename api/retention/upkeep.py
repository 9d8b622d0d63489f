"""The hourly look for what has been kept long enough, beside the requests of a server."""

import asyncio

from api import logs
from api.clock import Clock
from api.database import Database
from api.retention.erasure import Keys
from api.retention.service import purge

LOOK_SECONDS = 3600.0
FIRST_LOOK_SECONDS = 60.0


async def keep_house(database: Database, keys: Keys, clock: Clock) -> None:
    """Purge now and then until cancelled; a failure is logged and the next look tries again."""
    await asyncio.sleep(FIRST_LOOK_SECONDS)
    while True:
        try:
            if count := await asyncio.to_thread(purge, database, keys, clock.now()):
                logs.info("retention.purged", count=count)
        except Exception as error:
            logs.error("retention.failed", error)
        await asyncio.sleep(LOOK_SECONDS)
