"""Epochs: whatever phones believe of a server holds within one. A restore begins another; a phone never goes back to one it left.

So neither may a server. A copy from before a restore, put in place by hand, would be a server to which no phone listens any
more: the ledger remembers what was left, and a start on such a database begins an epoch of its own.
"""

from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, delete, select, update

from api.audit.service import record
from api.ledger import service as ledger
from api.tables.people import SignIn
from api.tables.records import Head

EVERYWHERE = ""
"""An epoch is of no one program."""


def begin(session: Session, now: datetime, source: str) -> str:
    """Begin an epoch, end every session, and remember what was left. Returns the epoch. Raises KeyFileError."""
    head = session.execute(select(Head).where(col(Head.id) == 1).with_for_update()).scalar_one()
    former, epoch = head.epoch, str(uuid4())
    leave(session, former, now)
    session.execute(update(Head).where(col(Head.id) == 1).values(epoch=epoch))
    session.execute(delete(SignIn))  # nobody can tell which of them had ended since
    record(
        session, now, "database.restore", source=source, subject=epoch,
        detail={"position": head.position, "from_epoch": former},
    )  # fmt: skip
    return epoch


def leave(session: Session, epoch: str, now: datetime) -> None:
    """Remember outside of the database that phones have left this epoch, or are about to. Raises KeyFileError."""
    ledger.note(session, "left", EVERYWHERE, epoch, "restored", now)


def is_left(session: Session, epoch: str) -> bool:
    """Whether phones have left this epoch. Raises KeyFileError."""
    return bool(ledger.noted(session, "left", EVERYWHERE, [epoch]))
