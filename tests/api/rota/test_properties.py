"""The resolver says at every instant what a second, slow way says; and it does not matter how the question is cut."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from api.rota.gaps import gaps, overlaps
from api.rota.model import Change, Rota
from api.rota.resolve import Handoff, handoffs, on_call, resolve
from tests.api.rota.rotas import changes, clipped, minutes_from, on_duty_by_rule, rules

DAYS = 12
MINUTE = timedelta(minutes=1)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Rota, datetime]:
    """Up to three rules, some changes, and where twelve days of asking begin."""
    start = draw(minutes_from(date(2023, 1, 23), 600))
    rota = Rota(
        rules=tuple(draw(rules(id=f"rule-{i}")) for i in range(draw(st.integers(1, 3)))),
        changes=tuple(draw(changes(start))),
    )
    return rota, start


def on_duty(rota: Rota, instant: datetime) -> list[str]:
    """Who is on duty at one instant: a list of hands for each duty there is, changed one change after the other."""
    duties: list[list[str | None]] = [[person] for rule in rota.rules for person in on_duty_by_rule(rule, instant)]
    seen = set()
    for change in sorted(rota.changes, key=lambda change: change.place):
        halves = [other for other in rota.changes if change.swap_id and other.swap_id == change.swap_id] or [change]
        if change.swap_id in seen:
            continue
        seen.add(change.swap_id or change.id)
        now = sorted((half for half in halves if half.start <= instant < half.end), key=lambda half: half.place)
        if now and change.kind == "only":
            duties = [[change.to_user_id]]
        elif now and change.kind == "add":
            duties.append([change.to_user_id])
        elif now:
            duties = [next((after for half in now if (after := handed_on(duty, half))), duty) for duty in duties]
    return list(dict.fromkeys(duty[-1] for duty in duties if duty[-1] is not None))


def handed_on(duty: list[str | None], half: Change) -> list[str | None] | None:
    if half.user_id not in duty:
        return None
    if half.swap_id:
        return [half.to_user_id]
    kept = duty[: duty.index(half.user_id) + 1]
    return kept[: kept.index(half.to_user_id) + 1] if half.to_user_id in kept else [*kept, half.to_user_id]


def moments(draw: st.DataObject, rota: Rota, start: datetime) -> list[datetime]:
    """Every boundary of the rota's spans with the minutes around it, and some instants anywhere."""
    spans = resolve(rota, "on_call", start, start + timedelta(days=DAYS))
    bounds = sorted({bound for span in spans for bound in (span.start, span.end)})[:12]
    anywhere = draw.draw(st.lists(st.integers(0, DAYS * 24 * 60 - 1), max_size=6))
    every = [bound + step for bound in bounds for step in (-MINUTE, timedelta(0), MINUTE)]
    every += [start + timedelta(minutes=minutes) for minutes in anywhere]
    return [instant for instant in every if start <= instant < start + timedelta(days=DAYS)]


@settings(max_examples=60)
@given(questions(), st.data())
def test_the_spans_and_the_people_at_an_instant_are_what_the_slow_way_says(
    question: tuple[Rota, datetime], data: st.DataObject
) -> None:
    rota, start = question
    end = start + timedelta(days=DAYS)
    spans = resolve(rota, "on_call", start, end)
    for instant in moments(data, rota, start):
        expected = on_duty(rota, instant)
        assert list(on_call(rota, "on_call", instant)) == expected
        assert {span.user_id for span in spans if span.start <= instant < span.end} == set(expected)
        missing = any(gap.start <= instant < gap.end for gap in gaps(spans, start, end))
        assert missing == (not expected)
        double = [o.user_ids for o in overlaps(spans) if o.start <= instant < o.end]
        assert double == ([tuple(sorted(expected))] if len(expected) > 1 else [])


@given(questions(), st.lists(st.integers(0, DAYS * 24 * 60), min_size=1, max_size=4))
def test_it_does_not_matter_how_a_question_is_cut(question: tuple[Rota, datetime], cuts: list[int]) -> None:
    rota, start = question
    end = start + timedelta(days=DAYS)
    whole = resolve(rota, "on_call", start, end)
    begins = handoffs(rota, "on_call", start, end)
    bounds = [start, *(start + timedelta(minutes=cut) for cut in sorted(cuts)), end]
    pieces = list(pairwise(bounds))
    for a, b in pieces:
        assert list(resolve(rota, "on_call", a, b)) == clipped(whole, a, b)
    assert tuple(begin for a, b in pieces for begin in handoffs(rota, "on_call", a, b)) == begins


@given(questions())
def test_spans_are_sorted_and_have_a_length_and_none_continues_another(question: tuple[Rota, datetime]) -> None:
    rota, start = question
    spans = resolve(rota, "on_call", start, start + timedelta(days=DAYS))
    assert list(spans) == clipped(spans, start, start + timedelta(days=DAYS))
    one_source: dict[tuple[str, str, str], list[datetime]] = {}
    for span in spans:
        bounds = one_source.setdefault((span.user_id, span.why, span.source_id), [])
        assert not bounds or bounds[-1] < span.start
        bounds += [span.start, span.end]


@given(questions())
def test_a_handoff_is_where_a_person_was_not_and_is(question: tuple[Rota, datetime]) -> None:
    rota, start = question
    end = start + timedelta(days=DAYS)
    bounds = {span.start for span in resolve(rota, "on_call", start, end)}
    expected = [
        Handoff(at, person)
        for at in sorted(bounds)
        for person in sorted(
            set(on_call(rota, "on_call", at)) - set(on_call(rota, "on_call", at - timedelta(microseconds=1)))
        )
    ]
    assert list(handoffs(rota, "on_call", start, end)) == expected
