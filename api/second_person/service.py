"""Asking, approving and declining. Never the same person; 48 hours; of two decisions at once one counts.

Who may ask and who may decide are the rows of the kind's own name in `permissions`: C asks, U decides. A room that needs two
people calls `ask` in one route, `approve` (and then its own act, in the same transaction) in another, and `finish` when the
act is over. The guards of those routes ask for a fresh proof.
"""

from datetime import datetime, timedelta
from typing import Literal, get_args

import uuid6
from sqlmodel import Session

from api.audit.service import record
from api.auth.permissions import may
from api.auth.sessions import Principal
from api.problems import Conflict, Forbidden, NotFound
from api.second_person import queries
from api.second_person.queries import APPROVED, ASKED, DECLINED, EXPIRED
from api.tables.second_person import SecondPerson

Kind = Literal["recovery", "hold", "hold_end", "expunge", "break_glass"]
Asked = SecondPerson

KINDS: tuple[Kind, ...] = get_args(Kind)
LIFETIME = timedelta(hours=48)
LISTED = 200
NO_RIGHT = "Your role does not include this. Ask an administrator if it should."


def ask(
    session: Session, principal: Principal, kind: Kind, subject: str, reason: str, now: datetime, source: str = ""
) -> Asked:
    """Ask for an act about a subject (an id). Raises Forbidden, or Conflict while the same is being asked already."""
    if not may(principal.role, kind, "C"):
        raise Forbidden(NO_RIGHT)
    queries.expire(session, principal.program_id, now)
    if queries.open_about(session, principal.program_id, kind, subject, now) is not None:
        raise Conflict("This was asked already and waits for a second person.")
    asked = SecondPerson(
        id=str(uuid6.uuid7()), program_id=principal.program_id, kind=kind, subject=subject, reason=reason,
        asked_by=principal.user_id, asked_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    _note(session, asked, "ask", principal, now, source)
    return asked


def approve(session: Session, principal: Principal, asked_id: str, now: datetime, source: str = "") -> Asked:
    """Let it happen. Raises NotFound, Forbidden (no right, or one's own request), Conflict (settled or too old)."""
    asked = _decidable(session, principal, asked_id)
    if not queries.is_active(session, asked.asked_by):
        raise Conflict("Whoever asked has no account any more. Ask anew.")
    return _decide(session, principal, asked, APPROVED, now, source)


def decline(session: Session, principal: Principal, asked_id: str, now: datetime, source: str = "") -> Asked:
    """Refuse it, or take one's own request back. Raises NotFound, Forbidden or Conflict as `approve` does."""
    asked = queries.of_program(session, principal.program_id, asked_id)
    if asked is None or asked.asked_by != principal.user_id:
        asked = _decidable(session, principal, asked_id)
    return _decide(session, principal, asked, DECLINED, now, source)


def finish(session: Session, asked_id: str) -> None:
    """What was approved has happened. Raises Conflict if it was not approved, or is done."""
    if not queries.finish(session, asked_id):
        raise Conflict("This was not approved, or is done already.")


def one(session: Session, principal: Principal, asked_id: str) -> Asked:
    """A request that the person may decide or has asked. Raises NotFound."""
    asked = queries.of_program(session, principal.program_id, asked_id)
    if asked is None or not (may(principal.role, asked.kind, "U") or asked.asked_by == principal.user_id):
        raise NotFound("There is no such request here.")
    return asked


def reached(session: Session, principal: Principal) -> list[Asked]:
    """What the person may decide or has asked, in their program, the newest first."""
    kinds = [kind for kind in KINDS if may(principal.role, kind, "U")]
    return queries.newest(session, principal.program_id, kinds, principal.user_id, LISTED)


def may_decide(principal: Principal, asked: Asked, now: datetime) -> bool:
    """True if this person could approve it now."""
    another = asked.asked_by != principal.user_id
    return another and state_of(asked, now) == ASKED and may(principal.role, asked.kind, "U")


def state_of(asked: Asked, now: datetime) -> str:
    """The state at this moment: what has run out is expired, whether or not that was written down."""
    return EXPIRED if asked.state == ASKED and asked.expires_at <= now else asked.state


def _decidable(session: Session, principal: Principal, asked_id: str) -> Asked:
    asked = one(session, principal, asked_id)
    if asked.asked_by == principal.user_id:
        raise Forbidden("You asked for this yourself: a second person must decide.")
    return asked


def _decide(
    session: Session, principal: Principal, asked: Asked, state: str, now: datetime, source: str
) -> Asked:  # fmt: skip
    if not queries.decide(session, asked.id, state, principal.user_id, now):
        raise Conflict("This was decided already, or waited for too long. Ask anew if it is still needed.")
    session.refresh(asked)
    _note(session, asked, "approve" if state == APPROVED else "decline", principal, now, source)
    return asked


def _note(session: Session, asked: Asked, act: str, principal: Principal, now: datetime, source: str) -> None:
    record(
        session, now, f"{asked.kind}.{act}", actor_id=principal.user_id, program_id=asked.program_id,
        subject=asked.subject, source=source,
    )  # fmt: skip
