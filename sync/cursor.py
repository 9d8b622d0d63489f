"""The opaque pull cursor: how far one reader has come in one feed, and under which conditions that still means something."""

import base64
import binascii
import json
from typing import NamedTuple

CURSOR_LIMIT = 400
PROJECTION_VERSION = 1
"""Raised when views change shape, so that every phone reads them anew."""


class Anchor(NamedTuple):
    """The last operation of the log that a reader has behind it.

    Positions are given out anew after a restore, and a phone that sends again may well put its operation back where it was,
    above others than before. When it was received (milliseconds since 1970) does not come again. A log that holds another
    operation at this position, or received it at another time, is not the log that was read.
    """

    position: int = 0
    op_id: str = ""
    received_ms: int = 0


class Cursor(NamedTuple):
    """A position in the feed of these scopes, on the server of this epoch, in the log that holds this anchor."""

    epoch: str
    position: int
    scopes: str
    anchor: Anchor
    projection: int = PROJECTION_VERSION

    def text(self) -> str:
        """Base64url JSON, to be echoed and never read by phones."""
        return base64.urlsafe_b64encode(json.dumps(list(self), separators=(",", ":")).encode()).decode()


def parse(text: str) -> Cursor | None:
    """The cursor, or None for anything that is not one (the reader then starts anew)."""
    if len(text) > CURSOR_LIMIT:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != 5:
        return None
    epoch, position, scopes, anchor, projection = parts
    if not isinstance(anchor, list) or len(anchor) != 3:
        return None
    texts, numbers = (epoch, scopes, anchor[1]), (position, anchor[0], anchor[2], projection)
    if not all(isinstance(part, str) for part in texts) or not all(_is_position(part) for part in numbers):
        return None
    return Cursor(epoch, position, scopes, Anchor(*anchor), projection)


def _is_position(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def still_valid(cursor: Cursor, epoch: str, head: int, scopes: str, anchored: Anchor) -> bool:
    """False after a restore, a change of scope or of projection: the reader must start anew.

    `anchored` is what the log holds at the anchor's position now.
    """
    return (
        cursor.epoch == epoch
        and cursor.position <= head
        and cursor.scopes == scopes
        and cursor.anchor == anchored
        and cursor.projection == PROJECTION_VERSION
    )
