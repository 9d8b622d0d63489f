"""When something was done, as well as the server can tell, and when it arrived. Its twin is `pwa/src/domain/times.ts`.

Three times are kept apart: what the phone's clock said (`made_at`, in the log for ever), when the server had it, and the
estimate in between: the phone's time as corrected by what was last measured of its clock. An estimate is told as one. What
was done by a clock that is right and arrived at once has one time, and nothing more is kept of it. Clocks are evidence and
never order: nothing here decides what stands.
"""

from datetime import UTC, datetime, timedelta
from typing import NotRequired, TypedDict

CLOCK_OFF_MS = 60_000
"""A clock that is wrong by less is believed: screens tell minutes."""
LATE_MS = 10 * 60_000
"""What travelled for so long is told with both of its times."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timing(TypedDict):
    """What is worth telling of an operation's times.

    `at` is the estimate, or the phone's own time where that is right. `received` is there where the way took long, `off_ms`
    where the clock was wrong: by so much it was behind (or, negative, ahead).
    """

    at: str
    received: NotRequired[str]
    off_ms: NotRequired[int]


def estimated_ms(made_ms: int, clock_off_ms: int | None, earliest_ms: int, received_ms: int | None) -> int:
    """The phone's time as corrected, neither before its enrolment nor after the arrival; epoch milliseconds.

    A later contact is no lower bound: what waits on a phone was often made before the contact that carried its neighbours.
    """
    estimate = max(earliest_ms, made_ms + (clock_off_ms or 0))
    return estimate if received_ms is None else min(received_ms, estimate)


def estimated(made_at: str, clock_off_ms: int | None, enrolled_at: datetime, received_at: datetime) -> datetime:
    """The same as an instant; `made_at` must be one (see `fields.is_instant`)."""
    return _instant(estimated_ms(_made_ms(made_at), clock_off_ms, _ms(enrolled_at), _ms(received_at)))


def timing(
    made_at: str, clock_off_ms: int | None, enrolled_at: datetime | None, received_at: datetime
) -> Timing | None:
    """What is worth telling; None where the phone's own time says it all. The server's own operations have no enrolment."""
    made_ms, received_ms = _made_ms(made_at), _ms(received_at)
    earliest_ms = 0 if enrolled_at is None else _ms(enrolled_at)
    estimate = estimated_ms(made_ms, clock_off_ms, earliest_ms, received_ms)
    told: Timing = {"at": made_at}
    if (off_ms := clock_error_ms(made_ms, clock_off_ms, estimate)) is not None:
        told |= {"at": _text(estimate), "off_ms": off_ms}
    if received_ms - estimate >= LATE_MS:
        told["received"] = _text(received_ms)
    return told if len(told) > 1 else None


def clock_error_ms(made_ms: int, clock_off_ms: int | None, estimate_ms: int) -> int | None:
    """By how much the phone's clock was behind, as measured, else as its own time proves; None where it was right."""
    moved = estimate_ms - made_ms
    if abs(moved) < CLOCK_OFF_MS:
        return None
    return clock_off_ms if clock_off_ms is not None and abs(clock_off_ms) >= CLOCK_OFF_MS else moved


def _made_ms(made_at: str) -> int:
    return (datetime.fromisoformat(made_at) - _EPOCH) // timedelta(milliseconds=1)


def _ms(instant: datetime) -> int:
    """Rounded as the database rounds, so that what is computed now and from what was stored is the same."""
    return round(instant.timestamp() * 1000)


def _instant(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _text(ms: int) -> str:
    return _instant(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
