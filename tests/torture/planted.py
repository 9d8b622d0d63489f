"""What is planted in a server's process before it serves: bugs that a torture must find, or it proves nothing; a full disk."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from sqlmodel import Session

from api.database import Database
from api.exchange import service as exchange
from api.paging import worker
from api.paging.channels.answers import Answer
from api.paging.settling import settle
from api.paging.worker import Worker
from api.tables.paging import Delivery
from tests.torture.watched_disk import Event, WatchedDisk, register

Planted = Literal["claimed is sent", "answers before the commit", "a disk that fills up"]
PLANTS: tuple[Planted, ...] = get_args(Planted)
LATE_SECONDS = 0.2
FULL_MARK = "disk_full"
_kept: list[object] = []
"""What SQLite holds pointers into."""


def plant(name: Planted) -> None:
    """Put it into this process."""
    _PLANT[name]()


def _claimed_is_sent() -> None:
    """Mark what is claimed as sent. A refusal still brings it back: only a kill in between loses a page."""
    within_cap = Worker._within_cap

    def marked(self: Worker, claimed: Sequence[Delivery]) -> list[Delivery]:
        kept = within_cap(self, claimed)
        for delivery in kept:
            delivery.state = "sent"
        return kept

    def settled(session: Session, delivery: Delivery, answer: Answer, now: datetime) -> None:
        if delivery.state == "sent":
            delivery.state = "pending"
        settle(session, delivery, answer, now)

    Worker._within_cap = marked  # type: ignore[method-assign]
    worker.settle = settled  # type: ignore[attr-defined, assignment]


def _answers_before_the_commit() -> None:
    """Let receipts leave while their transaction is still open: only a kill in between loses what was acknowledged."""
    write, push = Database.write, exchange.push
    serving = threading.local()

    def pushed(*arguments: Any) -> dict[str, Any]:
        serving.push = True
        try:
            return push(*arguments)
        finally:
            serving.push = False

    @contextmanager
    def write_later(self: Database) -> Iterator[Session]:
        if not getattr(serving, "push", False):
            with write(self) as session:
                yield session
            return
        with ExitStack() as stack:
            session = stack.enter_context(write(self))
            yield session
            threading.Thread(target=_after_a_while, args=[stack.pop_all()], name="late commit", daemon=True).start()

    Database.write = write_later  # type: ignore[method-assign]
    exchange.push = pushed  # type: ignore[assignment]  # the same function, with a mark around it


def _after_a_while(commit: ExitStack) -> None:
    time.sleep(LATE_SECONDS)
    commit.close()


def _a_disk_that_fills_up() -> None:
    """No bug, but a misfortune: while `disk_full` lies beside the database, no file of it can grow."""
    database = Path(os.environ["HANDOFF_DATABASE_URL"].removeprefix("sqlite:///")).resolve()
    mark = database.with_name(FULL_MARK)
    _kept.append(register(WatchedDisk(database, mark.exists, events=_Nothing())))


class _Nothing(list[Event]):
    """A record that nobody will read."""

    def append(self, _event: Event) -> None:
        pass


_PLANT: Mapping[Planted, Callable[[], None]] = {
    "claimed is sent": _claimed_is_sent,
    "answers before the commit": _answers_before_the_commit,
    "a disk that fills up": _a_disk_that_fills_up,
}
