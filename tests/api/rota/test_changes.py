"""What people change about the rota: each change acts on what the earlier ones left."""

from datetime import datetime

import pytest

from api.rota.gaps import Gap, gaps
from api.rota.model import Change, Rota, Span, Turn
from api.rota.resolve import on_call, resolve
from tests.api.rota.rotas import change, rule, who

ONE_DAY = (Turn(weekday=0, start="08:00", end="20:00", days=0),)


def hour(number: int, day: int = 2) -> datetime:
    """Monday's hours in January 2023, in UTC, as these rules are."""
    return datetime.fromisoformat(f"2023-01-{day:02}T{number:02}:00:00+00:00")


def changed(*changes: Change, people: str = "A") -> tuple[Span, ...]:
    rota = Rota(rules=(rule(people, ONE_DAY, zone="UTC"),), changes=changes)
    return resolve(rota, "on_call", hour(0), hour(0, 3))


def test_one_more_person_comes() -> None:
    spans = changed(change("add", None, "B", hour(10), hour(12)))
    assert spans == (
        Span("A", hour(8), hour(20), "rule", "rule"), Span("B", hour(10), hour(12), "add", "change-0"),
    )  # fmt: skip


def test_a_person_comes_for_another() -> None:
    spans = changed(change("instead", "A", "B", hour(10), hour(12)))
    assert spans == (
        Span("A", hour(8), hour(10), "rule", "rule"),
        Span("B", hour(10), hour(12), "instead", "change-0"),
        Span("A", hour(12), hour(20), "rule", "rule"),
    )


def test_a_cover_lasts_no_longer_than_the_duty() -> None:
    assert who(changed(change("instead", "A", "B", hour(18), hour(6, 3)))) == [
        ("A", hour(8), hour(18)),
        ("B", hour(18), hour(20)),
    ]


def test_a_cover_by_nobody_is_a_real_gap() -> None:
    spans = changed(change("instead", "A", None, hour(10), hour(12)))
    assert who(spans) == [("A", hour(8), hour(10)), ("A", hour(12), hour(20))]
    assert gaps(spans, hour(8), hour(20)) == (Gap(hour(10), hour(12)),)


def test_who_is_found_later_fills_it() -> None:
    nobody, somebody = (
        change("instead", "A", None, hour(10), hour(14)),
        change("instead", "A", "B", hour(10), hour(12), 1),
    )
    assert who(changed(nobody, somebody)) == [
        ("A", hour(8), hour(10)),
        ("B", hour(10), hour(12)),
        ("A", hour(14), hour(20)),
    ]


def test_only_one_comes_instead_of_everybody_and_fills_gaps() -> None:
    more, alone = change("add", None, "B", hour(9), hour(21)), change("only", None, "C", hour(19), hour(22), 1)
    assert changed(more, alone) == (
        Span("A", hour(8), hour(19), "rule", "rule"),
        Span("B", hour(9), hour(19), "add", "change-0"),
        Span("C", hour(19), hour(22), "only", "change-1"),
    )


@pytest.mark.parametrize(
    "nothing",
    [
        change("instead", "B", "C", hour(8), hour(20)),  # B is not on duty
        change("instead", "A", "C", hour(20), hour(23)),  # A is not any more
        change("instead", "A", "C", hour(6), hour(8)),  # nor yet
    ],
)
def test_a_change_that_matches_nothing_changes_nothing(nothing: Change) -> None:
    assert changed(nothing) == changed()


def test_a_change_of_another_level_changes_nothing() -> None:
    other = change("only", None, "C", hour(8), hour(20)).model_copy(update={"level": "deputy"})
    assert changed(other) == changed()
    assert who(resolve(Rota(changes=(other,)), "deputy", hour(0), hour(0, 3))) == [("C", hour(8), hour(20))]


def test_of_two_covers_for_the_same_holder_the_later_wins() -> None:
    first, second = (
        change("instead", "A", "B", hour(9), hour(13), 9),
        change("instead", "A", "C", hour(11), hour(15), 10),
    )
    expected = [("A", hour(8), hour(9)), ("B", hour(9), hour(11)), ("C", hour(11), hour(15)), ("A", hour(15), hour(20))]
    assert who(changed(first, second)) == expected
    # By its place, wherever it stands in the list, and whatever its id is.
    assert who(changed(second, first)) == expected


def test_a_cover_is_passed_on() -> None:
    first, second = change("instead", "A", "B", hour(9), hour(15)), change("instead", "B", "C", hour(11), hour(17), 1)
    assert who(changed(first, second)) == [
        ("A", hour(8), hour(9)), ("B", hour(9), hour(11)), ("C", hour(11), hour(15)), ("A", hour(15), hour(20)),
    ]  # fmt: skip


def test_what_comes_back_is_out_of_the_other_hands() -> None:
    given, back = change("instead", "A", "B", hour(9), hour(15)), change("instead", "B", "A", hour(11), hour(15), 1)
    ill = change("instead", "B", "C", hour(0), hour(23), 2)  # B's own word is about what B still has
    assert who(changed(given, back, ill)) == [
        ("A", hour(8), hour(9)), ("C", hour(9), hour(11)), ("A", hour(11), hour(15)), ("A", hour(15), hour(20)),
    ]  # fmt: skip


def test_two_who_alone_are_to_come_and_the_later_wins() -> None:
    first, second = change("only", None, "B", hour(9), hour(15)), change("only", None, "C", hour(11), hour(13), 1)
    assert who(changed(first, second)) == [
        ("A", hour(8), hour(9)), ("B", hour(9), hour(11)), ("C", hour(11), hour(13)), ("B", hour(13), hour(15)),
        ("A", hour(15), hour(20)),
    ]  # fmt: skip


def test_who_was_added_can_be_covered_too() -> None:
    more, cover = change("add", None, "B", hour(9), hour(12)), change("instead", "B", "C", hour(10), hour(20), 1)
    assert who(changed(more, cover)) == [("A", hour(8), hour(20)), ("B", hour(9), hour(10)), ("C", hour(10), hour(12))]


WEEKDAYS = tuple(Turn(weekday=day, start="08:00", end="20:00", days=0) for day in range(5))


def swapped(*more: Change) -> list[tuple[str, datetime, datetime]]:
    """A has Monday, Wednesday and Friday, B Tuesday and Thursday; they swap Monday and Tuesday."""
    swap = (
        change("instead", "A", "B", hour(8), hour(20), 0, "s"), change("instead", "B", "A", hour(8, 3), hour(20, 3), 1, "s"),
    )  # fmt: skip
    rota = Rota(rules=(rule("AB", WEEKDAYS, zone="UTC"),), changes=(*swap, *more))
    spans = resolve(rota, "on_call", hour(0), hour(0, 4))
    assert {span.why for span in spans if not more} <= {"swap"}
    return who(spans)


def test_two_shifts_are_swapped() -> None:
    assert swapped() == [("B", hour(8), hour(20)), ("A", hour(8, 3), hour(20, 3))]


def test_what_was_swapped_belongs_to_the_other() -> None:
    # A is ill all week: B's Monday, once A's, stays with B; the Tuesday, now A's, goes to C.
    ill = change("instead", "A", "C", hour(0), hour(0, 9), 2)
    assert swapped(ill) == [("B", hour(8), hour(20)), ("C", hour(8, 3), hour(20, 3))]


def test_both_halves_of_a_swap_happen_at_once() -> None:
    # A and B are on duty together and swap stretches that overlap: both go on being there, once each.
    more = change("add", None, "B", hour(8), hour(20))
    halves = (
        change("instead", "A", "B", hour(8), hour(16), 1, "s"), change("instead", "B", "A", hour(12), hour(20), 2, "s"),
    )  # fmt: skip
    rota = Rota(rules=(rule("A", ONE_DAY, zone="UTC"),), changes=(more, *halves))
    assert [on_call(rota, "on_call", hour(number)) for number in (9, 13, 17)] == [("B",), ("B", "A"), ("A",)]


def test_a_swap_has_the_place_of_its_earlier_half_whichever_half_is_asked_for() -> None:
    halves = (
        change("instead", "A", "B", hour(8), hour(12), 0, "s"), change("instead", "B", "A", hour(12), hour(20), 2, "s"),
    )  # fmt: skip
    come = change("only", None, "B", hour(12), hour(20), 1)
    rota = Rota(rules=(rule("A", ONE_DAY, zone="UTC"),), changes=(*halves, come))
    whole = resolve(rota, "on_call", hour(8), hour(20))
    assert who(whole) == [("B", hour(8), hour(12)), ("B", hour(12), hour(20))]
    assert resolve(rota, "on_call", hour(12), hour(20)) == whole[1:]
