"""The statements of requests that two people carry."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, or_, update
from sqlmodel import Session, col, select

from api.tables.people import User
from api.tables.records import Referral
from api.tables.retention import LegalHold
from api.tables.second_person import SecondPerson

ASKED, APPROVED, DECLINED, EXPIRED, DONE = "asked", "approved", "declined", "expired", "done"


def of_program(session: Session, program_id: str, asked_id: str) -> SecondPerson | None:
    """One request of this program, as it stands in the database now."""
    query = select(SecondPerson).where(col(SecondPerson.id) == asked_id, col(SecondPerson.program_id) == program_id)
    return session.exec(query.execution_options(populate_existing=True)).first()


def open_about(session: Session, program_id: str, kind: str, subject: str, now: datetime) -> SecondPerson | None:
    """The request of this kind about this subject that still waits for somebody."""
    query = select(SecondPerson).where(
        col(SecondPerson.program_id) == program_id,
        col(SecondPerson.kind) == kind,
        col(SecondPerson.subject) == subject,
        col(SecondPerson.state) == ASKED,
        col(SecondPerson.expires_at) > now,
    )
    return session.exec(query).first()


def decide(session: Session, asked_id: str, state: str, decided_by: str, now: datetime) -> bool:
    """Settle a request that still waits; False if it was settled or has expired. Of two at once one succeeds."""
    statement = (
        update(SecondPerson)
        .where(
            col(SecondPerson.id) == asked_id, col(SecondPerson.state) == ASKED, col(SecondPerson.expires_at) > now
        )
        .values(state=state, decided_by=decided_by, decided_at=now)
    )  # fmt: skip
    return cast(CursorResult[None], session.execute(statement)).rowcount == 1


def expire(session: Session, program_id: str, now: datetime) -> None:
    """Write down of a program's requests which have run out."""
    ran_out = (col(SecondPerson.state) == ASKED, col(SecondPerson.expires_at) <= now)
    session.execute(
        update(SecondPerson).where(col(SecondPerson.program_id) == program_id, *ran_out).values(state=EXPIRED)
    )


def finish(session: Session, asked_id: str) -> bool:
    """Approved becomes done; False if it was not (any more) approved."""
    approved = (col(SecondPerson.id) == asked_id, col(SecondPerson.state) == APPROVED)
    statement = update(SecondPerson).where(*approved).values(state=DONE)
    return cast(CursorResult[None], session.execute(statement)).rowcount == 1


def newest(
    session: Session, program_id: str, kinds: Collection[str], user_id: str, limit: int
) -> list[SecondPerson]:  # fmt: skip
    """The program's requests of these kinds and the person's own, the newest first."""
    reached = or_(col(SecondPerson.kind).in_(kinds), col(SecondPerson.asked_by) == user_id)
    query = select(SecondPerson).where(col(SecondPerson.program_id) == program_id, reached)
    order = (col(SecondPerson.asked_at).desc(), col(SecondPerson.id))
    return list(session.exec(query.order_by(*order).limit(limit)))


def names(session: Session, user_ids: Collection[str]) -> Mapping[str, str]:
    """The names behind ids; what is no person's id is left out."""
    found = session.exec(select(User.id, User.name).where(col(User.id).in_(user_ids)))
    return dict(found.all())


def numbers(session: Session, program_id: str, ids: Collection[str]) -> Mapping[str, int]:
    """The numbers that people call referrals by, under the ids of referrals and of holds on them."""
    found: dict[str, int] = {}
    for table in (Referral, LegalHold):
        query = select(table.id, table.number).where(col(table.program_id) == program_id, col(table.id).in_(ids))
        found |= dict(session.exec(query).all())
    return found


def is_active(session: Session, user_id: str) -> bool:
    """True if the account is open."""
    return session.exec(select(User.active).where(col(User.id) == user_id)).first() is True
