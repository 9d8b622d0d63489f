"""Invitations: one-time addresses and codes that let one named person in."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class Invitation(SQLModel, table=True):
    """Bound to one person. `purpose` is join, enrol or recover. Of the token and the code only hashes are stored.

    The code's hash is argon2id, since 40 bits under a plain hash would be found within the ten minutes.
    """

    __tablename__ = "invitation"

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    user_id: str = Field(foreign_key="person.id", index=True)
    purpose: str
    token_hash: str = Field(unique=True, max_length=64)
    code_hash: str
    code_tries: int = 0
    made_by: str | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
