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
    touched: dict[str, KnownReferral] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    assessments: dict[str, bytes] = field(default_factory=dict)
    """What is stored of assessments now, as text, by referral."""
    numbers: dict[str, int] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    pages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    own: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Program, person, operation, and what became of it."""
