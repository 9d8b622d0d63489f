"""Sealed columns of rows that are read and written as objects: sealed as they are flushed, opened as they are loaded.

The object always holds the clear value; the database never does. A statement that names a sealed column itself (`update`,
`insert`, `select(Table.column)`) meets the sealed form and calls `place_of`, `row_of`, `seal` and `unseal` on its own.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, event
from sqlalchemy.orm import QueryContext, object_session
from sqlalchemy.orm.attributes import get_history, set_committed_value
from sqlmodel import Session, SQLModel

import api.tables  # noqa: F401  registers every table
from api.at_rest.cipher import cipher_of
from api.tables.columns import Sealed, SealedBytes, SealedJson
from api.tables.paging import ContactPoint
from api.tables.records import Assessment, Quarantine, Referral

ROWS: Mapping[type[SQLModel], tuple[str, ...]] = {
    Referral: ("program_id", "id"),
    Assessment: ("program_id", "referral_id"),
    Quarantine: ("program_id", "blob_hash"),
    ContactPoint: ("user_id", "id"),
}
"""What names a row in what is authenticated, where that is more than its primary key: nothing here ever changes."""


class SealedTable(NamedTuple):
    """A table with sealed columns, and the columns that name its row."""

    model: type[SQLModel]
    name: str
    columns: Mapping[str, Sealed]
    row: tuple[str, ...]

    def row_id(self, values: Mapping[str, Any]) -> str:
        """The row's name from the values of its columns."""
        return "|".join(str(values[column]) for column in self.row)

    def place(self, column: str) -> str:
        """The name of a column in what is authenticated."""
        return f"{self.name}.{column}"

    def sealed(self, session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row's values for a statement in bulk: those of its sealed columns sealed."""
        cipher, row = cipher_of(session), self.row_id(values)
        found = dict(values)
        for name, kind in self.columns.items():
            plain = encode(kind, values[name])
            found[name] = cipher.seal(self.place(name), row, plain) if plain else b""
        return found


def _tables() -> Iterator[SealedTable]:
    """In the order of their names: the registry holds its mappers weakly, in another order in every process."""
    for mapper in sorted(SQLModel._sa_registry.mappers, key=lambda each: str(each.local_table)):
        table = cast(Table, mapper.local_table)
        sealed = {column.name: column.type for column in table.columns if isinstance(column.type, Sealed)}
        if sealed:
            keys = tuple(column.name for column in table.primary_key.columns)
            yield SealedTable(mapper.class_, str(table.name), sealed, ROWS.get(mapper.class_, keys))


def encode(kind: Sealed, value: Any) -> bytes:
    """A clear value as the bytes to seal."""
    if isinstance(kind, SealedJson):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()
    return bytes(value) if isinstance(kind, SealedBytes) else str(value).encode()


_JSON = SealedJson()


def _decode(kind: Sealed, plain: bytes) -> Any:
    if isinstance(kind, SealedJson):
        return json.loads(plain)
    return plain if isinstance(kind, SealedBytes) else plain.decode()


def encode_json(value: Any) -> bytes:
    """A JSON value as the bytes to seal."""
    return encode(_JSON, value)


def _open(table: SealedTable, target: SQLModel, session: Session, names: Collection[str] | None) -> None:
    values = target.__dict__
    for name, kind in table.columns.items():
        stored = values.get(name)
        if stored is None or (names is not None and name not in names):
            continue
        place, row = table.place(name), table.row_id(values)
        plain = cipher_of(session).unseal(session, place, row, stored) if stored else b""
        set_committed_value(target, name, _decode(kind, plain))


def _close(table: SealedTable, target: SQLModel, session: Session, *, only_changed: bool) -> dict[str, Any]:
    """Put sealed values in place of clear ones for the flush; returns the clear ones."""
    clear: dict[str, Any] = {}
    for name, kind in table.columns.items():
        value = target.__dict__.get(name)
        if value is None or (only_changed and not get_history(target, name).has_changes()):
            continue
        clear[name] = value
        plain = encode(kind, value)
        row = table.row_id(target.__dict__)
        setattr(target, name, cipher_of(session).seal(table.place(name), row, plain) if plain else b"")
    return clear


CLEAR = "_clear_values"


def _watch(table: SealedTable) -> None:
    def load(target: SQLModel, context: QueryContext) -> None:
        _open(table, target, context.session, None)  # type: ignore[arg-type]  # every session is SQLModel's

    def refresh(target: SQLModel, _context: QueryContext | None, names: Collection[str] | None) -> None:
        _open(table, target, _session(target), names)  # a bulk update has no context, and changes loaded objects too

    def insert(_mapper: Any, _connection: Any, target: SQLModel) -> None:
        target.__dict__[CLEAR] = _close(table, target, _session(target), only_changed=False)

    def change(_mapper: Any, _connection: Any, target: SQLModel) -> None:
        target.__dict__[CLEAR] = _close(table, target, _session(target), only_changed=True)

    def written(_mapper: Any, _connection: Any, target: SQLModel) -> None:
        for name, value in target.__dict__.pop(CLEAR, {}).items():
            set_committed_value(target, name, value)

    listeners: dict[str, Callable[..., None]] = {
        "load": load,
        "refresh": refresh,
        "before_insert": insert,
        "before_update": change,
    }
    listeners |= {"after_insert": written, "after_update": written}
    for name, listener in listeners.items():
        event.listen(table.model, name, listener)


def _session(target: SQLModel) -> Session:
    session = object_session(target)
    assert session is not None, "it is flushed or refreshed by one"
    return session  # type: ignore[return-value]  # every session is SQLModel's


TABLES = {table.name: table for table in _tables()}
for _each in TABLES.values():
    _watch(_each)
