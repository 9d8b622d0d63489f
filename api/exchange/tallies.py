"""Counting offers that ended without a referral. No person, officer, device or moment is kept with a count."""

import json
from collections import Counter
from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.exchange.models import TallyEntry
from api.exchange.queries import add_to_tally, first_time
from api.operations import queries


def count(session: Session, program_id: str, entries: Sequence[TallyEntry]) -> list[str]:
    """Count each entry once; returns all ids, since a repeated one is counted already.

    An agency that is not the program's counts under none. Races are settled by the database, and rows are always taken in
    the same order: two tabs, or two phones in one month, neither count twice nor lock each other out.
    """
    agencies = queries.agencies(session, program_id)
    added: Counter[tuple[str, ...]] = Counter()
    for entry in sorted(entries, key=lambda entry: entry.id):
        if first_time(session, entry.id):
            added[_key(program_id, entry, agencies)] += 1
    for key, number in sorted(added.items()):
        add_to_tally(session, key, number)
    return [entry.id for entry in entries]


def _key(program_id: str, entry: TallyEntry, agencies: Collection[str]) -> tuple[str, ...]:
    agency_id = entry.agency_id if entry.agency_id in agencies else None
    demographics = json.dumps(entry.demographics, sort_keys=True, separators=(",", ":"))
    return (program_id, agency_id or "", entry.month, entry.pathway, entry.answer, entry.reason or "", demographics)
