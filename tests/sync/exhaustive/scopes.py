"""The scopes that are gone through: what two people write, and what may go wrong meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.sync.exhaustive.acts import BAD
from tests.sync.exhaustive.worlds import Scope

_SMALL = Scope(alone=False, duplicates=0)
_VALUES = replace(_SMALL, officer=("name",), coordinator=("name",))
_BACKED_UP = replace(_VALUES, backups=1, restores=1, duplicates=1)

SMALL: Mapping[str, Scope] = {
    "two values, duplicated": replace(_VALUES, duplicates=1),
    "two values, settled": replace(_VALUES, coordinator=("name", "resolve")),
    "consent taken back": replace(_SMALL, officer=("withdraw",), coordinator=("name", "withdraw")),
    "consent given again": replace(_SMALL, officer=("withdraw", "grant"), coordinator=("name",)),
    "from the beginning": replace(_SMALL, begun=(), officer=("create", "grant", "name"), coordinator=("place",)),
    "a bad one between": replace(_SMALL, officer=(BAD, "place"), coordinator=("place",)),
    "restored, all that was there is gone": replace(_VALUES, restores=1),
    "restored so, and announced": replace(_VALUES, restores=1, announced=True),
    "restored and announced twice": replace(_VALUES, restores=2, announced=True, coordinator=()),
    "restored from a backup, the officer writes": replace(_BACKED_UP, coordinator=()),
    "restored from a backup, the coordinator writes": replace(_BACKED_UP, officer=()),
}
"""Gone through to the end, every time."""

LARGE: Mapping[str, Scope] = {
    "restored": _BACKED_UP,
    "restored and announced": replace(_BACKED_UP, announced=True),
    "two values, late and duplicated": Scope(officer=("name",), coordinator=("name",), in_flight=2),
    "values": Scope(officer=("name", "place"), coordinator=("name", "resolve")),
    "consent": Scope(officer=("withdraw", "grant"), coordinator=("name", "withdraw")),
    "from the beginning, one by one": Scope(
        begun=(), officer=("create", "grant", "name"), coordinator=("place", "withdraw")
    ),
    "restored, settled": replace(_BACKED_UP, coordinator=("name", "resolve")),
    "restored, consent": replace(_BACKED_UP, officer=("withdraw", "grant"), coordinator=("withdraw",)),
    "restored twice": replace(_BACKED_UP, backups=2, restores=2),
    "restored, late answers": replace(_BACKED_UP, in_flight=2),
    "restored and announced, late answers": replace(_BACKED_UP, in_flight=2, announced=True),
    "an older backup restored": replace(
        _BACKED_UP, begun=("create",), officer=("place",), coordinator=("place",), older=True
    ),
}
"""As far as asked for."""
