"""The power fails: of what SQLite wrote, only what it had flushed is surely on the disk, and of the rest anything may be.

A phone pushes to the real store on a watched disk. Then the power is cut at many moments of that record, in each of four ways:
nothing of what was not flushed has arrived, all of it, the first part of it, or any of it with torn pages. Each disk is opened
as the server opens it. What a phone had been told must be there, whole; with weaker settings it is not, which shows that the
model bites.
"""

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlmodel import Session, col, select
from uuid6 import uuid7

from api.auth.dependencies import DevicePrincipal
from api.database import Database
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.operations import feed, queries, service
from api.tables.records import OperationBody, OperationHeader, Referral
from sync.operations import canonical
from tests.bench.world import NOW, PROGRAM, World, found
from tests.databases import opened_at
from tests.torture.outbox import Outbox
from tests.torture.watched_disk import Event, WatchedDisk, watched

SECTOR_BYTES = 512
"""What a disk writes whole."""
Synchronous = Literal["FULL", "NORMAL", "OFF"]
LEVELS: Mapping[Synchronous, int] = {"OFF": 0, "NORMAL": 1, "FULL": 2}
Way = Literal["nothing", "everything", "first part", "any, torn"]
WAYS: tuple[Way, ...] = ("nothing", "everything", "first part", "any, torn")


@dataclass
class Account:
    """What came of it. `lost`: cuts after which something acknowledged was missing; `damaged`: after which more was wrong."""

    synchronous: Synchronous
    acknowledged: int = 0
    writes: int = 0
    flushes: int = 0
    checkpoints: int = 0
    cuts: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"synchronous={self.synchronous}: {self.acknowledged} operations acknowledged, {self.writes} writes, "
            f"{self.flushes} flushes, {self.checkpoints} checkpoints, {self.cuts} power cuts: "
            f"{len(self.lost)} lost something acknowledged, {len(self.damaged)} left a damaged database"
        )


def power_loss(
    url: str, folder: Path, *, pushes: int, moments: int, seed: int, synchronous: Synchronous = "FULL"
) -> Account:
    """Push to the empty, migrated database at `url`, then cut the power at so many moments, four ways each."""
    numbers = random.Random(seed)
    path = Path(url.removeprefix("sqlite:///")).resolve()
    database = opened_at(url, folder)
    world = found(database, officers=1)
    database.close()
    before = {path.name: path.read_bytes()}
    with watched(path) as disk:
        _push(world, opened_at(f"sqlite:///{path}", folder), disk, pushes, synchronous)
    account = Account(synchronous)
    _count(disk.events, path.name, account)
    chosen = set(numbers.sample(range(1, len(disk.events) + 1), min(moments, len(disk.events))))
    for moment, told, files in cuts(before, disk.events, chosen, numbers):
        account.cuts += 1
        _examine(path.name, folder, moment, told, files, account)
    return account


def _count(events: Sequence[Event], file: str, account: Account) -> None:
    account.acknowledged = len(frozenset().union(*(event.names for event in events)))
    account.writes = sum(event.kind == "write" for event in events)
    account.flushes = sum(event.kind == "sync" for event in events)
    account.checkpoints = sum(
        event.kind == "write" and event.file == file and events[number - 1].file != file
        for number, event in enumerate(events)
    )


def _push(world: World, database: Database, disk: WatchedDisk, pushes: int, synchronous: Synchronous) -> None:
    """Referrals and changes of them, each push a transaction; the feed is read in between, as it is in operation."""
    connection = database.writer.raw_connection()
    if synchronous != "FULL":  # ours is what the database sets by itself
        connection.cursor().execute(f"PRAGMA synchronous = {synchronous}")
    assert connection.cursor().execute("PRAGMA synchronous").fetchone() == (LEVELS[synchronous],)
    connection.close()
    device = world.phones[0]
    outbox = Outbox(device)
    principal = DevicePrincipal(device.device_id, device.user_id, PROGRAM, "active")
    for number in range(pushes):
        _write(outbox, world.agency_id, number)
        before = set(outbox.settled)
        request = PushRequest.model_validate_json(outbox.body(outbox.batch()))
        outbox.hear_answer(exchange.push(database, world.keys, principal, request, NOW))
        assert not outbox.waiting, "nothing stands in this phone's way"
        disk.tell(frozenset(outbox.settled.keys() - before))
        with database.read() as session:
            feed.read(session, (f"health:{PROGRAM}",), None, 3)
    database.close()


def _write(outbox: Outbox, agency_id: str, number: int) -> None:
    mine = list(outbox.device.last_on)
    if number % 3 and mine:
        outbox.write(mine[-1], "note.add", {"text": f"Seen at the dock, {number}. " * 40})
        return
    referral_id = str(uuid7())
    outbox.write(referral_id, "referral.create", {"pathway": "arrest_diversion", "agency_id": agency_id})
    outbox.write(referral_id, "referral.set", {"fields": {"place": f"Dock {number}", "wait_minutes": 30}})


def cuts(
    before: Mapping[str, bytes], events: Sequence[Event], moments: set[int], numbers: random.Random
) -> Iterator[tuple[str, frozenset[str], dict[str, bytes]]]:
    """For each moment (how many events had happened) and way: its name, what had been told, and what the disk holds."""
    surely, waiting = dict(before), dict[str, list[Event]]()
    told: frozenset[str] = frozenset()
    for number, event in enumerate(events, start=1):
        if event.kind == "told":
            told |= event.names
        elif event.kind == "sync":
            surely[event.file] = _written(surely.get(event.file, b""), waiting.pop(event.file, []))
        elif event.kind == "delete" and event.directory_too:
            surely.pop(event.file, None)
            waiting.pop(event.file, None)
        else:
            waiting.setdefault(event.file, []).append(event)
        if number in moments:
            for way in WAYS:
                yield f"event {number}, {way}", told, _after(surely, waiting, way, numbers)


def _after(
    surely: Mapping[str, bytes], waiting: Mapping[str, Sequence[Event]], way: Way, numbers: random.Random
) -> dict[str, bytes]:
    """The files as the next start finds them."""
    files = dict(surely)
    for name, events in waiting.items():
        survivors = _survivors(events, way, numbers)
        if survivors and survivors[-1].kind == "delete":
            files.pop(name, None)
        elif survivors:
            files[name] = _written(files.get(name, b""), survivors)
    return files


def _survivors(events: Sequence[Event], way: Way, numbers: random.Random) -> list[Event]:
    match way:
        case "nothing":
            return []
        case "everything":
            return list(events)
        case "first part":
            return list(events[: numbers.randrange(len(events) + 1)])
        case "any, torn":
            return [part for event in events if numbers.random() < 0.5 for part in _torn(event, numbers)]


def _torn(event: Event, numbers: random.Random) -> list[Event]:
    """A write arrives whole or by some of its sectors."""
    if event.kind != "write" or numbers.random() < 0.5:
        return [event]
    sectors = range(0, len(event.content), SECTOR_BYTES)
    return [
        Event("write", event.file, event.offset + start, event.content[start : start + SECTOR_BYTES])
        for start in sectors if numbers.random() < 0.5
    ]  # fmt: skip


def _written(content: bytes, events: Sequence[Event]) -> bytes:
    """A file's content after these; what was never written below a later write reads as zeros."""
    file = bytearray(content)
    for event in events:
        if event.kind == "truncate":
            del file[event.offset :]
            file.extend(bytes(event.offset - len(file)))
        elif event.kind == "write":
            file.extend(bytes(max(0, event.offset - len(file))))
            file[event.offset : event.offset + len(event.content)] = event.content
        elif event.kind == "create":
            file.clear()
    return bytes(file)


def _examine(
    file: str, folder: Path, moment: str, told: frozenset[str], files: Mapping[str, bytes], account: Account
) -> None:
    """Open the disk as the server does, and look for what was told."""
    with tempfile.TemporaryDirectory() as name:
        for called, content in files.items():
            (Path(name) / called).write_bytes(content)
        try:
            database = opened_at(f"sqlite:///{Path(name) / file}", folder)
            try:
                with database.read() as session:
                    stored: set[str] = set(session.exec(select(OperationHeader.op_id)))
                    missing = told - stored
                    damage = list(_damage(session))
            finally:
                database.close()
        except Exception as error:  # whatever a damaged file makes of it
            missing, damage = told, [f"cannot be opened: {error}"]
    if missing:
        account.lost.append(f"{moment}: {len(missing)} of {len(told)} acknowledged operations are gone")
    account.damaged += [f"{moment}: {sentence}" for sentence in damage]


def _damage(session: Session) -> Iterator[str]:
    """Half a transaction, or a broken file."""
    answers = [row[0] for row in session.execute(text("PRAGMA integrity_check"))]
    if answers != ["ok"]:
        yield f"the file is damaged: {answers[:3]}"
        return
    headers: set[str] = set(session.exec(select(OperationHeader.op_id)))
    bodies: set[str] = set(session.exec(select(OperationBody.op_id)))
    if headers != bodies:
        yield "headers without bodies, or bodies without headers"
    latest = select(col(Referral.id)).order_by(col(Referral.number).desc()).limit(1)
    newest = session.execute(latest).scalar_one_or_none()
    if newest is not None and canonical(queries.whole_state(session, newest)) != canonical(
        service.rebuilt(session, newest)
    ):
        yield f"referral {newest} is not what its log makes of it"
