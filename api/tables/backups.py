"""Which copies of the database were proved. The copies themselves, and what each of them is, lie outside of it."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant


class Backup(SQLModel, table=True):
    """A copy that was proved, or, where `kind` is `own_tools`, one that an operator vouches for."""

    name: str = Field(primary_key=True)
    kind: str
    epoch: str
    position: int = Field(sa_type=BigInteger)
    made_at: datetime = Field(sa_type=Instant)
    verified_at: datetime = Field(sa_type=Instant, index=True)
