"""Reading the rota out of its rows, for the screens and for paging.

What a page asks when it opens or steps is built once: to build a statement costs more than to run it. Rules and changes
come in one statement, so that nobody reads the rules of one moment with the changes of the next.
"""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Row,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlmodel import Session, col

from api.auth.permissions import ROLES, may
from api.rota.model import MAX_CHANGES, Change, Level, Rota, WeeklyRule
from api.rota.resolve import on_call
from api.tables.columns import Instant
from api.tables.paging import ContactPoint, PushSubscription
from api.tables.people import Program, User
from api.tables.rota import RotaChange, RotaRule
from sync.fields import Role

ON_ROTA: tuple[Role, ...] = tuple(role for role in ROLES if may(role, "rota", "R"))
"""Who may be on duty: whoever may read the rota."""
_TICK = timedelta(milliseconds=1)
"""Rows hold whole milliseconds: what is asked of them is widened by one, and the resolver cuts exactly."""


_RULE_STANDS = (col(RotaRule.program_id) == bindparam("program_id"), col(RotaRule.ended_at).is_(None))
_CHANGE_COUNTS = (
    col(RotaChange.program_id) == bindparam("program_id"),
    col(RotaChange.state) == "accepted",
    col(RotaChange.ends_at) > bindparam("start", type_=Instant()),
    col(RotaChange.starts_at) < bindparam("end", type_=Instant()),
)


def _rows_of(*level: Any) -> Any:
    """Changes and rules as rows of one shape: a rule has its text, and of a change's columns only id and level."""
    changes = select(
        col(RotaChange.id), col(RotaChange.level), col(RotaChange.kind), col(RotaChange.user_id),
        col(RotaChange.to_user_id), col(RotaChange.starts_at), col(RotaChange.ends_at), col(RotaChange.swap_id),
        col(RotaChange.place), cast(null(), Text).label("rule"),
    ).where(*_CHANGE_COUNTS, *(col(RotaChange.level) == each for each in level))  # fmt: skip
    nothing, never = cast(null(), Text), cast(null(), BigInteger)
    rules: Any = select(
        col(RotaRule.id), col(RotaRule.level), literal_column("'rule'"), nothing, nothing, never, never, nothing,
        cast(null(), Integer), type_coerce(col(RotaRule.rule), Text),
    ).where(*_RULE_STANDS, *(col(RotaRule.level) == each for each in level))  # fmt: skip
    return union_all(changes, rules)


_ROTA = _rows_of()
_ROTA_OF_LEVEL = _rows_of(bindparam("level"))


def rota_of(session: Session, program_id: str, start: datetime, end: datetime) -> Rota:
    """The rules that stand and the accepted changes that touch [start, end), of every level."""
    values = {"program_id": program_id, "start": start - _TICK, "end": end + _TICK}
    return _rota(session.execute(_ROTA, values).all())


def _rota(rows: Collection[Row[Any]]) -> Rota:
    rules = [_rule(row.id, row.level, row.rule) for row in rows if row.rule is not None]
    changes = [_change(row) for row in rows if row.rule is None]
    return Rota(
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        changes=tuple(sorted(changes, key=lambda change: change.place)[-MAX_CHANGES:]),
    )


@lru_cache(maxsize=1000)
def _rule(row_id: str, level: str, text: str) -> WeeklyRule:
    return WeeklyRule.model_validate({**json.loads(text), "id": row_id, "level": level})


def _change(row: Row[Any] | RotaChange, place: int | None = None) -> Change:
    return Change.model_validate(
        {
            "id": row.id, "place": row.place if place is None else place, "level": row.level,
            "kind": row.kind, "user_id": row.user_id, "to_user_id": row.to_user_id, "swap_id": row.swap_id,
            "start": row.starts_at, "end": row.ends_at,
        }
    )  # fmt: skip


def with_changes(rota: Rota, rows: Collection[RotaChange]) -> Rota:
    """The rota as it would be if these were accepted now, after all others."""
    last = max((change.place for change in rota.changes), default=0)
    return Rota(rules=rota.rules, changes=(*rota.changes, *(_change(row, last + 1) for row in rows)))


def on_call_now(session: Session, program_id: str, level: Level, at: datetime) -> tuple[str, ...] | None:
    """Who is on duty at an instant by the rota; None where the program keeps none of this level. One statement.

    Who of them still works for the program is for the caller to see.
    """
    values = {"program_id": program_id, "level": level, "start": at - _TICK, "end": at + _TICK}
    rota = _rota(session.execute(_ROTA_OF_LEVEL, values).all())
    return on_call(rota, level, at) or (() if rota.rules else None)


_ANY_RULE = select(col(RotaRule.id)).where(*_RULE_STANDS, col(RotaRule.level) == bindparam("level")).limit(1)


def has_level(session: Session, program_id: str, level: Level) -> bool:
    """True if the program keeps a rota of this level at all; a program without one calls everybody instead."""
    return session.execute(_ANY_RULE, {"program_id": program_id, "level": level}).first() is not None


_ZONE = select(col(Program.config)).where(col(Program.id) == bindparam("program_id"))
# Whoever stores a page or a referral names the program, and must not wait for this: FOR NO KEY UPDATE.
_LOCKED_ZONE = _ZONE.with_for_update(key_share=True)


def zone(session: Session, program_id: str, *, lock: bool = False) -> str | None:
    """The program's time zone. With `lock`, those who change one program's rota take turns until the transaction ends."""
    config = session.execute(_LOCKED_ZONE if lock else _ZONE, {"program_id": program_id}).scalar_one_or_none()
    return None if config is None else str(config["time_zone"])


def version(session: Session, program_id: str) -> str:
    """A word for everything that stands: another one after every change to rules, or to changes that count.

    Accepting raises the highest place, withdrawing lowers the count, cutting short lowers the sum of the ends.
    """
    accepted = col(RotaChange.state) == "accepted"
    changes = session.execute(
        select(
            func.max(col(RotaChange.place)),
            func.count().filter(accepted),
            func.sum(type_coerce(col(RotaChange.ends_at), BigInteger)).filter(accepted),
        ).where(col(RotaChange.program_id) == program_id)
    ).one()
    rules = session.execute(select(col(RotaRule.id)).where(*_RULE_STANDS), {"program_id": program_id}).scalars()
    told = json.dumps([sorted(rules), [int(each or 0) for each in changes]])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def rules_of(session: Session, program_id: str, level: Level) -> list[RotaRule]:
    """The rows of the rules that stand in a level, oldest first."""
    statement = select(RotaRule).where(*_RULE_STANDS, col(RotaRule.level) == level).order_by(col(RotaRule.id))
    return list(session.execute(statement, {"program_id": program_id}).scalars())


def changes_shown(session: Session, program_id: str, start: datetime, end: datetime, now: datetime) -> list[RotaChange]:
    """What is asked and not over, and what was accepted and touches [start, end): oldest first."""
    asked = (col(RotaChange.state) == "proposed") & (col(RotaChange.ends_at) > now)
    stands = (
        (col(RotaChange.state) == "accepted") & (col(RotaChange.ends_at) > start) & (col(RotaChange.starts_at) < end)
    )
    statement = select(RotaChange).where(col(RotaChange.program_id) == program_id, asked | stands)
    return list(session.execute(statement.order_by(col(RotaChange.id)).limit(MAX_CHANGES)).scalars())


def change_and_its_other_half(session: Session, program_id: str, change_id: str) -> list[RotaChange]:
    """A change of the program, with both halves where it is a swap; nothing where the program has no such change."""
    named = select(col(RotaChange.swap_id)).where(col(RotaChange.id) == change_id)
    mine = (col(RotaChange.id) == change_id) | (col(RotaChange.swap_id) == named.scalar_subquery())
    statement = select(RotaChange).where(col(RotaChange.program_id) == program_id, mine)
    return list(session.execute(statement.order_by(col(RotaChange.id))).scalars())


def open_changes(session: Session, program_id: str, now: datetime) -> int:
    """How many changes are asked or accepted, and not over."""
    is_open = col(RotaChange.state).in_(("proposed", "accepted")) & (col(RotaChange.ends_at) > now)
    statement = select(func.count()).where(col(RotaChange.program_id) == program_id, is_open)
    return int(session.execute(statement).scalar_one())


def last_place(session: Session, program_id: str) -> int:
    """The place of the change that was accepted last; 0 where none was."""
    statement = select(func.max(col(RotaChange.place))).where(col(RotaChange.program_id) == program_id)
    return session.execute(statement).scalar_one() or 0


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """The names of users, whether or not they still have a role."""
    rows = session.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids)))
    return {row.id: row.name for row in rows}


def reachable(session: Session, user_ids: Collection[str]) -> frozenset[str]:
    """Those of the users who have an address that a page can be sent to: a phone, or a proven number or mailbox."""
    phones = select(col(PushSubscription.user_id)).where(
        col(PushSubscription.user_id).in_(user_ids), col(PushSubscription.disabled_at).is_(None)
    )
    contacts = select(col(ContactPoint.user_id)).where(
        col(ContactPoint.user_id).in_(user_ids),
        col(ContactPoint.verified_at).is_not(None),
        col(ContactPoint.disabled_at).is_(None),
    )
    return frozenset(session.execute(union_all(phones, contacts)).scalars())
