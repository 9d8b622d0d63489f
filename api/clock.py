"""The one source of time for the server. Everything below receives an instant as an argument."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that tells the present instant (aware, UTC)."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def rfc3339(instant: datetime) -> str:
    """UTC text with milliseconds and Z, as used on the wire."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(instant: datetime) -> int:
    """Since 1970, as instants are stored."""
    return round(instant.timestamp() * 1000)
