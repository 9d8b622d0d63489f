"""The log and what is derived from it: operations (headers and bodies), quarantine, referrals, feed, head, tallies.

Assessments live in tables of their own, as operations and as folded: who reads the others never holds one in memory.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json, SealedBytes, SealedJson, SealedText

UNDECIDED_ROWS = "state IN ('held', 'rejected')"
"""Of the log what waits for somebody: few rows, so that an index of them alone costs an ordinary operation nothing."""


class Head(SQLModel, table=True):
    """One row: the server's epoch, the last feed position given out, and the last one that a verified backup holds."""

    id: int = Field(default=1, primary_key=True)
    epoch: str
    position: int = Field(default=0, sa_type=BigInteger)
    durable_position: int = Field(default=0, sa_type=BigInteger)
    projection: int = 0
    """The form that stored states and views have (see operations.reprojection)."""


class OperationHeader(SQLModel, table=True):
    """An operation that opened and verified. Append-only; triggers refuse to change what was received."""

    __tablename__ = "operation_header"
    __table_args__ = (
        Index("ix_operation_device_seq", "device_id", "seq"),
        Index("ix_operation_referral", "referral_id", "position"),
        Index(
            "ix_operation_undecided",
            "program_id",
            postgresql_where=text(UNDECIDED_ROWS),
            sqlite_where=text(UNDECIDED_ROWS),
        ),
    )

    op_id: str = Field(primary_key=True, max_length=36)
    digest: str = Field(max_length=64)
    program_id: str
    device_id: str
    user_id: str
    role: str
    seq: int = Field(sa_type=BigInteger)
    referral_id: str
    kind: str
    groups: str
    made_at: str
    clock_off_ms: int | None = Field(default=None, sa_type=BigInteger)
    received_at: datetime = Field(sa_type=Instant)
    position: int = Field(unique=True, sa_type=BigInteger)
    state: str
    reason: str | None = None
    receipt: dict[str, Any] = Field(sa_type=Json)
    counts_from: int | None = Field(default=None, sa_type=BigInteger)
    """The place in the log from which it counts, where a person adopted it later than it arrived."""
    forked_from: int | None = Field(default=None, sa_type=BigInteger)
    """The first of its phone's numbers that two profiles gave out, where it was written after that (see `sync.out_of_turn`)."""


class OperationBody(SQLModel, table=True):
    """The canonical bytes, sealed, and kept apart so that they can be erased without touching the log."""

    __tablename__ = "operation_body"

    op_id: str = Field(primary_key=True, max_length=36, foreign_key="operation_header.op_id")
    body: bytes = Field(sa_type=SealedBytes)


class AssessmentBody(SQLModel, table=True):
    """The canonical bytes of an operation that writes an assessment, among whatever else, in place of an `OperationBody`."""

    __tablename__ = "assessment_body"

    op_id: str = Field(primary_key=True, max_length=36, foreign_key="operation_header.op_id")
    body: bytes = Field(sa_type=SealedBytes)


class Quarantine(SQLModel, table=True):
    """What arrived but could not claim its op_id: unopened, unsigned, forged. Kept under its blob's hash, for a person."""

    blob_hash: str = Field(primary_key=True, max_length=64)
    op_id: str = Field(index=True)
    device_id: str
    seq: int = Field(sa_type=BigInteger)
    program_id: str = Field(index=True)
    key_id: str
    state: str
    reason: str
    detail: str = Field(sa_type=SealedText)
    received_at: datetime = Field(sa_type=Instant)
    blob: str = Field(sa_type=SealedText)
    receipt: dict[str, Any] = Field(sa_type=Json)
    sent_by: str = ""
    """The device under whose name it came, whatever its header says. Empty, like the next, in what an older server stored."""
    user_id: str = ""
    """Its author, and with it kind, referral and time, where it opened and was well formed."""
    kind: str = ""
    referral_id: str = ""
    made_at: str = ""


class Referral(SQLModel, table=True):
    """The fold of one referral's operations without its assessment, and the columns by which it is found.

    A test holds both parts together equal to the log.
    """

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    agency_id: str | None = Field(default=None, index=True)
    author_id: str = Field(index=True)
    pathway: str
    number: int = Field(sa_type=BigInteger)
    received_at: datetime = Field(sa_type=Instant)
    state: dict[str, Any] = Field(sa_type=SealedJson)


class ReferralAlias(SQLModel, table=True):
    """A referral that was merged into another (see sync.merging), as its state says. The other may not be here yet."""

    __tablename__ = "referral_alias"

    from_id: str = Field(primary_key=True, max_length=36, foreign_key="referral.id")
    into_id: str = Field(index=True, max_length=36)
    by_op: str = Field(max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)


class Assessment(SQLModel, table=True):
    """What the fold of a referral holds of its assessment (see sync.apart); no row where there is none."""

    referral_id: str = Field(primary_key=True, max_length=36, foreign_key="referral.id")
    program_id: str = Field(foreign_key="program.id", index=True)
    state: dict[str, Any] = Field(sa_type=SealedJson)


class FeedRow(SQLModel, table=True):
    """The present form of one item in one scope. Moved up when touched, so the feed grows with items, not operations.

    `digest` is keyed: names are few, and a plain hash of a view would let somebody try them.
    """

    __tablename__ = "feed_row"
    __table_args__ = (UniqueConstraint("position"), Index("ix_feed_scope_position", "scope", "position"))

    scope: str = Field(primary_key=True, max_length=80)
    program_id: str = ""
    kind: str = Field(primary_key=True, max_length=8)
    item_id: str = Field(primary_key=True, max_length=36)
    position: int = Field(sa_type=BigInteger)
    digest: str = Field(max_length=64)
    item: str = Field(sa_type=SealedText)


class Tally(SQLModel, table=True):
    """How often an offer ended without a referral. Counts only: no person, no officer, no device."""

    program_id: str = Field(primary_key=True)
    agency_id: str = Field(primary_key=True, default="")
    month: str = Field(primary_key=True, max_length=7)
    pathway: str = Field(primary_key=True)
    answer: str = Field(primary_key=True)
    reason: str = Field(primary_key=True, default="")
    demographics: str = Field(primary_key=True, default="{}")
    count: int = 0


class TallySeen(SQLModel, table=True):
    """Random ids of tallies already counted, so that a repeated send counts once."""

    __tablename__ = "tally_seen"

    id: str = Field(primary_key=True, max_length=36)
