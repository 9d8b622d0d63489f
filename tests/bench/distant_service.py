"""A push service in a process of its own, so that a worker that is measured has its interpreter to itself."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from api.paging.subscriptions import PushAddress
from tests.push_service import PushService

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class DistantService:
    """Where it listens, whom it believes in, and one phone that is subscribed there."""

    host: str
    ca_file: str
    address: PushAddress
    _line: "Connection[int, int]"

    def wait_for(self, accepted: int) -> None:
        """Until it has accepted this many messages and opened them, as browsers do. AssertionError if that takes too long."""
        self._line.send(accepted)
        if not self._line.poll(PATIENCE_SECONDS):
            raise AssertionError("the pushes never came")
        assert self._line.recv() == accepted, "more was pushed than was queued"


@contextmanager
def distant_service() -> Iterator[DistantService]:
    """Start one; it ends with the block."""
    spawning = multiprocessing.get_context("spawn")
    near, far = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(far,), daemon=True)
    process.start()
    far.close()
    try:
        host, ca_file, address = near.recv()
        yield DistantService(host, ca_file, address, near)
    finally:
        near.close()
        process.join()


def _serve(line: Connection) -> None:
    with PushService() as service:
        made = service.subscribe()
        line.send((service.host, service.ca_file, PushAddress(made.endpoint, made.keys["p256dh"], made.keys["auth"])))
        while True:
            try:
                wanted = line.recv()
            except EOFError:
                return
            line.send(service.wait_until_accepted(wanted, PATIENCE_SECONDS))
