"""Where nobody is on duty, and where more than one person is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rota.gaps import Gap, Overlap, gaps, overlaps
from api.rota.model import Span
from tests.api.rota.rotas import utc

MIDNIGHT = utc("2026-01-05 00:00")


def hour(number: int) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def span(user_id: str, start: int, end: int, source: str = "rule") -> Span:
    return Span(user_id, hour(start), hour(end), "rule", source)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [(0, 24)]),
        ([span("A", 0, 24)], []),
        ([span("A", -5, 30)], []),
        ([span("A", 0, 8), span("B", 8, 24)], []),
        ([span("A", 1, 8), span("B", 9, 23)], [(0, 1), (8, 9), (23, 24)]),
        ([span("A", 0, 20), span("B", 2, 4), span("C", 22, 24)], [(20, 22)]),
        ([span("C", 22, 24), span("A", 0, 20)], [(20, 22)]),
        ([span("A", 24, 30), span("B", -9, 0)], [(0, 24)]),
        ([span("A", 30, 31)], [(0, 24)]),
    ],
)
def test_gaps(spans: list[Span], expected: list[tuple[int, int]]) -> None:
    assert gaps(spans, hour(0), hour(24)) == tuple(Gap(hour(start), hour(end)) for start, end in expected)


def test_a_gap_in_the_hour_that_comes_twice_is_found_and_told_in_utc() -> None:
    denver = ZoneInfo("America/Denver")
    start, end = datetime(2026, 11, 1, 1, 30, tzinfo=denver), datetime(2026, 11, 1, 1, 10, tzinfo=denver, fold=1)
    found = gaps([], start, end)
    assert found == (Gap(utc("2026-11-01 07:30"), utc("2026-11-01 08:10")),)
    assert found[0].start.utcoffset() == timedelta(0)
    assert gaps([], start, start) == ()


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([span("A", 0, 8), span("B", 8, 24)], []),
        ([span("A", 0, 8, "r1"), span("A", 4, 12, "r2")], []),  # the same person twice is one person
        ([span("A", 0, 10), span("B", 8, 24)], [(8, 10, "AB")]),
        ([span("B", 0, 24), span("A", 8, 10)], [(8, 10, "AB")]),
        ([span("A", 0, 10), span("B", 2, 8), span("C", 4, 6)], [(2, 4, "AB"), (4, 6, "ABC"), (6, 8, "AB")]),
        # The same two, though one of them goes over to another source: one stretch.
        ([span("A", 0, 10), span("B", 2, 4, "r1"), span("B", 4, 6, "r2")], [(2, 6, "AB")]),
        ([span("A", 0, 10), span("B", 2, 5, "r1"), span("B", 4, 6, "r2")], [(2, 6, "AB")]),
        ([span("A", 0, 10), span("B", 2, 4), span("B", 5, 6)], [(2, 4, "AB"), (5, 6, "AB")]),
        ([span("A", 0, 10), span("B", 2, 4), span("C", 4, 6)], [(2, 4, "AB"), (4, 6, "AC")]),
    ],
)
def test_overlaps(spans: list[Span], expected: list[tuple[int, int, str]]) -> None:
    assert overlaps(spans) == tuple(Overlap(hour(start), hour(end), tuple(people)) for start, end, people in expected)


some_spans = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 23), st.integers(1, 9)).map(
        lambda s: span(s[0], s[1], s[1] + s[2])
    ),
    max_size=8,
)


@given(some_spans)
def test_every_hour_is_a_gap_or_one_person_or_an_overlap(spans: list[Span]) -> None:
    found, double = gaps(spans, hour(0), hour(24)), overlaps(spans)
    for number in range(24):
        people = tuple(sorted({s.user_id for s in spans if s.start <= hour(number) < s.end}))
        assert any(gap.start <= hour(number) < gap.end for gap in found) == (not people)
        assert [o.user_ids for o in double if o.start <= hour(number) < o.end] == ([people] if len(people) > 1 else [])
