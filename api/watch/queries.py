"""What the watch reads. Nothing here writes, and nothing costs more where many pages have been closed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from api.devices.contact import COPIED
from api.paging import reach
from api.paging.escalation import ROLES_OF
from api.rota.practice import Practice, practice_of
from api.tables.devices import Device
from api.tables.paging import Delivery, Page, PushSubscription, ShiftTest
from api.tables.people import Program, User
from api.tables.retention import BreakGlass


class Refused(NamedTuple):
    """A carrier that does not take our credentials."""

    channel: str
    origin: str


def program_ids(session: Session) -> list[str]:
    """Every program of this server."""
    return list(session.execute(select(col(Program.id)).order_by(col(Program.id))).scalars())


def practice(session: Session, program_id: str) -> Practice:
    """How the program is reached."""
    return practice_of(session.execute(select(col(Program.config)).where(col(Program.id) == program_id)).scalar_one())


def _of(column: Any, program_id: str) -> ColumnElement[bool]:
    """Rows of a program, found by what is open or due: the index of all that the program ever had must not be taken."""
    return (col(column) + "") == program_id


def overdue_since(session: Session, program_id: str, before: datetime) -> list[datetime]:
    """When each page that should have moved on before an instant was due to: oldest first."""
    late_step = select(col(Page.next_step_at)).where(
        col(Page.state) == "open", col(Page.next_step_at) < before, _of(Page.program_id, program_id)
    )
    unread = select(col(Page.ack_expires_at)).where(
        col(Page.state) == "acknowledged", col(Page.read_at).is_(None), col(Page.ack_expires_at) < before,
        _of(Page.program_id, program_id),
    )  # fmt: skip
    found = [*session.execute(late_step).scalars(), *session.execute(unread).scalars()]
    return sorted(due for due in found if due is not None)


def late_deliveries(session: Session, program_id: str, before: datetime) -> list[datetime]:
    """When each delivery that nobody has sent yet was due, where that was before an instant: oldest first."""
    statement = (
        select(col(Delivery.due_at))
        .where(col(Delivery.state) == "pending", col(Delivery.due_at) < before, _of(Delivery.program_id, program_id))
        .order_by(col(Delivery.due_at))
    )
    return list(session.execute(statement).scalars())


def dead_on_open_pages(session: Session, program_id: str) -> int:
    """How many addresses could not be reached for good by a page that nobody has answered yet."""
    pages = select(col(Page.id)).where(col(Page.state) == "open", _of(Page.program_id, program_id))
    statement = (
        select(col(Delivery.page_id), col(Delivery.target_id))
        .where(col(Delivery.page_id).in_(pages), (col(Delivery.state) + "") == "dead")  # not by all that ever died
        .distinct()
    )
    return len(session.execute(statement).all())


def refused(session: Session, program_id: str, since: datetime) -> list[Refused]:
    """The carriers that refused our credentials since an instant. What is tried again is due a little later than it failed."""
    statement = (
        select(col(Delivery.channel), col(Delivery.origin))
        .where(
            col(Delivery.state).in_(("pending", "dead", "cancelled")),
            col(Delivery.due_at) >= since,
            col(Delivery.outcome).like("refused%"),
            _of(Delivery.program_id, program_id),
        )
        .distinct()
    )
    return sorted(Refused(*row) for row in session.execute(statement))


def left_with_card(session: Session, program_id: str, since: datetime) -> int:
    """How many people were left with the card since an instant."""
    statement = select(func.count()).where(col(Page.program_id) == program_id, col(Page.left_at) >= since)
    return int(session.execute(statement).scalar_one())


def broken_glasses(session: Session, program_id: str, now: datetime) -> list[tuple[BreakGlass, str]]:
    """Glasses that can be looked through now, each with the administrator's name."""
    glass = BreakGlass
    statement = select(glass, col(User.name)).join(User, col(User.id) == col(glass.user_id))
    statement = statement.where(col(glass.program_id) == program_id, col(glass.until_at) > now)
    statement = statement.where(col(glass.ended_at).is_(None), col(glass.from_at) <= now).order_by(col(glass.from_at))
    return [(row, name) for row, name in session.execute(statement)]


def copied_phones(session: Session, program_id: str, since: datetime) -> list[tuple[str, str, str]]:
    """The devices that gave themselves away as copies since an instant: id, person, name."""
    statement = (
        select(col(Device.id), col(Device.user_id), col(User.name))
        .join(User, col(User.id) == col(Device.user_id))
        .where(col(Device.program_id) == program_id, col(Device.revoked_why) == COPIED, col(Device.revoked_at) >= since)
        .order_by(col(Device.revoked_at), col(Device.id))
    )
    return [(device_id, user_id, name) for device_id, user_id, name in session.execute(statement)]


def reached(session: Session, program_id: str, available: Collection[str], now: datetime) -> dict[str, frozenset[str]]:
    """Everybody of the program's staff, with the channels by which this server reaches them."""
    staff = reach.with_roles(session, program_id, ROLES_OF["everyone"], now)
    found = reach.addresses(session, staff)
    return {
        user_id: frozenset(address.channel for address in found.get(user_id, ()) if address.channel in available)
        for user_id in staff
    }


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """User id → name."""
    rows = session.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids)))
    return {row.id: row.name for row in rows}


def unanswered_tests(session: Session, program_id: str, since: datetime) -> list[ShiftTest]:
    """The shift tests since an instant to which no phone answered, the latest last."""
    statement = (
        select(ShiftTest)
        .where(
            col(ShiftTest.program_id) == program_id,
            col(ShiftTest.outcome).in_(("silent", "no_phone")),
            col(ShiftTest.starts_at) >= since,
        )
        .order_by(col(ShiftTest.starts_at))
    )
    return list(session.execute(statement).scalars())


def seen_since(session: Session, user_id: str, since: datetime) -> datetime | None:
    """When a phone of somebody first showed a notice that was sent at an instant or later; None if none did."""
    phones = select(col(PushSubscription.id)).where(col(PushSubscription.user_id) == user_id)
    statement = select(func.min(col(Delivery.seen_at))).where(
        col(Delivery.target_id).in_(phones), col(Delivery.created_at) >= since - timedelta(milliseconds=1)
    )
    return session.execute(statement).scalar_one_or_none()
