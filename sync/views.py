"""Views: a referral's state as one role may see it.

This answers for cutting a state down to groups; which role sees which groups is the caller's table. A part belongs
to the group of its register, entry or consent. What is not shown leaves no key, no id and no place in the vector;
only a visible value's `base` still counts it, because the phone needs that to foretell merges.
"""

from collections.abc import Collection

from sync.fields import GROUPS, Group, group_of
from sync.fold import blocked, consented
from sync.payloads import ENTRY_GROUPS
from sync.records import State, Vector, View

BLOCKED_GROUPS: frozenset[Group] = frozenset(
    ("identity", "needs", "notes", "contacts", "assessment", "demographics", "safety", "approvals")
)
"""Hidden from everyone once consent is taken back. The log keeps them: a withdrawal is not an erasure."""
TELL_CONSENT: frozenset[Group] = frozenset(("status", "consent"))
"""Whoever sees neither of these hears neither of a consent nor of its end: both of a view's flags are then false."""


def visible_groups(state: State, groups: Collection[Group]) -> frozenset[Group]:
    """Of a role's groups, those that may be shown now."""
    return frozenset(groups) - BLOCKED_GROUPS if blocked(state) else frozenset(groups)


def unseen(state: State, base: Vector, groups: Collection[Group]) -> frozenset[Group]:
    """The groups that an author who may read `groups` was not shown, as far as can be told from the state before they wrote.

    Hidden by a withdrawal are its groups while it stands and, where it has been settled since, to whoever's `base` holds
    the withdrawal but no grant that names it. A conflict too many is seen by a person, an overwriting by nobody.
    """
    events = {op_id: event for op_id, event in state["consent"].items() if event["seq"] <= base.get(event["device"], 0)}
    hidden = blocked(state) or blocked({**state, "consent": events})
    return frozenset(GROUPS) - (frozenset(groups) - BLOCKED_GROUPS if hidden else frozenset(groups))


def render(state: State, groups: Collection[Group], whole: State | None = None) -> View:
    """The view for whoever may read `groups` now. It shares parts with the state: change neither.

    Whether consent stands is said by the `whole` (see `merging`), where the referral is worked on together with others.
    """
    decided = state if whole is None else whole
    shown = visible_groups(decided, groups)
    told = not TELL_CONSENT.isdisjoint(groups)
    entries = {op_id: entry for op_id, entry in state["entries"].items() if ENTRY_GROUPS[entry["kind"]] in shown}
    return {
        "referral_id": state["referral_id"],
        "program_id": state["program_id"],
        "registers": {key: register for key, register in state["registers"].items() if group_of(key) in shown},
        "entries": entries,
        # A strike whose entry is not here may yet prove void, by an entry of a group that is not shown.
        "strikes": {op_id: strike for op_id, strike in state["strikes"].items() if op_id in entries},
        "consent": dict(state["consent"]) if "consent" in shown else {},
        "conflicts": {
            conflict_id: conflict
            for conflict_id, conflict in state["conflicts"].items()
            if group_of(conflict["key"]) in shown
        },
        "vector": _merged(state, shown),
        "blocked": told and blocked(decided),
        "consented": told and consented(decided),
    }


def _merged(state: State, groups: frozenset[Group]) -> Vector:
    merged: Vector = {}
    for group, vector in state["vectors"].items():
        if group in groups:
            for device, seq in vector.items():
                merged[device] = max(merged.get(device, 0), seq)
    return merged
