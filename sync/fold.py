"""The fold: committed operations to state. Its twin is `pwa/src/domain/fold.ts`; they must agree byte for byte.

This answers for merging and for nothing else: payloads have passed their models, rights were judged by the
caller, and order is the order in which operations are given (the server's position; on a phone, its own sequence).
No clock, no randomness. State is changed in place for speed and shares parts (payload, base) with its operations.

A value is written by four rules, after which a conflict tells a person what gave way:
  0. The standing value's author had already seen this operation: nothing changes. (Phones send again after a
     restore, in another order.)
  1. The operation saw the standing value: it takes its place, and conflicts whose lost side it saw are settled.
  2. Neither saw the other, and they differ: the higher rank stands.
  3. Of equal rank the first committed stands.
"""

from collections.abc import Iterable, Sequence

from sync.conflicts import covers, open_conflict, replaced, settle, settle_seen
from sync.fields import FIELDS, STATUSES, JsonValue, Role, group_of
from sync.operations import canonical
from sync.payloads import ENTRY_GROUPS, groups_of
from sync.records import Committed, Entry, Register, State, View
from sync.times import Timing

_HANDOFF_STATUS = {
    "in_person": "handed_off",
    "phone": "handed_off",
    "deferred": "deferred",
    "could_not_meet": "not_met",
}
_STANDS_FOR: dict[Role, Role] = {"case_manager": "coordinator"}
"""Roles that share another's ownership of fields."""


def empty(referral_id: str, program_id: str) -> State:
    """A referral of which nothing is known yet."""
    return {
        "referral_id": referral_id,
        "program_id": program_id,
        "registers": {},
        "entries": {},
        "strikes": {},
        "consent": {},
        "conflicts": {},
        "vectors": {},
    }


def fold(operations: Iterable[Committed]) -> State:
    """The state after all operations of one referral, in the order of their positions (at least one)."""
    state: State | None = None
    for operation in operations:
        if state is None:
            state = empty(operation["referral_id"], operation["program_id"])
        apply(state, operation)
    if state is None:
        raise ValueError("A referral begins with an operation; use empty() for one that has none.")
    return state


def overlay(view: View | None, pending: Sequence[Committed]) -> State:
    """What a phone shows: its view with its own unanswered operations on top. Neither argument is changed.

    An operation that the view holds already changes nothing while its value stands, or while that of someone who saw
    it does; after longer chains it might. So the caller leaves out what has an answer and is within the view's vector
    (but not what is held: a vector counts past a gap, and what a person typed must go on showing).
    """
    mine = sorted(pending, key=lambda operation: operation["seq"])
    if view is not None:
        state: State = {
            "referral_id": view["referral_id"],
            "program_id": view["program_id"],
            "registers": dict(view["registers"]),
            "entries": dict(view["entries"]),
            "strikes": dict(view["strikes"]),
            "consent": dict(view["consent"]),
            "conflicts": dict(view["conflicts"]),
            "vectors": {},
        }
    elif mine:
        state = empty(mine[0]["referral_id"], mine[0]["program_id"])
    else:
        raise ValueError("Nothing is known of this referral: there is no view and no operation.")
    for operation in mine:
        apply(state, operation)
    return state


def consented(state: State) -> bool:
    """True when some grant names every withdrawal; one that missed a withdrawal never counts, in any order."""
    withdrawals = {op for op, event in state["consent"].items() if event["kind"] == "withdrawal"}
    return any(event["kind"] == "grant" and withdrawals.issubset(event["saw"]) for event in state["consent"].values())


def blocked(state: State) -> bool:
    """True when consent was taken back and not given again in sight of that; the content is then hidden."""
    return any(event["kind"] == "withdrawal" for event in state["consent"].values()) and not consented(state)


def apply(state: State, operation: Committed) -> list[str]:
    """Give one operation its effect on `state`, in place; returns the ids of the conflicts that it opened."""
    kind, payload = operation["kind"], operation["payload"]
    opened: list[str] = []
    for key, value in _values(operation):
        conflict = _write(state, operation, key, value)
        if conflict is not None:
            opened.append(conflict)
    if kind in ENTRY_GROUPS:
        _add_entry(state, operation)
    elif kind == "entry.strike":
        _strike(state, operation, payload["entry"], payload["entry_kind"])
    elif kind == "release.revoke":
        _strike(state, operation, payload["release"], "release.give")
    elif kind in ("consent.grant", "consent.withdraw"):
        _add_consent(state, operation)
    elif kind == "conflict.resolve":
        settle(state["conflicts"], payload["key"], payload["conflicts"])
    for group in groups_of(kind, payload):
        vector = state["vectors"].setdefault(group, {})
        vector[operation["device_id"]] = max(vector.get(operation["device_id"], 0), operation["seq"])
    return opened


def _values(operation: Committed) -> list[tuple[str, JsonValue]]:
    """The registers that an operation writes, in a fixed order."""
    payload = operation["payload"]
    match operation["kind"]:
        case "referral.set":
            return [(key, payload["fields"][key]) for key in sorted(payload["fields"])]
        case "referral.create":
            return [("origin", {"pathway": payload["pathway"], "agency_id": payload["agency_id"]})]
        case "referral.alert":
            return [("status", "submitted")]
        case "officer.leave":
            return [("departure", {"how": "with_card", "reason": payload["reason"]})]
        case "page.acknowledge":
            user_id = payload.get("user_id") or operation["user_id"]
            return [
                ("holder", {"user_id": user_id, "eta_minutes": payload["eta_minutes"]}),
                ("status", "acknowledged"),
            ]
        case "page.expire":
            return [("holder", None), ("status", "submitted")]
        case "referral.assign":
            return [("holder", {"user_id": payload["user_id"], "eta_minutes": None})]
        case "handoff.record":
            outcome = payload["outcome"]
            return [("handoff", {"outcome": outcome}), ("status", _HANDOFF_STATUS[outcome])]
        case "decision.record":
            decision = {"outcome": payload["outcome"], "reason": payload["reason"]}
            return [("decision", decision), *_accepted(decision)]
        case "determination.check":
            return [("check", {key: payload[key] for key in ("verdict", "outcome", "pack", "of")})]
        case "referral.close":
            return [("closure", {"reason": payload["reason"]}), ("status", "closed")]
        case "consent.confirm":
            return [("confirmation", {"answer": payload["answer"]})]
        case "referral.merge":
            return [("merged_into", payload["into"])]
        case "referral.unmerge":
            return [("merged_into", None)]
        case "conflict.resolve":
            settled = (payload["key"], payload["value"])
            return [settled, *(_accepted(payload["value"]) if payload["key"] == "decision" else [])]
        case _:
            return []


def _accepted(decision: JsonValue) -> list[tuple[str, JsonValue]]:
    accepted = isinstance(decision, dict) and decision.get("outcome") == "accepted"
    return [("accepted", True)] if accepted else []


def _write(state: State, operation: Committed, key: str, value: JsonValue) -> str | None:
    """Write one register by the four rules; returns the id of the conflict opened, if any."""
    registers = state["registers"]
    offered = _register(operation, key, value)
    standing = registers.get(key)
    if standing is None:
        registers[key] = offered
        return None
    if key == "origin" or covers(standing["base"], offered["device"], offered["seq"]):
        return None
    if covers(offered["base"], standing["device"], standing["seq"]):
        offered["was"] = replaced(standing)
        registers[key] = offered
        settle_seen(state["conflicts"], key, offered["base"])
        return None
    # Python holds 1 equal to True; JSON, the phone and a reader do not.
    if canonical(value) == canonical(standing["value"]):
        return None
    if offered["rank"] > standing["rank"]:
        if "was" in standing:
            offered["was"] = standing["was"]
        registers[key] = offered
        return open_conflict(state["conflicts"], key, kept=offered, lost=standing, later=offered)
    return open_conflict(state["conflicts"], key, kept=standing, lost=offered, later=offered)


def _timed(part: Timing, operation: Committed) -> None:
    """What is known better than the author's clock."""
    if "timing" in operation:
        part.update(operation["timing"])


def _register(operation: Committed, key: str, value: JsonValue) -> Register:
    device = operation["device_id"]
    base = operation["base"]
    if group_of(key) in operation.get("blind", ()):
        # Of a group that its role cannot read, an author knows only what their own device wrote.
        base = {device: base[device]} if device in base else {}
    written: Register = {
        "value": value,
        "op": operation["op_id"],
        "device": device,
        "seq": operation["seq"],
        "by": operation["user_id"],
        "at": operation["made_at"],
        "base": base,
        "rank": _rank(key, value, operation["role"]),
    }
    _timed(written, operation)
    return written


def _rank(key: str, value: JsonValue, role: Role) -> int:
    """Dominance among concurrent values: the status's own, or 1 for the role that owns the field."""
    if key == "status":
        return STATUSES.get(value, 0) if isinstance(value, str) else 0
    field = FIELDS.get(key)
    return int(field is not None and field.owner == _STANDS_FOR.get(role, role))


def _add_entry(state: State, operation: Committed) -> None:
    op_id, kind = operation["op_id"], operation["kind"]
    entry: Entry = {
        "kind": kind,
        "payload": operation["payload"],
        "by": operation["user_id"],
        "role": operation["role"],
        "device": operation["device_id"],
        "seq": operation["seq"],
        "at": operation["made_at"],
    }
    if kind == "release.give":
        entry["saw"] = operation["saw"]
    _timed(entry, operation)
    state["entries"][op_id] = entry
    if op_id in state["strikes"] and state["strikes"][op_id]["entry_kind"] != kind:
        del state["strikes"][op_id]


def _strike(state: State, operation: Committed, entry_id: str, entry_kind: str) -> None:
    """The first strike stands. One that misnames the entry's kind is void: rights were judged by that kind.

    While the entry is not here, nobody knows which of two kinds is the right one: then a revocation takes the place, because
    a release that was taken back must never come into force.
    """
    entry, standing = state["entries"].get(entry_id), state["strikes"].get(entry_id)
    if entry is not None and entry["kind"] != entry_kind:
        return
    if standing is not None and (entry_kind != "release.give" or standing["entry_kind"] == entry_kind):
        return
    state["strikes"][entry_id] = {
        "op": operation["op_id"],
        "by": operation["user_id"],
        "at": operation["made_at"],
        "reason": operation["payload"]["reason"],
        "entry_kind": entry_kind,
    }
    _timed(state["strikes"][entry_id], operation)


def _add_consent(state: State, operation: Committed) -> None:
    state["consent"][operation["op_id"]] = {
        "kind": "grant" if operation["kind"] == "consent.grant" else "withdrawal",
        "payload": operation["payload"],
        "by": operation["user_id"],
        "at": operation["made_at"],
        "device": operation["device_id"],
        "seq": operation["seq"],
        "saw": operation["saw"],
    }
    _timed(state["consent"][operation["op_id"]], operation)
