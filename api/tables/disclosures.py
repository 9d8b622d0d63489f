"""The accounting of disclosures (42 CFR 2.25): what was told to whom, under which release. Ids and codes only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class Disclosure(SQLModel, table=True):
    """One answer that told a person outside the program something of a referral. `codes`: what a release calls it, by spaces.

    Append-only. It names the referral by id alone and outlives it, because the participant may ask for it for years.
    """

    __table_args__ = (Index("ix_disclosure_referral", "program_id", "referral_id", "at"),)

    id: str = Field(primary_key=True, max_length=36)
    program_id: str = Field(foreign_key="program.id")
    referral_id: str = Field(max_length=36)
    release_id: str = Field(max_length=36)
    user_id: str = Field(max_length=36)
    codes: str
    at: datetime = Field(sa_type=Instant)
