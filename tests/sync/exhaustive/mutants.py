"""Protocols with one rule broken, each with a scope in which that must come out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from sync import fold
from sync.fields import JsonValue
from sync.records import Committed, State
from tests.simulation.plants import PLANTS, Patches, Plant
from tests.sync.exhaustive.acts import BAD
from tests.sync.exhaustive.rules import PROTOCOL, Rules
from tests.sync.exhaustive.worlds import Scope


@dataclass(frozen=True)
class Mutant:
    """One broken rule: switched off in the model, or a bug planted in the real fold."""

    scope: Scope
    rules: Rules = PROTOCOL
    plant: Plant | None = None
    far: bool = False
    """Whether it takes so many worlds to be found that only the long run looks for it."""

    def at_work(self) -> AbstractContextManager[None]:
        """While the block lasts, the fold is broken."""
        return nullcontext() if self.plant is None else self.plant.planted()


def _never_superseded(patches: Patches) -> None:
    """The fold without its rule 0: what the standing value's author had seen competes with it again."""

    def write(state: State, operation: Committed, key: str, value: JsonValue) -> str | None:
        standing = state["registers"].get(key)
        if standing is None or key == "origin":
            return real(state, operation, key, value)
        state["registers"][key] = {**standing, "base": {}}
        opened = real(state, operation, key, value)
        if state["registers"][key]["op"] == standing["op"]:
            state["registers"][key] = standing
        return opened

    real = fold._write
    patches.put(fold, "_write", write)


_TWO = Scope(officer=("name",), coordinator=("name",), duplicates=0, alone=False)
_RESTORED = replace(_TWO, restores=1)
_BACKED_UP = replace(_RESTORED, backups=1)

MUTANTS: Mapping[str, Mutant] = {
    "no idempotency": Mutant(_TWO, replace(PROTOCOL, idempotent=False)),
    "consent by last write": Mutant(
        replace(_TWO, officer=("withdraw", "grant"), coordinator=("withdraw",)), plant=PLANTS["consent by last write"]
    ),
    "integer revision": Mutant(_RESTORED, plant=PLANTS["integer revision"]),
    "no rule 0, restored": Mutant(_RESTORED, plant=Plant(in_server=_never_superseded)),
    "bad operation sent again": Mutant(
        replace(_TWO, officer=(BAD, "place"), coordinator=("place",)), replace(PROTOCOL, stores_the_bad=False)
    ),
    "deleted on any 200": Mutant(_TWO, replace(PROTOCOL, believes_strangers=True)),
    "dropped on acknowledgement, restored": Mutant(_RESTORED, replace(PROTOCOL, keeps_until_durable=False)),
    "epoch alone, former answers believed": Mutant(
        replace(_RESTORED, announced=True), replace(PROTOCOL, leaves_former_epochs=False, compares_known=False)
    ),
    "no known ranges, restored unannounced": Mutant(_RESTORED, replace(PROTOCOL, compares_known=False)),
    "overtaken answers believed of backups": Mutant(
        replace(_BACKED_UP, begun=("create",), officer=("place",), coordinator=("place",), in_flight=2, older=True),
        replace(PROTOCOL, distrusts_overtaken=False, drops_by_number=False),
        far=True,
    ),
    "a server in between believed": Mutant(
        replace(_RESTORED, restores=2, announced=True), replace(PROTOCOL, distrusts_overtaken=False)
    ),
    "positions of a former server believed": Mutant(
        replace(_BACKED_UP, duplicates=1), replace(PROTOCOL, drops_by_number=False), far=True
    ),
}
"""By name, everything that must be found out."""
