"""Reading a program's own chain, the newest first, and the names of its people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, or_, select, type_coerce
from sqlmodel import Session, col

from api.tables.audit import AuditEvent
from api.tables.people import Membership, User
from api.tables.records import Referral
from sync.reconcile import KnownReferral


@dataclass(frozen=True)
class Wanted:
    """Which events: about or by a person, about a referral, between two instants, older than a number. None: all."""

    person: str | None = None
    referral: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None


def events(
    session: Session, program_id: str, wanted: Wanted, beginnings: Sequence[str] | None, limit: int
) -> list[AuditEvent]:
    """The newest events of a program's chain; only those whose action begins like one of `beginnings`, where given."""
    conditions = [col(AuditEvent.program_id) == program_id, col(AuditEvent.number).is_not(None), *_narrowed(wanted)]
    if beginnings is not None:
        conditions.append(or_(*(col(AuditEvent.action).startswith(each, autoescape=True) for each in beginnings)))
    statement = select(AuditEvent).where(*conditions).order_by(col(AuditEvent.number).desc()).limit(limit)
    return list(session.execute(statement).scalars())


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person is not None:
        found.append(or_(col(AuditEvent.actor_id) == wanted.person, col(AuditEvent.subject) == wanted.person))
    if wanted.referral is not None:
        # Ids in a pull's event are one text, and an id is never part of another one.
        detail = type_coerce(col(AuditEvent.detail), Text)
        pulled = and_(col(AuditEvent.action) == "sync.pull", detail.contains(wanted.referral, autoescape=True))
        found.append(or_(col(AuditEvent.subject) == wanted.referral, pulled))
    if wanted.since is not None:
        found.append(col(AuditEvent.at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(AuditEvent.at) < wanted.until)
    if wanted.below is not None:
        found.append(col(AuditEvent.number) < wanted.below)
    return found


def names(session: Session, program_id: str, ids: Collection[str]) -> dict[str, str]:
    """Id → name, of those of the ids that belong to people who have or had a role in the program."""
    statement = (
        select(col(User.id), col(User.name))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.program_id) == program_id, col(User.id).in_(ids))
        .distinct()
    )
    return {row.id: row.name for row in session.execute(statement)}


def referrals(session: Session, program_id: str, ids: Collection[str]) -> dict[str, KnownReferral]:
    """Those of the ids that are referrals of the program."""
    statement = select(Referral).where(col(Referral.program_id) == program_id, col(Referral.id).in_(ids))
    return {
        row.id: KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, row.state)
        for row in session.execute(statement).scalars()
    }
