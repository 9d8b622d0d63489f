"""What happens in a world: moves drawn from a seed.

A move names an act and holds numbers; whom and what they mean is found when it is made, among what is there then. So a schedule
stays meaningful when moves are left out, which is how it is shrunk.
"""

import random
from dataclasses import dataclass, replace
from typing import Any

from tests.simulation.casting import PHONES

LENGTHS = (14, 22, 40)
"""How many moves; most bugs need few, some need many."""

WEIGHTS: dict[str, int] = {
    "write": 26, "exchange": 22, "flush": 8, "pull": 6, "deliver": 16, "lose": 5, "duplicate": 4, "mangle": 5,
    "die_writing": 3, "die_exchanging": 4, "kill_server": 8, "race": 5, "pass_time": 4, "two_tabs": 3,
    "back_up": 4, "publish": 3, "restore": 3, "restore_announced": 1, "restore_meanwhile": 3,
    "set_clock": 2, "change_person": 3, "end_session": 2, "upgrade": 1,
    "change_role": 1, "deactivate": 1, "revoke": 1, "wipe": 1, "copy_profile": 2, "put_back_profile": 1,
}  # fmt: skip
"""How often a move is drawn. Conversations are common, so that accidents find something to spoil."""


OPENING = (("write", 0), ("exchange", 0), ("exchange", 2), ("exchange", 3))
"""So that there is something to quarrel about: an officer's referral that the health side has on its phones."""


@dataclass(frozen=True)
class Move:
    """One act. `numbers` choose among what is there; `seed` orders what happens on the phones meanwhile."""

    name: str
    phone: int
    numbers: tuple[int, ...]
    seed: int

    def __str__(self) -> str:
        return f"{self.name}(phone {self.phone}, {', '.join(map(str, self.numbers))}; {self.seed})"


def drawn(seed: int, weights: dict[str, int] = WEIGHTS) -> list[Move]:
    """The schedule of a seed."""
    numbers = random.Random(seed)
    names, odds = zip(*weights.items(), strict=True)
    opening = [replace(_move(numbers, name), phone=phone) for name, phone in OPENING]
    return opening + [_move(numbers, name) for name in numbers.choices(names, odds, k=numbers.choice(LENGTHS))]


def _move(numbers: random.Random, name: str) -> Move:
    some = tuple(numbers.randrange(1 << 16) for _ in range(4))
    return Move(name, numbers.randrange(PHONES), some, numbers.randrange(1 << 30))


OFFICER_WISHES = (
    "set",
    "set",
    "set",
    "note",
    "grant",
    "withdraw",
    "alert",
    "handoff",
    "contact",
    "newer",
    "newer",
    "set",
)
HEALTH_WISHES = (
    "set", "set", "set", "note", "contact", "grant", "withdraw", "acknowledge", "accept", "close", "strike", "resolve",
    "resolve", "set",
)  # fmt: skip
KEYS = ("place", "name", "callback", "contact", "place", "name")
BEGINNINGS: dict[str, str] = {
    "officer": "arrest_diversion",
    "coordinator": "social_contact",
    "case_manager": "community",
}


@dataclass(frozen=True)
class Wishes:
    """What a person would like to write on one of the referrals shown; `begin` where there is none or they begin another."""

    anew: bool
    referral: int
    begin: list[dict[str, Any]]
    go_on: list[dict[str, Any]]


def wishes(role: str, numbers: tuple[int, ...], label: str) -> Wishes:
    """What somebody in this role wishes to write now. `label` makes every value its own."""
    first, second, third, fourth = numbers
    begin = []
    if role in BEGINNINGS:
        extra = [_wish("set", third, f"{label}b", KEYS[third % len(KEYS)])] if third % 3 else []
        grant = [_wish("grant", 0, label)] if second % 4 else []
        alert = [_wish("alert", 0, label)] if role == "officer" and fourth % 3 else []
        begin = [_wish("create", 0, label, BEGINNINGS[role]), *grant, _wish("set", 0, f"{label}a"), *extra, *alert]
    offered = OFFICER_WISHES if role == "officer" else HEALTH_WISHES
    chosen = [offered[second % len(offered)]] + ([offered[fourth % len(offered)]] if fourth % 5 == 0 else [])
    made = [
        _wish(what, third + place, f"{label}{place}", KEYS[(third + place) % len(KEYS)])
        for place, what in enumerate(chosen)
    ]
    return Wishes(first % 5 == 0, third >> 4, begin, made)


def _wish(what: str, n: int, value: str, key: str = "place") -> dict[str, Any]:
    return {"what": what, "n": n, "key": key, "value": value}
