"""The statements of pull and tally: the people of a program, and counting once. Who is shown whom is `service`'s to say."""

from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from api.database import inserting
from api.tables.people import Membership, User
from api.tables.records import Tally, TallySeen


class Person(NamedTuple):
    """Somebody's role in a program, standing or ended, under the name they have now."""

    user_id: str
    name: str
    role: str
    agency_id: str | None


_PEOPLE = (
    select(col(User.id), col(User.name), col(Membership.role), col(Membership.agency_id))
    .join(Membership, col(Membership.user_id) == col(User.id))
    .where(col(Membership.program_id) == bindparam("program_id"), col(Membership.role) != "administrator")
    .order_by(col(Membership.from_at), col(Membership.id))
)


def people(session: Session, program_id: str) -> list[Person]:
    """Everybody who has or had a role in the program but administrators, a row a role, the latest role last."""
    return [Person(*row) for row in session.execute(_PEOPLE, {"program_id": program_id})]


TALLY_KEY = ("program_id", "agency_id", "month", "pathway", "answer", "reason", "demographics")


def first_time(session: Session, tally_id: str) -> bool:
    """Take the id; False if it was taken before."""
    statement = inserting(session, TallySeen, {"id": tally_id}).on_conflict_do_nothing().returning(col(TallySeen.id))
    return session.execute(statement).first() is not None


def add_to_tally(session: Session, key: tuple[str, ...], number: int) -> None:
    """Count so many more under the key (in the order of `TALLY_KEY`)."""
    row = dict(zip(TALLY_KEY, key, strict=True))
    statement = inserting(session, Tally, {**row, "count": number})
    changed = {"count": col(Tally.count) + number}
    session.execute(statement.on_conflict_do_update(index_elements=TALLY_KEY, set_=changed))
