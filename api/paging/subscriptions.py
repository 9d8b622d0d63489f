"""Where a user's phones can be pushed to. Registration is idempotent; a moved endpoint is one row, never two."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col
from uuid6 import uuid7

from api.paging import queries, service
from api.tables.devices import Device
from api.tables.paging import PushSubscription

SUBSCRIPTIONS_PER_USER = 10


class Unknown(LookupError):
    """There is no such device, or no such subscription, of this user."""


class PushAddress(NamedTuple):
    """A browser's push subscription (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str


def register(
    session: Session, user_id: str, program_id: str, device_id: str, address: PushAddress, now: datetime
) -> bool:
    """Take in a browser's push address; True if it is new. One device has one; the oldest beyond the limit goes."""
    device = session.get(Device, device_id)
    if device is None or device.user_id != user_id or device.state != "active":
        raise Unknown(device_id)
    known = select(PushSubscription).where(col(PushSubscription.endpoint) == address.endpoint)
    found = session.execute(known).scalar_one_or_none()
    session.execute(
        delete(PushSubscription).where(
            col(PushSubscription.device_id) == device_id, col(PushSubscription.endpoint) != address.endpoint
        )
    )
    if found is not None:
        found.user_id, found.program_id, found.device_id = user_id, program_id, device_id
        found.p256dh, found.auth, found.seen_at = address.p256dh, address.auth, now
        found.disabled_at, found.reason, found.failures = None, "", 0
        return False
    _drop_oldest(session, user_id)
    session.add(
        PushSubscription(
            id=str(uuid7()),
            user_id=user_id,
            program_id=program_id,
            device_id=device_id,
            **address._asdict(),
            created_at=now,
            seen_at=now,
        )
    )
    return True


def _drop_oldest(session: Session, user_id: str) -> None:
    mine = (
        select(PushSubscription)
        .where(col(PushSubscription.user_id) == user_id)
        .order_by(col(PushSubscription.seen_at).desc())
    )
    for old in list(session.execute(mine).scalars())[SUBSCRIPTIONS_PER_USER - 1 :]:
        session.delete(old)


def remove(session: Session, user_id: str, endpoint: str) -> None:
    """Forget one of the user's own push addresses."""
    session.execute(
        delete(PushSubscription).where(
            col(PushSubscription.endpoint) == endpoint, col(PushSubscription.user_id) == user_id
        )
    )


def send_test(session: Session, user_id: str, now: datetime) -> int:
    """Queue one test message to each of the user's phones; returns how many."""
    found = queries.subscriptions_of_user(session, user_id)
    for subscription in found:
        service.enqueue(session, None, subscription, "test", "test", now)
    return len(found)
