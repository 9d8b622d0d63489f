"""What a person can write on the one referral, seeing what their screen shows, and what they truly saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.intake import Incoming, reopen
from sync.operations import canonical
from sync.records import State, Vector
from tests.simulation.oracle import Authored, Intent
from tests.sync.factories import REFERRAL
from tests.sync.server import OFFICER, device_id, user_id, write

BAD = "bad"
"""The act whose payload no server takes."""


@dataclass(frozen=True)
class Screen:
    """What a phone shows of the referral; `state` is None while it knows none."""

    state: State | None
    base: Vector

    @property
    def sight(self) -> frozenset[str]:
        """The operations behind every value, conflict, entry and consent that it shows."""
        if self.state is None:
            return frozenset()
        sides = [(one["kept"], one["lost"]) for one in self.state["conflicts"].values()]
        values = (register["op"] for register in self.state["registers"].values())
        return frozenset((*values, *(side for pair in sides for side in pair), *self.state["consent"]))


@dataclass(frozen=True, eq=False)
class Written:
    """An operation that was finished on a phone. Two are the same only if their authors saw the same, too."""

    name: str
    act: str
    incoming: Incoming
    sight: frozenset[str]

    @property
    def op_id(self) -> str:
        return self.incoming.sealed.op_id

    @property
    def seq(self) -> int:
        return self.incoming.sealed.seq

    @property
    def envelope(self) -> dict[str, Any]:
        assert self.incoming.envelope is not None
        return self.incoming.envelope

    def authored(self) -> Authored:
        """As the oracle of true knowledge asks for it."""
        intent = Intent(device_id(self.name), user_id(self.name), REFERRAL, 0, self.sight)
        assert self.incoming.raw is not None
        return Authored(self.op_id, self.incoming.raw, self.envelope, intent)


class Desk:
    """Where operations are written. The same one written in two worlds is one object, so that worlds compare quickly."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str, frozenset[str]], Written] = {}

    def write(self, name: str, act: str, seq: int, prev: str | None, screen: Screen) -> Written | None:
        """None where the screen does not offer the act."""
        offered = ACTS[act](screen, name, seq)
        if offered is None:
            return None
        kind, payload, saw = offered
        made = write(name, seq, kind, payload, prev=prev, base=screen.base, saw=saw)
        key = (made["op_id"], made["digest"], screen.sight)
        if key not in self._all:
            self._all[key] = Written(name, act, reopen(canonical(made)), screen.sight)
        return self._all[key]


Offered = tuple[str, dict[str, Any] | None, list[str]]


def _create(screen: Screen, name: str, _seq: int) -> Offered | None:
    return ("referral.create", None, []) if screen.state is None and name == OFFICER else None


def _grant(screen: Screen, _name: str, _seq: int) -> Offered | None:
    return None if screen.state is None else ("consent.grant", None, _withdrawals(screen.state))


def _withdraw(screen: Screen, _name: str, _seq: int) -> Offered | None:
    return None if screen.state is None else ("consent.withdraw", None, list(screen.state["consent"]))


def _name(screen: Screen, name: str, seq: int) -> Offered | None:
    grant = _standing_grant(screen.state)
    return None if grant is None else ("referral.set", {"fields": {"name": f"{name} {seq}"}}, [grant])


def _place(screen: Screen, name: str, seq: int) -> Offered | None:
    return None if screen.state is None else ("referral.set", {"fields": {"place": f"{name} {seq}"}}, [])


def _bad(screen: Screen, _name: str, _seq: int) -> Offered | None:
    return None if screen.state is None else ("referral.set", {"fields": {"needs": "nothing"}}, [])


def _resolve(screen: Screen, _name: str, _seq: int) -> Offered | None:
    """The value that had given way is chosen."""
    state = screen.state
    if state is None or not state["conflicts"]:
        return None
    conflict_id, conflict = min(state["conflicts"].items())
    grant = _standing_grant(state)
    payload = {"key": conflict["key"], "value": conflict["lost_value"], "conflicts": [conflict_id]}
    return "conflict.resolve", payload, [*([grant] if grant else []), conflict["kept"], conflict["lost"]]


ACTS: Mapping[str, Callable[[Screen, str, int], Offered | None]] = {
    "create": _create, "grant": _grant, "withdraw": _withdraw, "name": _name, "place": _place, "resolve": _resolve, BAD: _bad,
}  # fmt: skip


def _withdrawals(state: State) -> list[str]:
    return [op_id for op_id, event in state["consent"].items() if event["kind"] == "withdrawal"]


def _standing_grant(state: State | None) -> str | None:
    if state is None:
        return None
    withdrawals = set(_withdrawals(state))
    grants = (op_id for op_id, event in state["consent"].items() if event["kind"] == "grant")
    return next((op_id for op_id in grants if withdrawals.issubset(state["consent"][op_id]["saw"])), None)
