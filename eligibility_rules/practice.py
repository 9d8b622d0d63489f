"""How a program works around its rules: who else agrees, by when the intake is done, what officers are told, and its hours."""

from typing import Annotated, Literal

from pydantic import Field

from eligibility_rules.vocabulary import Frozen, Identifier, Line, Pathway, Text

Approver = Literal["sergeant", "liaison", "coordinator", "prosecutor", "all_partners"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Approval(Frozen):
    """Somebody besides the officer who has to agree, and when."""

    id: Identifier
    by: Approver
    when: Literal["before_offer", "before_handoff", "after"]
    applies_to: Annotated[tuple[Pathway, ...], Field(min_length=1)]
    text: Text
    cite: Line


class Intake(Frozen):
    """By when the full intake has to be done, in days after the incident, and what may follow if it is not."""

    days: Annotated[int, Field(ge=1, le=365)]
    if_missed: Text
    cite: Line


class Hours(Frozen):
    """Local wall-clock hours on the given days; `until` before `from` means the next day."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    begins: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(alias="from")
    until: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Practice(Frozen):
    """How the program works around its rules.

    `officer_decides`: before eligibility is checked, after it, or after the person has agreed. `notice_to_officer`: whether
    the program ever tells the officer that an intake was not completed; nothing else is ever told. `service_hours` are
    `always`, `not_stated` or a list.
    """

    officer_decides: Literal["first", "after_check", "after_consent"]
    approvals: tuple[Approval, ...] = ()
    intake: Intake | None = None
    notice_to_officer: Literal["never", "intake_not_completed"]
    service_hours: Literal["always", "not_stated"] | tuple[Hours, ...]
    languages: Annotated[tuple[Literal["en", "es"], ...], Field(min_length=1)] = ("en", "es")
    consent_scripts: Annotated[tuple[Line, ...], Field(min_length=1)] = ("default-1",)
