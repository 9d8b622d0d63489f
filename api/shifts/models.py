"""What travels about the rota: the bodies of requests, checked here, and the document that every screen is drawn from."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from api.clock import rfc3339
from api.rota.model import FIRST_DAY, LAST_DAY, MAX_RULES_PER_LEVEL, ChangeKind, Level, RuleTerms, WeeklyRule, Why
from sync.operations import Uuid

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EARLIEST = datetime(FIRST_DAY.year, 1, 2, tzinfo=UTC)
_LATEST = datetime(LAST_DAY.year, 12, 30, tzinfo=UTC)


def _read(value: object) -> datetime:
    """Pydantic would read a number as an instant too, and trip over the last day of the calendar."""
    if isinstance(value, str) and _WRITTEN.fullmatch(value):
        instant = datetime.fromisoformat(value)
        if _EARLIEST <= instant <= _LATEST:
            return instant.astimezone(UTC)
    raise ValueError(f"give an instant such as 2026-11-22T14:00:00Z, between {FIRST_DAY.year} and {LAST_DAY.year}")


Given = Annotated[datetime, BeforeValidator(_read)]
Told = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
Wish = Literal["cover", "swap", "hand_over", "add", "only", "off"]

NEEDED: dict[Wish, frozenset[str]] = {
    "cover": frozenset({"to_user_id", "end"}),
    "hand_over": frozenset({"to_user_id"}),
    "swap": frozenset({"to_user_id", "start", "end", "with_start", "with_end"}),
    "add": frozenset({"user_id", "end"}),
    "only": frozenset({"user_id", "end"}),
    "off": frozenset({"user_id", "end"}),
}
"""Without these a wish says nothing."""
ALLOWED: dict[Wish, frozenset[str]] = {
    "cover": frozenset({"user_id", "start"}),
    "hand_over": frozenset({"user_id"}),
    "swap": frozenset({"user_id"}),
    "add": frozenset({"start"}),
    "only": frozenset({"start"}),
    "off": frozenset({"start"}),
}
"""These may be left out: the user is then whoever asks, the start is now."""


class Closed(BaseModel):
    """No key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RulesBody(Closed):
    """The rules of one level as they shall be, and the version of the rota that they were written against."""

    version: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    rules: Annotated[tuple[RuleTerms, ...], Field(max_length=MAX_RULES_PER_LEVEL)]


class PreviewBody(Closed):
    """Rules to be looked at before they are saved."""

    level: Level
    rules: Annotated[tuple[RuleTerms, ...], Field(max_length=MAX_RULES_PER_LEVEL)]


class ChangeBody(Closed):
    """What somebody wishes; which of the rest is needed or allowed follows from `kind`.

    `cover`: `to_user_id` comes for `user_id`. `hand_over`: so from now until the end of the present span. `swap`: each comes
    for the other, in start..end and in with_start..with_end. `add`, `only`, `off`: `user_id` is on duty as well, alone, or not.
    """

    kind: Wish
    level: Level
    user_id: Uuid | None = None
    to_user_id: Uuid | None = None
    start: Given | None = None
    end: Given | None = None
    with_start: Given | None = None
    with_end: Given | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        given = {
            name for name in ("user_id", "to_user_id", "start", "end", "with_start", "with_end") if getattr(self, name)
        }
        if missing := NEEDED[self.kind] - given:
            raise ValueError(f"'{self.kind}' needs {', '.join(sorted(missing))}")
        if idle := given - NEEDED[self.kind] - ALLOWED[self.kind]:
            raise ValueError(f"'{self.kind}' has no {', '.join(sorted(idle))}: leave it out")
        for start, end in ((self.start, self.end), (self.with_start, self.with_end)):
            if start is not None and end is not None and end <= start:
                raise ValueError("a stretch ends after it starts: give a later end")
        return self


class ChangeMade(BaseModel):
    """A swap has two ids; any of them stands for both. `proposed`: somebody has to agree, and until then nothing changes."""

    ids: list[str]
    state: Literal["proposed", "accepted", "declined", "withdrawn"]


class Stretch(BaseModel):
    start: Told
    end: Told


class SpanDocument(Stretch):
    """Somebody on duty. `absent`: without an account or a role in the program by now, so that nobody comes."""

    user_id: str
    name: str
    why: Why
    source_id: str
    absent: bool


class OverlapDocument(Stretch):
    user_ids: list[str]


class LevelDocument(BaseModel):
    """One level. Where there is no rule there is no gap either: paging then calls everybody, or nobody of that level."""

    level: Level
    spans: list[SpanDocument]
    gaps: list[Stretch]
    overlaps: list[OverlapDocument]
    rules: list[WeeklyRule]


class ChangeDocument(Stretch):
    """As `api.rota.model.Change`: `user_id` goes, `to_user_id` comes. A swap is two of them."""

    id: str
    level: Level
    kind: ChangeKind
    user_id: str | None
    to_user_id: str | None
    swap_id: str | None
    state: Literal["proposed", "accepted"]
    asked_of: str | None
    made_by: str
    made_at: Told


class ColleagueDocument(BaseModel):
    """Somebody who may be put on duty. `reachable`: has an address that a page can be sent to."""

    id: str
    name: str
    role: str
    callback: str
    reachable: bool


class RotaDocument(BaseModel):
    """The rota of a program over the time that was asked for; `version` is what a change of rules has to name."""

    version: str
    zone: str
    server_time: Told
    levels: list[LevelDocument]
    changes: list[ChangeDocument]
    people: list[ColleagueDocument]
