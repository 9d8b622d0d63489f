"""The keys that columns are sealed with, themselves wrapped, and how far a change of them has come."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from api.tables.columns import Instant, Json


class DataKey(SQLModel, table=True):
    """A data key, wrapped by the key-encryption key named `kek_id`, which is never in the database.

    Number 0 makes keyed digests; the highest number seals; all of them open.
    """

    __tablename__ = "data_key"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kek_id: str
    wrapped: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=Instant)


class RekeyProgress(SQLModel, table=True):
    """How far one table's rows have been sealed anew under data key `number`: up to the row with the key `after`."""

    __tablename__ = "rekey_progress"

    table: str = Field(primary_key=True)
    number: int
    after: list[str] = Field(default_factory=list, sa_type=Json)
    finished: bool = False
