"""Releases of information (42 CFR 2.31): what is recorded when somebody signs one, and when it is taken back.

A release lets the program tell one recipient certain facts, for one purpose, until a date. It is another act than consent to
be referred, and a spoken yes is not one: it is signed. Whether one is in force is `in_force`'s affair.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from sync.fields import TEXT_LIMIT, is_date, is_instant
from sync.operations import Strict, Uuid

RECIPIENTS = ("prosecutor", "defense", "court", "provider", "probation", "other")
INFORMATION = ("intake", "enrolled", "status")
"""What a release may name: whether intake was done and when it is due, whether the person was taken on, and the state word.

Never what was said in an assessment, nor any need, note, substance or attendance.
"""
LONGEST_DAYS = 731
"""A release ends two years after it was signed at the latest; whoever still wants it signs again."""

SaidText = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]


class Recipient(Strict):
    """Who may be told: one office or person, by name."""

    kind: Literal["prosecutor", "defense", "court", "provider", "probation", "other"]
    name: SaidText


class Give(Strict):
    """A signed release. `expires_on` is its last day; `signed_how` says where the signature is."""

    recipient: Recipient
    information: Annotated[
        list[Literal["intake", "enrolled", "status"]], Field(min_length=1, max_length=len(INFORMATION))
    ]
    purpose: SaidText
    expires_on: str
    signed_how: Literal["paper", "electronic"]
    signed_at: str

    @model_validator(mode="after")
    def _whole(self) -> "Give":
        for key, text in (("recipient", self.recipient.name), ("purpose", self.purpose)):
            if not text.strip():
                raise ValueError(f"{key}: say it in words")
        if len(set(self.information)) != len(self.information):
            raise ValueError("information: name each once")
        if not is_instant(self.signed_at) or not is_date(self.expires_on):
            raise ValueError("signed_at and expires_on: give an instant and a date")
        signed = date.fromisoformat(self.signed_at[:10])
        if not timedelta() <= date.fromisoformat(self.expires_on) - signed <= timedelta(days=LONGEST_DAYS):
            raise ValueError(f"expires_on: at most {LONGEST_DAYS} days after it was signed, and not before that")
        return self


class Revoke(Strict):
    """The participant takes a release back. It counts at once, also where it comes before its release."""

    release: Uuid
    reason: Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]
