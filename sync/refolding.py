"""The state of a referral folded anew from its log: what the stored one must equal."""

from collections.abc import Callable, Iterable

from sync import admission, fold
from sync.fields import Group, Role
from sync.out_of_turn import told_apart
from sync.payloads import groups_of
from sync.reasons import AWAITED_KINDS
from sync.records import Committed, State, commit
from sync.views import unseen

Shown = Callable[[Role, State], frozenset[Group]]


def refold(operations: Iterable[Committed], shown: Shown, elsewhere: frozenset[str] = frozenset()) -> State:
    """The state of one referral from its log: every applied operation, in the order of positions.

    `shown` tells the groups that a role may read in a state, from which follows what each author had not seen. `elsewhere` are
    grants on other referrals, which were cited while these were merged (see `merging`): whoever names one waits for none here.

    What waited for an approval or an alert may stand before it: entries, strikes and the departure have no part in it, and
    fold to the same in any order.

    Raises ValueError if the log does not hold the operation that created the referral.
    """
    state: State | None = None
    pathway = ""
    waiting: list[Committed] = []
    for operation in operations:
        if operation["kind"] == "referral.create":
            state = fold.empty(operation["referral_id"], operation["program_id"])
            pathway = str(operation["payload"]["pathway"])
        elif state is None or _lacks_consent(operation, pathway, state, elsewhere):
            waiting.append(operation)
            continue
        _fold_in(state, operation, shown)
        if operation["kind"] in AWAITED_KINDS:
            _fold_waiting(state, pathway, waiting, shown, elsewhere)
    if state is None or waiting:
        raise ValueError("The log lacks what some of its operations waited for.")
    return state


def _fold_in(state: State, operation: Committed, shown: Shown) -> None:
    role = operation["role"]
    envelope = told_apart(operation, state, operation.get("forked_from"), late=operation.get("late", False))
    blind = () if role == "server" else unseen(state, envelope["base"], shown(role, state))
    fold.apply(state, commit(envelope, role, blind, operation.get("timing")))


def _fold_waiting(
    state: State, pathway: str, waiting: list[Committed], shown: Shown, elsewhere: frozenset[str]
) -> None:
    """As `reconcile` releases what waited, in the same order."""
    while ready := next((one for one in waiting if not _lacks_consent(one, pathway, state, elsewhere)), None):
        waiting.remove(ready)
        _fold_in(state, ready, shown)


def _lacks_consent(operation: Committed, pathway: str, state: State, elsewhere: frozenset[str]) -> bool:
    if not elsewhere.isdisjoint(operation["saw"]):
        return False
    groups = groups_of(operation["kind"], operation["payload"])
    return admission.lacks_consent(groups, operation["saw"], pathway, state)
