"""Sealing all rows anew under the newest data key, and those of the time before that are still clear.

Table by table in the order of the primary key, a batch and its progress in one transaction: killed anywhere, the next run
goes on where the last one stopped. Rows written meanwhile are sealed under the newest key already.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, bindparam, inspect, select, tuple_, update
from sqlalchemy.engine import Row
from sqlmodel import Session, SQLModel, col

from api.at_rest.cipher import NUMBER_BYTES, CannotUnseal, Cipher, cipher_of
from api.at_rest.columns import TABLES, SealedTable
from api.database import Database, inserting
from api.tables.at_rest import RekeyProgress
from api.tables.columns import SEALED
from api.tables.records import FeedRow, Head

ROWS_PER_BATCH = 500
Said = Callable[[str, int], None]


def finished(session: Session) -> bool:
    """True if no row can be clear or under an older key than the newest."""
    newest = cipher_of(session).active
    rows = session.execute(select(RekeyProgress)).scalars()
    done = {row.table for row in rows if row.finished and row.number == newest}
    return done >= TABLES.keys()


def catch_up(database: Database) -> int:
    """Seal what an earlier revision left clear, or a killed run under an older key; returns how many rows it changed.

    Nothing to do costs one question. A database without a schema is left alone.
    """
    if not inspect(database.reader).has_table("rekey_progress"):
        return 0
    with database.read() as session:
        if finished(session):
            return 0
    changed = reseal(database)
    if changed and database.embedded:
        _leave_no_trace(database)
    return changed


def _leave_no_trace(database: Database) -> None:
    """What was clear would stay readable in the file's free pages and in the log beside it."""
    with database.writer.connect() as connection:
        cursor = connection.connection.cursor()
        connection.rollback()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    database.witness.shortened()


def reseal(database: Database, say: Said = lambda table, rows: None) -> int:
    """Seal what is clear or under an older key; returns how many rows it changed. `say` hears of each table's batches."""
    changed = 0
    for table in TABLES.values():
        for rows in _batches(database, table):
            changed += rows
            say(table.name, rows)
    return changed


def _batches(database: Database, table: SealedTable) -> Iterator[int]:
    while True:
        with database.write() as session:
            changed = _batch(session, table)
        if changed is None:
            return
        yield changed


def _batch(session: Session, table: SealedTable) -> int | None:
    """Seal the next rows; how many changed, or None if the table is finished."""
    if table.model is FeedRow:
        session.execute(
            select(Head).with_for_update()
        )  # who moves feed rows holds it: two orders of locks would tangle
    cipher_of(session).load(session)
    progress = _progress(session, table.name, cipher_of(session).active)
    if progress.finished:
        return None
    rows = _next_rows(session, table, progress.after)
    changed = [values for row in rows if (values := _anew(session, table, row._mapping))]
    if changed:
        session.connection().execute(_writing(table), changed)
    progress.after = [str(rows[-1]._mapping[name]) for name in _keys(table)] if rows else progress.after
    progress.finished = len(rows) < ROWS_PER_BATCH
    session.add(progress)
    return len(changed)


def _progress(session: Session, table: str, newest: int) -> RekeyProgress:
    fresh = {"table": table, "number": newest, "after": [], "finished": False}
    session.execute(inserting(session, RekeyProgress, fresh).on_conflict_do_nothing())
    statement = select(RekeyProgress).where(col(RekeyProgress.table) == table).with_for_update()
    found: RekeyProgress = session.execute(statement).scalar_one()
    if found.number != newest:
        found.number, found.after, found.finished = newest, [], False
    return found


def _keys(table: SealedTable) -> list[str]:
    return [column.name for column in _sql(table.model).primary_key.columns]


def _sql(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def _next_rows(session: Session, table: SealedTable, after: list[str]) -> list[Row[Any]]:
    columns = _sql(table.model).c
    keys = [columns[name] for name in _keys(table)]
    wanted = dict.fromkeys([*_keys(table), *table.row, *table.columns, *(["digest"] if table.model is FeedRow else [])])
    statement = select(*(columns[name] for name in wanted)).order_by(*keys).limit(ROWS_PER_BATCH).with_for_update()
    if after:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return list(session.connection().execute(statement).all())


def _anew(session: Session, table: SealedTable, row: Mapping[Any, Any]) -> dict[str, Any]:
    """The row's new values under the names that `_writing` binds; empty if nothing is to be done."""
    cipher = cipher_of(session)
    newest = SEALED + cipher.active.to_bytes(NUMBER_BYTES, "big")
    stored = {name: bytes(row[name] or b"") for name in table.columns}
    if not any(value and not value.startswith(newest) for value in stored.values()):
        return {}
    values: dict[str, Any] = {name: _sealed(session, cipher, table, name, row, value) for name, value in stored.items()}
    if table.model is FeedRow:
        was_clear = not stored["item"].startswith(SEALED)
        values["digest"] = cipher.keyed(row["digest"]) if was_clear else row["digest"]
    return {f"new_{name}": value for name, value in values.items()} | {
        f"key_{name}": row[name] for name in _keys(table)
    }


def _sealed(
    session: Session, cipher: Cipher, table: SealedTable, name: str, row: Mapping[Any, Any], stored: bytes
) -> bytes:
    if not stored:
        return stored
    place, row_id = table.place(name), table.row_id(row)
    plain = cipher.unseal(session, place, row_id, stored) if stored.startswith(SEALED) else stored
    return cipher.seal(place, row_id, plain)


def _writing(table: SealedTable) -> Any:
    columns = _sql(table.model).c
    names = [*table.columns, *(["digest"] if table.model is FeedRow else [])]
    here = and_(*(columns[name] == bindparam(f"key_{name}") for name in _keys(table)))
    return update(_sql(table.model)).where(here).values({name: bindparam(f"new_{name}") for name in names})


def check(database: Database) -> Iterator[str]:
    """Every stored value that does not open, as a sentence. Reads everything."""
    for table in TABLES.values():
        after: list[str] = []
        while True:
            with database.read() as session:
                rows = _next_rows(session, table, after)
                for row in rows:
                    yield from _closed(session, table, row._mapping)
            if len(rows) < ROWS_PER_BATCH:
                break
            after = [str(rows[-1]._mapping[name]) for name in _keys(table)]


def _closed(session: Session, table: SealedTable, row: Mapping[Any, Any]) -> Iterator[str]:
    for name in table.columns:
        stored = bytes(row[name] or b"")
        try:
            if stored:
                cipher_of(session).unseal(session, table.place(name), table.row_id(row), stored)
        except CannotUnseal as error:
            yield f"{table.row_id(row)}: {error}"
