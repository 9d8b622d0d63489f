"""Asking to look at one referral, approving it, looking, and ending it. Every look is audited, a refused one too."""

from datetime import datetime, timedelta
from typing import Final, cast

from sqlmodel import Session

from api.audit.service import record
from api.auth.permissions import BREAK_GLASS
from api.auth.sessions import Principal
from api.break_glass import queries
from api.operations import together
from api.problems import Conflict, NotFound
from api.second_person import service as second_person
from api.second_person.service import Asked
from api.tables.records import Referral
from api.tables.retention import BreakGlass
from sync import merging
from sync.records import State, View

LASTS = timedelta(minutes=60)
LISTED = 100
KIND: Final = "break_glass"
UNKNOWN = "There is no such glass here."


def ask(session: Session, principal: Principal, number: int, reason: str, now: datetime, source: str) -> Asked:
    """Ask to look at the referral with a number. Raises NotFound, Conflict."""
    referral_id = queries.by_number(session, principal.program_id, number)
    if referral_id is None:
        raise NotFound("There is no referral with this number here.")
    return second_person.ask(session, principal, KIND, referral_id, reason, now, source)


def approve(session: Session, principal: Principal, asked_id: str, now: datetime, source: str) -> BreakGlass:
    """The glass is broken, for whoever asked and for an hour from now. Raises NotFound, Forbidden, Conflict."""
    _asked(session, principal, asked_id)
    asked = second_person.approve(session, principal, asked_id, now, source)
    referral = queries.referral(session, principal.program_id, asked.subject)
    if referral is None or referral.state.get("expunged"):
        raise Conflict("Nothing is left of this referral.")
    glass = BreakGlass(
        id=asked.id, program_id=asked.program_id, referral_id=asked.subject, number=referral.number,
        user_id=asked.asked_by, approved_by=principal.user_id, from_at=now, until_at=now + LASTS,
    )  # fmt: skip
    session.add(glass)
    second_person.finish(session, asked.id)
    return glass


def look(
    session: Session, principal: Principal, glass_id: str, now: datetime, source: str
) -> tuple[BreakGlass, Referral, View]:
    """The referral, for whoever asked alone, while the glass is broken. Raises NotFound."""
    glass = queries.glass(session, principal.program_id, glass_id)
    if glass is None or glass.user_id != principal.user_id or not queries.open_at(glass, now):
        raise NotFound(UNKNOWN)
    referral = queries.referral(session, principal.program_id, glass.referral_id)
    if referral is None or referral.state.get("expunged"):
        raise NotFound(UNKNOWN)
    _note(session, glass, "break_glass.look", principal, now, source)
    merged = together.read(session, principal.program_id, [referral.id]).get(referral.id)
    view = merging.seen(cast(State, referral.state), None if merged is None else merged.whole, BREAK_GLASS)
    return glass, referral, view


def end(session: Session, principal: Principal, glass_id: str, now: datetime, source: str) -> None:
    """Nobody looks any more, by whoever asked or by a supervisor; a request that still waits is declined. Raises NotFound."""
    glass = queries.glass(session, principal.program_id, glass_id)
    if glass is None:
        _asked(session, principal, glass_id)
        second_person.decline(session, principal, glass_id, now, source)
        return
    if principal.role != "supervisor" and glass.user_id != principal.user_id:
        raise NotFound(UNKNOWN)
    if queries.open_at(glass, now):
        glass.ended_at, glass.ended_by = now, principal.user_id
        session.add(glass)
        _note(session, glass, "break_glass.end", principal, now, source)


def seen_by(session: Session, principal: Principal) -> list[tuple[BreakGlass, str]]:
    """The program's for its supervisors, one's own for an administrator, with names; the newest first."""
    own = None if principal.role == "supervisor" else principal.user_id
    return queries.newest(session, principal.program_id, own, LISTED)


def _asked(session: Session, principal: Principal, asked_id: str) -> Asked:
    asked = second_person.one(session, principal, asked_id)
    if asked.kind != KIND:
        raise NotFound(UNKNOWN)
    return asked


def _note(session: Session, glass: BreakGlass, act: str, principal: Principal, now: datetime, source: str) -> None:
    record(
        session, now, act, actor_id=principal.user_id, program_id=glass.program_id, subject=glass.referral_id,
        source=source,
    )  # fmt: skip
