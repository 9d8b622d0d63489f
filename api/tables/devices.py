"""Devices: one user's enrolment in one browser profile."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json


class Device(SQLModel, table=True):
    """`known` is the list of sequence ranges the server holds, `durable` those that a verified backup holds.

    `pending` is what the phone last said still waits on it.

    Of cookies only hashes are stored: the one in use (since `cookie_at`), the next one once it was handed out (it follows from
    the present one and `cookie_nonce`), the previous one, and `retired`, all before it. See `api.auth.device_cookies`.
    """

    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    program_id: str = Field(foreign_key="program.id", index=True)
    public_key: str
    label: str = ""
    cookie_hash: str = Field(max_length=64)
    cookie_at: datetime = Field(sa_type=Instant)
    cookie_nonce: str = ""
    next_hash: str | None = Field(default=None, max_length=64)
    previous_hash: str | None = Field(default=None, max_length=64)
    previous_until: datetime | None = Field(default=None, sa_type=Instant)
    retired: list[str] = Field(default_factory=list, sa_type=Json)
    state: str = "active"
    known: list[list[int]] = Field(default_factory=list, sa_type=Json)
    durable: list[list[int]] = Field(default_factory=list, sa_type=Json)
    pending: int = 0
    written: int = Field(default=0, sa_type=BigInteger)
    """The highest number that the phone ever said it had given out; 0 if it never said."""
    forked_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it came out that two browser profiles write under this id; the phone is told to enrol anew."""
    forked_from: int | None = Field(default=None, sa_type=BigInteger)
    oldest_pending_at: datetime | None = Field(default=None, sa_type=Instant)
    app_version: str = ""
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_why: str = ""
