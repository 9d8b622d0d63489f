"""What supervisors are told of held and rejected operations, and what they say about them. No content of any referral."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sync.operations import Uuid

ITEMS_LIMIT = 100
REASON_LIMIT = 300
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"

ItemId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=REASON_LIMIT, pattern=ONE_LINE)]


class Decision(BaseModel):
    """Operations of one phone, and why they are adopted or dismissed. The reason names no participant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: Annotated[list[ItemId], Field(min_length=1, max_length=ITEMS_LIMIT)]
    reason: Reason


class UndecidedItem(BaseModel):
    """One operation that waits for somebody. `id` is its op_id, or the hash under which a sealed one is kept.

    `kind`, `made_at` and the referral are told where it could be opened. `sealed`: it can be exported as it came.
    """

    id: str
    author_name: str | None
    device_id: str
    device_label: str
    device_state: str
    kind: str | None
    made_at: str | None
    received_at: str
    state: Literal["held", "rejected"]
    reason: str
    referral_id: str | None
    referral_number: int | None
    may_adopt: bool
    sealed: bool
    brought: Annotated[str | None, Field(description="For what is not signed: how it came, and by which phone.")]


class DecidedItem(BaseModel):
    """What was decided: who wrote it, who decided, when and why; `because` is why it had been held or rejected."""

    op_id: str
    author_name: str | None
    decision: Literal["adopted", "dismissed"]
    because: str
    reason: str
    decided_by_name: str
    decided_at: str


class Quarantined(BaseModel):
    """The oldest undecided ones, how many there are by reason, and what was decided last."""

    items: list[UndecidedItem]
    by_reason: dict[str, int]
    decided: list[DecidedItem]


class Became(BaseModel):
    """What became of one adopted operation: `applied`, `merged`, or `held` or `rejected` by another rule, with its reason."""

    op_id: str
    status: Literal["applied", "merged", "held", "rejected"]
    reason: str | None
    detail: str | None


class Adopted(BaseModel):
    """In the order in which they were taken."""

    items: list[Became]


class SealedRecord(BaseModel):
    """An operation as it came: sealed to the server's key, readable by nobody else."""

    op_id: str
    device_id: str
    program_id: str
    seq: int
    key_id: str
    blob: str
    received_at: str
    reason: str


class UnarrivedEntry(BaseModel):
    """Records of a phone that never arrived. `settled`: how many of them somebody has looked into already."""

    device_id: str
    name: str
    label: str
    state: Literal["active", "revoked"]
    forked: bool
    count: int
    settled: int
    seen_at: str
    settled_by_name: str | None
    settled_at: str | None
    settled_reason: str | None


class UnarrivedList(BaseModel):
    phones: list[UnarrivedEntry]


class Settlement(BaseModel):
    """How many records were looked into, and what was found. The reason names no participant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    device_id: Uuid
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Reason
