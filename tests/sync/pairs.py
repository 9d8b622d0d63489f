"""Two random logs about one person, the second of which says that it was merged into the first."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from sync.fold import fold
from sync.merging import known_as, whole_of
from sync.payloads import groups_of
from sync.records import Committed, State
from tests.sync.factories import Phone
from tests.sync.worlds import worlds

INTO = "aaaaaaaa-0000-4000-8000-000000000001"
FROM = "bbbbbbbb-0000-4000-8000-000000000002"


def folded(logs: Mapping[str, list[Committed]]) -> dict[str, State]:
    return {referral_id: fold(log) for referral_id, log in logs.items()}


def whole(states: Mapping[str, State], referral_id: str) -> State:
    return whole_of(states, referral_id) or states[referral_id]


@dataclass
class Pair:
    """Two logs, the second of which says that it was merged into the first."""

    logs: dict[str, list[Committed]]
    merge: Committed
    unmerge: Committed


def on(referral_id: str, log: list[Committed]) -> list[Committed]:
    return [{**copy.deepcopy(operation), "referral_id": referral_id} for operation in log]


def _apart(log: list[Committed]) -> list[Committed]:
    """Without what the random phones said of merging: which are merged is this module's to say."""
    kept = [one for one in log if "merging" not in groups_of(one["kind"], one["payload"])]
    return kept or [Phone("0ff1ceff", "officer").write("referral.alert")]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """The same few phones write on both; some of what they wrote on the first was written in sight of the second."""
    into, other = (on(name, _apart(draw(worlds(steps=10)).log)) for name in (INTO, FROM))
    for log, name in ((into, "1"), (other, "2")):
        for operation in log:  # ids are random: no operation stands in two logs
            operation["op_id"] = name + operation["op_id"][1:]
    seen = {known_as(one["device_id"], FROM): one["seq"] for one in other}
    for operation in into:
        if draw(st.integers(0, 2)) == 0:
            some = draw(st.dictionaries(st.sampled_from(sorted(seen)), st.integers(0, 12), max_size=3))
            operation["base"] = {**operation["base"], **{device: seq for device, seq in some.items() if seq}}
    coordinator = Phone("c00dffff", "coordinator")
    merge = coordinator.write("referral.merge", {"into": INTO})
    unmerge = coordinator.write("referral.unmerge", {"into": INTO}, {coordinator.device_id: 1})
    return Pair({INTO: into, FROM: other}, *(on(FROM, [operation])[0] for operation in (merge, unmerge)))


def merged(pair: Pair, at: int | None = None) -> dict[str, State]:
    log = [*pair.logs[FROM]]
    log.insert(len(log) if at is None else at, pair.merge)
    return folded({INTO: pair.logs[INTO], FROM: log})
