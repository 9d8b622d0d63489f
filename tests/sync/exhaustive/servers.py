"""The server, as a tree of logs: what a batch does to a log is asked of the real code once, and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from api.operations.service import RIGHTS
from sync import views
from sync.fields import Role
from sync.reconcile import STORED, Known, KnownOperation, KnownReferral, Member, Sender, Verdict, Waiting, reconcile
from sync.records import State, View
from tests.simulation.oracle import Violation
from tests.sync.exhaustive import invariants
from tests.sync.exhaustive.acts import Written
from tests.sync.exhaustive.rules import Rules
from tests.sync.factories import AGENCY, PROGRAM, REFERRAL
from tests.sync.server import COORDINATOR, ENROLLED, EPOCH, JOINED, NOW, OFFICER, device_id, user_id

ROLES: Mapping[str, Role] = {OFFICER: "officer", COORDINATOR: "coordinator"}
MEMBERS = {
    OFFICER: (Member("officer", AGENCY, JOINED, None),),
    COORDINATOR: (Member("coordinator", None, JOINED, None),),
}


@dataclass(frozen=True, eq=False)
class Log:
    """What the server has stored, in order, what became of each, and the state folded from it."""

    operations: tuple[Written, ...]
    verdicts: Mapping[str, Verdict]
    state: State | None

    def known(self, name: str, until: int | None = None) -> frozenset[int]:
        """The sequence numbers known of a device, up to a position."""
        return frozenset(one.seq for one in self.operations[:until] if one.name == name)

    def view(self, name: str) -> View | None:
        """What the feed shows to somebody; None while there is no referral."""
        return None if self.state is None else views.render(self.state, RIGHTS.shown(ROLES[name], self.state))


class Receipt(NamedTuple):
    """The answer for one operation; of a duplicate, as it stands now. `position` is None for what is not stored."""

    operation: Written
    status: str
    reason: str | None
    position: int | None


class Server:
    """Takes batches in. Every log that comes to be is looked at; raises Violation."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._logs: dict[tuple[Written, ...], Log] = {}
        self.empty = self._kept(Log((), {}, None))
        self.receive = cache(self._receive)

    @property
    def logs(self) -> int:
        """How many different logs came to be."""
        return len(self._logs)

    def _receive(self, log: Log, batch: tuple[Written, ...], lost: frozenset[str]) -> tuple[Log, tuple[Receipt, ...]]:
        known = self._known(log, batch, lost)
        outcome = reconcile([one.incoming for one in batch], known, NOW)
        verdicts, stored = dict(log.verdicts), list(log.operations)
        for written, verdict in zip(batch, outcome.verdicts, strict=True):
            if not self._rules.stores_the_bad and verdict.status == "rejected":
                verdict.status = "retry"
            if verdict.status in STORED:
                verdicts[written.op_id] = verdict
                stored.append(written)
        for verdict in outcome.adopted:
            op_id = verdict.incoming.sealed.op_id
            verdicts[op_id] = replace(verdicts[op_id], status=verdict.status)
        referral = known.referrals.get(REFERRAL)
        after = self._kept(Log(tuple(stored), verdicts, None if referral is None else referral.state))
        return after, tuple(_receipt(after, one, told) for one, told in zip(batch, outcome.verdicts, strict=True))

    def _known(self, log: Log, batch: tuple[Written, ...], lost: frozenset[str]) -> Known:
        name = batch[0].name
        by = Sender(device_id(name), user_id(name), PROGRAM, True, True, MEMBERS[name], ENROLLED, lost)
        operations = {
            op_id: KnownOperation(str(verdict.incoming.digest), verdict.status, {})
            for op_id, verdict in log.verdicts.items()
        }
        if not self._rules.idempotent:
            for one in batch:
                operations.pop(one.op_id, None)
        referrals: dict[str, KnownReferral] = {}
        if log.state is not None:
            origin = log.state["registers"]["origin"]
            value = origin["value"]
            referrals[REFERRAL] = KnownReferral(
                PROGRAM, value["agency_id"], origin["by"], value["pathway"], _copied(log.state)
            )
        waiting = [
            Waiting(one.incoming, Member(one.role, AGENCY, JOINED, None), one.timing)
            for one in log.verdicts.values() if one.status == "held" and one.role is not None
        ]  # fmt: skip
        numbers = {one.seq: one.op_id for one in log.operations if one.name == name}
        return Known(
            EPOCH, by, operations, {}, set(), referrals, frozenset(), frozenset({AGENCY}), RIGHTS, {REFERRAL: waiting},
            numbers=numbers,
        )  # fmt: skip

    def _kept(self, log: Log) -> Log:
        """The one object for this log; however its operations came in, the same must have become of them."""
        earlier = self._logs.get(log.operations)
        if earlier is None:
            invariants.of_log(log.operations, log.verdicts, log.state, {name: log.view(name) for name in ROLES})
            self._logs[log.operations] = log
            return log
        statuses = [{op_id: one.status for op_id, one in each.verdicts.items()} for each in (earlier, log)]
        if earlier.state != log.state or statuses[0] != statuses[1]:
            raise Violation("determinism", "the same log in other batches became something else")
        return earlier


def _receipt(log: Log, written: Written, verdict: Verdict) -> Receipt:
    if verdict.status == "retry":
        return Receipt(written, "retry", verdict.reason, None)
    return Receipt(written, log.verdicts[written.op_id].status, verdict.reason, log.operations.index(written) + 1)


def _copied(state: State) -> State:
    """The fold changes these dictionaries in place, and nothing within them but the vectors."""
    copied: State = {
        **state,
        "registers": dict(state["registers"]),
        "entries": dict(state["entries"]),
        "strikes": dict(state["strikes"]),
        "consent": dict(state["consent"]),
        "conflicts": dict(state["conflicts"]),
        "vectors": {group: dict(vector) for group, vector in state["vectors"].items()},
    }
    return copied
