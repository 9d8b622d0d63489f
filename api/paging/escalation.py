"""Whom a page calls at each step, and when the next step comes. Pure.

The coordinators are called, again after N minutes, and from then on the program's supervisors with them, for as long as
nobody answers: the last step repeats without end. Nobody reachable at a step means the next one at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

PAGE_MINUTES = 5
OPEN_WITHIN_MINUTES = 10
COORDINATOR_STEPS = 2
COORDINATORS = ("coordinator", "case_manager")
SUPERVISORS = ("supervisor",)


def audience(kind: str, step: int) -> tuple[str, ...]:
    """The roles called at a step (the first is 0)."""
    if kind == "attention":
        return SUPERVISORS
    return COORDINATORS if step < COORDINATOR_STEPS else COORDINATORS + SUPERVISORS


def calling(kind: str, step: int, reached: int) -> str:
    """The same in one word, for screens; `nobody` where the last call had no phone to reach."""
    if reached == 0:
        return "nobody"
    return "coordinator" if kind != "attention" and step < COORDINATOR_STEPS else "supervisors"


def is_last(kind: str, step: int) -> bool:
    """True from the step that repeats."""
    return kind == "attention" or step >= COORDINATOR_STEPS


def next_step_at(config: Mapping[str, Any], now: datetime) -> datetime:
    """When the next step comes if nobody answers: the program's minutes, always one step ahead of now."""
    return now + timedelta(minutes=_minutes(config, "page_minutes", PAGE_MINUTES))


def open_by(config: Mapping[str, Any], now: datetime) -> datetime:
    """Until when whoever acknowledges now must have opened the referral."""
    return now + timedelta(minutes=_minutes(config, "open_within_minutes", OPEN_WITHIN_MINUTES))


def _minutes(config: Mapping[str, Any], name: str, default: int) -> int:
    value = config.get(name, default)
    return value if isinstance(value, int) and value > 0 else default
