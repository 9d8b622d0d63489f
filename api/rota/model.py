"""What a rota may say, as frozen types: weekly rules, changes to them, and the spans that come of both.

Answers for the shape, so that whatever was constructed can be resolved. Leaves to `resolve` who is on call, to
`wall_clock` how a time on the wall becomes an instant. Pure: no database, no clock.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_PEOPLE_PER_RULE = 50
MAX_TURNS = 50
MAX_RULES_PER_LEVEL = 20
#: Of all levels, in one rota. Load those that touch the span that is asked for, not the history.
MAX_CHANGES = 10_000
#: The longest stretch that one question may ask for.
SPAN_LIMIT = timedelta(days=400)
MINUTES_PER_DAY = 24 * 60
LONGEST_TURN_MINUTES = 7 * MINUTES_PER_DAY
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)

Level = Literal["on_call", "deputy", "lead"]
Advance = Literal["turn", "week"]
ChangeKind = Literal["add", "instead", "only"]
Why = Literal["rule", "add", "instead", "only", "swap"]


def minutes_of(wall_time: str) -> int:
    """Minutes after midnight of a time HH:MM."""
    return int(wall_time[:2]) * 60 + int(wall_time[3:])


def _zone_that_exists(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder, in the package tzdata
        raise ValueError("give a time zone such as America/Denver") from error
    return name


def _only_a_day(value: object) -> object:
    """Pydantic would also read a number or a midnight as a day; a rota says days as text."""
    if isinstance(value, str) and len(value) == len("2026-11-02"):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("give a day as YYYY-MM-DD")


def _is_monday(day: date) -> date:
    if day.weekday() != 0:
        raise ValueError(f"give a Monday; that week's is {day - timedelta(day.weekday())}")
    return day


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Id = Annotated[str, Field(min_length=1, max_length=64)]
Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_zone_that_exists)]
Weekday = Annotated[int, Field(strict=True, ge=0, le=6, description="0 is Monday.")]
WallTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM on the wall.")]
Monday = Annotated[
    date, BeforeValidator(_only_a_day), Field(ge=FIRST_DAY, le=LAST_DAY), AfterValidator(_is_monday)
]  # fmt: skip
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Frozen(BaseModel):
    """No key that is not known, and no change after construction."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(Frozen):
    """One stretch of duty in every week, by the clock on the wall of the rule's zone."""

    weekday: Weekday
    start: WallTime
    end: WallTime
    days: Annotated[int, Field(strict=True, ge=0, le=7, description="How many days after `weekday` it ends.")]

    @property
    def start_minute(self) -> int:
        """Minutes after Monday's midnight, as if every day had 24 hours."""
        return self.weekday * MINUTES_PER_DAY + minutes_of(self.start)

    @property
    def end_minute(self) -> int:
        """Minutes after the same midnight; it may lie in the week after."""
        return (self.weekday + self.days) * MINUTES_PER_DAY + minutes_of(self.end)

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        length = self.end_minute - self.start_minute
        if length <= 0:
            raise ValueError("a turn ends after it starts: give a later end, or more days where it ends after midnight")
        if length > LONGEST_TURN_MINUTES:
            raise ValueError("a turn lasts 7 days at most: give an earlier end, or a second turn")
        return self


def _as_they_begin(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    return tuple(sorted(turns, key=lambda turn: (turn.start_minute, turn.end_minute)))


class RuleTerms(Frozen):
    """Turns that come back every week and go round among people.

    `advance`: the next person comes with every turn, or has a whole week of turns. `first_week` is week 0 of the
    round; before it the rule puts nobody on duty. `ends` is the first Monday whose week the rule no longer covers; a
    turn that began before runs to its end, so that a rule which follows from that Monday leaves no gap.
    """

    level: Level
    zone: Zone
    turns: Annotated[tuple[Turn, ...], Field(min_length=1, max_length=MAX_TURNS), AfterValidator(_as_they_begin)]
    people: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_PEOPLE_PER_RULE)]
    advance: Advance
    first_week: Monday
    ends: Monday | None = None

    @model_validator(mode="after")
    def _ends_after_its_first_week(self) -> Self:
        if self.ends is not None and self.ends <= self.first_week:
            raise ValueError("a rule ends after its first week: give a later Monday, or remove the rule")
        return self


class WeeklyRule(RuleTerms):
    """Terms that stand in a rota, under an id of their own."""

    id: Id


class Change(Frozen):
    """What was decided about one stretch of one level, applied in the order of `place`: `user_id` goes, `to_user_id` comes.

    `add`: one more comes. `only`: one comes and is alone on duty, instead of everybody; fills gaps. `instead`: one
    comes for another; None is nobody yet, a real gap. Two `instead` with one `swap_id` are a swap: each duty then
    belongs to the other person.
    """

    id: Id
    place: Annotated[int, Field(strict=True, ge=0)]
    level: Level
    kind: ChangeKind
    user_id: Id | None = None
    to_user_id: Id | None = None
    start: Instant
    end: Instant
    swap_id: Id | None = None

    @property
    def why(self) -> Why:
        """What a span says that came of this change."""
        return "swap" if self.swap_id else self.kind

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a change ends after it starts: give a later end")
        if self.kind == "instead":
            self._goes_and_comes()
        elif self.to_user_id is None or self.user_id is not None or self.swap_id is not None:
            raise ValueError(f"'{self.kind}' names in to_user_id who comes: leave user_id and swap_id out")
        return self

    def _goes_and_comes(self) -> None:
        if self.user_id is None:
            raise ValueError("'instead' names in user_id who goes: give that person")
        if self.to_user_id == self.user_id:
            raise ValueError("nobody comes instead of themselves: give another person in to_user_id")
        if self.swap_id is not None and self.to_user_id is None:
            raise ValueError("a swap is between two people: give the other one in to_user_id")


class Rota(Frozen):
    """Rules and changes of any level, as far as they touch what is asked."""

    rules: tuple[WeeklyRule, ...] = ()
    changes: Annotated[tuple[Change, ...], Field(max_length=MAX_CHANGES)] = ()

    @model_validator(mode="after")
    def _has_few_rules(self) -> Self:
        levels = [rule.level for rule in self.rules]
        for level in set(levels):
            if levels.count(level) > MAX_RULES_PER_LEVEL:
                raise ValueError(f"a level has {MAX_RULES_PER_LEVEL} rules at most: end or join some of '{level}'")
        return self


@dataclass(frozen=True, slots=True)
class Span:
    """One person on duty from `start` until just before `end` (UTC), by a rule or a change: `source_id` is its id."""

    user_id: str
    start: datetime
    end: datetime
    why: Why
    source_id: str
