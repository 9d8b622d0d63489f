"""Whom a step means at this instant, and at which addresses they are reached. Reads only.

A program that has written no rota for the on-call level calls all its coordinators: the smallest program needs no rota.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from api.paging.escalation import COORDINATORS, ROLES_OF, Address
from api.rota.policy import Who
from api.rota.practice import Practice
from api.shifts import queries as shifts
from api.tables.paging import ContactPoint, PushSubscription
from api.tables.people import Membership, User

WEBHOOK_TARGET = "webhook"

_STANDS = (
    (col(Membership.program_id) == bindparam("program_id"))
    & (col(Membership.from_at) <= bindparam("now"))
    & (col(Membership.until_at).is_(None) | (col(Membership.until_at) > bindparam("now")))
    & col(User.active).is_(True)
)
_WITH_ROLE = (
    select(col(User.id))
    .join(Membership, col(Membership.user_id) == col(User.id))
    .where(_STANDS, col(Membership.role).in_(bindparam("roles", expanding=True)))
    .order_by(col(User.id))
    .distinct()
)
_PHONES = select(PushSubscription).where(
    col(PushSubscription.user_id).in_(bindparam("users", expanding=True)), col(PushSubscription.disabled_at).is_(None)
).order_by(col(PushSubscription.id))  # fmt: skip
_CONTACTS = select(ContactPoint).where(
    col(ContactPoint.user_id).in_(bindparam("users", expanding=True)),
    col(ContactPoint.verified_at).is_not(None),
    col(ContactPoint.disabled_at).is_(None),
).order_by(col(ContactPoint.id))  # fmt: skip


def with_roles(session: Session, program_id: str, roles: Collection[str], now: datetime) -> tuple[str, ...]:
    """Everybody who has one of the roles in the program now."""
    rows = session.execute(_WITH_ROLE, {"program_id": program_id, "roles": list(roles), "now": now})
    return tuple(rows.scalars())


def meant(session: Session, program_id: str, who: Who, now: datetime) -> tuple[Who, tuple[str, ...]]:
    """Whom a step means now, and by which word: a program without a rota calls its `coordinators`.

    Somebody on the rota who no longer works for the program is not meant.
    """
    if who == "coordinators" or who == "supervisors" or who == "everyone":
        return who, with_roles(session, program_id, ROLES_OF[who], now)
    named = shifts.on_call_now(session, program_id, who, now)
    if named is None:
        return _without_rota(session, program_id, who, now)
    standing = set(with_roles(session, program_id, ROLES_OF["everyone"], now)) if named else set()
    return who, tuple(user_id for user_id in named if user_id in standing)


def _without_rota(session: Session, program_id: str, who: Who, now: datetime) -> tuple[Who, tuple[str, ...]]:
    if who == "on_call":
        return "coordinators", with_roles(session, program_id, COORDINATORS, now)
    return who, ()


def addresses(session: Session, user_ids: Iterable[str]) -> dict[str, list[Address]]:
    """The usable addresses of people, by person: phones that are subscribed, numbers and mailboxes that were proven."""
    users = list(user_ids)
    found: dict[str, list[Address]] = {}
    if not users:
        return found
    for phone in session.execute(_PHONES, {"users": users}).scalars():
        address = Address(phone.id, phone.user_id, "push", urlsplit(phone.endpoint).netloc)
        found.setdefault(phone.user_id, []).append(address)
    for contact in session.execute(_CONTACTS, {"users": users}).scalars():
        address = Address(contact.id, contact.user_id, contact.channel, contact.channel)
        found.setdefault(contact.user_id, []).append(address)
    return found


def webhook(practice: Practice) -> list[Address]:
    """The program's own pager, where it has one; it is nobody's (empty)."""
    if practice.webhook_url is None:
        return []
    return [Address(WEBHOOK_TARGET, "", "webhook", urlsplit(practice.webhook_url).netloc)]
