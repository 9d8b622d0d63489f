"""Stretches of duty: what a person holds, and whose duty differs between two answers of the resolver. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from api.rota.model import Span


class Stretch(NamedTuple):
    """From `start` until just before `end`."""

    start: datetime
    end: datetime


def duties(spans: Iterable[Span]) -> dict[str, tuple[Stretch, ...]]:
    """What each person holds, sorted; spans that touch or overlap are one stretch, whatever they came of."""
    found: dict[str, list[Stretch]] = {}
    for span in sorted(spans, key=lambda span: span.start):
        stretches = found.setdefault(span.user_id, [])
        if stretches and span.start <= stretches[-1].end:
            stretches[-1] = Stretch(stretches[-1].start, max(stretches[-1].end, span.end))
        else:
            stretches.append(Stretch(span.start, span.end))
    return {user_id: tuple(stretches) for user_id, stretches in found.items()}


def hull(spans: Iterable[Span], user_id: str) -> Stretch | None:
    """From where a person's duty first begins to where it last ends, None where the person has none."""
    held = duties(spans).get(user_id, ())
    return Stretch(held[0].start, held[-1].end) if held else None


def changed(before: Iterable[Span], after: Iterable[Span]) -> frozenset[str]:
    """Those who are on duty at other times after than before."""
    then, now = duties(before), duties(after)
    return frozenset(user_id for user_id in then.keys() | now.keys() if then.get(user_id) != now.get(user_id))
