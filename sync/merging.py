"""Referrals about one person: which were merged into which, and how they read together. The phone's twin is `domain/merging.ts`.

`referral.merge` is an operation on the referral that gives way; it writes the register `merged_into` there and nothing anywhere
else. Logs and states stay apart for ever. What people see of the last one (the *whole*) is worked out anew from the present
states whenever one of them changes, so that a late operation finds its place by itself, any order of arrival gives the same,
and to unmerge is to stop working it out.

Which one is the whole: whoever is merged follows the chain to its end; where two were merged into each other, the smaller id is
the end. A target that is not here (yet) has no effect.

A device counts per device over all referrals, so what one log's vector says of a device means nothing in the other's. The
whole therefore names the devices of the referrals that were merged in by other ids (`known_as`), in registers, bases and
vectors: whoever writes on the whole carries in `base` exactly what they saw of each.

Registers come together by the fold's own rules (`fold`), the whole's being first, with these decisions:
- Nothing is empty against something: a value that was never written, or was cleared, gives way without a conflict.
- The account that each officer gave of the own event (`case`, `circumstances`, the exact position, how long they wait, where to
  call them) and what an act recorded (`handoff`, `departure`, `accepted`) fill what is empty. They are no contradiction, and
  each referral goes on showing its own. Facts, their determination and its check stay together.
- `status`: whoever saw both decides; otherwise a referral that goes on comes before a closed one, then the rank. No conflict.
  `closure` belongs to the status.
- `origin` and `merged_into` are never another's.
Everything else (who the person is, what they need, who has them, what was decided) opens a conflict where it differs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sync.conflicts import covers, open_conflict
from sync.fields import STATUSES, Group, JsonValue, group_of
from sync.operations import canonical
from sync.records import Conflict, Register, State, Vector, View
from sync.views import render

MERGED_LIMIT = 24
"""So many referrals are worked on as one."""

OWN_EVENT: frozenset[Group] = frozenset(("case", "circumstances"))
FILLS = frozenset(("gps", "wait_minutes", "callback", "handoff", "departure", "accepted"))
NEVER = frozenset(("origin", "merged_into", "status", "closure"))
"""Left out or decided apart."""
DETERMINED = ("facts", "determination", "check")


def links(states: Mapping[str, State]) -> dict[str, str]:
    """Which referral is merged into which, among these: never across programs, and never what was expunged."""
    found = {key: merged_into(state) for key, state in states.items() if not state.get("expunged")}
    return {
        key: into
        for key, into in found.items()
        if into in found and into != key and states[into]["program_id"] == states[key]["program_id"]
    }


def merged_into(state: State) -> str | None:
    """What the referral itself says."""
    register = state["registers"].get("merged_into")
    return None if register is None else register["value"]


def root_of(linked: Mapping[str, str], referral_id: str) -> str:
    """The end of the chain: the referral under which this one is worked on, itself where it was not merged."""
    passed = [referral_id]
    while (following := linked.get(passed[-1])) is not None:
        if following in passed:
            return min(passed[passed.index(following) :])
        passed.append(following)
    return passed[-1]


def members(linked: Mapping[str, str], referral_id: str) -> list[str]:
    """Everything that is worked on together with this referral, itself too: the whole first, then by id."""
    root = root_of(linked, referral_id)
    return [root, *sorted(key for key in linked if key != root and root_of(linked, key) == root)]


def whole_of(states: Mapping[str, State], referral_id: str) -> State | None:
    """What this referral is worked on as, if it was merged with others of these at all."""
    return wholes(states).get(referral_id)


def wholes(states: Mapping[str, State]) -> dict[str, State]:
    """For each of these that is worked on together with others, as what: all of one person share one whole."""
    if not any("merged_into" in state["registers"] for state in states.values()):
        return {}
    linked = links(states)
    found: dict[str, State] = {}
    for root in {root_of(linked, key) for key in linked}:
        together = members(linked, root)
        whole = joined([states[key] for key in together])
        found.update(dict.fromkeys(together, whole))
    return found


def known_as(device: str, referral_id: str) -> str:
    """The id under which a device's operations on a referral that was merged in count in the whole (and back)."""
    number = int(device.replace("-", ""), 16) ^ int(referral_id.replace("-", ""), 16)
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def joined(states: Sequence[State]) -> State:
    """The first, with what the others hold. None of them is changed; it shares parts with the first."""
    root = states[0]
    ids = {state["referral_id"] for state in states}
    others = [_in_the_words_of(root, other) for other in states[1:]]
    whole: State = {
        **root,
        "registers": dict(root["registers"]), "entries": dict(root["entries"]), "strikes": {}, "consent": dict(root["consent"]),
        "conflicts": {}, "vectors": {group: dict(vector) for group, vector in root["vectors"].items()},
    }  # fmt: skip
    if merged_into(root) in ids:
        del whole["registers"]["merged_into"]
    _join_status(whole, others)
    gave_way: dict[str, Conflict] = {}
    for other in others:
        _join_registers(whole, other, gave_way)
        whole["entries"].update(other["entries"])
        whole["consent"].update(other["consent"])
        for group, vector in other["vectors"].items():
            whole["vectors"].setdefault(group, {}).update(vector)
    for state in [root, *others]:
        _join_strikes(whole, state)
    for conflicts in (root["conflicts"], *(other["conflicts"] for other in others), gave_way):
        for conflict_id, conflict in conflicts.items():
            _join_conflict(whole, conflict_id, conflict)
    return whole


def _in_the_words_of(root: State, other: State) -> State:
    """The other's state with its devices named as the whole names them."""
    own, known = _devices(other), _devices(root)

    def name(device: str) -> str:
        apart = known_as(device, other["referral_id"]) if device in own else device
        plain = known_as(apart, root["referral_id"])
        return plain if plain in known else apart

    def vector(of: Vector) -> Vector:
        return {name(device): seq for device, seq in of.items()}

    def register(of: Register) -> Register:
        renamed: Register = {**of, "device": name(of["device"]), "base": vector(of["base"])}
        if "was" in of:
            renamed["was"] = {**of["was"], "device": name(of["was"]["device"])}
        return renamed

    return {
        **other,
        "registers": {key: register(of) for key, of in other["registers"].items()},
        "entries": {key: {**entry, "device": name(entry["device"])} for key, entry in other["entries"].items()},
        "consent": {key: {**event, "device": name(event["device"])} for key, event in other["consent"].items()},
        "conflicts": {
            key: {**conflict, "lost_device": name(conflict["lost_device"])}
            for key, conflict in other["conflicts"].items()
        },
        "vectors": {group: vector(of) for group, of in other["vectors"].items()},
    }


def _devices(state: State) -> frozenset[str]:
    """Those that wrote in this referral's log."""
    return frozenset(device for vector in state["vectors"].values() for device in vector)


def _join_status(whole: State, others: Iterable[State]) -> None:
    """The status and, where it is `closed`, why."""
    registers = whole["registers"]
    for other in others:
        offered, standing = other["registers"].get("status"), registers.get("status")
        if offered is None or (standing is not None and not _prevails(offered, standing)):
            continue
        registers["status"] = offered
        if offered["value"] == "closed" and "closure" in other["registers"]:
            registers["closure"] = other["registers"]["closure"]


def _prevails(offered: Register, standing: Register) -> bool:
    if covers(standing["base"], offered["device"], offered["seq"]):
        return False
    return covers(offered["base"], standing["device"], standing["seq"]) or _going_on(offered) > _going_on(standing)


def _going_on(status: Register) -> int:
    value = status["value"]
    return STATUSES.get(value, 0) if isinstance(value, str) and value != "closed" else 0


def _join_registers(whole: State, other: State, gave_way: dict[str, Conflict]) -> None:
    registers = whole["registers"]
    determined = any(key in registers for key in DETERMINED)
    for key in sorted(other["registers"]):
        offered, standing = other["registers"][key], registers.get(key)
        if key in NEVER or (key in DETERMINED and determined):
            continue
        if standing is None or (_only_fills(key) and standing["value"] is None):
            registers[key] = offered
        elif not _only_fills(key):
            registers[key] = _weighed(key, standing, offered, gave_way)


def _only_fills(key: str) -> bool:
    return key in FILLS or key in DETERMINED or group_of(key) in OWN_EVENT


def _weighed(key: str, standing: Register, offered: Register, gave_way: dict[str, Conflict]) -> Register:
    """Which of two referrals' values stands, by the fold's rules."""
    if covers(standing["base"], offered["device"], offered["seq"]):
        return standing
    if covers(offered["base"], standing["device"], standing["seq"]):
        return offered
    if offered["value"] is None or _agree(key, standing["value"], offered["value"]):
        return standing
    if standing["value"] is None:
        return offered
    higher = offered["rank"] > standing["rank"]
    kept, lost = (offered, standing) if higher else (standing, offered)
    opened = open_conflict(gave_way, key, kept, lost, later=offered)
    gave_way[opened].pop("was", None)  # the two had nothing before them that both knew
    return kept


def _agree(key: str, one: JsonValue, other: JsonValue) -> bool:
    if key == "holder" and one is not None and other is not None:
        return bool(one["user_id"] == other["user_id"])
    return canonical(one) == canonical(other)


def _join_strikes(whole: State, state: State) -> None:
    """As the fold does: the first stands, one that misnames the kind is void, and a revocation goes before what is unknown."""
    for entry_id, strike in state["strikes"].items():
        entry, standing = whole["entries"].get(entry_id), whole["strikes"].get(entry_id)
        kind = strike["entry_kind"]
        if entry is not None and entry["kind"] != kind:
            continue
        if standing is None or (kind == "release.give" and standing["entry_kind"] != kind):
            whole["strikes"][entry_id] = strike


def _join_conflict(whole: State, conflict_id: str, conflict: Conflict) -> None:
    """A conflict against the value that stands in the end. What was lost under another's account of the event stays there."""
    key, standing = conflict["key"], whole["registers"].get(conflict["key"])
    if standing is None or standing["op"] == conflict["lost"]:
        return
    if standing["op"] == conflict["kept"]:
        whole["conflicts"][conflict_id] = conflict
    elif not (key in NEVER or _only_fills(key) or _settled(key, conflict, standing)):
        whole["conflicts"][f"{key}|{standing['op']}|{conflict['lost']}"] = {**conflict, "kept": standing["op"]}


def _settled(key: str, conflict: Conflict, standing: Register) -> bool:
    seen = covers(standing["base"], conflict["lost_device"], conflict["lost_seq"])
    return seen or _agree(key, standing["value"], conflict["lost_value"])


def seen(own: State, whole: State | None, groups: Collection[Group]) -> View:
    """A referral for those who may know which were merged: the whole, or a member's own fold under the consent of all."""
    if whole is None or whole["referral_id"] == own["referral_id"]:
        return render(whole or own, groups)
    return render({**own, "consent": {**whole["consent"], **own["consent"]}}, groups)


def apart_view(own: State, whole: State, groups: Collection[Group]) -> View:
    """One's own referral, for those who must not learn of the others: police, prosecutors, partners.

    Nothing that anybody wrote on another referral, with one exception: who answered and how it went on, where that was written
    in sight of this one. Such an act counts for both, and only program staff ever see both. Whether consent stands is said by
    the whole.
    """
    registers = dict(own["registers"])
    status, acted = registers.get("status"), whole["registers"].get("status")
    if status is not None and acted is not None and _acted_in_sight(own, whole, acted, status):
        registers["status"] = _in_place_of(status, acted)
        holder = whole["registers"].get("holder")
        if holder is not None and _acted_in_sight(own, whole, holder, status):
            registers["holder"] = _in_place_of(status, holder)
    view = render({**own, "registers": registers}, groups, whole)
    granted = any(event["kind"] == "grant" for event in own["consent"].values())
    return {**view, "consented": view["consented"] and granted}


def _in_place_of(own: Register, acted: Register) -> Register:
    """What was said on another referral, told as if it stood where one's own word does."""
    told: Register = {**acted, "op": own["op"], "device": own["device"], "seq": own["seq"], "base": own["base"]}
    told.pop("was", None)
    return told


def acted_in_sight(own: State, whole: State) -> bool:
    """True if the status of the whole was written by somebody who had this referral's own before them."""
    status, acted = own["registers"].get("status"), whole["registers"].get("status")
    return status is not None and acted is not None and _acted_in_sight(own, whole, acted, status)


def _acted_in_sight(own: State, whole: State, acted: Register, own_status: Register) -> bool:
    if own["referral_id"] == whole["referral_id"]:
        return False  # what was done on the whole stands in its own log already
    device = known_as(own_status["device"], own["referral_id"])
    return covers(acted["base"], device, own_status["seq"])
