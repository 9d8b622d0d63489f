"""An assessment apart from the rest of a referral: what a state holds of it, and which operations write it.

Whoever stores states keeps the two parts in different places, so that who reads the one never has the other in memory. This
answers for where the line runs and for nothing else: who may read what is said by views.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict, TypeVar

from pydantic import ValidationError

from sync.fields import FIELDS, Group
from sync.payloads import ENTRY_GROUPS, KINDS, groups_of
from sync.records import Conflict, Entry, Register, State, Strike, Vector

ASSESSMENT: Final = "assessment"
_REGISTERS = frozenset(key for key, field in FIELDS.items() if field.group == ASSESSMENT)

Key = TypeVar("Key", bound=str)
Part = TypeVar("Part")


class Assessment(TypedDict):
    """What a state holds of the group `assessment`, under the names that it has there."""

    registers: dict[str, Register]
    entries: dict[str, Entry]
    strikes: dict[str, Strike]
    conflicts: dict[str, Conflict]
    vectors: dict[Group, Vector]


def divided(state: State) -> tuple[State, Assessment | None]:
    """The state without its assessment, and the assessment, None where there is none. Both share parts with `state`."""
    registers = _parted(state["registers"], lambda key, _: key in _REGISTERS)
    entries = _parted(state["entries"], lambda _, entry: ENTRY_GROUPS[entry["kind"]] == ASSESSMENT)
    strikes = _parted(state["strikes"], lambda _, strike: ENTRY_GROUPS[strike["entry_kind"]] == ASSESSMENT)
    conflicts = _parted(state["conflicts"], lambda _, conflict: conflict["key"] in _REGISTERS)
    vectors = _parted(state["vectors"], lambda group, _: group == ASSESSMENT)
    parts = (registers, entries, strikes, conflicts, vectors)
    if not any(own for _, own in parts):
        return state, None
    common: State = {
        **state,
        "registers": registers[0], "entries": entries[0], "strikes": strikes[0], "conflicts": conflicts[0],
        "vectors": vectors[0],
    }  # fmt: skip
    assessment: Assessment = {
        "registers": registers[1], "entries": entries[1], "strikes": strikes[1], "conflicts": conflicts[1],
        "vectors": vectors[1],
    }  # fmt: skip
    return common, assessment


def _parted(parts: Mapping[Key, Part], own: Callable[[Key, Part], bool]) -> tuple[dict[Key, Part], dict[Key, Part]]:
    """Those that are not the assessment's, and those that are."""
    sides: tuple[dict[Key, Part], dict[Key, Part]] = ({}, {})
    for key, part in parts.items():
        sides[own(key, part)][key] = part
    return sides


def joined(common: State, assessment: Assessment | None) -> State:
    """The whole state again: `joined(*divided(state)) == state`. It shares parts with both."""
    if assessment is None:
        return common
    return {
        **common,
        "registers": common["registers"] | assessment["registers"],
        "entries": common["entries"] | assessment["entries"],
        "strikes": common["strikes"] | assessment["strikes"],
        "conflicts": common["conflicts"] | assessment["conflicts"],
        "vectors": common["vectors"] | assessment["vectors"],
    }


def writes_assessment(kind: str, payload: dict[str, Any]) -> bool:
    """True for an operation that writes an assessment, and for one with a broken payload: nobody can say what that holds."""
    model = KINDS.get(kind)
    if model is None:
        return True
    try:
        model.model_validate(payload)
    except ValidationError:
        return True
    return ASSESSMENT in groups_of(kind, payload)
