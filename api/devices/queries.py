"""Reading devices and the server's head."""

from sqlmodel import Session, col, select

from api.tables.devices import Device
from api.tables.records import Head


def device(session: Session, device_id: str) -> Device | None:
    """One device."""
    return session.get(Device, device_id)


def of_user(session: Session, user_id: str, limit: int) -> list[Device]:
    """A person's devices, the newest first."""
    query = select(Device).where(col(Device.user_id) == user_id)
    return list(session.exec(query.order_by(col(Device.created_at).desc(), col(Device.id)).limit(limit)))


def count_active(session: Session, user_id: str) -> int:
    """How many devices of a person are active."""
    query = select(Device.id).where(col(Device.user_id) == user_id, col(Device.state) == "active")
    return len(session.exec(query).all())


def epoch(session: Session) -> str:
    """The server's present epoch."""
    return session.exec(select(Head.epoch)).one()
