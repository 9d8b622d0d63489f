"""The columns of an evaluator's rows, the words that may stand in them, and the documents that carry them."""

from typing import NamedTuple

from pydantic import BaseModel

OTHER, NOT_GIVEN = "other", "not_given"
NOT_ANSWERED = "not_answered"
WITHDRAWN = "consent_withdrawn"

BUCKETS: tuple[tuple[int, str], ...] = ((5, "under_5"), (15, "5_to_14"), (60, "15_to_59"))
"""Minutes from the page to its answer, below these; then `LONGEST`."""
LONGEST = "60_or_more"

_RACES = frozenset(
    {
        "american_indian", "alaska_native", "asian", "black", "middle_eastern", "pacific_islander", "white", "hispanic",
        "more_than_one",
    }
)  # fmt: skip
_ETHNICITIES = frozenset({"hispanic", "not_hispanic"})
_GENDERS = frozenset({"woman", "man", "nonbinary", "transgender"})
KNOWN_WORDS = {"race": _RACES, "ethnicity": _ETHNICITIES, "gender": _GENDERS}
"""The fields are texts. What is none of these words is told as `other`, so that nothing that somebody wrote gets out."""


class Described(NamedTuple):
    """One referral. What the person said of themself and what an officer perceived stay apart.

    In the order in which the columns matter: where rows are too few, the last ones are withheld first.
    """

    pathway: str
    month: str
    agency: str
    status: str
    decision: str
    minutes_to_answer: str
    race_self: str
    ethnicity_self: str
    gender_self: str
    race_perceived: str
    ethnicity_perceived: str
    gender_perceived: str


class Group(BaseModel):
    """Referrals that are alike in every column, and how many."""

    values: list[str]
    count: int


class Evaluation(BaseModel):
    """The referrals of months that are over. None where there are fewer than `smallest_cell`."""

    smallest_cell: int
    columns: list[str]
    referrals: int
    groups: list[Group]
