"""Devices: one user's enrolment in one browser profile."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json


class Device(SQLModel, table=True):
    """`known` is the list of sequence ranges the server holds; `pending` is what the phone last said still waits on it."""

    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    program_id: str = Field(foreign_key="program.id", index=True)
    public_key: str
    label: str = ""
    cookie_hash: str = Field(max_length=64)
    state: str = "active"
    known: list[list[int]] = Field(default_factory=list, sa_type=Json)
    pending: int = 0
    oldest_pending_at: datetime | None = Field(default=None, sa_type=Instant)
    app_version: str = ""
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
