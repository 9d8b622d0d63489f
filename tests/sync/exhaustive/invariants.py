"""What must hold of every log, and of every world at rest. Raises Violation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from api.operations.service import RIGHTS
from sync import fold
from sync.fields import group_of
from sync.reconcile import APPLIED, Verdict
from sync.records import State, View
from sync.refolding import refold
from sync.views import BLOCKED_GROUPS
from tests.simulation.oracle import Oracle, Violation
from tests.simulation.overwriting import no_silent_overwrite
from tests.sync.exhaustive.acts import BAD, Written
from tests.sync.factories import REFERRAL
from tests.sync.server import committed


def of_log(
    operations: Sequence[Written],
    verdicts: Mapping[str, Verdict],
    state: State | None,
    shown: Mapping[str, View | None],
) -> None:
    """Each once, folded as anew, consent only in sight of its end, no value gone unseen."""
    twice = [op_id for op_id, count in Counter(one.op_id for one in operations).items() if count > 1]
    if twice:
        raise Violation("conservation", f"{twice} are in the log more than once")
    if state is None:
        return
    applied = [one for one in operations if verdicts[one.op_id].status in APPLIED]
    if refold([committed(verdicts[one.op_id]) for one in applied], RIGHTS.shown) != state:
        raise Violation("determinism", "the state is not its log folded anew")
    _consent(operations, state, shown)
    _settled_stays_settled(operations, state)
    oracle = Oracle(authored={one.op_id: one.authored() for one in operations})
    envelopes = {one.op_id: one.envelope for one in operations}
    no_silent_overwrite(oracle, {REFERRAL: state}, [one.op_id for one in applied], envelopes)


def _consent(operations: Sequence[Written], state: State, shown: Mapping[str, View | None]) -> None:
    """By true knowledge: a withdrawal ends every consent that was not given in sight of it, and hides the content at once."""
    withdrawals = {one.op_id for one in operations if one.act == "withdraw"}
    if not withdrawals or any(one.act == "grant" and withdrawals <= one.sight for one in operations):
        return
    if fold.consented(state):
        raise Violation("consent", f"it stands, although nobody who gave it had seen all of {sorted(withdrawals)}")
    for name, view in shown.items():
        assert view is not None
        open_still = [key for key in view["registers"] if group_of(key) in BLOCKED_GROUPS]
        if open_still or view["consented"] or not view["blocked"]:
            raise Violation("consent", f"{name} is still shown {open_still} after {sorted(withdrawals)}")


def _settled_stays_settled(operations: Sequence[Written], state: State) -> None:
    """Nobody is asked to choose between two values one of whose authors had seen the other."""
    sight = {one.op_id: one.sight for one in operations}
    for conflict_id, conflict in state["conflicts"].items():
        kept, lost = conflict["kept"], conflict["lost"]
        if lost in sight[kept] or kept in sight[lost]:
            raise Violation("settled", f"{conflict_id} is open, and was settled")


def nothing_lost(written: Sequence[Written], stored: Sequence[Written], excused: frozenset[Written]) -> bool:
    """Whatever was ever written is in the log at rest; False if some of the `excused` is not."""
    missing = set(written).difference(stored)
    if lost := {one.op_id for one in missing - excused}:
        raise Violation("conservation", f"{sorted(lost)} were written, and are not in the log")
    return not missing


def all_counts(stored: Sequence[Written], verdicts: Mapping[str, Verdict]) -> None:
    """At rest nothing is held, and nothing is rejected but the bad."""
    for one in stored:
        status = verdicts[one.op_id].status
        if (status == "rejected") != (one.act == BAD) or status == "held":
            raise Violation("progress", f"{one.op_id} ({one.act}) is {status} in the end")
