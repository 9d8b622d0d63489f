"""Epochs: whatever phones believe of a server holds within one. A restore begins another; a phone never goes back to one it left.

So neither may a server. A copy from before a restore, put in place by hand, would be a server to which no phone listens any
more: the ledger remembers what was left, and a start on such a database begins an epoch of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, delete, select

from api.audit.service import record
from api.ledger import service as ledger
from api.tables.people import SignIn
from api.tables.records import Head

EVERYWHERE = ""
"""An epoch is of no one program."""


def begin(session: Session, now: datetime, source: str) -> str:
    """Begin an epoch and end every session. Returns the epoch."""
    return _follow(session, _locked(session), now, source)


def begin_if_left(session: Session, now: datetime, source: str) -> bool:
    """Begin one if phones have left the present one: of several servers that start, one does. Raises KeyFileError."""
    head = _locked(session)
    if not ledger.noted(session, "left", EVERYWHERE, [head.epoch]):
        return False
    _follow(session, head, now, source)
    return True


def leave(session: Session, epochs: Iterable[str], now: datetime) -> None:
    """Remember outside of the database that phones leave these. Only once another one is in force. Raises KeyFileError."""
    for epoch in epochs:
        ledger.note(session, "left", EVERYWHERE, epoch, "restored", now)


def _locked(session: Session) -> Head:
    head: Head = session.execute(select(Head).where(col(Head.id) == 1).with_for_update()).scalar_one()
    return head


def _follow(session: Session, head: Head, now: datetime, source: str) -> str:
    former, head.epoch = head.epoch, str(uuid4())
    session.flush()
    session.execute(delete(SignIn))  # nobody can tell which of them had ended since
    record(
        session, now, "database.restore", source=source, subject=head.epoch,
        detail={"position": head.position, "from_epoch": former},
    )  # fmt: skip
    return head.epoch
