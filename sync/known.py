"""What the server knows when a batch arrives: its sender, and what is stored about everything that the batch names.

This answers for names and types only. `api.operations` fills them from the database; `reconcile` brings them forward
operation by operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.fields import Group, Pathway, Role
from sync.intake import Incoming
from sync.ranges import Ranges
from sync.records import State
from sync.times import Timing


@dataclass(frozen=True)
class Member:
    """One role somebody had, from an instant until another (None: still)."""

    role: Role
    agency_id: str | None
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True)
class Sender:
    """The device that sends and the person it belongs to; `members` newest first, `lost` what the phone no longer has."""

    device_id: str
    user_id: str
    program_id: str
    device_active: bool
    user_active: bool
    members: tuple[Member, ...]
    enrolled_at: datetime
    lost: frozenset[str] = frozenset()
    numbers: Ranges = field(default_factory=list)
    """The sequence numbers that are known of the device."""
    forked_from: int | None = None
    """The first number that two browser profiles gave out under its id, once that came out."""


@dataclass
class KnownReferral:
    """A referral as stored. `state` is changed in place by the fold."""

    program_id: str
    agency_id: str | None
    author_id: str
    pathway: str
    state: State


@dataclass(frozen=True)
class KnownOperation:
    """An operation that holds its op_id, with its present state and its first receipt."""

    digest: str
    state: str
    receipt: Mapping[str, Any]


@dataclass(frozen=True)
class Waiting:
    """A stored operation that waits for its referral or for a consent, the role its author had, and what its times tell."""

    incoming: Incoming
    member: Member
    timing: Timing | None = None
    late: bool = False
    forked_from: int | None = None
    """These two: see `out_of_turn`."""
    received_at: datetime | None = None
    """When it came, where it was kept until now without holding its id."""


@dataclass(frozen=True)
class Rights:
    """The caller's permission table, as questions. Whoever may change a group may also correct what others wrote there.

    `reads` tells a role's groups, `shown` what is left of them in a certain state of the referral.
    """

    begins: Callable[[Role], frozenset[Pathway]]
    reaches: Callable[[Role, str | None, str, KnownReferral], bool]
    may_leave: Callable[[Role], bool]
    may_write: Callable[[Role, frozenset[Group]], bool]
    may_change: Callable[[Role, frozenset[Group]], bool]
    reads: Callable[[Role], frozenset[Group]]
    shown: Callable[[Role, State], frozenset[Group]]


@dataclass
class Known:
    """What is stored about everything that the batch names.

    `arrived` names operations of this device that are kept without holding their id; whoever follows one need not wait.
    `foreign` names referrals of other programs: for this sender they do not exist, but their ids are taken.
    `expunged` names those that were erased, whether or not the server still has a row of them.
    """

    epoch: str
    sender: Sender
    operations: dict[str, KnownOperation]
    quarantined: Mapping[str, Mapping[str, Any]]
    arrived: set[str]
    referrals: dict[str, KnownReferral]
    foreign: frozenset[str]
    agencies: frozenset[str]
    rights: Rights
    waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    expunged: frozenset[str] = frozenset()
    numbers: dict[int, str] = field(default_factory=dict)
    """Of the batch's sequence numbers those that an operation of this device holds already, and which."""
    forked_from: int | None = None
    """As the sender's, brought forward."""
