"""What people decided: about operations that were held or rejected, and about records that never arrived. Append-only."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, SealedText


class QuarantineDecision(SQLModel, table=True):
    """`adopted` or `dismissed`, by whom, and why. `item_id` is an operation's id, or the hash of a sealed one."""

    __tablename__ = "quarantine_decision"

    item_id: str = Field(primary_key=True, max_length=64)
    program_id: str = Field(foreign_key="program.id", index=True)
    op_id: str
    author_id: str
    """Whoever wrote it, as far as anybody can tell; empty where nobody can."""
    decision: str
    because: str
    """The reason for which it had been held or rejected until then."""
    reason: str = Field(sa_type=SealedText)
    decided_by: str = Field(foreign_key="person.id")
    decided_at: datetime = Field(sa_type=Instant)


class UnarrivedSettled(SQLModel, table=True):
    """Somebody looked into records of a phone that never arrived: how many there were then, and what they found."""

    __tablename__ = "unarrived_settled"

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    device_id: str = Field(foreign_key="device.id", index=True)
    count: int
    reason: str = Field(sa_type=SealedText)
    settled_by: str = Field(foreign_key="person.id")
    settled_at: datetime = Field(sa_type=Instant)
