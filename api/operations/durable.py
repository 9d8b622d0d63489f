"""What a verified backup holds of the log: up to which position, and which numbers of each phone. Phones may forget those.

Who proves a backup is `api.backups`, or an operator with tools of their own. It never goes back.

A position alone would not do. After a restore the log gives positions out anew, and what reached it behind a phone's back
stands elsewhere than the phone was told: so it must hear of a number as well.
"""

from collections import defaultdict

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from api.operations import queries
from api.tables.records import Head, OperationHeader
from sync import ranges
from sync.ranges import Ranges

AT_ONCE = 50_000
"""Positions that are looked at in one go."""


def publish(session: Session, position: int) -> None:
    """A verified backup holds everything up to a position; nothing happens for one that the log has not reached."""
    before = queries.standing(session)
    if not before.durable_position < position <= before.position:
        return
    for device_id, numbers in sorted(_numbers(session, before.durable_position, position).items()):
        device = queries.lock_device(session, device_id)
        if device is not None:  # the server's own operations are of no phone
            device.durable = ranges.join(device.durable, numbers)
    session.flush()
    # Last: pushes lock their phone first and the head after it.
    session.execute(
        update(Head)
        .where(col(Head.id) == 1, col(Head.durable_position) < position, col(Head.position) >= position)
        .values(durable_position=position)
    )


_BETWEEN = (
    select(col(OperationHeader.device_id), col(OperationHeader.seq))
    .where(col(OperationHeader.position) > bindparam("low"), col(OperationHeader.position) <= bindparam("high"))
    .order_by(col(OperationHeader.position))
)


def _numbers(session: Session, low: int, high: int) -> dict[str, Ranges]:
    """The numbers of each phone that stand in the log after one position, up to another."""
    found: dict[str, Ranges] = {}
    for begin in range(low, high, AT_ONCE):
        part: defaultdict[str, list[int]] = defaultdict(list)
        for device_id, seq in session.execute(_BETWEEN, {"low": begin, "high": min(begin + AT_ONCE, high)}):
            part[device_id].append(seq)
        for device_id, numbers in part.items():
            found[device_id] = ranges.add(found.get(device_id, []), numbers)
    return found
