"""Pages, the outbox of deliveries, the addresses where people are reached, and the worker's heartbeat."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json, SealedText

_LEFT = text("left_at IS NOT NULL")
"""Few are left with the card: an index of these alone costs the others nothing."""


class Page(SQLModel, table=True):
    """A demand for a coordinator's attention, called `calls` times so far; the last call, at `called_at`, reached `called`.

    `policy` is the escalation as it was when the page opened. `attention` pages tell supervisors of something held or
    rejected. `calling` is the word for screens. A page `until_morning` wakes nobody before its first
    step. `left_at`: the officer left the card and drove on.
    """

    __table_args__ = (
        Index("ix_page_due", "state", "next_step_at"),
        Index("ix_page_left", "program_id", "left_at", sqlite_where=_LEFT, postgresql_where=_LEFT),
    )

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    subject: str = Field(unique=True, max_length=80)
    referral_id: str | None = Field(default=None, index=True)
    kind: str = "referral"
    officer_waiting: bool = True
    state: str = "open"
    step: int = 0
    calls: int = 0
    policy: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    called: list[str] = Field(default_factory=list, sa_type=Json)
    called_at: datetime | None = Field(default=None, sa_type=Instant)
    calling: str = ""
    until_morning: bool = False
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    left_reason: str = ""
    opened_at: datetime = Field(sa_type=Instant)
    next_step_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledgement: str | None = None
    eta_minutes: int | None = None
    ack_expires_at: datetime | None = Field(default=None, sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)


class Delivery(SQLModel, table=True):
    """One message to one place: the paging outbox. A due row is posted at least once while a worker runs.

    `target_id` is a push subscription, a contact point, or the program's webhook; `origin` is what one hung service is told
    by; `slot` is its place in the person's ladder of channels within one call. A webhook's `user_id` is empty.
    """

    __table_args__ = (
        UniqueConstraint("page_id", "call", "kind", "target_id"),
        Index("ix_delivery_due", "state", "due_at"),
        Index("ix_delivery_target", "target_id", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    page_id: str | None = Field(default=None, foreign_key="page.id", index=True)
    call: int = 0
    kind: str
    text: str
    channel: str = "push"
    program_id: str = ""
    user_id: str
    target_id: str
    origin: str = ""
    slot: int = 0
    answered_by: str = ""
    eta_minutes: int | None = None
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
    p256dh: str = Field(sa_type=SealedText)
    auth: str = Field(sa_type=SealedText)
    language: str = "en"
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    last_ok_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""


class ContactPoint(SQLModel, table=True):
    """A number or mailbox at which somebody is reached when the phone's app is not enough; used once a code proved it."""

    __tablename__ = "contact_point"
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    channel: str
    address: str = Field(sa_type=SealedText)
    language: str = "en"
    created_at: datetime = Field(sa_type=Instant)
    code_hash: str = ""
    code_expires_at: datetime | None = Field(default=None, sa_type=Instant)
    code_tries: int = 0
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    last_ok_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""


class ShiftTest(SQLModel, table=True):
    """The test that each phone gets by itself when its owner's shift begins, and what came of it."""

    __tablename__ = "shift_test"
    __table_args__ = (UniqueConstraint("program_id", "level", "user_id", "starts_at"),)

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    level: str
    user_id: str
    starts_at: datetime = Field(sa_type=Instant)
    sent_at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = ""


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
