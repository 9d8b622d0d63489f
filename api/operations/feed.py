"""Reading the feed: what changed for one reader since a cursor."""

import hashlib
from heapq import merge
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session

from api.operations import queries
from api.operations.queries import Standing
from sync import cursor as cursors
from sync.cursor import Cursor

PULL_LIMIT = 500


class Slice(NamedTuple):
    """A piece of the feed as JSON texts, with the cursor behind it, and the ids of the referrals that it shows."""

    standing: Standing
    items: list[str]
    cursor: str
    more: bool
    resync: bool
    referrals: list[str]


def read(session: Session, scopes: tuple[str, ...], cursor_text: str | None, limit: int) -> Slice:
    """Items above the cursor. A cursor that no longer means anything starts anew and says `resync`.

    The head is read first, and nothing above it is given out: positions become visible in their order, so everything up to
    it is there already, and what commits meanwhile stands above it, for the next pull. The scopes are read one after
    another, because a database sorts one scope by its index and two by hand.
    """
    standing = queries.standing(session)
    named = hashlib.sha256("|".join(scopes).encode()).hexdigest()[:16]
    cursor = None if cursor_text is None else cursors.parse(cursor_text)
    anchored = "" if cursor is None else queries.operation_at(session, cursor.anchor.position)
    valid = cursor is not None and cursors.still_valid(cursor, standing.epoch, standing.position, named, anchored)
    above = cursor.position if cursor is not None and valid else 0
    parts = [queries.feed_between(session, scope, above, standing.position, limit + 1) for scope in scopes]
    rows = list(islice(merge(*parts), limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    reached = rows[-1][0] if more else standing.position
    items = [item for _, item, _ in rows]
    behind = Cursor(standing.epoch, reached, named, queries.anchor(session, reached))
    referrals = [referral_id for _, _, referral_id in rows if referral_id]
    return Slice(standing, items, behind.text(), more, not valid, referrals)
