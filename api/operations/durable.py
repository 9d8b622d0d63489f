"""The durable position: up to where a verified backup holds the log. Phones may forget what lies below it.

Who proves a backup is `api.backups`, or an operator with tools of their own. It never goes back.
"""

from sqlalchemy import update
from sqlmodel import Session, col

from api.tables.records import Head


def publish(session: Session, position: int) -> None:
    """A verified backup holds everything up to a position; nothing happens for one that the log has not reached."""
    session.execute(
        update(Head)
        .where(col(Head.id) == 1, col(Head.durable_position) < position, col(Head.position) >= position)
        .values(durable_position=position)
    )
