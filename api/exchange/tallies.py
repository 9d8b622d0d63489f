"""Counting offers that ended without a referral. No person, officer, device or moment is kept with a count."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from api.exchange.models import TallyEntry
from api.operations import queries
from api.tables.records import Tally, TallySeen

KEY = ("program_id", "agency_id", "month", "pathway", "answer", "reason", "demographics")


def count(session: Session, program_id: str, entries: Sequence[TallyEntry]) -> list[str]:
    """Count each entry once; returns all ids, since a repeated one is counted already.

    An agency that is not the program's counts under none. Races are settled by the database, and rows are always taken in
    the same order: two tabs, or two phones in one month, neither count twice nor lock each other out.
    """
    agencies = queries.agencies(session, program_id)
    added: Counter[tuple[str, ...]] = Counter()
    for entry in sorted(entries, key=lambda entry: entry.id):
        if _first_time(session, entry.id):
            added[_key(program_id, entry, agencies)] += 1
    for key, number in sorted(added.items()):
        row = dict(zip(KEY, key, strict=True))
        statement = _insert(session, Tally, {**row, "count": number})
        changed = {"count": col(Tally.count) + number}
        session.execute(statement.on_conflict_do_update(index_elements=KEY, set_=changed))
    return [entry.id for entry in entries]


def _key(program_id: str, entry: TallyEntry, agencies: Collection[str]) -> tuple[str, ...]:
    agency_id = entry.agency_id if entry.agency_id in agencies else None
    demographics = json.dumps(entry.demographics, sort_keys=True, separators=(",", ":"))
    return (program_id, agency_id or "", entry.month, entry.pathway, entry.answer, entry.reason or "", demographics)


def _insert(session: Session, model: type[SQLModel], row: dict[str, Any]) -> Any:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model).values(row)


def _first_time(session: Session, tally_id: str) -> bool:
    statement = _insert(session, TallySeen, {"id": tally_id}).on_conflict_do_nothing().returning(col(TallySeen.id))
    return session.execute(statement).first() is not None
