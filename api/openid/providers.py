"""Entering and removing providers, which only the command line may: whoever runs one can sign in as everybody linked to it."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from api.accounts import queries as accounts
from api.audit.service import record
from api.openid import queries
from api.openid.web import may_be_asked
from api.paging.channels.public import Target
from api.problems import Conflict, Malformed, NotFound
from api.tables.openid import OpenidProvider
from sync.operations import ProgramId

COMMAND_LINE = "command line"
ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
SECRET_MIN_CHARACTERS = 16
SETTINGS_LIMIT = 10


class NewProvider(BaseModel):
    """What an operator says of a provider. With an agency only its members may sign in through it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    program_id: ProgramId
    agency: str | None = None
    issuer: str = Field(min_length=1, max_length=500, pattern=ONE_LINE)
    client_id: str = Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")
    client_secret: str = Field(min_length=SECRET_MIN_CHARACTERS, max_length=500, pattern=r"^[ -~]+$")
    label: str = Field(min_length=1, max_length=80, pattern=ONE_LINE)
    accepted_acr: list[str] = Field(default_factory=list, max_length=SETTINGS_LIMIT)
    accepted_amr: list[str] = Field(default_factory=list, max_length=SETTINGS_LIMIT)


def add(session: Session, new: NewProvider, excepted: frozenset[Target], now: datetime) -> OpenidProvider:
    """Enter a provider. Raises Malformed, NotFound, Conflict."""
    if not may_be_asked(new.issuer, excepted) or "?" in new.issuer:
        raise Malformed("The issuer is an address that begins with https, without a query or a fragment.")
    if accounts.program(session, new.program_id) is None:
        raise NotFound(f"There is no program {new.program_id}.")
    agency = None if new.agency is None else accounts.agency(session, new.program_id, new.agency)
    if new.agency is not None and agency is None:
        raise NotFound(f"There is no agency {new.agency} in {new.program_id}.")
    for other in queries.providers(session):
        if (other.program_id, other.issuer) == (new.program_id, new.issuer):
            raise Conflict(f"{new.program_id} has this issuer already, as {other.id}: remove that one first.")
    row = OpenidProvider(
        id=str(uuid.uuid4()), program_id=new.program_id, agency_id=None if agency is None else agency.id,
        issuer=new.issuer, client_id=new.client_id, client_secret=new.client_secret, label=new.label,
        accepted_acr=new.accepted_acr, accepted_amr=new.accepted_amr, created_at=now,
    )  # fmt: skip
    session.add(row)
    record(session, now, "openid.provider", program_id=new.program_id, subject=row.id, source=COMMAND_LINE)
    return row


def remove(session: Session, provider_id: str, now: datetime) -> int:
    """Remove a provider, and its identities unless another program has the same issuer; how many. Raises NotFound.

    Sessions that were opened through it end by themselves, or with the person's account.
    """
    row = queries.provider(session, provider_id)
    if row is None:
        raise NotFound(f"There is no provider {provider_id}.")
    queries.forget_attempts_of(session, provider_id)
    others = [each for each in queries.providers(session) if each.issuer == row.issuer and each.id != provider_id]
    gone = 0 if others else queries.forget_identities(session, row.issuer)
    session.delete(row)
    record(session, now, "openid.provider.end", program_id=row.program_id, subject=row.id, source=COMMAND_LINE)
    return gone
