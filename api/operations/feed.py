"""Reading the feed: what changed for one reader since a cursor."""

import hashlib
from heapq import merge
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session

from api.operations import queries
from api.operations.queries import FeedLine, Standing
from sync import cursor as cursors
from sync.cursor import Cursor

PULL_LIMIT = 500


class Sealed(NamedTuple):
    """A piece of the feed as it is stored, with the cursor behind it."""

    standing: Standing
    lines: list[FeedLine]
    cursor: str
    more: bool
    resync: bool

    @property
    def referrals(self) -> list[str]:
        """The ids of the referrals that it shows."""
        return [line.item_id for line in self.lines if line.kind == "put"]

    def unsealed(self, session: Session) -> "Slice":
        """The same, to be read."""
        return Slice(self.standing, queries.feed_items(session, self.lines), self.cursor, self.more, self.resync)


class Slice(NamedTuple):
    """A piece of the feed as JSON texts, with the cursor behind it."""

    standing: Standing
    items: list[str]
    cursor: str
    more: bool
    resync: bool


def read(session: Session, scopes: tuple[str, ...], cursor_text: str | None, limit: int) -> Slice:
    """As `look`, unsealed."""
    return look(session, scopes, cursor_text, limit).unsealed(session)


def look(session: Session, scopes: tuple[str, ...], cursor_text: str | None, limit: int) -> Sealed:
    """Items above the cursor. A cursor that no longer means anything starts anew and says `resync`.

    The head is read first, and nothing above it is given out: positions become visible in their order, so everything up to
    it is there already, and what commits meanwhile stands above it, for the next pull. The scopes are read one after
    another, because a database sorts one scope by its index and two by hand.
    """
    standing = queries.standing(session)
    named = hashlib.sha256("|".join(scopes).encode()).hexdigest()[:16]
    cursor = None if cursor_text is None else cursors.parse(cursor_text)
    valid = cursor is not None and cursors.still_valid(
        cursor, standing.epoch, standing.position, named, queries.anchor_at(session, cursor.anchor.position)
    )
    above = cursor.position if cursor is not None and valid else 0
    parts = [queries.feed_between(session, scope, above, standing.position, limit + 1) for scope in scopes]
    lines = list(islice(merge(*parts), limit + 1))
    more = len(lines) > limit
    lines = lines[:limit]
    reached = lines[-1].position if more else standing.position
    behind = Cursor(standing.epoch, reached, named, queries.anchor(session, reached))
    return Sealed(standing, lines, behind.text(), more, not valid)
