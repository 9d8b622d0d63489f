"""The embedded database belongs to one server: a lock that the system gives back even after a crash.

On PostgreSQL any number of servers may run, and nothing is held.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings

LOCK_SUFFIX = ".lock"


class AlreadyRunning(Exception):
    """Another server works on this embedded database."""


@contextmanager
def sole_user(settings: Settings) -> Iterator[None]:
    """Hold the embedded database for this process alone; nothing to hold on PostgreSQL. Raises AlreadyRunning."""
    if not settings.url.startswith("sqlite"):
        yield
        return
    path = settings.url.removeprefix("sqlite:///") + LOCK_SUFFIX
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"Another server already uses {settings.url}. Stop it first.") from error
        lock.write(str(os.getpid()))
        lock.flush()
        yield
