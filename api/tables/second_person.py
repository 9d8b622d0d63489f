"""Acts that one person asks for and another one decides."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, SealedText


class SecondPerson(SQLModel, table=True):
    """One request. `subject` is the id it is about (a person, a referral…); `reason` is the asker's, for whoever decides.

    `state` is asked, approved, declined, expired, or done once what was approved has happened.
    """

    __tablename__ = "second_person"

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    kind: str
    subject: str = Field(max_length=36)
    reason: str = Field(sa_type=SealedText)
    asked_by: str = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = "asked"
