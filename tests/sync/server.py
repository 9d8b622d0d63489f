"""A server without a database: what it would remember between batches, and a story that phones tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from api.operations.service import RIGHTS
from sync.intake import reopen
from sync.operations import canonical
from sync.reconcile import Known, Member, Outcome, Sender, Verdict, Waiting, reconcile
from sync.records import Committed, commit
from sync.refolding import refold
from tests.sync.factories import AGENCY, PROGRAM, REFERRAL, envelope

NOW = datetime(2026, 4, 30, 3, 0, tzinfo=UTC)
ENROLLED = NOW - timedelta(days=30)
JOINED = NOW - timedelta(days=400)
EPOCH = "e9e9e9e9-0000-4000-8000-000000000000"
OFFICER, COORDINATOR, STRANGER = "0ff1ce00", "c00d1a70", "57a11ce0"


def device_id(name: str) -> str:
    return f"{name}-0000-4000-8000-000000000000"


def user_id(name: str) -> str:
    return f"{name}-0000-4000-9000-000000000000"


@dataclass
class Server:
    """What a server remembers between batches, as its tables would."""

    known: Known | None = None
    log: dict[str, Verdict] = field(default_factory=dict)
    members: dict[str, tuple[Member, ...]] = field(default_factory=dict)

    def push(self, name: str, *operations: dict[str, Any], lost: frozenset[str] = frozenset()) -> Outcome:
        by = Sender(
            device_id(name), user_id(name), PROGRAM, True, True, self.members[name], ENROLLED, lost,
        )  # fmt: skip
        if self.known is None:
            self.known = Known(EPOCH, by, {}, {}, set(), {}, frozenset(), frozenset({AGENCY}), RIGHTS)
        held = [one for one in self.log.values() if one.status == "held" and one.role is not None]
        waiting = [
            Waiting(one.incoming, Member(one.role, AGENCY, JOINED, None), one.timing) for one in held if one.role
        ]
        self.known.sender, self.known.waiting = by, {REFERRAL: waiting}
        own = [one.incoming.sealed for one in self.log.values() if one.incoming.sealed.device_id == device_id(name)]
        self.known.numbers = {sealed.seq: sealed.op_id for sealed in own}
        outcome = reconcile([reopen(canonical(operation)) for operation in operations], self.known, NOW)
        for verdict in outcome.verdicts:
            if verdict.status in ("applied", "merged", "held"):
                self.log[verdict.incoming.sealed.op_id] = verdict
        for verdict in outcome.adopted:
            self.log[verdict.incoming.sealed.op_id].status = verdict.status
        return outcome

    def statuses(self) -> dict[str, str]:
        return {op_id: verdict.status for op_id, verdict in self.log.items()}

    def folded_anew(self) -> Any:
        applied = [verdict for verdict in self.log.values() if verdict.status in ("applied", "merged")]
        return refold([committed(verdict) for verdict in applied], RIGHTS.shown)


def committed(verdict: Verdict) -> Committed:
    assert verdict.role is not None
    assert verdict.incoming.envelope is not None
    return commit(verdict.incoming.envelope, verdict.role, timing=verdict.timing)


def a_server() -> Server:
    """An officer, a coordinator, and an officer who has nothing to do with the referral."""
    officer = (Member("officer", AGENCY, JOINED, None),)
    return Server(
        members={OFFICER: officer, STRANGER: officer, COORDINATOR: (Member("coordinator", None, JOINED, None),)}
    )


def write(name: str, seq: int, kind: str, payload: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return envelope(
        kind, payload, op_id=f"{name}-0000-4000-8000-{seq:012d}", device_id=device_id(name), user_id=user_id(name),
        seq=seq, **changes,
    )  # fmt: skip


def named(fields: dict[str, Any], name: str, seq: int, **changes: Any) -> dict[str, Any]:
    return write(name, seq, "referral.set", {"fields": fields}, **changes)


def outcome_of(operation: dict[str, Any], server: Server, name: str = OFFICER) -> tuple[str, str | None]:
    [verdict] = server.push(name, operation).verdicts
    return verdict.status, verdict.reason


def story() -> list[dict[str, Any]]:
    """An officer's referral and what a coordinator does with it, in the order in which it was done."""
    create = write(OFFICER, 1, "referral.create")
    grant = write(OFFICER, 2, "consent.grant", base={device_id(OFFICER): 1})
    cites = [grant["op_id"]]
    both = {device_id(OFFICER): 3, device_id(COORDINATOR): 1}
    return [
        create,
        grant,
        named({"place": "North gate", "name": "Kit"}, OFFICER, 3, saw=cites, base={device_id(OFFICER): 2}),
        write(COORDINATOR, 1, "page.acknowledge", base={device_id(OFFICER): 3}),
        named({"name": "Kit Sample", "place": "South gate"}, COORDINATOR, 2, saw=cites, base=both),
        named({"name": "Kay", "contact": "Library"}, OFFICER, 4, saw=cites, base={device_id(OFFICER): 3}),
        write(COORDINATOR, 3, "consent.withdraw", base={}),
        named({"contact": "Kitchen"}, COORDINATOR, 4, saw=cites, base=both | {device_id(COORDINATOR): 3}),
    ]
