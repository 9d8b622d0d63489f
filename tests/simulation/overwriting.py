"""No value gives way in silence, judged by what people truly had before their eyes."""

from __future__ import annotations

from typing import Any

from sync.operations import canonical
from sync.records import State
from tests.simulation.oracle import Oracle, Violation


def written(envelope: dict[str, Any]) -> dict[str, Any]:
    """The fields that a person wrote by this operation, with the values."""
    payload = envelope["payload"]
    if envelope["kind"] == "referral.set":
        return dict(payload["fields"])
    return {payload["key"]: payload["value"]} if envelope["kind"] == "conflict.resolve" else {}


def no_silent_overwrite(
    oracle: Oracle, states: dict[str, State], applied: list[str], envelopes: dict[str, dict[str, Any]]
) -> None:
    """Every value written stands, or equals what stands, or a conflict names it, or somebody who had seen it wrote anew."""
    writers: dict[tuple[str, str], list[str]] = {}
    for op_id in applied:
        if op_id in oracle.authored:
            for key in written(envelopes[op_id]):
                writers.setdefault((envelopes[op_id]["referral_id"], key), []).append(op_id)
    for (referral_id, key), op_ids in writers.items():
        state = states[referral_id]
        said = {op_id: canonical(written(envelopes[op_id])[key]) for op_id in op_ids}
        # Whoever has seen a value has seen it, whichever of those who wrote the same it came from.
        seen = {op_id: {said[one] for one in _knows(oracle, op_id, frozenset(op_ids))} for op_id in op_ids}
        standing = canonical(state["registers"][key]["value"])
        lost = {canonical(conflict["lost_value"]) for conflict in state["conflicts"].values() if conflict["key"] == key}
        for op_id in op_ids:
            if op_id == state["registers"][key]["op"] or said[op_id] in lost or said[op_id] == standing:
                continue
            if not any(said[op_id] in values for other, values in seen.items() if other != op_id):
                raise Violation(
                    "no silent overwrite",
                    f"{key} of {referral_id}: the value of {op_id} is gone; nobody who wrote after it had seen it, and no "
                    f"conflict tells. What stands is of {state['registers'][key]['op']}",
                )


def _knows(oracle: Oracle, op_id: str, writers: frozenset[str]) -> frozenset[str]:
    """The writings of this field that the author had seen, or that those had seen whose writings the author saw."""
    known: set[str] = set()
    asked = [op_id]
    while asked:
        author = asked.pop()
        fresh = ((oracle.authored[author].intent.sight | oracle.wrote_before(author)) & writers) - known
        known |= fresh
        asked += fresh
    return frozenset(known)
