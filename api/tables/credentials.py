"""How people prove who they are: passkeys, one-time codes, challenges that stand open, and accounts that are locked."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, SealedText


class UserHandle(SQLModel, table=True):
    """What authenticators know a person as: random, so that a phone's list of passkeys tells nothing about accounts."""

    __tablename__ = "user_handle"

    user_id: str = Field(primary_key=True, foreign_key="person.id", max_length=36)
    handle: str = Field(unique=True, max_length=64)


class Passkey(SQLModel, table=True):
    """One authenticator of a person. `prf`: it can unlock a vault; `device_bound`: its key never leaves the device."""

    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(foreign_key="person.id", index=True)
    credential_id: str = Field(unique=True)
    public_key: str
    sign_count: int
    label: str
    prf: bool
    device_bound: bool
    created_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)


class OneTimeCode(SQLModel, table=True):
    """A person's secret for six-digit codes; it counts once confirmed. `last_step`: codes up to this step are spent."""

    __tablename__ = "one_time_code"

    user_id: str = Field(primary_key=True, foreign_key="person.id", max_length=36)
    secret: str = Field(sa_type=SealedText)
    created_at: datetime = Field(sa_type=Instant)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    last_step: int = 0


class Challenge(SQLModel, table=True):
    """A challenge that no authenticator has answered yet. `asked_by` is a person, or a hash of an address."""

    __tablename__ = "passkey_challenge"

    id_hash: str = Field(primary_key=True, max_length=64)
    challenge: str
    purpose: str
    asked_by: str = Field(index=True)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class SignInLock(SQLModel, table=True):
    """The passphrase of an account is not taken until then. `subject` is a hash of the login."""

    __tablename__ = "sign_in_lock"

    subject: str = Field(primary_key=True, max_length=64)
    until_at: datetime = Field(sa_type=Instant)
