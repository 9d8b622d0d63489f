"""What phones and the server say to each other when they meet. Receipts and feed items are documented in sync.reconcile."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.operations.feed import PULL_LIMIT
from sync.cursor import CURSOR_LIMIT
from sync.fields import INTEGER_LIMIT
from sync.operations import BATCH_LIMIT_OPERATIONS, Uuid

PROTOCOL = 1
LOST_LIMIT = 1000
TALLY_LIMIT = 50
DEMOGRAPHIC_KEYS = (
    "race_self", "race_observed", "ethnicity_self", "ethnicity_observed", "gender_self", "gender_observed", "age_band",
)  # fmt: skip

AppVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.+_-]{1,40}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.\-]{0,63}$")]


class Body(BaseModel):
    """Closed to unknown keys; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DeviceReport(Body):
    """What the phone says of itself: how many operations wait, since when, its build, and how many numbers it has given out.

    An older app does not say the last.
    """

    pending: Annotated[int, Field(ge=0, le=1_000_000)]
    oldest_pending_at: Annotated[str, StringConstraints(max_length=35)] | None
    app: AppVersion
    written: Annotated[int, Field(ge=0, le=INTEGER_LIMIT)] = 0


class PushRequest(Body):
    """A batch in the order of the phone's sequence. `lost` names earlier operations that the phone no longer has."""

    protocol: Literal[1]
    epoch: Uuid | None
    device_id: Uuid
    device: DeviceReport
    lost: Annotated[list[Uuid], Field(max_length=LOST_LIMIT)]
    operations: Annotated[list[dict[str, Any]], Field(max_length=BATCH_LIMIT_OPERATIONS)]


class Receipt(BaseModel):
    """The server's answer for one operation. `first` is the first receipt, where this is a duplicate."""

    op_id: str
    digest: str | None
    epoch: str
    status: Literal["applied", "merged", "duplicate", "held", "rejected", "retry"]
    reason: str | None
    detail: str | None
    position: int | None
    number: int | None
    conflicts: list[str]
    first: dict[str, Any] | None
    state: str | None
    retry_after_s: int | None


class PushAnswer(BaseModel):
    """Receipts, and where the server stands: its epoch, its head, what it knows of the device and what a backup holds of that.

    A phone may forget what lies at or below `durable_position` by its receipt and is among the `durable` numbers as well.
    """

    protocol: int
    epoch: str
    server_time: str
    head: int
    durable_position: int
    known: dict[str, list[list[int]]]
    durable: dict[str, list[list[int]]]
    receipts: list[Receipt]
    wipe: bool
    forked: Annotated[bool, Field(description="Two browser profiles write as this device: enrol anew, under a new id.")]


class ForwardRequest(Body):
    """Operations of the phone `author_device_id`, brought by the phone `device_id`, in the order of the author's sequence."""

    protocol: Literal[1]
    device_id: Uuid
    author_device_id: Uuid
    operations: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=BATCH_LIMIT_OPERATIONS)]


class CarriedReceipt(BaseModel):
    """What whoever carries an operation is told: `taken` (it is here), `retry` (keep it) or `refused` (not that phone's)."""

    op_id: str
    epoch: str
    status: Literal["taken", "retry", "refused"]
    position: int | None


class ForwardAnswer(BaseModel):
    """A receipt for each operation, in order."""

    protocol: int
    epoch: str
    receipts: list[CarriedReceipt]


class PullRequest(Body):
    """What changed since the cursor (None: everything)."""

    protocol: Literal[1]
    epoch: Uuid | None
    cursor: Annotated[str, StringConstraints(max_length=CURSOR_LIMIT)] | None
    limit: Annotated[int, Field(ge=1, le=PULL_LIMIT)]
    device_id: Uuid | None


class Person(BaseModel):
    name: str
    role: str


class PullAnswer(BaseModel):
    """`items` are put, drop, page, op or told; see the feed. The rest is as in PushAnswer."""

    protocol: int
    epoch: str
    server_time: str
    head: int
    durable_position: int
    known: dict[str, list[list[int]]]
    durable: dict[str, list[list[int]]]
    resync: bool
    more: bool
    cursor: str
    people: dict[str, Person]
    items: list[dict[str, Any]]


class TallyEntry(Body):
    """An offer that ended without a referral: a count and nothing that names anybody."""

    id: Uuid
    agency_id: Uuid | None
    month: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pathway: Literal["arrest_diversion", "social_contact"]
    answer: Literal["declined", "walked_away"]
    reason: Code | None
    demographics: dict[str, Code]

    @model_validator(mode="after")
    def _known_keys(self) -> "TallyEntry":
        unknown = self.demographics.keys() - set(DEMOGRAPHIC_KEYS)
        if unknown:
            raise ValueError("demographics: use only " + ", ".join(DEMOGRAPHIC_KEYS))
        return self


class TallyRequest(Body):
    """Tallies of one phone; each id is random and counted once."""

    protocol: Literal[1]
    device_id: Uuid
    tallies: Annotated[list[TallyEntry], Field(max_length=TALLY_LIMIT)]


class TallyAnswer(BaseModel):
    """The ids that are counted now; the phone forgets them."""

    accepted: list[str]
