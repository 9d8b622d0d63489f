"""The documents of disclosures. What no release names is null, which is not the same as no."""

from typing import Literal

from pydantic import BaseModel

NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The notice that goes with every disclosure, in the short form of 42 CFR 2.32(a)(2). Its words are the regulation's own."""

Code = Literal["intake", "enrolled", "status"]


class IntakeFact(BaseModel):
    """Whether intake was done, on which day, and by which day it is due."""

    done: bool
    done_on: str | None
    due_on: str | None


class Facts(BaseModel):
    """What the releases in force name, as it stands at this moment."""

    intake: IntakeFact | None
    enrolled: bool | None
    status: str | None


class Scope(BaseModel):
    """A release that this answer rests on (42 CFR 2.32(b): the scope of the consent goes with what is told)."""

    release: str
    information: list[Code]
    purpose: str
    expires_on: str


class DisclosedReferral(BaseModel):
    """An arrest diversion with the packet of the police and what the participant released."""

    id: str
    number: int
    case_number: str | None
    charges: list[str]
    due_on: str | None
    officer: str
    facts: Facts
    scope: list[Scope]


class DisclosedReferrals(BaseModel):
    """Those of the looked-through referrals with a release in force; `before`: the number to ask on with, null at the end."""

    notice: str
    referrals: list[DisclosedReferral]
    before: int | None


class Disclosed(BaseModel):
    notice: str
    referral: DisclosedReferral


class DisclosureEntry(BaseModel):
    """One line of the accounting. What the release itself said is null once the referral has been erased."""

    at: str
    to: str
    to_role: str
    information: list[str]
    release: str
    recipient: str | None
    purpose: str | None
    expires_on: str | None


class Accounting(BaseModel):
    """The newest first. `more`: there are older lines, which only the file holds."""

    entries: list[DisclosureEntry]
    more: bool
