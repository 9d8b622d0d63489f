"""What the reader of the audit answers, and what phones tell of the referrals that somebody opened."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sync.operations import Uuid

OPENINGS_LIMIT = 100
Moment = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$")
]


class Opening(BaseModel):
    """Somebody opened a referral's screen, perhaps without a connection; `at` by the phone's clock."""

    model_config = ConfigDict(extra="forbid", strict=True)

    referral_id: Uuid
    at: Moment


class Openings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    openings: Annotated[list[Opening], Field(min_length=1, max_length=OPENINGS_LIMIT)]


class AuditEntry(BaseModel):
    """One event. Names are those that people of the program have now; `referrals` is empty for who reaches none.

    `counts`: numbers that belong to it, such as how many operations of a batch were applied. `opened_at`: when the phone says
    that the screen was opened.
    """

    number: int
    at: str
    action: str
    outcome: str
    actor_id: str | None
    actor_name: str
    subject: str
    subject_name: str
    source: str
    device_id: str | None
    referrals: list[str]
    counts: dict[str, int]
    opened_at: str | None


class AuditPage(BaseModel):
    """The newest first. `cursor` asks for what is older; None: there is nothing older."""

    entries: list[AuditEntry]
    cursor: int | None
