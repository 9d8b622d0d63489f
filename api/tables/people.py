"""Programs, agencies, users, their memberships (role by program, with history) and sessions."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json, SealedText


class Program(SQLModel, table=True):
    """One LEAD site. `config` holds what phones cache: call number, script, languages, minutes (see accounts.program)."""

    id: str = Field(primary_key=True, max_length=40)
    name: str
    config: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class Agency(SQLModel, table=True):
    """A police or sheriff's department in a program."""

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    name: str


class User(SQLModel, table=True):
    """A person with a login. The passphrase is kept as an argon2id hash."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=36)
    login: str = Field(unique=True, max_length=80)
    name: str
    callback: str = Field(default="", sa_type=SealedText)
    password_hash: str
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class Membership(SQLModel, table=True):
    """What a user may be, where, and since when; ended rows stay, so that a role at an earlier instant can be told."""

    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    program_id: str = Field(foreign_key="program.id", index=True)
    agency_id: str | None = Field(default=None, foreign_key="agency.id")
    role: str
    from_at: datetime = Field(sa_type=Instant)
    until_at: datetime | None = Field(default=None, sa_type=Instant)


class SignIn(SQLModel, table=True):
    """A user's session: one role in one program. Only the token's SHA-256 is stored.

    `fresh_at` is when the person last proved who they are; `second_factor_needed` if they gave a passphrase alone where the
    program asks for more. `id` names the session to its owner and opens nothing.
    """

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True, max_length=64)
    id: str = Field(unique=True, index=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    membership_id: str = Field(foreign_key="membership.id")
    device_id: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    fresh_at: datetime = Field(sa_type=Instant)
    second_factor_needed: bool = False


class SignInAttempt(SQLModel, table=True):
    """A refused sign-in, for the limits. `subject` is a hash of the login or of the address."""

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(index=True, max_length=64)
    at: datetime = Field(sa_type=Instant, index=True)


class Bootstrap(SQLModel, table=True):
    """The one-time link that makes the first administrator; one row at most."""

    id: int = Field(default=1, primary_key=True)
    token_hash: str
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
