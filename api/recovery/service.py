"""Recovery needs two people, and neither is the person recovered. Nothing is ever sent by mail.

Approving ends the person's sessions, takes every credential of theirs and makes an invitation, which the approver hands over in
person. Devices stay: their cookies can only append, and what waits on them must not be stranded.
"""

from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.audit.service import record
from api.auth import limits, sessions
from api.auth.sessions import Principal
from api.invitations import service as invitations
from api.invitations.service import Drawn
from api.problems import Conflict, Forbidden, NotFound
from api.recovery import queries
from api.second_person import service as second_person
from api.second_person.service import Asked, Kind
from api.tables.invitations import Invitation
from api.tables.people import User

KIND: Kind = "recovery"


def ask(session: Session, principal: Principal, user_id: str, reason: str, now: datetime, source: str) -> Asked:
    """Ask for somebody's recovery. Raises NotFound, Forbidden for oneself, Conflict if it was asked already."""
    if user_id == principal.user_id:
        raise Forbidden("Somebody else must ask for you.")
    if _person(session, principal, user_id, now) is None:
        raise NotFound("There is no such person with an open account here.")
    return second_person.ask(session, principal, KIND, user_id, reason, now, source)


def approve(
    session: Session, principal: Principal, asked_id: str, drawn: Drawn, now: datetime, source: str
) -> Invitation:  # fmt: skip
    """The second person's word, and everything that follows from it. Raises NotFound, Forbidden or Conflict."""
    asked = _asked(session, principal, asked_id)
    if asked.subject == principal.user_id:
        raise Forbidden("This is about your own account: somebody else must decide.")
    second_person.approve(session, principal, asked_id, now, source)
    user = _person(session, principal, asked.subject, now)
    if user is None:
        raise Conflict("The account was closed meanwhile.")
    queries.forget_credentials(session, user)
    sessions.end_all(session, user.id)
    limits.release(session, user.login)
    invitation = invitations.make(
        session, user.id, principal.program_id, "recover", drawn, now, source, principal.user_id
    )  # fmt: skip
    second_person.finish(session, asked_id)
    record(
        session, now, "person.recover", actor_id=principal.user_id, program_id=principal.program_id, subject=user.id,
        source=source,
    )  # fmt: skip
    return invitation


def decline(session: Session, principal: Principal, asked_id: str, now: datetime, source: str) -> Asked:
    """Refuse it, or take one's own request back. Raises NotFound or Conflict."""
    _asked(session, principal, asked_id)
    return second_person.decline(session, principal, asked_id, now, source)


def _asked(session: Session, principal: Principal, asked_id: str) -> Asked:
    asked = second_person.one(session, principal, asked_id)
    if asked.kind != KIND:
        raise NotFound("There is no such request here.")
    return asked


def _person(session: Session, principal: Principal, user_id: str, now: datetime) -> User | None:
    user = accounts.user(session, user_id)
    membership = sessions.standing_membership(session, user_id, now)
    here = membership is not None and membership.program_id == principal.program_id
    return user if user is not None and user.active and here else None
