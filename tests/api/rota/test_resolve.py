"""Weekly rules become spans: who comes when, how far a question sees, and where duties begin."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.rota.model import SPAN_LIMIT, Rota, Span, Turn
from api.rota.resolve import Handoff, SpanTooLong, handoffs, on_call, resolve
from tests.api.rota.rotas import at, change, every_day, rule, utc, who

OFFICE = tuple(Turn(weekday=weekday, start="08:00", end="16:00", days=0) for weekday in range(5))
DAY_AND_NIGHT = every_day("08:00", "20:00", days=0) + every_day("20:00", "08:00")


def test_the_next_person_comes_with_every_turn() -> None:
    rota = Rota(rules=(rule("ABC"),))
    assert resolve(rota, "on_call", at("2023-01-02 08:00"), at("2023-01-04 09:00")) == (
        Span("A", at("2023-01-02 08:00"), at("2023-01-03 08:00"), "rule", "rule"),
        Span("B", at("2023-01-03 08:00"), at("2023-01-04 08:00"), "rule", "rule"),
        Span("C", at("2023-01-04 08:00"), at("2023-01-04 09:00"), "rule", "rule"),
    )
    # Seven turns a week: the round of three goes on over the week's end, and does not begin again.
    assert on_call(rota, "on_call", at("2023-01-09 08:00")) == ("B",)


def test_or_has_a_whole_week() -> None:
    rota = Rota(rules=(rule("AB", DAY_AND_NIGHT, advance="week"),))
    monday = at("2023-01-02 08:00")
    weeks = [monday + timedelta(weeks=week) for week in range(4)]
    assert who(resolve(rota, "on_call", monday, weeks[3])) == [
        ("A", weeks[0], weeks[1]), ("B", weeks[1], weeks[2]), ("A", weeks[2], weeks[3]),
    ]  # fmt: skip


def test_a_person_may_come_twice_in_a_round() -> None:
    rota = Rota(rules=(rule("ABA", OFFICE),))
    days = [on_call(rota, "on_call", at(f"2023-01-0{day} 09:00")) for day in range(2, 7)]
    assert days == [("A",), ("B",), ("A",), ("A",), ("B",)]


def test_nobody_comes_before_the_first_week_or_after_the_last() -> None:
    rota = Rota(rules=(rule(first_week=date(2023, 1, 9), ends=date(2023, 1, 16)),))
    spans = resolve(rota, "on_call", at("2023-01-01 00:00"), at("2023-03-01 00:00"))
    # The last turn began in the last week and runs to its end.
    assert who(spans) == [("A", at("2023-01-09 08:00"), at("2023-01-16 08:00"))]


def test_a_rule_that_follows_leaves_no_gap() -> None:
    before, after = rule("AB", ends=date(2023, 1, 16)), rule("C", id="after", first_week=date(2023, 1, 16))
    spans = resolve(Rota(rules=(before, after)), "on_call", at("2023-01-15 08:00"), at("2023-01-17 08:00"))
    assert who(spans) == [
        ("B", at("2023-01-15 08:00"), at("2023-01-16 08:00")), ("C", at("2023-01-16 08:00"), at("2023-01-17 08:00")),
    ]  # fmt: skip
    assert [span.source_id for span in spans] == ["rule", "after"]


def test_a_turn_of_a_week_is_seen_from_its_last_minute() -> None:
    rota = Rota(rules=(rule("A", (Turn(weekday=6, start="23:59", end="23:59", days=7),), ends=date(2023, 1, 9)),))
    assert on_call(rota, "on_call", at("2023-01-08 23:59")) == ("A",)
    assert on_call(rota, "on_call", at("2023-01-15 23:58")) == ("A",)
    assert on_call(rota, "on_call", at("2023-01-15 23:59")) == ()


def test_a_leap_day_and_a_year_end_are_days_like_others() -> None:
    rota = Rota(rules=(rule("ABC"),))
    spans = resolve(rota, "on_call", at("2024-02-28 08:00"), at("2024-03-02 08:00"))
    assert [span.start for span in spans] == [at(f"2024-{day} 08:00") for day in ("02-28", "02-29", "03-01")]
    over = resolve(rota, "on_call", at("2023-12-31 08:00"), at("2024-01-02 08:00"))
    assert [(span.start, span.end) for span in over] == [
        (at("2023-12-31 08:00"), at("2024-01-01 08:00")), (at("2024-01-01 08:00"), at("2024-01-02 08:00")),
    ]  # fmt: skip


def test_levels_do_not_mix() -> None:
    rota = Rota(rules=(rule("A"), rule("B", id="second", level="deputy")))
    noon = at("2023-01-03 12:00")
    assert [on_call(rota, level, noon) for level in ("on_call", "deputy", "lead")] == [("A",), ("B",), ()]


def test_people_on_duty_together_come_as_the_rules_list_them_and_once() -> None:
    noon = at("2023-01-03 12:00")
    rules = (rule("C", id="r1"), rule("A", id="r2"), rule("C", id="r3"))
    come = change("add", None, "B", noon, noon + timedelta(hours=1))
    assert on_call(Rota(rules=rules, changes=(come,)), "on_call", noon) == ("C", "A", "B")


def test_spans_of_two_sources_stay_two() -> None:
    rota = Rota(rules=(rule("A", id="r1", ends=date(2023, 1, 9)), rule("A", id="r2", first_week=date(2023, 1, 9))))
    spans = resolve(rota, "on_call", at("2023-01-08 08:00"), at("2023-01-10 08:00"))
    assert [span.source_id for span in spans] == ["r1", "r2"]


def test_an_empty_rota_and_an_empty_stretch_have_no_spans() -> None:
    noon = at("2023-01-03 12:00")
    assert resolve(Rota(), "on_call", noon, noon + SPAN_LIMIT) == ()
    come = change("add", None, "B", noon - timedelta(hours=1), noon + timedelta(hours=1))
    assert resolve(Rota(rules=(rule(),), changes=(come,)), "on_call", noon, noon) == ()
    assert handoffs(Rota(rules=(rule(),), changes=(come,)), "on_call", noon, noon) == ()


@pytest.mark.parametrize("ask", [resolve, handoffs])
def test_too_much_at_once_is_refused(ask: object) -> None:
    noon = at("2023-01-03 12:00")
    for end in (noon + SPAN_LIMIT + timedelta(microseconds=1), noon - timedelta(microseconds=1)):
        with pytest.raises(SpanTooLong, match="400 days at most"):
            ask(Rota(), "on_call", noon, end)  # type: ignore[operator]


def test_instants_are_compared_as_instants_even_in_the_hour_that_comes_twice() -> None:
    denver = ZoneInfo("America/Denver")
    start = datetime(2026, 11, 1, 1, 30, tzinfo=denver)
    end = datetime(2026, 11, 1, 1, 10, tzinfo=denver, fold=1)  # 40 minutes later, though the wall shows less.
    spans = resolve(Rota(rules=(rule(),)), "on_call", start, end)
    assert who(spans) == [("A", utc("2026-11-01 07:30"), utc("2026-11-01 08:10"))]
    assert all(span.start.utcoffset() == timedelta(0) for span in spans)


def test_a_duty_begins_where_a_person_comes_new() -> None:
    rota = Rota(rules=(rule("AB", OFFICE),))
    assert handoffs(rota, "on_call", at("2023-01-02 08:00"), at("2023-01-04 08:00")) == (
        Handoff(at("2023-01-02 08:00"), "A"), Handoff(at("2023-01-03 08:00"), "B"),
    )  # fmt: skip


def test_who_stays_on_duty_begins_nothing() -> None:
    rota = Rota(rules=(rule("A", id="r1", ends=date(2023, 1, 9)), rule("A", id="r2", first_week=date(2023, 1, 9))))
    assert handoffs(rota, "on_call", at("2023-01-02 09:00"), at("2023-02-01 00:00")) == ()
    # Nor at the start of the question, nor when a second duty begins within the first or as it ends.
    within = change("add", None, "A", at("2023-01-03 12:00"), at("2023-01-20 12:00"))
    both = Rota(rules=(rule(ends=date(2023, 1, 9)),), changes=(within,))
    assert handoffs(both, "on_call", at("2023-01-03 11:00"), at("2023-02-01 00:00")) == ()
    assert handoffs(both, "on_call", at("2023-01-01 11:00"), at("2023-02-01 00:00")) == (
        Handoff(at("2023-01-02 08:00"), "A"),
    )


def test_who_has_two_duties_begins_nothing_while_the_longer_lasts() -> None:
    short = change("add", None, "A", at("2023-01-03 12:00"), at("2023-01-03 13:00"))
    later = change("add", None, "A", at("2023-01-03 14:00"), at("2023-01-03 15:00"), place=1)
    rota = Rota(rules=(rule("A"),), changes=(short, later))
    assert handoffs(rota, "on_call", at("2023-01-03 00:00"), at("2023-01-04 00:00")) == ()


def test_a_change_makes_handoffs_of_its_own() -> None:
    cover = change("instead", "A", "B", at("2023-01-03 12:00"), at("2023-01-03 18:00"))
    rota = Rota(rules=(rule("A"),), changes=(cover,))
    assert handoffs(rota, "on_call", at("2023-01-03 00:00"), at("2023-01-04 00:00")) == (
        Handoff(at("2023-01-03 12:00"), "B"), Handoff(at("2023-01-03 18:00"), "A"),
    )  # fmt: skip
