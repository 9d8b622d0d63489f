"""Pages, the outbox of deliveries, push subscriptions, and the worker's heartbeat."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class Page(SQLModel, table=True):
    """A demand for a coordinator's attention, called `calls` times so far; the last call had `reached` phones.

    `attention` pages tell supervisors of something held or rejected.
    """

    __table_args__ = (Index("ix_page_due", "state", "next_step_at"),)

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    subject: str = Field(unique=True, max_length=80)
    referral_id: str | None = Field(default=None, index=True)
    kind: str = "referral"
    officer_waiting: bool = True
    state: str = "open"
    step: int = 0
    calls: int = 0
    reached: int = 0
    opened_at: datetime = Field(sa_type=Instant)
    next_step_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledgement: str | None = None
    eta_minutes: int | None = None
    ack_expires_at: datetime | None = Field(default=None, sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)


class Delivery(SQLModel, table=True):
    """One message to one place: the paging outbox. A due row is posted at least once while a worker runs."""

    __table_args__ = (
        UniqueConstraint("page_id", "call", "kind", "subscription_id"),
        Index("ix_delivery_due", "state", "due_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    page_id: str | None = Field(default=None, foreign_key="page.id", index=True)
    call: int = 0
    kind: str
    text: str
    channel: str = "push"
    user_id: str
    subscription_id: str
    token_hash: str = Field(default="", index=True)
    token: str = ""
    state: str = "pending"
    due_at: datetime = Field(sa_type=Instant)
    lease_until: datetime = Field(sa_type=Instant)
    lease_by: str = ""
    attempts: int = 0
    outcome: str = ""
    created_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


class PushSubscription(SQLModel, table=True):
    """A browser's push address. The endpoint is a secret: it is never logged."""

    __tablename__ = "push_subscription"

    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    program_id: str = Field(foreign_key="program.id")
    device_id: str
    endpoint: str = Field(unique=True)
    p256dh: str
    auth: str
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    last_ok_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""


class PageEvent(SQLModel, table=True):
    """What happened to a page, append-only."""

    __tablename__ = "page_event"

    id: int | None = Field(default=None, primary_key=True)
    page_id: str = Field(foreign_key="page.id", index=True)
    at: datetime = Field(sa_type=Instant)
    what: str
    user_id: str | None = None
    detail: str = ""


class WorkerBeat(SQLModel, table=True):
    """When each worker last looked for work."""

    __tablename__ = "worker_beat"

    worker_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
