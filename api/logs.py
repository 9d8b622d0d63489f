"""Structured logs: one JSON object a line, ids only, from an allow-list of fields.

A field that is not in `Fields` never reaches a log, nor does the text of an exception or of another library's message: both
may quote what somebody typed. Of a crash the type and the places in the code are kept, which is what finds the fault.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO, TypedDict, Unpack

NAME = "handoff"
SPEAKS_FOR_ITSELF = frozenset({"uvicorn.error", "alembic.runtime.migration"})
"""Libraries whose messages are known to hold no personal data and no secret address."""
FRAMES_LIMIT = 12


class Fields(TypedDict, total=False):
    """Everything that a line may hold beside its time, level and event."""

    request_id: str
    method: str
    route: str
    status: int
    ms: int
    program_id: str
    user_id: str
    device_id: str
    referral_id: str
    op_id: str
    page_id: str
    delivery_id: str
    subscription_id: str
    worker_id: str
    key_id: str
    step: int
    attempt: int
    attempts: int
    kind: str
    count: int
    position: int
    bytes: int
    host: str
    reason: str
    outcome: str
    action: str
    role: str
    path: str
    pack: str


_ALLOWED = frozenset(Fields.__annotations__)


class JsonLines(logging.Formatter):
    """Turns a record into one line; what is not allowed is left out rather than masked."""

    def format(self, record: logging.LogRecord) -> str:
        own = record.name == NAME or record.name.startswith(NAME + ".")
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            # The template, not the finished text: arguments may be anything.
            "event": record.msg if own and isinstance(record.msg, str) else f"library.{record.name}",
        }
        if record.name in SPEAKS_FOR_ITSELF:
            line["message"] = record.getMessage().splitlines()[0]
        line |= {key: value for key, value in vars(record).items() if key in _ALLOWED}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _crash(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=str)


def _crash(error: BaseException) -> Mapping[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_LIMIT:]
    places = [f"{frame.filename.rsplit('/site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__qualname__, "places": places}


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every logger of the process through the one formatter; `level` is a setting's word."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore", "sqlalchemy.engine"):  # they would log addresses and parameters
        logging.getLogger(name).setLevel(logging.WARNING)


def write(level: int, event: str, *, error: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """One line. `event` is a constant word such as `request` or `page.sent`."""
    logging.getLogger(NAME).log(level, event, extra=dict(fields), exc_info=error)


def info(event: str, **fields: Unpack[Fields]) -> None:
    """One line about what went as it should."""
    write(logging.INFO, event, **fields)


def warning(event: str, **fields: Unpack[Fields]) -> None:
    """One line about what somebody should look at when there is time."""
    write(logging.WARNING, event, **fields)


def error(event: str, cause: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """One line about what somebody must look at."""
    write(logging.ERROR, event, error=cause, **fields)
