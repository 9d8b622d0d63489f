"""What was expunged, what may not be, what a restore must not undo, and who looked through broken glass. Ids, codes, instants."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class Expunged(SQLModel, table=True):
    """A referral of which nothing is left but its id and number. `reason`: why, a stable word."""

    referral_id: str = Field(primary_key=True, max_length=36, foreign_key="referral.id")
    program_id: str = Field(foreign_key="program.id", index=True)
    number: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    reason: str


class LegalHold(SQLModel, table=True):
    """Nothing of the referral may be erased from `from_at` until the day it runs out, or two people end it.

    The id is that of the request for it; `from_at` is None until a second person has approved.
    """

    __tablename__ = "legal_hold"

    id: str = Field(primary_key=True, max_length=36, foreign_key="second_person.id")
    program_id: str = Field(foreign_key="program.id", index=True)
    referral_id: str = Field(foreign_key="referral.id", index=True)
    number: int = Field(sa_type=BigInteger)
    reason: str
    asked_by: str = Field(foreign_key="person.id")
    approved_by: str | None = Field(default=None, foreign_key="person.id")
    from_at: datetime | None = Field(default=None, sa_type=Instant)
    until_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class LedgerMark(SQLModel, table=True):
    """A line of the ledger as the database remembers it; `key_id` names the key that made the mark. See `api.ledger`."""

    __tablename__ = "ledger_mark"

    mark: str = Field(primary_key=True, max_length=64)
    kind: str
    key_id: str
    at: datetime = Field(sa_type=Instant)
    reason: str


class BreakGlass(SQLModel, table=True):
    """One administrator may look at one referral until an instant. The id is that of the request for it."""

    __tablename__ = "break_glass"

    id: str = Field(primary_key=True, max_length=36, foreign_key="second_person.id")
    program_id: str = Field(foreign_key="program.id", index=True)
    referral_id: str = Field(foreign_key="referral.id")
    number: int = Field(sa_type=BigInteger)
    user_id: str = Field(foreign_key="person.id")
    approved_by: str = Field(foreign_key="person.id")
    from_at: datetime = Field(sa_type=Instant)
    until_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = Field(default=None, foreign_key="person.id")
