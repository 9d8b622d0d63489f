"""Reads and claims for paging. Locks come after referrals and before the head.

What stands between a referral's arrival and its push is built once: to build a statement costs more than to run it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, case, delete, func, select, update
from sqlmodel import Session, col

from api.rota.practice import Practice, practice_of
from api.tables.paging import Delivery, Page, WorkerBeat
from api.tables.people import Program, User

_ANEW = {"populate_existing": True}
"""Whoever waited for a lock wants the row as it is now, not as an earlier look in the same transaction left it."""
_PAGE_ABOUT = select(Page).where(col(Page.subject) == bindparam("subject")).with_for_update().execution_options(**_ANEW)
_PAGE = select(Page).where(col(Page.id) == bindparam("page_id")).with_for_update().execution_options(**_ANEW)


def lock_page(session: Session, subject: str) -> Page | None:
    """The page about a subject, locked."""
    return session.execute(_PAGE_ABOUT, {"subject": subject}).scalar_one_or_none()


def lock_page_by_id(session: Session, page_id: str) -> Page | None:
    """The page, locked."""
    return session.execute(_PAGE, {"page_id": page_id}).scalar_one_or_none()


_PAGES_OF = (
    select(col(Page.id))
    .join(Delivery, col(Delivery.page_id) == col(Page.id))
    .where(col(Delivery.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Page.id))
    .with_for_update(of=Page)
)
_DELIVERIES = (
    select(Delivery)
    .where(col(Delivery.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Delivery.id))
    .with_for_update()
    .execution_options(**_ANEW)
)


def lock_deliveries(session: Session, ids: Collection[str]) -> list[Delivery]:
    """Rows of the outbox by id, locked behind their pages: the order that everybody keeps to."""
    session.execute(_PAGES_OF, {"ids": list(ids)}).all()
    return list(session.execute(_DELIVERIES, {"ids": list(ids)}).scalars())


_CONFIG = select(col(Program.config)).where(col(Program.id) == bindparam("program_id"))


def practice(session: Session, program_id: str) -> Practice:
    """How the program is reached."""
    return practice_of(session.execute(_CONFIG, {"program_id": program_id}).scalar_one())


def user_name(session: Session, user_id: str | None) -> str:
    """A user's name, empty if unknown."""
    if user_id is None:
        return ""
    return session.execute(select(col(User.name)).where(col(User.id) == user_id)).scalar_one_or_none() or ""


_PAGED = select(col(Page.subject)).where(col(Page.subject).in_(bindparam("subjects", expanding=True)))


def paged(session: Session, subjects: Collection[str]) -> set[str]:
    """Those of the subjects that have a page."""
    return set(session.execute(_PAGED, {"subjects": list(subjects)}).scalars())


def unopened(session: Session, subject: str, user_id: str) -> str | None:
    """The id of the page about a subject that this user acknowledged and has not opened yet."""
    statement = select(col(Page.id)).where(
        col(Page.subject) == subject, col(Page.acknowledged_by) == user_id, col(Page.read_at).is_(None)
    )
    return session.execute(statement).scalar_one_or_none()


def targets_paged(session: Session, page_id: str) -> set[tuple[str, str]]:
    """(user, target) of everything that a page was already sent to."""
    statement = select(col(Delivery.user_id), col(Delivery.target_id)).where(
        col(Delivery.page_id) == page_id, col(Delivery.kind).in_(("page", "repage")), col(Delivery.attempts) > 0
    )
    return {(user_id, target_id) for user_id, target_id in session.execute(statement)}


def deliveries_of_call(session: Session, page_id: str, call: int, user_id: str | None) -> list[Delivery]:
    """What one call of a page sends, to everybody or to one person."""
    statement = select(Delivery).where(
        col(Delivery.page_id) == page_id, col(Delivery.call) == call, col(Delivery.kind).in_(("page", "repage"))
    )
    if user_id is not None:
        statement = statement.where(col(Delivery.user_id) == user_id)
    return list(session.execute(statement).scalars())


def next_telling(session: Session, page_id: str, kind: str, at_least: int) -> int:
    """The number of one more message of a kind that is no call: a call may be answered, given away and answered again."""
    last = select(func.max(col(Delivery.call))).where(col(Delivery.page_id) == page_id, col(Delivery.kind) == kind)
    return max(at_least, 1 + (session.execute(last).scalar_one() or 0))


def cancel_pending(session: Session, page_id: str) -> None:
    """Stop what has not been sent yet for a page. That a carrier refused our credentials stays written down."""
    refused = col(Delivery.outcome).like("refused%")
    session.execute(
        update(Delivery)
        .where(col(Delivery.page_id) == page_id, col(Delivery.state) == "pending")
        .values(state="cancelled", token="", outcome=case((refused, col(Delivery.outcome)), else_="answered"))
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
    & col(Delivery.origin).not_in(bindparam("full", expanding=True))
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


def claim(
    session: Session, worker_id: str, now: datetime, lease: timedelta, limit: int, full: Collection[str] = ()
) -> list[Delivery]:
    """Take due deliveries for a while, pages before the rest, none of a `full` origin: one statement on both databases."""
    values = {"now": now, "at_most": limit, "leased": now + lease, "worker_id": worker_id, "full": list(full)}
    claimed = session.execute(
        _CLAIM, values
    ).scalars()  # in no order: the statement gives back what it changed as it likes
    return sorted(claimed, key=lambda row: (row.kind != "page", row.due_at, row.id))


_FROM_THE_FUTURE = (
    select(Delivery)
    .where(
        col(Delivery.state) == "pending",
        (col(Delivery.created_at) > bindparam("now")) | (col(Delivery.lease_until) > bindparam("leased")),
    )
    .order_by(col(Delivery.id))
    .with_for_update(skip_locked=True)
)
_PAGES_FROM_THE_FUTURE = select(col(Page.id)).where(
    ((col(Page.state) == "open") & col(Page.until_morning).is_(False) & (col(Page.called_at) > bindparam("now")))
    | (
        (col(Page.state) == "acknowledged")
        & col(Page.read_at).is_(None)
        & (col(Page.acknowledged_at) > bindparam("now"))
    )
)


def deliveries_from_the_future(session: Session, now: datetime, lease: timedelta) -> list[Delivery]:
    """What was written or leased by a clock that has been put back since, but for what somebody works on right now."""
    return list(session.execute(_FROM_THE_FUTURE, {"now": now, "leased": now + lease}).scalars())


def pages_from_the_future(session: Session, now: datetime) -> list[str]:
    """The ids of pages that were called or answered by a clock that has been put back since."""
    return list(session.execute(_PAGES_FROM_THE_FUTURE, {"now": now}).scalars())


_BEATS_FROM_THE_FUTURE = update(WorkerBeat).where(col(WorkerBeat.at) > bindparam("now")).values(at=bindparam("now"))
"""A worker that died before the clock was put back must not look alive until its last beat comes round again."""


def beat(session: Session, worker_id: str, now: datetime, keep: timedelta) -> None:
    """Say that this worker looked for work; forget workers long gone."""
    found = session.get(WorkerBeat, worker_id)
    if found is None:
        session.add(WorkerBeat(worker_id=worker_id, at=now))
    else:
        found.at = now
    session.execute(delete(WorkerBeat).where(col(WorkerBeat.at) < now - keep))
    session.execute(_BEATS_FROM_THE_FUTURE, {"now": now})


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


def delivery_with_token(session: Session, key: str, hashed: str) -> Delivery | None:
    """The delivery that carried this token for this page; of a message without a page, the key is its own id."""
    statement = select(Delivery).where(
        col(Delivery.token_hash) == hashed,
        (col(Delivery.page_id) == key) | (col(Delivery.page_id).is_(None) & (col(Delivery.id) == key)),
    )
    return session.execute(statement).scalars().first()


_ANY_DUE = select(col(Delivery.id)).where(_IS_DUE).limit(1)


def anything_due(session: Session, now: datetime, full: Collection[str] = ()) -> bool:
    """True if a delivery could be claimed: a look without a lock, so that an idle worker never takes the write turn."""
    return session.execute(_ANY_DUE, {"now": now, "full": list(full)}).first() is not None
