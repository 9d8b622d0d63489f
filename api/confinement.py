"""Which program's rows a piece of work may touch: the second lock on the wall between programs, on PostgreSQL.

Every query names its program itself; this one catches a query that forgot. The database refuses every row of a program but
the one named by the transaction's setting `handoff.program` (see the migration `row_security`). A request begins confined to
no program at all; its guard confines it to the principal's. What is no request (the worker, the watchman, the command line)
works for every program. On SQLite, which has no such lock, all of this does nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SETTING = "handoff.program"
EVERY = "*"
NONE = ""


class Confinement:
    """The program of one piece of work. It is changed in place, because guards run on threads with copied contexts."""

    def __init__(self) -> None:
        self.program = NONE


_present: ContextVar[Confinement | None] = ContextVar("confinement", default=None)


@contextmanager
def confined() -> Iterator[None]:
    """A piece of work that may touch nothing until `confine` names its program."""
    token = _present.set(Confinement())
    try:
        yield
    finally:
        _present.reset(token)


def confine(program_id: str) -> None:
    """From now on this piece of work is this program's, or `EVERY` program's. Nothing happens outside of `confined`."""
    present = _present.get()
    if present is not None:
        present.program = program_id


def program() -> str:
    """What the transaction that begins now is confined to."""
    present = _present.get()
    return EVERY if present is None else present.program
