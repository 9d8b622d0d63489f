"""Rule packs as this server keeps them: those that programs installed, and every one that it was ever shipped with."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json

STANDS = text("withdrawn_at IS NULL")


class InstalledPack(SQLModel, table=True):
    """A pack that an administrator installed. Triggers refuse to change or delete it; it can only be withdrawn.

    Days are ISO text in the program's calendar. `installed_by` and `withdrawn_by` are None for the command line.
    """

    __tablename__ = "installed_pack"
    __table_args__ = (
        Index(
            "ix_installed_pack_begins", "program_id", "effective_from", unique=True, sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )  # fmt: skip

    program_id: str = Field(primary_key=True, max_length=40, foreign_key="program.id")
    hash: str = Field(primary_key=True, max_length=64)
    slug: str
    document: dict[str, Any] = Field(sa_type=Json)
    yaml: str = Field(sa_type=Text)
    effective_from: str = Field(max_length=10)
    effective_until: str | None = Field(default=None, max_length=10)
    installed_by: str | None = None
    installed_at: datetime = Field(sa_type=Instant)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_reason: str | None = None


class ShippedPack(SQLModel, table=True):
    """A pack that came with some release of this program. A later release may correct it, and phones may still use it."""

    __tablename__ = "shipped_pack"

    hash: str = Field(primary_key=True, max_length=64)
    slug: str = Field(index=True)
    document: dict[str, Any] = Field(sa_type=Json)
    first_seen_at: datetime = Field(sa_type=Instant)
