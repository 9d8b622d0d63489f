"""Tables for people to take away: CSV (RFC 4180) of which a spreadsheet takes no cell for a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A heading row, then the rows. Lists are joined by spaces, mappings written as `name=value`, None left empty."""
    file = io.StringIO()
    writer = csv.writer(file, dialect="excel")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return file.getvalue()


def attachment(name: str) -> dict[str, str]:
    """The header under which a browser keeps an answer as a file of this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        value = " ".join(f"{name}={number}" for name, number in value.items())
    elif isinstance(value, (list, tuple)):
        value = " ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
