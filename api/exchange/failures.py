"""Transactions that fail: which are tried again, which pass by themselves, and which will fail again."""

import logging
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.operations.storage import Outrun
from api.problems import Unavailable

ATTEMPTS = 3
RETRY_AFTER_SECONDS = 5
NOTHING_STORED = "Nothing was stored; keep it and try again."
log = logging.getLogger("handoff.exchange")

Answer = TypeVar("Answer")


def tried_again(transact: Callable[[], Answer]) -> Answer:
    """The answer of a whole transaction, tried again after a deadlock or a lost race.

    Raises Unavailable for what may pass by itself, and the failure itself for what will not.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return transact()
        except NoConnection as error:
            raise unavailable() from error
        except Outrun as error:
            if attempt == ATTEMPTS:
                raise unavailable() from error
        except DBAPIError as error:
            passes = passes_by_itself(error)
            log.warning("transaction failed", extra={"attempt": attempt, "kind": type(error.orig).__name__})
            if not (passes or isinstance(error, IntegrityError)):
                raise
            if attempt == ATTEMPTS:
                if passes:
                    raise unavailable() from error
                raise
    raise AssertionError("the last attempt returns or raises")


def unavailable() -> Unavailable:
    """What a phone is told when nothing could be stored."""
    return Unavailable(NOTHING_STORED, retry_after_seconds=RETRY_AFTER_SECONDS)


_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)  # fmt: skip
_POSTGRESQL_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58"})
"""Connection, read-only standby, rollback (deadlock), resources, lock, operator's intervention, system error."""


def passes_by_itself(error: DBAPIError) -> bool:
    """True for overload, deadlock, a full disk, a lost connection: the same batch may be stored a moment later."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state[:2] in _POSTGRESQL_CLASSES
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF in _SQLITE
    return isinstance(error, OperationalError)
