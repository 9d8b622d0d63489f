"""Reading the feed: what changed for one reader since a cursor."""

import hashlib
from typing import NamedTuple

from sqlmodel import Session

from api.operations import queries
from sync import cursor as cursors
from sync.cursor import Cursor

PULL_LIMIT = 500


class Slice(NamedTuple):
    """A piece of the feed as JSON texts, with the cursor behind it."""

    epoch: str
    items: list[str]
    cursor: str
    more: bool
    head: int
    durable_position: int
    resync: bool


def read(session: Session, scopes: tuple[str, ...], cursor_text: str | None, limit: int) -> Slice:
    """Items above the cursor. A cursor that no longer means anything starts anew and says `resync`.

    The head is read before the items: a writer that commits in between can only add what is above it.
    """
    head = queries.head(session)
    named = hashlib.sha256("|".join(scopes).encode()).hexdigest()[:16]
    cursor = None if cursor_text is None else cursors.parse(cursor_text)
    valid = cursor is not None and cursors.still_valid(cursor, head.epoch, head.position, named)
    position = cursor.position if cursor is not None and valid else 0
    rows = queries.feed_after(session, scopes, position, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    reached = rows[-1][0] if more else max(head.position, rows[-1][0] if rows else 0)
    return Slice(
        head.epoch,
        [item for _, item in rows],
        Cursor(head.epoch, reached, named).text(),
        more,
        head.position,
        head.durable_position,
        resync=not valid,
    )
