"""PostgreSQL writers at full speed, each a process of its own, while readers follow the feed: does anybody miss a row?

Positions must become visible in their order, or a reader whose cursor has passed a place never sees what appears there later.
The planted bug gives positions out in a transaction of their own, as a sequence does.
"""

import multiprocessing
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, func
from sqlmodel import Session, select
from uuid6 import uuid7

from api.auth.dependencies import DevicePrincipal
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.operations import queries
from api.problems import Unavailable
from api.tables.records import FeedRow, OperationHeader
from sync import sealing
from tests.api.at_once import Tail, check_log_order
from tests.bench.world import NOW, PROGRAM, add_member, found
from tests.databases import opened_at
from tests.torture.outbox import Outbox

WRITERS = 3
LIMITS = (1, 7, 100, 500)
"""How much each reader takes at once."""
REFERRALS_KEPT = 5
"""Each writer changes its newest ones, so that rows of the feed move up under the readers."""
LEAST_COMMITS = 20
"""Of each writer, however slow the machine: fewer would prove little."""
PATIENCE_SECONDS = 300.0


@dataclass
class Account:
    """What came of it. `wrong` names each miss in words; an empty list is what must be."""

    seconds: float
    commits: int = 0
    operations: int = 0
    slices: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {WRITERS} writers: {self.commits} commits of {self.operations} operations, "
            f"{len(LIMITS)} readers took {self.slices} slices, {len(self.wrong)} wrong"
        )


class CountingTail(Tail):
    """A reader that says how often it asked."""

    slices = 0

    def step(self) -> bool:
        self.slices += 1
        return super().step()


def tail_writers(url: str, folder: Path, *, seconds: float, planted: bool = False) -> Account:
    """Write and read on the empty, migrated PostgreSQL database at `url` for so long."""
    account, context = Account(seconds), multiprocessing.get_context("fork")
    database = opened_at(url, folder)
    agency_id = found(database, officers=0).agency_id
    database.close()  # no connection may be inherited
    begin, ended, counts = context.Barrier(WRITERS + 1), context.Event(), context.Queue()
    arguments = [(url, str(folder), agency_id, number, planted, begin, ended, counts) for number in range(WRITERS)]
    writers = [context.Process(target=write, args=each, daemon=True) for each in arguments]
    for writer in writers:
        writer.start()
    database = opened_at(url, folder)
    tails, written = [CountingTail(database, f"health:{PROGRAM}", limit) for limit in LIMITS], threading.Event()
    try:
        with ThreadPoolExecutor(len(tails) + 1) as pool:
            reading = [pool.submit(tail.follow, written) for tail in tails]
            reading.append(pool.submit(check_log_order, database, written))
            try:
                begin.wait(PATIENCE_SECONDS)
                written.wait(seconds)
                ended.set()
                for commits, operations in [counts.get(timeout=PATIENCE_SECONDS) for _ in writers]:
                    account.commits, account.operations = account.commits + commits, account.operations + operations
            finally:
                written.set()
            for done in reading:
                with suppress_into(account.wrong):
                    done.result(PATIENCE_SECONDS)
        with database.read() as session:
            _compare(session, tails, account)
    finally:
        for writer in writers:
            writer.kill()
            writer.join()
        database.close()
    return account


class suppress_into(suppress):
    """Turns a failed check into a sentence."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__(AssertionError)
        self._wrong = wrong

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if isinstance(error, AssertionError):
            self._wrong.append(str(error).splitlines()[0])
        return super().__exit__(kind, error, trace)


def _compare(session: Session, tails: list[CountingTail], account: Account) -> None:
    rows = session.exec(select(FeedRow).where(FeedRow.scope == f"health:{PROGRAM}"))
    final = {row.item for row in rows}
    for tail in tails:
        account.slices += tail.slices
        missed = final - set(tail.items.values())
        if missed or len(tail.items) != len(final) or tail.resyncs:
            account.wrong.append(f"a reader of {tail.limit} at a time missed {len(missed)} of {len(final)} rows")
    stored = session.exec(select(func.count()).select_from(OperationHeader)).one()
    if stored != account.operations:
        account.wrong.append(f"{account.operations} operations were acknowledged, {stored} are stored")


def write(
    url: str, folder: str, agency_id: str, number: int, planted: bool, begin: Barrier, ended: Event,
    counts: "Queue[tuple[int, int]]",
) -> None:  # fmt: skip
    """One writer's process: pushes as fast as it can until told to end, and a few times at least."""
    if planted:
        _take_positions_apart()
    database, private = opened_at(url, Path(folder)), ec.generate_private_key(ec.SECP256R1())
    device = ScriptedDevice(str(uuid.uuid4()), PROGRAM, private.public_key())
    add_member(database, device, f"writer{number}", "officer", agency_id)
    outbox, keys = Outbox(device), {sealing.key_id_of(private.public_key()): private}
    begin.wait(PATIENCE_SECONDS)
    commits = 0
    while not ended.is_set() or commits < LEAST_COMMITS:
        _author(outbox, agency_id, commits)
        commits += _flush(database, keys, outbox)
    while outbox.waiting:
        commits += _flush(database, keys, outbox)
    database.close()
    counts.put((commits, len(outbox.settled)))


def _author(outbox: Outbox, agency_id: str, turn: int) -> None:
    if turn % 4 == 0:
        referral_id = str(uuid7())
        outbox.write(referral_id, "referral.create", {"pathway": "arrest_diversion", "agency_id": agency_id})
        return
    for referral_id in list(outbox.device.last_on)[-REFERRALS_KEPT:]:
        outbox.write(referral_id, "referral.set", {"fields": {"place": f"Dock {turn}"}})


def _flush(database: Database, keys: Mapping[str, ec.EllipticCurvePrivateKey], outbox: Outbox) -> int:
    """1 if the batch was taken in, 0 if there was no time for it."""
    device = outbox.device
    principal = DevicePrincipal(device.device_id, device.user_id, PROGRAM, "active")
    request = PushRequest.model_validate_json(outbox.body(outbox.batch()))
    with suppress(Unavailable):
        outbox.hear_answer(exchange.push(database, keys, principal, request, NOW))
        return 1
    return 0


def _take_positions_apart() -> None:
    """Commit the counter before what it numbers: quick, and wrong."""

    def advance(session: Session, count: int) -> tuple[str, int]:
        engine = session.get_bind()
        assert isinstance(engine, Engine)
        with engine.begin() as apart:
            epoch, last = apart.execute(queries._ADVANCE, {"count": count}).one()
        return str(epoch), int(last) - count + 1

    queries.advance_head = advance
