"""Who sees what of referrals that were merged: the author of each the own one, program staff the whole."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.fields import GROUPS
from sync.fold import blocked
from sync.merging import apart_view, seen
from sync.operations import canonical
from sync.views import render
from tests.sync.factories import Phone
from tests.sync.pairs import FROM, INTO, Pair, folded, merged, on, pairs, whole
from tests.sync.worlds import READS

HEALTH = frozenset(GROUPS)


@settings(max_examples=50)
@given(pairs(), st.sampled_from(sorted(READS)))
def test_the_author_of_either_learns_nothing_of_the_other(pair: Pair, role: Any) -> None:
    states = merged(pair)
    together = whole(states, INTO)
    for referral_id, other_id in ((INTO, FROM), (FROM, INTO)):
        own, groups = states[referral_id], READS[role] - {"merging"}
        view = apart_view(own, together, groups)
        text = canonical(view).decode()
        foreign = {one["op_id"] for one in pair.logs[other_id]} | {other_id}
        assert not [op_id for op_id in foreign if op_id in text and op_id not in canonical(own).decode()]
        plain = render(own, groups)
        assert view["vector"].keys() <= plain["vector"].keys()
        assert view["registers"].keys() - plain["registers"].keys() <= {"holder"}
        assert not (view["blocked"] and not blocked(together))


def test_who_answered_in_sight_of_both_is_told_to_both_officers() -> None:
    first, second = Phone("0ff1ce01", "officer"), Phone("0ff1ce02", "officer")
    coordinator = Phone("c00d0001", "coordinator")
    into = on(INTO, [first.write("referral.alert")])
    other = on(FROM, [second.write("referral.alert"), coordinator.write("referral.merge", {"into": INTO})])
    shown = render(whole(folded({INTO: into, FROM: other}), INTO), HEALTH)
    blind = coordinator.write("page.acknowledge", base={first.device_id: 1})
    answer = coordinator.write("page.acknowledge", base=shown["vector"])
    for operation, told in ((blind, "submitted"), (answer, "acknowledged")):
        states = folded({INTO: [*into, *on(INTO, [operation])], FROM: other})
        view = apart_view(states[FROM], whole(states, INTO), frozenset(("status", "holder")))
        assert view["registers"]["status"]["value"] == told
        assert ("holder" in view["registers"]) is (told == "acknowledged")
        assert view["registers"]["status"]["op"] == other[0]["op_id"], "nothing says that there is another referral"
        own = apart_view(states[INTO], whole(states, INTO), frozenset(("status", "holder")))
        assert own["registers"]["status"]["value"] == "acknowledged"


def test_the_referral_that_was_merged_keeps_its_own_fold_under_the_consent_of_both() -> None:
    first, second = Phone("0ff1ce01", "officer"), Phone("0ff1ce02", "officer")
    into = on(INTO, [first.write("consent.grant"), first.write("consent.withdraw")])
    named = second.write("referral.set", {"fields": {"name": "Ana"}})
    other = on(FROM, [second.write("consent.grant"), named, second.write("referral.merge", {"into": INTO})])
    states = folded({INTO: into, FROM: other})
    view = seen(states[FROM], whole(states, INTO), HEALTH)
    assert (view["blocked"], view["consented"]) == (True, False)
    assert "name" not in view["registers"]
    assert view["registers"]["merged_into"]["value"] == INTO
    apart = apart_view(states[FROM], whole(states, INTO), HEALTH - {"merging"})
    assert (apart["blocked"], apart["consented"]) == (True, False)
    assert set(apart["consent"]) == {other[0]["op_id"]}
