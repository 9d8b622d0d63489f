"""What a rule pack may say, as frozen types.

Answers for the shape of a pack and for its canonical document and hash. Leaves to `check` whether its parts
fit one another (references, operators, Spanish), to `load` the YAML, to `evaluate` the meaning.

A condition is `[fact, operator, value]`, or `{all: […]}`, `{any: […]}`, `{not: …}`, `{first_known: […]}`. Amounts are
whole numbers in a named unit, dates are ISO text; a look-back is a day counted back from a fact that is named. There is
no other arithmetic, so the two languages cannot drift apart on rounding or zones.
"""

import hashlib
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import Discriminator, Field, Tag

from eligibility_rules.practice import Practice
from eligibility_rules.vocabulary import Frozen, Identifier, Line, Pathway, ProgramSlug, Text

#: The largest whole number that both languages hold exactly.
MAX_WHOLE_NUMBER = 2**53 - 1
#: The code an officer chooses when the charge is not on the program's list.
UNLISTED = "unlisted"

Referrer = Literal["officer", "partner", "provider", "community_member", "family_or_friend", "self"]
Tier = Literal["bars", "presumed_out", "warn", "ask_coordinator"]
Role = Literal["officer", "sergeant", "coordinator", "case_manager", "supervisor", "prosecutor"]
FactType = Literal["bool", "int", "enum", "date", "event", "code_list"]
AskedOf = Literal["officer", "participant", "coordinator", "record"]
Unit = Literal["mg", "cents", "dosage_units", "days", "months", "years", "times"]
Operator = Literal[
    "is", "is_not", "less_than", "at_most", "at_least", "more_than",
    "before", "on_or_before", "on_or_after", "after",
    "in", "not_in", "any_in", "none_in", "all_in",
]  # fmt: skip

#: What an `event` is when it has not happened: longer ago than any day.
NEVER = "never"
#: Facts that the record itself holds. Nobody is asked; the two of them that say who the person is stay with the health side.
RECORD_FACTS: dict[str, FactType] = {
    "incident_date": "date", "referral_date": "date", "birth_date": "date", "age_years": "int",
}  # fmt: skip


class AllOf(Frozen):
    all: Annotated[tuple["Condition", ...], Field(min_length=1)]


class AnyOf(Frozen):
    any: Annotated[tuple["Condition", ...], Field(min_length=1)]


class Not(Frozen):
    negated: "Condition" = Field(alias="not")


class FirstKnown(Frozen):
    """The answer of the first part that is not unknown: by the birth date where it is known, else by appearance."""

    first_known: Annotated[tuple["Condition", ...], Field(min_length=2)]


class YearsBefore(Frozen):
    """The day so many calendar years before the day named by a fact; 29 February becomes 28 where there is none."""

    years: Annotated[int, Field(ge=1, le=120)]
    before: Identifier


class MonthsBefore(Frozen):
    """The day so many calendar months before; the month's last day where it has no such day."""

    months: Annotated[int, Field(ge=1, le=1440)]
    before: Identifier


class DaysBefore(Frozen):
    """The day so many days before."""

    days: Annotated[int, Field(ge=1, le=43_800)]
    before: Identifier


LookBack = YearsBefore | MonthsBefore | DaysBefore


KINDS_OF_VALUE: dict[type, str] = {
    bool: "bool", int: "int", str: "str", list: "codes", tuple: "codes",
    YearsBefore: "years", MonthsBefore: "months", DaysBefore: "days",
}  # fmt: skip


def _kind_of_value(data: Any) -> str | None:
    if isinstance(data, dict):
        return next((key for key in ("years", "months", "days") if key in data), None)
    return KINDS_OF_VALUE.get(type(data))


Value = Annotated[
    Annotated[bool, Tag("bool")]
    | Annotated[int, Tag("int")]
    | Annotated[str, Tag("str")]
    | Annotated[tuple[str, ...], Tag("codes")]
    | Annotated[YearsBefore, Tag("years")]
    | Annotated[MonthsBefore, Tag("months")]
    | Annotated[DaysBefore, Tag("days")],
    Discriminator(
        _kind_of_value,
        custom_error_type="value",
        custom_error_message="is neither a plain value nor a look-back",
    ),
]
Comparison = tuple[Identifier, Operator, Value]


def _kind_of_condition(data: Any) -> str | None:
    if isinstance(data, (list, tuple)):
        return "comparison"
    if isinstance(data, dict):
        return next((key for key in ("all", "any", "not", "first_known") if key in data), None)
    if isinstance(data, Not):
        return "not"
    if isinstance(data, FirstKnown):
        return "first_known"
    return "all" if isinstance(data, AllOf) else "any" if isinstance(data, AnyOf) else None


Condition = Annotated[
    Annotated[Comparison, Tag("comparison")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[FirstKnown, Tag("first_known")],
    Discriminator(
        _kind_of_condition,
        custom_error_type="condition",
        custom_error_message="is neither [fact, operator, value] nor all, any, not or first_known",
    ),
]


class Charge(Frozen):
    """A charge on the program's list. `order` 1 is shown first; `conditions` are facts asked under the
    charge.
    """

    code: Identifier
    level: Literal["state", "county", "municipal", "not_stated"]
    klass: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{1,20}$")] | None = Field(default=None, alias="class")
    statute: Line | None = None
    title: Text
    cite: Line
    order: Annotated[int, Field(ge=1)]
    conditions: tuple[Identifier, ...] = ()


class Choice(Text):
    """One value that an enum or a list may take, in words."""

    code: Identifier


class Fact(Frozen):
    """Something that somebody may know.

    `asked_of` names who: an officer answers by observation only, a participant after consent, a coordinator from the
    roster or from history; `record` facts (`RECORD_FACTS`) are filled in from the referral. An `event` is the day on which
    something last happened, or `never`. A `code_list` without `values` is a list of charges: its codes are those of the
    pack's charges and `unlisted`.
    """

    id: Identifier
    type: FactType
    unit: Unit | None = None
    values: tuple[Choice, ...] = ()
    question: Text
    asked_of: AskedOf


class Rule(Frozen):
    """Where `when` holds (always, if None), `must` has to hold, on the pathways it `applies_to`.

    `why` is shown when it does not, `confirm` while that is unknown.
    """

    id: Identifier
    applies_to: Annotated[tuple[Pathway, ...], Field(min_length=1)]
    when: Condition | None = None
    must: Condition
    tier: Tier
    override_by: Role | None = None
    cite: Line
    why: Text
    confirm: Text


class Pack(Frozen):
    """One program's rules from `effective_from` to `effective_until`, both days included (None: until
    replaced).

    `official` says that the program's own page is the source (a rule from elsewhere says so in its `cite`), not
    that the program has signed this pack; an unofficial one is an example, and `unverified` says what could not be
    verified. `way_on` is said to whoever may not refer.
    """

    program: ProgramSlug
    version: date
    effective_from: date
    effective_until: date | None = None
    source: Line
    official: bool
    unverified: tuple[Text, ...] = ()
    practice: Practice
    pathways: Annotated[dict[Pathway, tuple[Referrer, ...]], Field(min_length=1)]
    way_on: Text
    charges: tuple[Charge, ...]
    facts: Annotated[tuple[Fact, ...], Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    def document(self) -> dict[str, Any]:
        """The pack as the JSON document that phones receive; `Pack.model_validate_json` reads it back."""
        return self.model_dump(mode="json", by_alias=True)

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hex, of the document's RFC 8785 canonical JSON."""
        return hashlib.sha256(rfc8785.dumps(self.document())).hexdigest()

    @cached_property
    def facts_by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def codes_by_fact(self) -> dict[str, frozenset[str]]:
        """The codes that each enum or code list may take."""
        charges = frozenset({charge.code for charge in self.charges} | {UNLISTED})
        return {
            fact.id: frozenset(value.code for value in fact.values) if fact.values else charges
            for fact in self.facts
            if fact.type in ("enum", "code_list")
        }


for _model in (AllOf, AnyOf, Not, FirstKnown, Rule, Pack):
    _model.model_rebuild()
