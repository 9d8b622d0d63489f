"""Who did what to accounts, devices and access. Ids only; no names, no values."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json


class AuditEvent(SQLModel, table=True):
    """One event, append-only (triggers refuse change and deletion); see `audit.chain`.

    An empty program is the installation's own chain. Rows without a number are from before there were chains; there, None is
    the installation.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_chain", "program_id", "number", unique=True),
        Index("ix_audit_event_actor", "program_id", "actor_id", "number"),
        Index("ix_audit_event_subject", "program_id", "subject", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    action: str
    outcome: str
    actor_id: str | None = None
    program_id: str | None = None
    subject: str = ""
    source: str = ""
    device_id: str | None = None
    detail: dict[str, int | str] | None = Field(default=None, sa_type=Json)
    number: int | None = Field(default=None, sa_type=BigInteger)
    previous: str = ""
    mac: str = ""


class AuditHead(SQLModel, table=True):
    """The end of a chain, locked by whoever adds to it. `pruned`: the last number that may be deleted."""

    __tablename__ = "audit_head"

    program_id: str = Field(primary_key=True, max_length=40)
    number: int = Field(default=0, sa_type=BigInteger)
    mac: str = Field(max_length=64)
    pruned: int = Field(default=0, sa_type=BigInteger)
