"""What a program settles about being reached: its policies, hours and minutes. Pure.

`accounts.program` holds these among a program's other settings; paging reads them alone, and bears a program that set none.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.rota.hours import ServiceHours
from api.rota.model import Zone
from api.rota.policy import PAGE_MINUTES, POLICIES_LIMIT, Policy, check_policies, choose

SEEN_SECONDS = 45
OPEN_WITHIN_MINUTES = 10

Minutes = Annotated[int, Field(ge=1, le=120)]


class Practice(BaseModel):
    """How a program is reached. Unknown keys are somebody else's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    time_zone: Zone = "UTC"
    page_minutes: Annotated[
        Minutes, Field(description="Minutes between the steps, where the program has no policies of its own.")
    ] = PAGE_MINUTES
    open_within_minutes: Annotated[
        Minutes, Field(description="An acknowledgement expires if the referral is not opened within these.")
    ] = OPEN_WITHIN_MINUTES
    seen_seconds: Annotated[
        int, Field(ge=15, le=300, description="No phone has shown the notice after these: the next channel follows.")
    ] = SEEN_SECONDS
    policies: Annotated[
        tuple[Policy, ...],
        Field(max_length=POLICIES_LIMIT, description="The first that fits a page is frozen into it."),
    ] = ()
    service_hours: ServiceHours = ()
    webhook_url: Annotated[
        str | None, StringConstraints(max_length=500, pattern=r"^https?://[^\s@]+$"),
        Field(description="A pager of the program's own that is told of each page (signed; see docs/paging.md)."),
    ] = None  # fmt: skip

    @model_validator(mode="after")
    def _policies_cover_every_page(self) -> Self:
        check_policies(self.policies)
        return self

    def policy_for(self, pathway: str, officer_waiting: bool) -> Policy:
        """The escalation for a page that opens now."""
        return choose(self.policies, pathway, officer_waiting, self.page_minutes)


def practice_of(config: dict[str, Any]) -> Practice:
    """A program's practice from its stored settings."""
    return Practice.model_validate(config)
