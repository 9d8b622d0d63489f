"""Counting offers that ended without a referral. No person, officer, device or moment is kept with a count."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from api.exchange.models import TallyEntry
from api.operations import queries
from api.tables.records import Tally, TallySeen


def count(session: Session, program_id: str, entries: Sequence[TallyEntry]) -> list[str]:
    """Count each entry once; returns all ids, since a repeated one is counted already.

    An agency that is not the program's counts under none. Both writes settle races by themselves, in one order, so that two
    tabs, or two phones in one month, neither count twice nor fail.
    """
    agencies = queries.agencies(session, program_id)
    for entry in sorted(entries, key=lambda entry: entry.id):
        if _first_time(session, entry.id):
            _add(session, program_id, entry, entry.agency_id if entry.agency_id in agencies else "")
    return [entry.id for entry in entries]


def _insert(session: Session, model: type[SQLModel], row: dict[str, Any]) -> Any:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model).values(row)


def _first_time(session: Session, tally_id: str) -> bool:
    statement = _insert(session, TallySeen, {"id": tally_id}).on_conflict_do_nothing().returning(col(TallySeen.id))
    return session.execute(statement).first() is not None


def _add(session: Session, program_id: str, entry: TallyEntry, agency_id: str | None) -> None:
    key = {
        "program_id": program_id,
        "agency_id": agency_id or "",
        "month": entry.month,
        "pathway": entry.pathway,
        "answer": entry.answer,
        "reason": entry.reason or "",
        "demographics": json.dumps(entry.demographics, sort_keys=True, separators=(",", ":")),
    }
    statement = _insert(session, Tally, {**key, "count": 1})
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"count": col(Tally.count) + 1})
    )
