"""Starts servers quickly: a process that has loaded the program once and becomes a new server whenever it is asked.

Each server is a process of its own, as `python -m api.cli serve` makes it; only the loading, which takes seconds, is not
repeated. Without this a server that is killed every second would never come to serve anybody.

    python -m tests.torture.nursery [--planted]

Reads one JSON object a line (`environment`, `log`), answers with the new process's id. `--planted` plants the bug that the
torture must find: deliveries count as sent when they are claimed.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from api import cli
from api.paging import worker
from api.paging.channels.answers import Answer
from api.paging.settling import settle
from api.paging.worker import Worker
from api.tables.paging import Delivery


def main() -> None:
    """Serve requests for servers until the input ends."""
    if "--planted" in sys.argv[1:]:
        plant()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _serve(asked["environment"], asked["log"])
        print(child, flush=True)


def _serve(environment: dict[str, str], log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.environ.update(environment)
    code = 1
    try:
        code = cli.main(["serve"])
    finally:
        os._exit(code)


def plant() -> None:
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


if __name__ == "__main__":
    main()
