"""The torture: kill servers while pages travel, let them live again, and count what was lost. It must be nothing.

A page is lost if a referral has its receipt and no page, or a page that some working phone was never posted; and a delivery
is lost if the outbox calls it sent and no push service ever took it, or if it is due and nobody sends it.
"""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from api.auth.cookies import token_hash
from api.database import Database
from api.tables.paging import Delivery, Page
from tests.databases import opened_at
from tests.torture.ground import PROGRAM
from tests.torture.servers import LOG_TAIL_CHARACTERS, Nursery, Server
from tests.torture.town import COORDINATORS, HUNG, OFFICERS, Client, Town, coordinator, found, officer

LIFE_SECONDS = (0.5, 1.6)
"""How long a server lives before one is killed."""
DRAIN_SECONDS = 300.0
LOOK_SECONDS = 0.2
OVERDUE = timedelta(seconds=2)
"""How late a page's step may be while everything works: one poll, and the time to take it."""


@dataclass
class Account:
    """What came of it. `lost` names each loss in words; an empty list is what must be."""

    kills: int
    referrals: int = 0
    answered: int = 0
    deliveries: int = 0
    posted: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.referrals} referrals ({self.answered} answered), {self.deliveries} deliveries, "
            f"{self.posted} posts taken, {self.duplicates} of them duplicates, {len(self.lost)} lost, {self.seconds:.0f} s"
        )


def torture(
    url: str, folder: Path, *, kills: int, servers: int, seed: int, planted: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Account:  # fmt: skip
    """Kill servers on the empty, migrated database at `url`; the account is made when the outbox has run dry."""
    numbers, began = random.Random(seed), time.monotonic()
    with ExitStack() as stack:
        nursery = Nursery(planted="claimed is sent" if planted else None)
        stack.callback(nursery.close)
        town = found(url, folder, stack, numbers)
        environment = town.environment
        alive = [Server(nursery, environment, folder / f"server{number}.log") for number in range(servers)]
        for server in alive:
            stack.callback(server.end)
            server.start()
        for server in alive:
            server.wait_until_ready()
        _live(town, alive, numbers, kills, say)
        database = opened_at(url, folder)
        stack.callback(database.close)
        stuck = _run_dry(database, town)
        for server in alive:
            server.end(signal.SIGTERM)
        account = Account(kills, seconds=time.monotonic() - began)
        account.lost += stuck
        with database.read() as session:
            _settle_accounts(session, town, account)
        if account.lost:
            say("\n".join(server.log[-LOG_TAIL_CHARACTERS:] for server in alive))
    return account


def _live(town: Town, servers: list[Server], numbers: random.Random, kills: int, say: Callable[[str], None]) -> None:
    """People work while servers are killed; when the last one lives again, everybody finishes what they began."""
    ended = threading.Event()

    def client() -> Client:
        return Client([server.port for server in servers], random.Random(numbers.random()), ended)

    acts = [officer(town, f"officer{number}", client()) for number in range(OFFICERS)]
    acts.append(coordinator(town, client()))
    with ThreadPoolExecutor(len(acts)) as pool:
        working = [pool.submit(act) for act in acts]
        try:
            for number in range(kills):
                if broken := [act for act in working if act.done()]:
                    broken[0].result()
                time.sleep(numbers.uniform(*LIFE_SECONDS))
                victim = numbers.choice(servers)
                victim.end(signal.SIGKILL)
                victim.start()
                if len(servers) == 1 or number == kills - 1:
                    victim.wait_until_ready()  # otherwise nobody would ever serve
                if (number + 1) % 20 == 0:
                    say(f"{number + 1} kills, {len(town.received)} referrals")
            for server in servers:
                server.wait_until_ready()
        finally:
            ended.set()
        for done in working:
            done.result(DRAIN_SECONDS)


def _run_dry(database: Database, town: Town) -> list[str]:
    """Wait until nothing is left but what is for the phone that hangs; what is still there when patience ends is lost."""
    names = {phone.device.user_id: name for name, phone in town.phones.items()}
    hung = town.phones[HUNG].device.user_id
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        now = datetime.now(UTC)
        with database.read() as session:
            rows = session.exec(select(Delivery).where(Delivery.state == "pending", Delivery.user_id != hung)).all()
            late = [
                f"delivery {row.id} to {names[row.user_id]} is never taken: {row.attempts} attempts, last {row.outcome}"
                for row in rows
            ]  # fmt: skip
            pages = session.exec(select(Page).where(Page.state == "open")).all()
        late += [
            f"page {page.id} is overdue" for page in pages
            if page.next_step_at is None or page.next_step_at < now - OVERDUE
        ]  # fmt: skip
        if not late or time.monotonic() > deadline:
            return late
        time.sleep(LOOK_SECONDS)


def _settle_accounts(session: Session, town: Town, account: Account) -> None:
    messages = town.messages()
    taken = Counter(token_hash(message.body["token"]) for _, message in messages)
    account.posted, account.duplicates = len(messages), sum(times - 1 for times in taken.values())
    pages = {page.referral_id: page for page in session.exec(select(Page).where(Page.program_id == PROGRAM))}
    deliveries = list(session.exec(select(Delivery).where(Delivery.program_id == PROGRAM)))
    account.referrals, account.answered = len(town.received), len(town.answered)
    account.deliveries = len(deliveries)
    shown = {(endpoint, message.body["page"]) for endpoint, message in messages}
    for referral_id in town.received:
        page = pages.get(referral_id)
        if page is None:
            account.lost.append(f"referral {referral_id} has its receipt and no page")
        else:
            account.lost += _unheard(town, page, deliveries, shown)
    for row in deliveries:
        if row.state == "sent" and not taken[row.token_hash]:
            account.lost.append(f"delivery {row.id} ({row.kind}, call {row.call}) counts as sent and nobody took it")
        if row.state == "dead":
            account.lost.append(f"delivery {row.id} was given up: {row.outcome}")


def _unheard(town: Town, page: Page, deliveries: list[Delivery], shown: set[tuple[str, str]]) -> list[str]:
    """What is wrong with one page: whom it was not written for, whom it did not reach, an answer that was forgotten."""
    wrong = []
    if page.id in town.answered and page.state != "acknowledged":
        wrong.append(f"page {page.id} was answered and is {page.state}")
    called = {row.user_id for row in deliveries if row.page_id == page.id and row.kind == "page"}
    for name in COORDINATORS:
        phone = town.phones[name]
        if phone.device.user_id not in called:
            wrong.append(f"page {page.id} was never written for {name}")
        elif page.state == "open" and name != HUNG and (phone.subscription.endpoint, page.id) not in shown:
            wrong.append(f"page {page.id} never came to {name}")
    return wrong
