"""The statements of retention: what has ended, what is held, what is expunged."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from api.tables.paging import Page, PageEvent
from api.tables.people import Program, User
from api.tables.records import OperationHeader, Quarantine, Referral
from api.tables.retention import Expunged, LegalHold

REFERRALS_PER_STATEMENT = 200
ENDING_KINDS = ("decision.record", "referral.close", "conflict.resolve")
"""By these operations a referral ends, or is decided."""


def programs(session: Session) -> list[Program]:
    """Every program."""
    return list(session.exec(select(Program).order_by(col(Program.id))))


def program(session: Session, program_id: str) -> Program:
    """One program."""
    return session.get_one(Program, program_id)


def referral(session: Session, program_id: str, referral_id: str) -> Referral | None:
    """A referral of this program that has not been expunged."""
    gone = select(Expunged.referral_id).where(col(Expunged.referral_id) == referral_id)
    query = select(Referral).where(col(Referral.id) == referral_id, col(Referral.program_id) == program_id)
    return session.exec(query.where(col(Referral.id).not_in(gone))).first()


def perhaps_ended(session: Session, program_id: str, before: datetime) -> Iterator[Sequence[Referral]]:
    """Referrals about which something was decided or closed before an instant, and of which something is left, in batches."""
    header = OperationHeader
    ending = select(header.op_id).where(
        col(header.referral_id) == col(Referral.id),
        col(header.kind).in_(ENDING_KINDS),
        col(header.received_at) <= before,
    )
    gone = select(Expunged.referral_id).where(col(Expunged.referral_id) == col(Referral.id))
    after = ""
    while True:
        query = select(Referral).where(col(Referral.program_id) == program_id, col(Referral.id) > after)
        query = query.where(ending.exists(), ~gone.exists()).order_by(col(Referral.id)).limit(REFERRALS_PER_STATEMENT)
        rows = session.exec(query).all()
        if rows:
            yield rows
        if len(rows) < REFERRALS_PER_STATEMENT:
            return
        after = rows[-1].id
        session.expunge_all()


def numbers(session: Session, referral_ids: Collection[str]) -> dict[str, int]:
    """Referrals' numbers by their ids."""
    query = select(Referral.id, Referral.number).where(col(Referral.id).in_(referral_ids))
    return dict(session.exec(query).all())


def received_at(session: Session, op_ids: Collection[str]) -> dict[str, datetime]:
    """When operations arrived, by their ids."""
    query = select(OperationHeader.op_id, OperationHeader.received_at).where(col(OperationHeader.op_id).in_(op_ids))
    return dict(session.exec(query).all())


def op_ids_of(session: Session, program_id: str, referral_id: str) -> set[str]:
    """Every operation that claimed its id and names the referral."""
    header = OperationHeader
    query = select(header.op_id).where(col(header.referral_id) == referral_id, col(header.program_id) == program_id)
    return set(session.exec(query))


def quarantined(session: Session, program_id: str) -> list[Quarantine]:
    """What is kept of a program under its blobs' hashes."""
    query = select(Quarantine).where(col(Quarantine.program_id) == program_id)
    return list(session.exec(query))


def is_expunged(session: Session, referral_id: str) -> bool:
    """True once nothing is left of it."""
    return session.get(Expunged, referral_id) is not None


def forget_page(session: Session, page: Page) -> None:
    """What happened to a page, line by line, goes."""
    session.execute(delete(PageEvent).where(col(PageEvent.page_id) == page.id))


def _standing(now: datetime) -> tuple[object, ...]:
    return (
        col(LegalHold.from_at).is_not(None), col(LegalHold.until_at) > now,
        or_(col(LegalHold.ended_at).is_(None), col(LegalHold.ended_at) > now),
    )  # fmt: skip


def held(session: Session, program_id: str, now: datetime) -> set[str]:
    """The referrals of a program of which nothing may be erased now."""
    query = select(LegalHold.referral_id).where(col(LegalHold.program_id) == program_id, *_standing(now))  # type: ignore[arg-type]
    return set(session.exec(query))


def hold(session: Session, program_id: str, hold_id: str) -> LegalHold | None:
    """One hold of this program, as it is now, nobody else's to change until the transaction ends."""
    query = select(LegalHold).where(col(LegalHold.id) == hold_id, col(LegalHold.program_id) == program_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def holds(session: Session, program_id: str, limit: int) -> list[LegalHold]:
    """A program's holds, those that run longest first."""
    query = select(LegalHold).where(col(LegalHold.program_id) == program_id)
    return list(session.exec(query.order_by(col(LegalHold.until_at).desc(), col(LegalHold.id)).limit(limit)))


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """The names behind ids."""
    return dict(session.exec(select(User.id, User.name).where(col(User.id).in_(user_ids))).all())


def unexpunged(session: Session) -> Iterator[tuple[str, str]]:
    """(program, id) of every referral that is not expunged."""
    gone = select(Expunged.referral_id).where(col(Expunged.referral_id) == col(Referral.id))
    yield from session.exec(select(Referral.program_id, Referral.id).where(~gone.exists()))
