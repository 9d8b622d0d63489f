"""Who is on call: a program's weekly rules, and the changes that people made to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json


class RotaRule(SQLModel, table=True):
    """One weekly rule, as `api.rota.model.WeeklyRule` reads it. A rule that was replaced stays, ended."""

    __tablename__ = "rota_rule"

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    level: str
    rule: dict[str, Any] = Field(sa_type=Json)
    created_by: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    ended_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class RotaChange(SQLModel, table=True):
    """Somebody comes, goes, or takes another's place for a while. Only an `accepted` one counts, in the order of acceptance.

    `place` is that order. The two halves of a swap share `swap_id`. `asked_of` is who has to agree, if anybody.
    """

    __tablename__ = "rota_change"
    __table_args__ = (
        Index("ix_rota_change_ends", "program_id", "ends_at"),
    )  # most have ended, and are seldom asked for

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id")
    level: str
    kind: str
    user_id: str | None = None
    to_user_id: str | None = None
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    swap_id: str | None = Field(default=None, index=True)
    state: str = "proposed"
    place: int | None = None
    asked_of: str | None = None
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    settled_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
