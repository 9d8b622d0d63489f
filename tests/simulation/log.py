"""Reading a world's database as a stranger would: a connection of its own, the tables as they are."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlmodel import col, select

from api.confinement import EVERY, confine
from api.database import Database
from api.tables.records import AssessmentBody, OperationBody


class Stored(NamedTuple):
    """One operation of the log. `raw` are the bytes that are kept of it."""

    op_id: str
    position: int
    device_id: str
    seq: int
    state: str
    reason: str | None
    digest: str


_HEADERS = "SELECT op_id, position, device_id, seq, state, reason, digest FROM operation_header ORDER BY position"


def _rows(database: Database, statement: str) -> list[Any]:
    """In the driver's own words: this is asked after every step."""
    confine(EVERY)
    with database.reader.connect() as connection:
        return list(connection.exec_driver_sql(statement))


def headers(database: Database) -> list[Stored]:
    """The log in its order."""
    return [Stored(*row) for row in _rows(database, _HEADERS)]


def bodies(database: Database, op_ids: Collection[str] | None = None) -> dict[str, bytes]:
    """The bytes kept of these operations, or of every one."""
    if op_ids is not None and not op_ids:
        return {}
    confine(EVERY)
    common, assessments = select(OperationBody), select(AssessmentBody)
    if op_ids is not None:
        common = common.where(col(OperationBody.op_id).in_(op_ids))
        assessments = assessments.where(col(AssessmentBody.op_id).in_(op_ids))
    with database.read() as session:
        found = {row.op_id: row.body for row in session.exec(common)}
        return found | {row.op_id: row.body for row in session.exec(assessments)}


def quarantined(database: Database) -> set[str]:
    """The ids under which something is kept that could not claim them."""
    return {row[0] for row in _rows(database, "SELECT op_id FROM quarantine")}


def stored(database: Database) -> frozenset[str]:
    """Everything that is kept, wherever."""
    return frozenset(one.op_id for one in headers(database)) | quarantined(database)


def envelopes(database: Database) -> dict[str, dict[str, Any]]:
    """The content of every operation."""
    return {op_id: json.loads(body) for op_id, body in bodies(database).items()}
