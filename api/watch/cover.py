"""Where a step of a program's policies would reach nobody. Pure: the rota, the people and the instants are arguments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from api.rota.gaps import gaps
from api.rota.hours import Stretch, open_between
from api.rota.model import Level, Rota, Span
from api.rota.policy import Policy, Step, default_policy
from api.rota.practice import Practice
from api.rota.resolve import resolve

LEVELS: tuple[Level, ...] = get_args(Level)
Channels = Mapping[str, frozenset[str]]
"""User id → the channels by which that person, who works for the program now, is reached."""


@dataclass(frozen=True)
class EmptyStep:
    """From `start` until just before `end` nobody of this level can be reached."""

    level: Level
    start: datetime
    end: datetime


def policies_of(practice: Practice) -> tuple[Policy, ...]:
    """The program's policies; the usual one where it has written none."""
    return practice.policies or (default_policy(practice.page_minutes),)


def pages_itself(practice: Practice, step: Step) -> bool:
    """True if the program's own pager hears of the step, whoever is on the rota."""
    return practice.webhook_url is not None and "webhook" in step.channels


def empty_steps(rota: Rota, practice: Practice, reached: Channels, start: datetime, end: datetime) -> list[EmptyStep]:
    """The stretches of [start, end), a week at most, in which a step that names a level reaches nobody; by level, joined.

    Somebody counts who can be reached by one of the step's channels. Where pages wait for the morning, closed hours need nobody.
    """
    found: dict[Level, list[Stretch]] = {}
    for policy in policies_of(practice):
        for step in policy.steps:
            for level in LEVELS:
                if step.who == level and not pages_itself(practice, step):
                    found.setdefault(level, []).extend(_empty(rota, practice, policy, level, step, reached, start, end))
    return [EmptyStep(level, *stretch) for level in LEVELS for stretch in joined(found.get(level, []))]


def _empty(
    rota: Rota, practice: Practice, policy: Policy, level: Level, step: Step, reached: Channels,
    start: datetime, end: datetime,
) -> Iterator[Stretch]:  # fmt: skip
    spans = resolve(rota, level, start, end)
    there = [span for span in spans if reached.get(span.user_id, frozenset()) & set(step.channels)]
    for needed in needed_stretches(rota, practice, policy, level, spans, start, end):
        for gap in gaps(there, *needed):
            yield gap.start, gap.end


def needed_stretches(
    rota: Rota, practice: Practice, policy: Policy, level: Level, spans: Iterable[Span], start: datetime, end: datetime
) -> list[Stretch]:
    """When somebody of a level has to be there: in the hours in which the policy calls anybody at all.

    Without rules for `on_call` everybody is called instead, but where a change puts somebody on duty that person alone.
    """
    hours = practice.service_hours if policy.after_hours == "next_morning" else ()
    open_hours = open_between(hours, practice.time_zone, start, end)
    if level != "on_call" or any(rule.level == level for rule in rota.rules):
        return open_hours
    named = joined((span.start, span.end) for span in spans)
    return [(max(a, c), min(b, d)) for a, b in named for c, d in open_hours if max(a, c) < min(b, d)]


def joined(stretches: Iterable[Stretch]) -> Sequence[Stretch]:
    """Sorted; those that touch or overlap are one."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
