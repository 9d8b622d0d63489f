"""What a transaction is about to store: filled by `service` and by paging, written by `storage`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.reconcile import KnownReferral


@dataclass
class Draft:
    """What a transaction is about to store. `head` is the last position known, first before and then after storing."""

    epoch: str
    head: int
    durable_position: int
    headers: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    assessment_bodies: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    adopted: list[dict[str, Any]] = field(default_factory=list)
    by_hand: list[dict[str, Any]] = field(default_factory=list)
    """What a person adopted: as `adopted`, with role, reason, and the place from which it counts once there is one."""
    waiting: set[str] = field(default_factory=set)
    """The stored operations that were looked at whether they still need to wait."""
    touched: dict[str, KnownReferral] = field(default_factory=dict)
    beside: dict[str, KnownReferral] = field(default_factory=dict)
    """Locked as well, where referrals of one person were or are being merged: what changes one changes how others are shown."""
    links: dict[str, str] = field(default_factory=dict)
    """Which referral is merged into which, as stored."""
    created: set[str] = field(default_factory=set)
    assessments: dict[str, bytes] = field(default_factory=dict)
    """What is stored of assessments now, as text, by referral."""
    numbers: dict[str, int] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    pages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    own: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Program, person, operation, and what became of it."""
    told: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Program, person, operation, and what of that person's gave way to it or stands again by it."""
