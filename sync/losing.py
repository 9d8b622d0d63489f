"""Whom it must be told that a value they wrote gave way, or that it stands again after all.

Fields are named and nothing else: who wrote what instead stands in the view, for those who may read it. Nobody is told of
what they chose themselves.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sync.fields import JsonValue
from sync.operations import canonical
from sync.records import Committed, Conflict, Register, State


class Before(NamedTuple):
    """What stood before an operation. Conflicts are few: there is nothing to remember of most referrals."""

    registers: dict[str, Register]
    conflicts: dict[str, Conflict]


class Told(NamedTuple):
    """Of one person: the fields whose value gave way, and those in which it stands again."""

    gave_way: list[str]
    back: list[str]


def before(state: State) -> Before | None:
    """To be asked for before the operation is folded; None if no conflict is open that it could settle."""
    return Before(dict(state["registers"]), dict(state["conflicts"])) if state["conflicts"] else None


def told(was: Before | None, state: State, operation: Committed, opened: Iterable[str]) -> dict[str, Told]:
    """What is to be told to whom, by user id, after the operation was folded and has `opened` these conflicts."""
    found: dict[str, Told] = {}
    for conflict_id in opened:
        conflict = state["conflicts"][conflict_id]
        if conflict["lost_by"] != state["registers"][conflict["key"]]["by"]:
            _tell(found, conflict["lost_by"], conflict["key"], stands=False)
    for conflict_id, conflict in (was.conflicts if was else {}).items():
        if was is None or conflict_id in state["conflicts"]:
            continue
        key = conflict["key"]
        stands, kept = state["registers"][key], was.registers.get(key)
        sides = [(conflict["lost_by"], conflict["lost_value"])]
        if kept is not None and kept["op"] == conflict["kept"]:
            sides.append((kept["by"], kept["value"]))
        for user_id, value in sides:
            if user_id != operation["user_id"]:
                _tell(found, user_id, key, stands=_same(value, stands["value"]))
    return found


def _same(one: JsonValue, other: JsonValue) -> bool:
    return canonical(one) == canonical(other)


def _tell(found: dict[str, Told], user_id: str, key: str, *, stands: bool) -> None:
    """Of two values of one person in one field, the one that stands counts."""
    mine = found.setdefault(user_id, Told([], []))
    if stands and key not in mine.back:
        mine.back.append(key)
        mine.gave_way[:] = [each for each in mine.gave_way if each != key]
    elif not stands and key not in mine.back and key not in mine.gave_way:
        mine.gave_way.append(key)
