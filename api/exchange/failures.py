"""Which failures of a database pass by themselves, and which are a fault that will be there again."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

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
