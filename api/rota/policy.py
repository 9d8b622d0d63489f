"""A program's escalation: who is called, in which order, by what, and after how many minutes the next one. Pure.

A page takes the policy that fits it when it opens, and keeps it. Who is on call is asked at the moment a step fires.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sync.fields import Pathway

Channel = Literal["push", "sms", "voice", "email", "webhook"]
Who = Literal["on_call", "deputy", "lead", "coordinators", "supervisors", "everyone"]
"""`on_call`, `deputy`, `lead`: whom the rota names at that instant. `coordinators`, `supervisors`, `everyone`: all of them."""
AfterHours = Literal["page", "next_morning"]

STEPS_LIMIT = 10
POLICIES_LIMIT = 20
STEP_MINUTES_LIMIT = 120
PAGE_MINUTES = 5
"""Minutes between the steps of the policy that a program has before it writes its own."""
LADDER: tuple[Channel, ...] = ("push", "sms", "voice", "email")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Closed):
    """One step. `minutes` until the next one, or until it repeats if it is the last; `together`: all channels at once."""

    who: Who
    minutes: Annotated[int, Field(ge=1, le=STEP_MINUTES_LIMIT)] = PAGE_MINUTES
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=5)] = LADDER
    together: bool = False

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("channels: name each channel once")
        return self


class Policy(_Closed):
    """The steps for pages that fit: of these pathways (None: all), with an officer waiting or not (None: both).

    `after_hours: next_morning` wakes nobody outside the program's service hours; calling begins when they begin.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    pathways: Annotated[tuple[Pathway, ...] | None, Field(min_length=1)] = None
    officer_waiting: bool | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_LIMIT)]
    after_hours: AfterHours = "page"

    def fits(self, pathway: str, officer_waiting: bool) -> bool:
        """True if a page of this pathway takes this policy."""
        return (self.pathways is None or pathway in self.pathways) and self.officer_waiting in (None, officer_waiting)

    def step(self, number: int) -> Step:
        """The step with this number (the first is 0); beyond the last, the last, which repeats."""
        return self.steps[min(number, len(self.steps) - 1)]

    def is_last(self, number: int) -> bool:
        """True from the step that repeats."""
        return number >= len(self.steps) - 1


def default_policy(minutes: int = PAGE_MINUTES) -> Policy:
    """For a program that has written none: whoever is on call, twice, then everybody until somebody answers."""
    return Policy(
        name="default",
        steps=(
            Step(who="on_call", minutes=minutes),
            Step(who="on_call", minutes=minutes, together=True),
            Step(who="everyone", minutes=minutes, together=True),
        ),
    )


def attention_policy(minutes: int = PAGE_MINUTES) -> Policy:
    """For what was held or rejected: the supervisors, until one of them looks."""
    return Policy(name="attention", steps=(Step(who="supervisors", minutes=minutes),))


def check_policies(policies: tuple[Policy, ...]) -> None:
    """Raise ValueError unless the list is empty or its last policy fits every page, so that none is left without one."""
    if not policies:
        return
    last = policies[-1]
    if last.pathways is not None or last.officer_waiting is not None:
        raise ValueError("policies: let the last one fit every page (no pathways, no officer_waiting)")
    names = [policy.name for policy in policies]
    if len(set(names)) != len(names):
        raise ValueError("policies: give each its own name")


def choose(policies: tuple[Policy, ...], pathway: str, officer_waiting: bool, minutes: int = PAGE_MINUTES) -> Policy:
    """The first policy that fits; the default where a program has written none."""
    return next((policy for policy in policies if policy.fits(pathway, officer_waiting)), default_policy(minutes))
