"""Stretches of duty: joined where they touch, and compared."""

from __future__ import annotations

from datetime import UTC, datetime

from api.rota.model import Span, Why
from api.shifts.stretches import Stretch, changed, duties, hull


def hour(number: int) -> datetime:
    return datetime(2026, 5, 1, number, tzinfo=UTC)


def span(user_id: str, start: int, end: int, why: Why = "rule") -> Span:
    return Span(user_id, hour(start), hour(end), why, why)


def test_spans_that_touch_or_overlap_are_one_stretch_whatever_they_came_of() -> None:
    spans = [
        span("a", 8, 12),
        span("a", 12, 14, "swap"),
        span("a", 13, 13),
        span("a", 16, 18),
        span("b", 9, 10),
        span("a", 2, 7),
    ]
    assert duties(spans) == {
        "a": (Stretch(hour(2), hour(7)), Stretch(hour(8), hour(14)), Stretch(hour(16), hour(18))),
        "b": (Stretch(hour(9), hour(10)),),
    }


def test_a_short_span_inside_a_long_one_does_not_end_it() -> None:
    assert duties([span("a", 8, 18), span("a", 9, 10)]) == {"a": (Stretch(hour(8), hour(18)),)}


def test_the_hull_reaches_from_the_first_start_to_the_last_end() -> None:
    spans = [span("a", 8, 9), span("b", 1, 23), span("a", 11, 12)]
    assert hull(spans, "a") == Stretch(hour(8), hour(12))
    assert hull(spans, "c") is None


def test_a_duty_changes_by_its_times_and_not_by_its_source() -> None:
    before = [span("a", 8, 12), span("b", 12, 14)]
    assert changed(before, [span("a", 8, 10), span("a", 10, 12, "only"), span("b", 12, 14, "swap")]) == frozenset()
    assert changed(before, [span("a", 8, 12), span("b", 12, 15)]) == {"b"}
    assert changed(before, [span("a", 8, 12), span("c", 12, 14)]) == {"b", "c"}
