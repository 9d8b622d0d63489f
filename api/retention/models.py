"""What people and the server say to each other about keeping and erasing. Ids, numbers, dates, codes: no content."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from api.accounts.program import Retention
from api.retention.service import ExpungeReason, HoldReason, HoldState


class Body(BaseModel):
    """Closed to unknown keys; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ExpungeRequest(Body):
    reason: ExpungeReason


class HoldRequest(Body):
    """`until`: its last day, in the program's time zone."""

    reason: HoldReason
    until: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]

    @field_validator("until")
    @classmethod
    def _a_day(cls, value: str) -> str:
        date.fromisoformat(value)
        return value


class AskedFor(BaseModel):
    """A request that waits for its second person."""

    asked_id: str
    expires_at: str


class DueEntry(BaseModel):
    """A referral that is erased at an instant; `held`: not while the hold stands."""

    number: int
    at: str
    held: bool


class RetentionPlan(BaseModel):
    """The program's days, and what is or becomes due within thirty days, the first first."""

    kept: Retention
    due: Annotated[list[DueEntry], Field(description="At most a thousand.")]


class HoldEntry(BaseModel):
    """A hold. `until_at`: the first instant at which it no longer stands by itself."""

    id: str
    referral_id: str
    number: int
    reason: HoldReason
    state: HoldState
    asked_by_name: str
    approved_by_name: str | None
    from_at: str | None
    until_at: str
    ended_at: str | None


class HoldList(BaseModel):
    holds: list[HoldEntry]
