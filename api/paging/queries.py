"""Reads and claims for paging. Locks come after referrals and before the head.

What stands between a referral's arrival and its push is built once: to build a statement costs more than to run it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, case, delete, select, update
from sqlmodel import Session, col

from api.auth.cookies import token_hash
from api.tables.paging import Delivery, Page, PushSubscription, WorkerBeat
from api.tables.people import Membership, Program, User

_PAGE_ABOUT = select(Page).where(col(Page.subject) == bindparam("subject")).with_for_update()


def lock_page(session: Session, subject: str) -> Page | None:
    """The page about a subject, locked."""
    return session.execute(_PAGE_ABOUT, {"subject": subject}).scalar_one_or_none()


def lock_page_by_id(session: Session, page_id: str) -> Page | None:
    """The page, locked."""
    return session.execute(select(Page).where(col(Page.id) == page_id).with_for_update()).scalar_one_or_none()


_CONFIG = select(col(Program.config)).where(col(Program.id) == bindparam("program_id"))


def program_config(session: Session, program_id: str) -> dict[str, object]:
    """The program's settings."""
    config: dict[str, object] = session.execute(_CONFIG, {"program_id": program_id}).scalar_one()
    return config


def user_name(session: Session, user_id: str | None) -> str:
    """A user's name, empty if unknown."""
    if user_id is None:
        return ""
    return session.execute(select(col(User.name)).where(col(User.id) == user_id)).scalar_one_or_none() or ""


_SUBSCRIBED = (
    select(PushSubscription)
    .join(Membership, col(Membership.user_id) == col(PushSubscription.user_id))
    .join(User, col(User.id) == col(PushSubscription.user_id))
    .where(
        col(Membership.program_id) == bindparam("program_id"),
        col(Membership.role).in_(bindparam("roles", expanding=True)),
        col(Membership.from_at) <= bindparam("now"),
        col(Membership.until_at).is_(None) | (col(Membership.until_at) > bindparam("now")),
        col(User.active).is_(True),
        col(PushSubscription.disabled_at).is_(None),
    )
    .order_by(col(PushSubscription.id))
    .distinct()
)


def subscriptions_of_roles(
    session: Session, program_id: str, roles: Collection[str], now: datetime
) -> list[PushSubscription]:
    """Usable push addresses of everybody who has one of the roles in the program now."""
    rows = session.execute(_SUBSCRIBED, {"program_id": program_id, "roles": list(roles), "now": now})
    return list(rows.scalars())


def subscriptions_of_user(session: Session, user_id: str) -> list[PushSubscription]:
    """Usable push addresses of one user."""
    statement = select(PushSubscription).where(
        col(PushSubscription.user_id) == user_id, col(PushSubscription.disabled_at).is_(None)
    )
    return list(session.execute(statement).scalars())


def subscriptions_paged(session: Session, page_id: str) -> list[PushSubscription]:
    """Usable addresses that a page has already been sent to."""
    paged = select(col(Delivery.subscription_id)).where(
        col(Delivery.page_id) == page_id, col(Delivery.kind).in_(("page", "repage")), col(Delivery.attempts) > 0
    )
    statement = select(PushSubscription).where(
        col(PushSubscription.id).in_(paged), col(PushSubscription.disabled_at).is_(None)
    )
    return list(session.execute(statement).scalars())


def cancel_pending(session: Session, page_id: str) -> None:
    """Stop what has not been sent yet for a page."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.page_id) == page_id, col(Delivery.state) == "pending")
        .values(state="cancelled", token="", outcome="answered")
    )


_DUE_PAGES = (
    select(Page)
    .where(
        ((col(Page.state) == "open") & (col(Page.next_step_at) <= bindparam("now")))
        | (
            (col(Page.state) == "acknowledged")
            & col(Page.read_at).is_(None)
            & (col(Page.ack_expires_at) <= bindparam("now"))
        )
    )
    .order_by(col(Page.next_step_at))
    .limit(bindparam("at_most", type_=Integer))
)


def due_pages(session: Session, now: datetime, limit: int) -> list[Page]:
    """Open pages whose next step is due, and acknowledged ones that nobody opened in time."""
    return list(session.execute(_DUE_PAGES, {"now": now, "at_most": limit}).scalars())


_IS_DUE = (
    (col(Delivery.state) == "pending")
    & (col(Delivery.due_at) <= bindparam("now"))
    & (col(Delivery.lease_until) <= bindparam("now"))
)
_DUE = (
    select(col(Delivery.id))
    .where(_IS_DUE)
    .order_by(case((col(Delivery.kind) == "page", 0), else_=1), col(Delivery.due_at))
    .limit(bindparam("at_most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    update(Delivery)
    .where(col(Delivery.id).in_(select(_DUE.c.id)))
    .values(lease_until=bindparam("leased"), lease_by=bindparam("worker_id"), attempts=col(Delivery.attempts) + 1)
    .returning(Delivery)
    .execution_options(synchronize_session=False)
)


def claim(session: Session, worker_id: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """Take due deliveries for a while, pages before the rest: one statement on both databases."""
    values = {"now": now, "at_most": limit, "leased": now + lease, "worker_id": worker_id}
    return list(session.execute(_CLAIM, values).scalars())


def beat(session: Session, worker_id: str, now: datetime, keep: timedelta) -> None:
    """Say that this worker looked for work; forget workers long gone."""
    found = session.get(WorkerBeat, worker_id)
    if found is None:
        session.add(WorkerBeat(worker_id=worker_id, at=now))
    else:
        found.at = now
    session.execute(delete(WorkerBeat).where(col(WorkerBeat.at) < now - keep))


def last_beat(session: Session) -> datetime | None:
    """When any worker last looked."""
    return session.execute(select(col(WorkerBeat.at)).order_by(col(WorkerBeat.at).desc()).limit(1)).scalar_one_or_none()


def look_at_page(session: Session, page_id: str) -> Page | None:
    """The page without a lock, to learn which referral must be locked before it."""
    return session.execute(select(Page).where(col(Page.id) == page_id)).scalar_one_or_none()


def program_exists(session: Session, program_id: str) -> bool:
    """True for a program of this server."""
    return (
        session.execute(select(col(Program.id)).where(col(Program.id) == program_id)).scalar_one_or_none() is not None
    )


def delivery_with_token(session: Session, page_id: str, hashed: str) -> Delivery | None:
    """The delivery that carried this token for this page."""
    statement = select(Delivery).where(col(Delivery.token_hash) == hashed, col(Delivery.page_id) == page_id)
    return session.execute(statement).scalars().first()


_ANY_DUE = select(col(Delivery.id)).where(_IS_DUE).limit(1)


def anything_due(session: Session, now: datetime) -> bool:
    """True if a delivery could be claimed: a look without a lock, so that an idle worker never takes the write turn."""
    return session.execute(_ANY_DUE, {"now": now}).first() is not None


def note_seen(session: Session, page_id: str, token: str, now: datetime) -> bool:
    """Write down that a phone showed the page; False for a token that fits none."""
    delivery = delivery_with_token(session, page_id, token_hash(token))
    if delivery is None:
        return False
    delivery.seen_at = delivery.seen_at or now
    return True
