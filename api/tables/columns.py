"""Column types that mean the same on both databases."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SEALED = b"\x01"
"""First byte of what `api.at_rest` has sealed. No JSON, number or mailbox begins with it."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are aware; give one with a time zone")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Json(TypeDecorator[Any]):
    """A JSON value stored as compact text; lone NULs are escaped by JSON itself, so both databases can hold them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Sealed(TypeDecorator[bytes]):
    """Ciphertext from `api.at_rest`; nothing clear is let through to the database. Empty stays empty.

    The subclasses say what is inside, for columns that are read and written as objects.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value and not (isinstance(value, bytes) and value.startswith(SEALED)):
            raise ValueError("this column is kept sealed; use api.at_rest.seal")
        return value


class SealedBytes(Sealed):
    """Bytes inside."""

    cache_ok = True


class SealedText(Sealed):
    """Text inside."""

    cache_ok = True


class SealedJson(Sealed):
    """A JSON value inside."""

    cache_ok = True
