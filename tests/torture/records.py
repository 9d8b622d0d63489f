"""The torture of records: kill servers while phones send through links that lose things, and look for every operation.

Officers and coordinators write and flush, everybody pulls, requests and answers are lost on the way, and servers die between
two instructions. When the last one lives again the links lose nothing more, everybody sends what is left, and `reckoning`
compares what was written with what is stored and shown.
"""

import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from uuid6 import uuid7

from tests.databases import opened_at
from tests.torture.crew import Person, Reading, gather
from tests.torture.ground import AGENCY
from tests.torture.planted import Planted
from tests.torture.reckoning import reckon
from tests.torture.servers import LOG_TAIL_CHARACTERS, Nursery, Server

LIFE_SECONDS = (0.2, 1.2)
"""How long after one kill the next one comes."""
ONE_DIES = 0.8
"""How often a single server dies, where there are several; else two at once."""
SAID_EVERY = 25
PAUSE_SECONDS = (0.02, 0.3)
"""Between two things that one person does."""
WAITING_LIMIT = 60
"""Whose outbox holds more than this only flushes: what is measured is loss, not how much fits."""
DRAIN_SECONDS = 240.0
BATCHES = (1, 3, 20, 100)
PAGES = (1, 7, 500)
GRANT = {
    "method": "witness", "language": "en", "script_version": "default-1", "script_hash": "0" * 64, "reader": "read_aloud",
    "interpreter": None, "witness": "Witness Example", "camera_reference": None, "signature": None,
}  # fmt: skip


@dataclass
class Account:
    """What came of it. `wrong` names each loss, doubling and contradiction in words; an empty list is what must be."""

    kills: int
    authored: int = 0
    repeats: int = 0
    merged: int = 0
    pulls: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.authored} operations written, {self.repeats} receipts lost and repeated, "
            f"{self.merged} merged, {self.pulls} pulls, {len(self.wrong)} wrong, {self.seconds:.0f} s"
        )


@dataclass
class Stage:
    """Where the people act: until it `ended` they write, afterwards they only finish."""

    ended: threading.Event = field(default_factory=threading.Event)
    pulls: int = 0


def torture_records(
    url: str, folder: Path, *, kills: int, servers: int, seed: int, planted: Planted | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Account:  # fmt: skip
    """Kill servers on the empty, migrated database at `url`; the account is made when every outbox is empty."""
    numbers, began = random.Random(seed), time.monotonic()
    with ExitStack() as stack:
        nursery = Nursery(planted=planted)
        stack.callback(nursery.close)
        environment = {"HANDOFF_DATABASE_URL": url, "HANDOFF_DATA_DIR": str(folder), "HANDOFF_SNAPSHOT_MINUTES": "0"}
        alive = [Server(nursery, environment, folder / f"server{number}.log") for number in range(servers)]
        database = opened_at(url, folder)
        people = gather(database, folder, stack, [server.port for server in alive], numbers)
        database.close()  # SQLite's last connection must be the servers' own
        for server in alive:
            stack.callback(server.end)
            server.start()
        for server in alive:
            server.wait_until_ready()
        stage = Stage()
        readings = _live(stage, people, alive, numbers, kills, say)
        for server in alive:
            server.end(signal.SIGTERM)
        account = Account(kills, pulls=stage.pulls)
        database = opened_at(url, folder)
        stack.callback(database.close)
        reckon(database, people, readings, account.wrong)
        _count(people, account)
        account.seconds = time.monotonic() - began
        if account.wrong:
            say("\n".join(server.log[-LOG_TAIL_CHARACTERS:] for server in alive))
    return account


def _count(people: list[Person], account: Account) -> None:
    for person in people:
        account.authored += len(person.outbox.authored())
        account.repeats += person.outbox.repeats
        account.merged += sum(receipt["status"] == "merged" for _, receipt in person.outbox.settled.values())


def _live(
    stage: Stage, people: list[Person], servers: list[Server], numbers: random.Random, kills: int, say: Callable[[str], None]
) -> list[Reading]:  # fmt: skip
    """People work while servers are killed; afterwards everybody drains. Returns what each one's phone then shows."""
    readings = [Reading(person) for person in people]
    for person in people:
        person.lose_things()
    with ThreadPoolExecutor(len(people)) as pool:
        working = [pool.submit(_act, stage, reading) for reading in readings]
        try:
            killed = 0
            while killed < kills:
                _raise_first(working)
                time.sleep(numbers.uniform(*LIFE_SECONDS))
                before, killed = killed, killed + _kill_some(servers, numbers)
                if killed // SAID_EVERY > before // SAID_EVERY:
                    say(f"{killed} kills, {sum(len(person.outbox.settled) for person in people)} operations received")
        finally:
            for person in people:
                person.link.up()
            stage.ended.set()
        for done in working:
            done.result(2 * DRAIN_SECONDS)
    return [to_the_end(reading) for reading in readings]


def _kill_some(servers: list[Server], numbers: random.Random) -> int:
    """One server dies, or two at once, and lives again; returns how many. The others serve meanwhile, where there are any."""
    victims = numbers.sample(servers, 1 if numbers.random() < ONE_DIES else min(2, len(servers)))
    for victim in victims:
        victim.end(signal.SIGKILL)
    for victim in victims:
        victim.start()
    for victim in victims:
        victim.wait_until_ready()
    return len(victims)


def _raise_first(working: list["Future[None]"]) -> None:
    """Whoever stopped early stopped because of something that must not be."""
    for act in working:
        if act.done():
            act.result()


def _act(stage: Stage, reading: Reading) -> None:
    """One person until the end, and then the outbox to its last operation."""
    person, turns = reading.person, {"officer": refer, "coordinator": _work_on}
    while not stage.ended.is_set():
        write = turns.get(person.role)
        if write is not None and len(person.outbox.waiting) < WAITING_LIMIT:
            write(reading)
        person.flush(person.chances.choice(BATCHES))
        reading.step(person.chances.choice(PAGES))
        stage.pulls += 1
        stage.ended.wait(person.chances.uniform(*PAUSE_SECONDS))
    deadline = time.monotonic() + DRAIN_SECONDS
    while person.outbox.waiting and time.monotonic() < deadline:
        person.flush(max(BATCHES))


def to_the_end(reading: Reading) -> Reading:
    deadline = time.monotonic() + DRAIN_SECONDS
    while reading.step(max(PAGES)) and time.monotonic() < deadline:
        pass
    return reading


def refer(reading: Reading) -> None:
    """A new referral as the officer's app writes it, or more about one that is there."""
    person, write = reading.person, reading.person.outbox.write
    mine = list(person.outbox.device.last_on)
    if mine and person.chances.random() < 0.5:
        write(person.chances.choice(mine), "note.add", {"text": "Left shoe missing."})
        return
    referral_id = str(uuid7())
    write(referral_id, "referral.create", {"pathway": "arrest_diversion", "agency_id": AGENCY})
    grant = write(referral_id, "consent.grant", GRANT)
    fields = {"place": f"Dock {person.chances.randrange(100)}", "wait_minutes": 30}
    write(referral_id, "referral.set", {"fields": fields})
    write(referral_id, "referral.set", {"fields": {"name": "Sample Person"}}, saw=[grant["op_id"]])
    if person.chances.random() < 0.3:
        write(referral_id, "referral.alert", {"officer_waiting": True})


def _work_on(reading: Reading) -> None:
    """A change of a referral that this screen shows: its base is what was shown, which others may have changed since."""
    person = reading.person
    shown = [item for (kind, _), item in list(reading.items.items()) if kind == "put" and item["t"] == "put"]
    if not shown:
        return
    # The newest few are what several people work on at once.
    item = person.chances.choice(shown[-6:])
    own = person.outbox.device.device_id
    base = {device: seq for device, seq in item["view"]["vector"].items() if device != own}
    if person.chances.random() < 0.5:
        person.outbox.write(item["id"], "note.add", {"text": "Brings socks."}, base=base)
    else:
        fields = {"place": f"Corner {person.chances.randrange(100)}"}
        person.outbox.write(item["id"], "referral.set", {"fields": fields}, base=base)
