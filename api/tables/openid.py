"""Identity providers of agencies, whom their subjects are here, and sign-ins that are on their way through one."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json, SealedText


class OpenidProvider(SQLModel, table=True):
    """A provider through which members of a program, or of one agency alone, may sign in.

    Where `accepted_acr` or `accepted_amr` name anything, the provider's token
    must name one of them, and the sign-in then counts as two factors.
    """

    __tablename__ = "openid_provider"

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id", index=True)
    agency_id: str | None = Field(default=None, foreign_key="agency.id")
    issuer: str
    client_id: str
    client_secret: str = Field(sa_type=SealedText)
    label: str
    accepted_acr: list[str] = Field(default_factory=list, sa_type=Json)
    accepted_amr: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class OpenidIdentity(SQLModel, table=True):
    """Whom an issuer's subject is here. A mail address or a name at the provider is never looked at: both are reused."""

    __tablename__ = "openid_identity"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, max_length=255)
    user_id: str = Field(foreign_key="person.id", index=True)
    linked_at: datetime = Field(sa_type=Instant)


class OpenidAttempt(SQLModel, table=True):
    """A browser that was sent to a provider and may come back once. Only the hash of what it holds is stored.

    `link_session` is the session that asked to link an identity; else this is a sign-in, `device_id` and `replaces` being the
    phone it is on and the session (its token's hash) that it takes the place of. `source` is the hashed address, for the limit.
    """

    __tablename__ = "openid_attempt"

    handle_hash: str = Field(primary_key=True, max_length=64)
    provider_id: str = Field(foreign_key="openid_provider.id", index=True)
    source: str = Field(index=True, max_length=64)
    began_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    device_id: str | None = None
    replaces: str | None = None
    link_session: str | None = None
