"""Where a user's phones can be pushed to. Registration is idempotent; a moved endpoint is one row, never two."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col
from uuid6 import uuid7

from api.tables.devices import Device
from api.tables.paging import Delivery, PushSubscription

SUBSCRIPTIONS_PER_USER = 10


class Unknown(LookupError):
    """There is no such device, or no such subscription, of this user."""


class PushAddress(NamedTuple):
    """A browser's push subscription (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str
    language: str = "en"


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
        found.p256dh, found.auth, found.language = address.p256dh, address.auth, address.language
        found.seen_at = now
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


def with_last_test(session: Session, user_id: str) -> list[tuple[PushSubscription, Delivery | None]]:
    """The user's phones, the one met last first, each with the last test that was sent to it."""
    mine = (
        select(PushSubscription)
        .where(col(PushSubscription.user_id) == user_id)
        .order_by(col(PushSubscription.seen_at).desc(), col(PushSubscription.id))
    )
    return [(phone, _last_test(session, phone.id)) for phone in session.execute(mine).scalars()]


def _last_test(session: Session, target_id: str) -> Delivery | None:
    statement = (
        select(Delivery)
        .where(col(Delivery.target_id) == target_id, col(Delivery.kind) == "test")
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()
