"""What somebody can do to an audit with the database in hand, and what with the key as well."""

from __future__ import annotations

import random
from dataclasses import replace

from sqlalchemy import text
from sqlmodel import Session

from api.audit import queries
from api.audit.chain import mac
from api.audit.queries import Row
from tests.api.audit.conftest import run

TEXTS = ("action", "outcome", "actor_id", "subject", "source", "device_id", "previous", "mac", "program_id")
ONE = "WHERE program_id = :program AND number = :number"


def attack(session: Session, dice: random.Random, key: bytes) -> str:
    """One act of tampering, in this transaction. Returns its name; those in `NEEDS_ANCHORS` leave a chain that fits."""
    rows = list(queries.chained(session))
    program_id = dice.choice(sorted({row.event.program_id for row in rows}))
    chain = [row for row in rows if row.event.program_id == program_id]
    return dice.choice(ATTACKS)(session, dice, chain, key)


def change(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    event = dice.choice(chain).event
    where = {"program": event.program_id, "number": event.number}
    column = dice.choice((*TEXTS, "at", "number", "detail"))
    if column in ("at", "number"):
        run(session, f"UPDATE audit_event SET {column} = {column} + :by {ONE}", by=dice.choice((-1, 1, 1000)), **where)
    elif column == "detail":
        run(session, f"UPDATE audit_event SET detail = :to {ONE}", to=dice.choice(('{"x":1}', "[]", "{")), **where)
    else:
        run(
            session,
            f"UPDATE audit_event SET {column} = coalesce({column}, '') || :more {ONE}",
            more=dice.choice("x0"),
            **where,
        )
    return f"change {column}"


def empty(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """None and nothing are two things."""
    given = [row.event for row in chain if row.event.actor_id is not None]
    event = dice.choice(given)
    run(session, f"UPDATE audit_event SET actor_id = NULL {ONE}", program=event.program_id, number=event.number)
    return "empty a field"


def remove(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    first = dice.randrange(len(chain))
    last = min(first + dice.randrange(3), len(chain) - 1)
    _delete(session, chain[first].event.program_id, chain[first].event.number, chain[last].event.number)
    return "remove"


def remove_and_close_up(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """As `remove`, and what follows is renumbered."""
    event = dice.choice(chain[:-1]).event
    _delete(session, event.program_id, event.number, event.number)
    values = {"program": event.program_id, "number": event.number}
    run(
        session, "UPDATE audit_event SET number = number - 1 WHERE program_id = :program AND number > :number", **values
    )
    run(session, "UPDATE audit_head SET number = number - 1 WHERE program_id = :program", program=event.program_id)
    return "remove and close up"


def swap(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    one, other = dice.sample(chain, 2)
    program_id = one.event.program_id
    for old, new in ((one.event.number, -1), (other.event.number, one.event.number), (-1, other.event.number)):
        run(session, f"UPDATE audit_event SET number = :new {ONE}", program=program_id, number=old, new=new)
    return "swap"


def put_in(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """A copy of another event, in between or at the end, where the head is moved along."""
    place = dice.randrange(1, len(chain) + 2)
    program_id = chain[0].event.program_id
    values = {"program": program_id, "number": place}
    run(
        session,
        "UPDATE audit_event SET number = number + 1 WHERE program_id = :program AND number >= :number",
        **values,
    )
    row = dice.choice(chain)
    forged = Row(replace(row.event, number=place), row.previous, row.mac)
    queries.insert(session, [forged])
    run(session, "UPDATE audit_head SET number = number + 1 WHERE program_id = :program", program=program_id)
    return "insert"


def add_from_before(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """An event that claims to be older than the chain."""
    run(
        session,
        "INSERT INTO audit_event (at, action, outcome, program_id, subject, source, previous, mac)"
        " VALUES (1, 'x', 'done', :program, '', '', '', '')",
        program=chain[0].event.program_id,
    )
    return "insert before the chain"


def behead(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    run(
        session,
        "UPDATE audit_head SET number = number + 1 WHERE program_id = :program",
        program=chain[0].event.program_id,
    )
    return "change the head"


def prune_in_silence(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """The front goes by the gate that `prune-audit` uses, and the chain says nothing of it."""
    event = dice.choice(chain[:-1]).event
    queries.let_go(session, event.program_id, event.number)
    return "prune in silence"


def cut(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    """The tail goes, and the head with it: what is left fits."""
    end = dice.choice(chain[:-1])
    _delete(session, end.event.program_id, end.event.number + 1, chain[-1].event.number)
    queries.move_head(session, end.event.program_id, end.event.number, end.mac)
    return "cut the tail"


def burn(session: Session, dice: random.Random, chain: list[Row], _key: bytes) -> str:
    program_id = chain[0].event.program_id
    _delete(session, program_id, 1, chain[-1].event.number)
    run(session, "DELETE FROM audit_head WHERE program_id = :program", program=program_id)
    return "burn a whole chain"


def rewrite(session: Session, dice: random.Random, chain: list[Row], key: bytes) -> str:
    """With the key: one event is another, and all from there on fit to it."""
    first = dice.randrange(len(chain))
    previous = chain[first].previous
    for place, row in enumerate(chain[first:]):
        event = replace(row.event, subject="somebody else") if place == 0 else row.event
        code = mac(key, previous, event)
        run(
            session, f"UPDATE audit_event SET subject = :subject, previous = :previous, mac = :mac {ONE}",
            subject=event.subject, previous=previous, mac=code, program=event.program_id, number=event.number,
        )  # fmt: skip
        previous = code
    queries.move_head(session, chain[0].event.program_id, chain[-1].event.number, previous)
    return "rewrite with the key"


def rewrite_shorter(session: Session, dice: random.Random, chain: list[Row], key: bytes) -> str:
    """With the key: one event never was."""
    place = dice.randrange(len(chain) - 1)
    gone = chain[place].event
    _delete(session, gone.program_id, gone.number, gone.number)
    previous = chain[place].previous
    for row in chain[place + 1 :]:
        event = replace(row.event, number=row.event.number - 1)
        code = mac(key, previous, event)
        run(
            session, f"UPDATE audit_event SET number = :new, previous = :previous, mac = :mac {ONE}",
            new=event.number, previous=previous, mac=code, program=event.program_id, number=row.event.number,
        )  # fmt: skip
        previous = code
    queries.move_head(session, gone.program_id, chain[-1].event.number - 1, previous)
    return "remove with the key"


def _delete(session: Session, program_id: str, first: int, last: int) -> None:
    session.execute(
        text("DELETE FROM audit_event WHERE program_id = :program AND number BETWEEN :first AND :last"),
        {"program": program_id, "first": first, "last": last},
    )


ATTACKS = (
    change, change, change, empty, remove, remove_and_close_up, swap, put_in, add_from_before, behead, prune_in_silence, cut,
    burn, rewrite, rewrite_shorter,
)  # fmt: skip
NEEDS_ANCHORS = frozenset({"cut the tail", "burn a whole chain", "rewrite with the key", "remove with the key"})
