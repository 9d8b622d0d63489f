"""The fields of a referral: which group each belongs to, who owns it, and what values it takes.

This answers for the vocabulary that `referral.set` may write (the minimum set for a LEAD referral: who, where, why, what is
needed, and nothing the program must not hold). It leaves merging to `fold` and rights over groups to the caller.
There is deliberately no field for informant material, immigration status, criminal-history text or drug-test results.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple

JsonValue = Any
"""A JSON value without floats; `operations.canonical` refuses anything else."""

Group = Literal[
    "origin", "case", "circumstances", "place", "identity", "needs", "demographics", "safety", "notes", "contacts",
    "consent", "release", "status", "holder", "decision", "assessment", "approvals", "merging",
]  # fmt: skip
GROUPS: tuple[Group, ...] = (
    "origin", "case", "circumstances", "place", "identity", "needs", "demographics", "safety", "notes", "contacts",
    "consent", "release", "status", "holder", "decision", "assessment", "approvals", "merging",
)  # fmt: skip
"""`case` is the packet that police hand to a prosecutor; what the officer saw and judged is in `circumstances`."""
Role = Literal[
    "officer", "sergeant", "coordinator", "case_manager", "supervisor",
    "administrator", "prosecutor", "evaluator", "partner", "server",
]  # fmt: skip
Pathway = Literal["arrest_diversion", "social_contact", "community"]
PATHWAYS: tuple[Pathway, ...] = ("arrest_diversion", "social_contact", "community")

TEXT_LIMIT = 300
LONG_TEXT_LIMIT = 4000
LIST_LIMIT = 24
FACTS_LIMIT = 64
INTEGER_LIMIT = 2**53 - 1
WAIT_MINUTES_LIMIT = 24 * 60

NEEDS = (
    "naloxone", "withdrawal", "medical", "mental_health", "shelter", "housing", "food", "clothing", "identification",
    "phone", "transport", "treatment", "medication", "legal", "work", "family_safety",
)  # fmt: skip
CUSTODY = ("not_in_custody", "detained", "in_custody", "released")
BASIS = ("record", "direct_observation", "credible_source")
THREE_STATES = ("yes", "no", "unknown")
STATUSES: dict[str, int] = {
    "submitted": 10,
    "acknowledged": 20,
    "not_met": 30,
    "deferred": 30,
    "handed_off": 40,
    "closed": 60,
}
"""Dominance of a status among concurrent ones; a status that saw the present one replaces it whatever its rank."""

IDENTITY_FACTS = ("birth_date", "age_years")
"""Facts of a rule pack that say who the person is. They never stand in `facts`: those are read by police and supervisors."""

CODE_PATTERN = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,63}")
DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT_PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class FieldError(ValueError):
    """A field's value is not of its kind; the message names the field and what it takes."""


class Field(NamedTuple):
    """One register of a referral. `owner` is the role whose concurrent value wins; None means nobody's does."""

    group: Group
    owner: Role | None
    accepts: Callable[[JsonValue], bool]
    takes: str


def is_integer(value: JsonValue, low: int, high: int) -> bool:
    """True for an integer (never a boolean) within the closed range."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(limit: int) -> tuple[Callable[[JsonValue], bool], str]:
    return lambda value: isinstance(value, str) and len(value) <= limit, f"text of at most {limit} characters"


def _one_of(values: tuple[str, ...]) -> tuple[Callable[[JsonValue], bool], str]:
    return lambda value: isinstance(value, str) and value in values, "one of " + ", ".join(values)


def _integer(low: int, high: int) -> tuple[Callable[[JsonValue], bool], str]:
    return lambda value: is_integer(value, low, high), f"a whole number from {low} to {high}"


def is_date(value: JsonValue) -> bool:
    """True for an ISO calendar date that exists."""
    if not isinstance(value, str) or not DATE_PATTERN.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_instant(value: JsonValue) -> bool:
    """True for an RFC 3339 instant with an offset that exists and can be told in UTC."""
    if not isinstance(value, str) or not INSTANT_PATTERN.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def is_code(value: JsonValue) -> bool:
    """True for a short lower-case identifier, such as a charge code."""
    return isinstance(value, str) and CODE_PATTERN.fullmatch(value) is not None


def _codes(known: tuple[str, ...] | None) -> Callable[[JsonValue], bool]:
    def accepts(value: JsonValue) -> bool:
        if not isinstance(value, list) or len(value) > LIST_LIMIT:
            return False
        return all(is_code(item) and (known is None or item in known) for item in value)

    return accepts


def _is_gps(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"latitude_e6", "longitude_e6", "accuracy_m"}
        and is_integer(value["latitude_e6"], -90_000_000, 90_000_000)
        and is_integer(value["longitude_e6"], -180_000_000, 180_000_000)
        and is_integer(value["accuracy_m"], 0, 1_000_000)
    )


def _is_fact(value: JsonValue) -> bool:
    if value is None or isinstance(value, bool) or is_integer(value, -INTEGER_LIMIT, INTEGER_LIMIT):
        return True
    if isinstance(value, list):
        return len(value) <= LIST_LIMIT and all(is_code(item) for item in value)
    return isinstance(value, str) and len(value) <= TEXT_LIMIT


def _are_facts(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= FACTS_LIMIT
        and all(is_code(key) and _is_fact(fact) for key, fact in value.items())
    )


def _are_case_facts(value: JsonValue) -> bool:
    return _are_facts(value) and not any(name in value for name in IDENTITY_FACTS)


def _is_determination(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"outcome", "pack", "answers"}
        and value["outcome"] in ("eligible", "ineligible", "needs_review")
        and (value["pack"] is None or (isinstance(value["pack"], str) and len(value["pack"]) <= 64))
        and isinstance(value["answers"], dict)
        and len(value["answers"]) <= FACTS_LIMIT
        and all(is_code(key) and answer in THREE_STATES for key, answer in value["answers"].items())
    )


def _own(group: Group, owner: Role | None, kind: tuple[Callable[[JsonValue], bool], str]) -> Field:
    return Field(group, owner, kind[0], kind[1])


_DATE = (is_date, "a date such as 2026-04-30")
_INSTANT = (is_instant, "an instant such as 2026-04-30T02:14:00Z")
_YES_NO = (lambda value: isinstance(value, bool), "true or false")

FIELDS: dict[str, Field] = {
    "incident_at": _own("case", "officer", _INSTANT),
    "case_number": _own("case", "officer", _text(60)),
    "charges": _own("case", "officer", (_codes(None), f"a list of at most {LIST_LIMIT} charge codes")),
    "due_on": _own("case", "officer", _DATE),
    "facts": _own(
        "circumstances", "officer", (_are_case_facts, f"at most {FACTS_LIMIT} facts of the rule pack, none of identity")
    ),
    "determination": _own("circumstances", "officer", (_is_determination, "outcome, pack and answers")),
    "custody": _own("circumstances", "officer", _one_of(CUSTODY)),
    "paperwork_held": _own("circumstances", "officer", _YES_NO),
    "property_held": _own("circumstances", "officer", _text(TEXT_LIMIT)),
    "basis": _own("circumstances", "officer", _one_of(BASIS)),
    "last_conduct_on": _own("circumstances", "officer", _DATE),
    "within_area": _own("circumstances", "officer", _one_of(THREE_STATES)),
    "unit": _own("case", "officer", _text(60)),
    "place": _own("place", "officer", _text(TEXT_LIMIT)),
    "gps": _own("place", "officer", (_is_gps, "latitude_e6, longitude_e6 and accuracy_m")),
    "wait_minutes": _own("place", "officer", _integer(0, WAIT_MINUTES_LIMIT)),
    "callback": _own("place", "officer", _text(40)),
    "name": _own("identity", None, _text(120)),
    "alias": _own("identity", None, _text(120)),
    "birth_date": _own("identity", None, _DATE),
    "age_years": _own("identity", None, _integer(0, 120)),
    "language": _own("identity", None, _text(60)),
    "contact": _own("identity", None, _text(500)),
    "safe_to_contact": _own("identity", None, _text(TEXT_LIMIT)),
    "card_number": _own("identity", "officer", _text(40)),
    "needs": _own("needs", "coordinator", (_codes(NEEDS), "needs from the list: " + ", ".join(NEEDS))),
    "race_self": _own("demographics", None, _text(60)),
    "race_observed": _own("demographics", "officer", _text(60)),
    "ethnicity_self": _own("demographics", None, _text(60)),
    "ethnicity_observed": _own("demographics", "officer", _text(60)),
    "gender_self": _own("demographics", None, _text(60)),
    "gender_observed": _own("demographics", "officer", _text(60)),
    "referrer_name": _own("identity", "partner", _text(120)),
    "referrer_relation": _own("identity", "partner", _text(60)),
    "person_knows": _own("identity", "partner", _one_of(THREE_STATES)),
}

FIELDS["review_facts"] = _own(
    "assessment", "coordinator", (_are_facts, f"at most {FACTS_LIMIT} facts of the rule pack")
)
"""What only the participant or the coordinator knows: history, the roster, what was asked after consent."""

FIELDS["intake_on"] = _own("assessment", "coordinator", _DATE)
"""The day on which intake was done. That it was done is health information: others hear of it by a release alone."""

ASSESSMENT_ITEMS = (
    "overdose", "withdrawal", "medical", "suicide", "violence", "naloxone", "substances", "mental_health", "sleeping",
    "food_clothing", "identification_phone", "transport", "court", "income", "children_pets_partner", "language_disability",
    "providers", "first_want", "best_place_time",
)  # fmt: skip
"""The brief assessment: short, skippable, not diagnostic. Each holds {answer, text}; "not_asked" is an answer."""
ASSESSMENT_ANSWERS = ("yes", "no", "unknown", "not_asked", "prefers_not")


def _is_assessment_item(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"answer", "text"}
        and value["answer"] in ASSESSMENT_ANSWERS
        and isinstance(value["text"], str)
        and len(value["text"]) <= LONG_TEXT_LIMIT
    )


FIELDS |= {
    f"assessment.{item}": _own("assessment", "coordinator", (_is_assessment_item, "an answer and a text"))
    for item in ASSESSMENT_ITEMS
}

ACT_REGISTERS: dict[str, Group] = {
    "origin": "origin",
    "status": "status",
    "departure": "status",
    "holder": "holder",
    "handoff": "holder",
    "decision": "decision",
    "accepted": "decision",
    "closure": "decision",
    "check": "decision",
    "confirmation": "consent",
    "merged_into": "merging",
}
"""Registers written by acts (alert, acknowledge, hand-off…) rather than by `referral.set`.

`accepted` stays once the program has accepted, whatever is decided later: who loses sight by that must not gain it again.
"""


def group_of(key: str) -> Group:
    """The group of a register; KeyError for one that does not exist."""
    return ACT_REGISTERS[key] if key in ACT_REGISTERS else FIELDS[key].group


def check_field(key: str, value: JsonValue) -> None:
    """Refuse an unknown field or a value not of its kind (None clears a field)."""
    field = FIELDS.get(key)
    if field is None:
        raise FieldError(f"{key}: this program has no such field; update the app or remove it")
    if value is not None and not field.accepts(value):
        raise FieldError(f"{key}: give {field.takes}")
