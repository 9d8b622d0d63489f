"""The opaque pull cursor: how far one reader has come in one feed, and under which conditions that still means something."""

import base64
import binascii
import json
from typing import NamedTuple

CURSOR_LIMIT = 400
PROJECTION_VERSION = 1
"""Raised when views change shape, so that every phone reads them anew."""


class Cursor(NamedTuple):
    """A position in the feed of these scopes, on the server of this epoch."""

    epoch: str
    position: int
    scopes: str
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
    if not isinstance(parts, list) or len(parts) != 4:
        return None
    epoch, position, scopes, projection = parts
    shapes = (isinstance(epoch, str), isinstance(scopes, str), type(position) is int, type(projection) is int)
    return Cursor(epoch, position, scopes, projection) if all(shapes) and position >= 0 else None


def still_valid(cursor: Cursor, epoch: str, head: int, scopes: str) -> bool:
    """False after a restore, a change of scope or of projection: the reader must start anew."""
    return (
        cursor.epoch == epoch
        and cursor.position <= head
        and cursor.scopes == scopes
        and cursor.projection == PROJECTION_VERSION
    )
