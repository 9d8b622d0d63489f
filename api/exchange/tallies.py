"""Counting offers that ended without a referral. No person, officer, device or moment is kept with a count."""

import json
from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from api.exchange.models import TallyEntry
from api.operations import queries
from api.tables.records import Tally, TallySeen


def count(session: Session, program_id: str, entries: Sequence[TallyEntry]) -> list[str]:
    """Count each entry once; returns all ids, since a repeated one is counted already. An unknown agency counts under none."""
    ids = [entry.id for entry in entries]
    seen = set(session.execute(select(col(TallySeen.id)).where(col(TallySeen.id).in_(ids))).scalars())
    agencies = queries.agencies(session, program_id)
    for entry in entries:
        if entry.id in seen:
            continue
        seen.add(entry.id)
        session.execute(insert(TallySeen).values(id=entry.id))
        _add(session, program_id, entry, entry.agency_id if entry.agency_id in agencies else "")
    return ids


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
    matches = [getattr(Tally, name) == value for name, value in key.items()]
    changed = session.execute(update(Tally).where(*matches).values(count=col(Tally.count) + 1))
    if changed.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.execute(insert(Tally).values(**key, count=1))
