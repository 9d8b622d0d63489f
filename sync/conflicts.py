"""Conflicts: opened for a value that gave way, settled once a person has seen both. `fold` decides which value gives way."""

from collections.abc import Iterable

from sync.records import Conflict, Register, Vector, Was


def covers(base: Vector, device: str, seq: int) -> bool:
    """True when whoever was shown `base` had seen that operation; one's own device is no special case."""
    return seq <= base.get(device, 0)


def open_conflict(conflicts: dict[str, Conflict], key: str, kept: Register, lost: Register, later: Register) -> str:
    """Keep what gave way, with what both had before them; `later` is the one of the two that was offered. Returns the id."""
    conflict_id = f"{key}|{kept['op']}|{lost['op']}"
    opened: Conflict = {
        "key": key,
        "kept": kept["op"],
        "lost": lost["op"],
        "lost_value": lost["value"],
        "lost_by": lost["by"],
        "lost_at": lost["at"],
        "lost_device": lost["device"],
        "lost_seq": lost["seq"],
    }
    if "received" in lost:
        opened["lost_received"] = lost["received"]
    if "off_ms" in lost:
        opened["lost_off_ms"] = lost["off_ms"]
    before = (lost if later is kept else kept).get("was")
    if before is None:
        opened["was"] = None
    elif covers(later["base"], before["device"], before["seq"]):
        opened["was"] = before["value"]
    conflicts[conflict_id] = opened
    return conflict_id


def settle_seen(conflicts: dict[str, Conflict], key: str, base: Vector) -> None:
    """Whoever saw both sides and wrote anew has decided."""
    seen = [
        conflict_id
        for conflict_id, conflict in conflicts.items()
        if conflict["key"] == key and covers(base, conflict["lost_device"], conflict["lost_seq"])
    ]
    settle(conflicts, key, seen)


def settle(conflicts: dict[str, Conflict], key: str, conflict_ids: Iterable[str]) -> None:
    """Close conflicts of one field; another field's id is passed over, since the right to it was not judged."""
    for conflict_id in conflict_ids:
        if conflict_id in conflicts and conflicts[conflict_id]["key"] == key:
            del conflicts[conflict_id]


def replaced(standing: Register) -> Was:
    """What the register that takes the place of this one remembers of it."""
    return {"value": standing["value"], "device": standing["device"], "seq": standing["seq"]}
