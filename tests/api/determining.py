"""What a phone says with its rules, and what the server says to that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.database import Database
from eligibility_rules.evaluate import evaluate
from eligibility_rules.load import load_pack
from eligibility_rules.model import Pack
from tests.api import exchange_world as world
from tests.api.rule_packs import pack_text

INCIDENT = "2026-04-30T02:00:00Z"
"""An evening in Denver: still the 29th."""

Refer = Callable[..., str]


def determined(pack: Pack, facts: dict[str, Any], pathway: str = "arrest_diversion") -> dict[str, Any]:
    """What a phone says with this pack."""
    said = evaluate(pack, pathway, facts)
    return {
        "outcome": said.outcome, "pack": pack.hash, "answers": {reason.rule: reason.answer for reason in said.reasons},
    }  # fmt: skip


def own_pack(text: str = "") -> Pack:
    return load_pack(text or pack_text(), "own")


def checked(database: Database, referral_id: str) -> dict[str, Any] | None:
    """The value of the register `check`, None where nothing was said."""
    register = world.state(database, referral_id)["registers"].get("check")
    return None if register is None else dict(register["value"])


def verdict(database: Database, referral_id: str) -> tuple[str, str | None]:
    value = checked(database, referral_id)
    assert value is not None
    return value["verdict"], value["outcome"]
