"""Operations whose number claims more than is true, and how the fold takes them so that no value gives way unseen.

A vector says of a device "everything up to this number has been seen". That is wrong of two kinds of operations: those of a
phone whose profile was copied or put back, so that one number stands for two operations; and those that a person adopted
after the same phone's later ones had been shown to everybody. The fold takes each of them as the one operation of a device
of its own, named by its op_id: nobody has seen it who was not shown it. A conflict too many is seen by a person, an
overwriting by nobody.
"""

from collections.abc import Mapping
from typing import Any

from sync.records import State, Vector

ONLY = 1
"""The number of the one operation of such a device."""


def told_apart(envelope: Mapping[str, Any], state: State, forked_from: int | None, *, late: bool) -> Mapping[str, Any]:
    """The envelope as the fold takes it: nearly always as it is.

    `forked_from` is the first number that two profiles gave out, where this operation was written at or after it; `late`
    says that a person adopted it. Both follow from the log, so that folding anew gives the same.
    """
    device, seq = envelope["device_id"], envelope["seq"]
    if forked_from is None and not (late and _passed(state, device, seq)):
        return envelope
    base: Vector = dict(envelope["base"])
    if forked_from is not None and base.get(device, 0) >= forked_from:
        base[device] = forked_from - 1
    prev = envelope["prev"]
    if any(prev in vector for vector in state["vectors"].values()):
        base[prev] = ONLY  # its own previous one, where that was taken in the same way
    return {
        **envelope,
        "device_id": envelope["op_id"],
        "seq": ONLY,
        "base": {key: at for key, at in base.items() if at},
    }


def _passed(state: State, device_id: str, seq: int) -> bool:
    """True if a later operation of the device counts already: whoever was shown that believes to have seen this one."""
    return any(vector.get(device_id, 0) >= seq for vector in state["vectors"].values())
