"""The shapes of state: what the fold keeps and what a view shows, as plain JSON (the phone's twin is the same).

This answers for names and types only; `fold` fills them and `views` shows parts of them. Dictionaries have no
order: canonical JSON sorts them, and screens sort entries by `at`, then by operation id.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

from sync.fields import Group, JsonValue, Role
from sync.times import Timing

Vector = dict[str, int]
"""For each device, the highest sequence number included."""


class Committed(TypedDict):
    """What the fold takes: an envelope whose payload passed its model, and what is known of its author.

    `blind` names the groups that the author could write but was not shown. A vector holds one number per device
    over all groups that somebody sees, so for an unseen group it would claim knowledge that the author never had.
    `timing` is there where the author's clock does not say it all (see `times`). `late` and `forked_from` come from the log and
    are asked before the fold is (see `out_of_turn`).
    """

    v: int
    op_id: str
    program_id: str
    device_id: str
    user_id: str
    seq: int
    referral_id: str
    prev: str | None
    kind: str
    payload: dict[str, Any]
    base: Vector
    saw: list[str]
    made_at: str
    clock_off_ms: int | None
    app: dict[str, Any]
    salt: str
    digest: str
    sig: str | None
    role: Role
    blind: NotRequired[list[Group]]
    late: NotRequired[bool]
    forked_from: NotRequired[int | None]
    timing: NotRequired[Timing]


class Was(TypedDict):
    """The value that a register held before, and which operation wrote it."""

    value: JsonValue
    device: str
    seq: int


class Register(Timing):
    """One value that stands, who wrote it, and what they had been shown (`base`) when they did.

    `was` is the value that it took the place of; it is missing where it was the first.
    """

    value: JsonValue
    op: str
    device: str
    seq: int
    by: str
    base: Vector
    rank: int
    was: NotRequired[Was]


class Entry(Timing):
    """One note, contact or safety observation; of a release also which withdrawals its author had seen."""

    kind: str
    payload: dict[str, Any]
    by: str
    role: Role
    device: str
    seq: int
    saw: NotRequired[list[str]]


class Strike(Timing):
    """An entry no longer stands. It may come before the entry, when phones send again after a restore."""

    op: str
    by: str
    reason: str
    entry_kind: str


class ConsentEvent(Timing):
    """A grant or a withdrawal; `saw` names the withdrawals that a grant overrides."""

    kind: Literal["grant", "withdrawal"]
    payload: dict[str, Any]
    by: str
    device: str
    seq: int
    saw: list[str]


class Conflict(TypedDict):
    """Two values written without sight of each other; the lost one is kept here until a person saw both.

    `was` is the value that both had before them (None: none); it is missing where the later author had not seen it.
    """

    key: str
    kept: str
    lost: str
    lost_value: JsonValue
    lost_by: str
    lost_at: str
    lost_received: NotRequired[str]
    lost_off_ms: NotRequired[int]
    lost_device: str
    lost_seq: int
    was: NotRequired[JsonValue]


class State(TypedDict):
    """A referral, folded. Entries are keyed by operation, strikes by the entry they strike.

    `expunged` stands alone: of such a referral all the rest is empty.
    """

    referral_id: str
    program_id: str
    registers: dict[str, Register]
    entries: dict[str, Entry]
    strikes: dict[str, Strike]
    consent: dict[str, ConsentEvent]
    conflicts: dict[str, Conflict]
    vectors: dict[Group, Vector]
    expunged: NotRequired[bool]


class View(TypedDict):
    """A referral as one role may see it; `vector` covers the visible groups and is the next operation's `base`."""

    referral_id: str
    program_id: str
    registers: dict[str, Register]
    entries: dict[str, Entry]
    strikes: dict[str, Strike]
    consent: dict[str, ConsentEvent]
    conflicts: dict[str, Conflict]
    vector: Vector
    blocked: bool
    consented: bool


BESIDE = frozenset({"blind", "timing", "late", "forked_from"})
"""What is known of an operation besides what its author wrote."""


def commit(
    envelope: Mapping[str, Any], role: Role, blind: Iterable[Group] = (), timing: Timing | None = None
) -> Committed:
    """An accepted envelope as the fold takes it, with the role its author had when it was made."""
    committed = {key: value for key, value in envelope.items() if key not in BESIDE} | {"role": role}
    if unseen := sorted(blind):
        committed["blind"] = unseen
    if timing is not None:
        committed["timing"] = timing
    return cast(Committed, committed)
