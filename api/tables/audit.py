"""Who did what to accounts, devices and access. Ids only; no names, no values."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class AuditEvent(SQLModel, table=True):
    """One event, append-only (triggers refuse change and deletion)."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    action: str
    outcome: str
    actor_id: str | None = None
    program_id: str | None = None
    subject: str = ""
    source: str = ""
