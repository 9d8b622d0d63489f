"""Reading devices and the server's head."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from api.tables.devices import Device
from api.tables.paging import PushSubscription
from api.tables.people import User
from api.tables.records import Head


def device(session: Session, device_id: str) -> Device | None:
    """One device."""
    return session.get(Device, device_id)


def locked(session: Session, device_id: str) -> Device | None:
    """One device as it stands now, nobody else's to change until the transaction ends."""
    query = select(Device).where(col(Device.id) == device_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def of_user(session: Session, user_id: str, limit: int) -> list[Device]:
    """A person's devices, the newest first."""
    query = select(Device).where(col(Device.user_id) == user_id)
    return list(session.exec(query.order_by(col(Device.created_at).desc(), col(Device.id)).limit(limit)))


def active_of_user(session: Session, user_id: str) -> list[Device]:
    """A person's devices that are in use."""
    query = select(Device).where(col(Device.user_id) == user_id, col(Device.state) == "active")
    return list(session.exec(query.order_by(col(Device.id))))


def of_program(session: Session, program_id: str, limit: int) -> Sequence[tuple[Device, str]]:
    """A program's devices with their people's names: those in use first, among them the longest silent first."""
    query = (
        select(Device, User.name)
        .join(User, col(User.id) == col(Device.user_id))
        .where(col(Device.program_id) == program_id)
        .order_by(col(Device.state), col(Device.seen_at), col(Device.id))
        .limit(limit)
    )
    return [(row, name) for row, name in session.exec(query)]


def all_active(session: Session) -> list[tuple[str, str]]:
    """(program, id) of every device that is in use."""
    return list(session.exec(select(Device.program_id, Device.id).where(col(Device.state) == "active")))


def count_active(session: Session, user_id: str) -> int:
    """How many devices of a person are active."""
    return len(active_of_user(session, user_id))


def drop_push(session: Session, device_id: str) -> None:
    """Forget where a device can be pushed to."""
    session.execute(delete(PushSubscription).where(col(PushSubscription.device_id) == device_id))


def epoch(session: Session) -> str:
    """The server's present epoch."""
    return session.exec(select(Head.epoch)).one()
