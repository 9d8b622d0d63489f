"""The server's figures: push with everything on, pull, and the empty pull, at growing histories on both databases."""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta

from api.auth.sessions import Principal
from api.database import Database, migrate
from api.exchange import service as exchange
from api.exchange.models import PullRequest
from api.serving import settle
from tests.bench.world import BATCH, NOW, PROGRAM, World, batches, found
from tests.databases import opened_at

MEASURED_OPERATIONS = 2000
PULLED_VIEWS = 10_000
EMPTY_PULLS = 200
HISTORIES = tuple(int(text) for text in os.environ.get("HANDOFF_BENCH_HISTORIES", "1000,100000").split(","))


def measure(name: str, url: str) -> None:
    """Print the figures for the database at `url`, which must be empty."""
    migrate(url)
    database = opened_at(url)
    try:
        world = found(database)
        settle()
        stored = 0
        for history in HISTORIES:
            stored += _push(world, history - stored)[0]
            _, seconds = _push(world, MEASURED_OPERATIONS)
            stored += MEASURED_OPERATIONS
            print(
                f"push  {name:10} {history:>9,} operations before: {MEASURED_OPERATIONS / seconds:>9,.0f} operations/s"
            )
            _pulls(name, database, stored)
    finally:
        database.close()


def _push(world: World, operations: int) -> tuple[int, float]:
    """Push this many; only the server's part is timed, not the phones' sealing."""
    done, seconds = 0, 0.0
    for phone, body in batches(world, max(operations, 0)):
        began = time.perf_counter()
        statuses = world.push(phone, body)
        seconds += time.perf_counter() - began
        if set(statuses) != {"applied"}:
            raise AssertionError(f"not applied: {set(statuses)}")
        done += BATCH
    return done, seconds


def _pulls(name: str, database: Database, stored: int) -> None:
    far = datetime(2030, 1, 1, tzinfo=UTC)
    reader = Principal(str(uuid.uuid4()), PROGRAM, "coordinator", None, "", None, far, NOW + timedelta(), NOW)
    request = PullRequest(protocol=1, epoch=None, cursor=None, limit=500, device_id=None)
    views, began = 0, time.perf_counter()
    while views < PULLED_VIEWS:
        part, _, _ = exchange.pull(database, reader, request, NOW)
        ",".join(part.items).encode()
        views += len(part.items)
        request = request.model_copy(update={"cursor": part.cursor})
        if not part.more:
            break
    seconds = time.perf_counter() - began
    print(f"pull  {name:10} {stored:>9,} operations: {views / seconds:>9,.0f} views/s ({views:,} views)")
    while part.more:
        request = request.model_copy(update={"cursor": part.cursor})
        part, _, _ = exchange.pull(database, reader, request, NOW)
    request = request.model_copy(update={"cursor": part.cursor})
    began = time.perf_counter()
    for _ in range(EMPTY_PULLS):
        exchange.pull(database, reader, request, NOW)
    each = (time.perf_counter() - began) / EMPTY_PULLS * 1000
    print(f"empty {name:10} {stored:>9,} operations: {each:>9.2f} ms a pull")
