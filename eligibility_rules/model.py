"""What a rule pack may say, as frozen types.

Answers for the shape of a pack and for its canonical document and hash. Leaves to `check` whether its parts
fit one another (references, operators, Spanish), to `load` the YAML, to `evaluate` the meaning.

A condition is `[fact, operator, value]`, or `{all: […]}`, `{any: […]}`, `{not: …}`. Amounts are whole numbers
in a named unit, dates are ISO text; there is no arithmetic, so the two languages cannot drift apart on
rounding or zones.
"""

import hashlib
import unicodedata
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

#: The largest whole number that both languages hold exactly.
MAX_WHOLE_NUMBER = 2**53 - 1
MAX_TEXT_LENGTH = 400
#: The code an officer chooses when the charge is not on the program's list.
UNLISTED = "unlisted"

Pathway = Literal["arrest_diversion", "social_contact", "community"]
Referrer = Literal["officer", "partner", "community_member", "family_or_friend", "self"]
Tier = Literal["bars", "presumed_out", "warn", "ask_coordinator"]
Role = Literal["officer", "sergeant", "coordinator", "case_manager", "supervisor", "prosecutor"]
FactType = Literal["bool", "int", "enum", "date", "code_list"]
AskedOf = Literal["officer", "participant", "coordinator"]
Unit = Literal["mg", "cents", "dosage_units", "days", "months", "years", "times"]
Operator = Literal[
    "is", "is_not", "less_than", "at_most", "at_least", "more_than",
    "before", "on_or_before", "on_or_after", "after",
    "in", "not_in", "any_in", "none_in", "all_in",
]  # fmt: skip


def _readable(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("has spaces at its ends, or characters that do not print")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("is not in Unicode's composed form (NFC)")
    return text


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ProgramSlug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Line = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH), AfterValidator(_readable)]


class Frozen(BaseModel):
    """Strict, closed and immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(Frozen):
    """One sentence for people, in both languages."""

    en: Line
    es: Line


class AllOf(Frozen):
    all: Annotated[tuple["Condition", ...], Field(min_length=1)]


class AnyOf(Frozen):
    any: Annotated[tuple["Condition", ...], Field(min_length=1)]


class Not(Frozen):
    negated: "Condition" = Field(alias="not")


Value = bool | int | str | tuple[str, ...]
Comparison = tuple[Identifier, Operator, Value]


def _kind_of_condition(data: Any) -> str | None:
    if isinstance(data, (list, tuple)):
        return "comparison"
    if isinstance(data, dict):
        return next((key for key in ("all", "any", "not") if key in data), None)
    if isinstance(data, Not):
        return "not"
    return "all" if isinstance(data, AllOf) else "any" if isinstance(data, AnyOf) else None


Condition = Annotated[
    Annotated[Comparison, Tag("comparison")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _kind_of_condition,
        custom_error_type="condition",
        custom_error_message="is neither [fact, operator, value] nor all, any or not",
    ),
]


class Charge(Frozen):
    """A charge on the program's list. `order` 1 is shown first; `conditions` are facts asked under the
    charge.
    """

    code: Identifier
    level: Literal["state", "municipal", "not_stated"]
    klass: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{1,20}$")] | None = Field(default=None, alias="class")
    title: Text
    cite: Line
    order: Annotated[int, Field(ge=1)]
    conditions: tuple[Identifier, ...] = ()


class Fact(Frozen):
    """Something that somebody may know. `asked_of` names who; an officer answers by observation only.

    A `code_list` without `values` is a list of charges: its codes are those of the pack's charges and
    `unlisted`.
    """

    id: Identifier
    type: FactType
    unit: Unit | None = None
    values: tuple[Identifier, ...] = ()
    question: Text
    asked_of: AskedOf


class Rule(Frozen):
    """`must` hold on the pathways it `applies_to`; `why` is shown when it does not, `confirm` while it is
    unknown.
    """

    id: Identifier
    applies_to: Annotated[tuple[Pathway, ...], Field(min_length=1)]
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
    that the program has signed this pack. `officer_decides` is `first` where the officer chooses to divert before
    eligibility is checked, else `after_check`.
    """

    program: ProgramSlug
    version: date
    effective_from: date
    effective_until: date | None = None
    source: Line
    official: bool
    officer_decides: Literal["first", "after_check"]
    pathways: Annotated[dict[Pathway, tuple[Referrer, ...]], Field(min_length=1)]
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
            fact.id: frozenset(fact.values) if fact.values else charges
            for fact in self.facts
            if fact.type in ("enum", "code_list")
        }


for _model in (AllOf, AnyOf, Not, Rule, Pack):
    _model.model_rebuild()
