"""Deciding a batch, without a database: the author's role, what waits, what looks alike, and the log folded anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.operations.service import RIGHTS
from sync.fields import GROUPS
from sync.intake import Fault, Incoming, reopen
from sync.operations import canonical
from sync.reconcile import Known, Member, Outcome, Sender, Verdict, Waiting, reconcile, refold
from sync.records import Committed, commit
from tests.sync.factories import AGENCY, PAYLOADS, PROGRAM, REFERRAL, envelope

NOW = datetime(2026, 4, 30, 3, 0, tzinfo=UTC)
ENROLLED = NOW - timedelta(days=30)
JOINED = NOW - timedelta(days=400)
EPOCH = "e9e9e9e9-0000-4000-8000-000000000000"


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
        waiting = [Waiting(one.incoming, Member(one.role, AGENCY, JOINED, None)) for one in held if one.role]
        self.known.sender, self.known.waiting = by, {REFERRAL: waiting}
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
        return refold([committed(verdict) for verdict in applied])


def committed(verdict: Verdict) -> Committed:
    assert verdict.role is not None
    assert verdict.incoming.envelope is not None
    return commit(verdict.incoming.envelope, verdict.role, frozenset(GROUPS) - RIGHTS.reads(verdict.role))


OFFICER, COORDINATOR, STRANGER = "0ff1ce00", "c00d1a70", "57a11ce0"


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


CHANGED = NOW - timedelta(days=2)
HISTORY = (Member("coordinator", None, CHANGED, None), Member("officer", AGENCY, JOINED, CHANGED))


@pytest.mark.parametrize(
    ("made", "clock_off", "role"),
    [
        (CHANGED - timedelta(seconds=1), timedelta(0), "officer"),
        (CHANGED, timedelta(0), "coordinator"),
        (NOW - timedelta(days=29), timedelta(0), "officer"),
        (NOW + timedelta(days=3000), None, "coordinator"),
        (NOW - timedelta(days=3000), None, "officer"),
        (NOW - timedelta(days=3000), timedelta(days=2999), "coordinator"),
        (NOW + timedelta(days=3000), timedelta(days=-3005), "officer"),
        (datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=3000), "coordinator"),
        (datetime(1, 1, 1, tzinfo=UTC), timedelta(days=-3000), "officer"),
    ],
    ids=[
        "just before the change", "at the change", "long before the last contact", "a clock years fast",
        "a clock years slow", "a slow clock, corrected", "a fast clock, corrected", "beyond the calendar",
        "before the calendar",
    ],
)  # fmt: skip
def test_the_role_is_the_one_in_force_when_it_was_made(made: datetime, clock_off: timedelta | None, role: str) -> None:
    server = Server(members={OFFICER: HISTORY})
    off = None if clock_off is None else clock_off // timedelta(milliseconds=1)
    operation = write(OFFICER, 1, "consent.withdraw", made_at=made.isoformat(), clock_off_ms=off)
    [verdict] = server.push(OFFICER, operation).verdicts
    assert verdict.role == role


def test_a_clock_between_two_roles_finds_none() -> None:
    gap = (Member("officer", AGENCY, NOW - timedelta(days=1), None), Member("officer", AGENCY, JOINED, CHANGED))
    server = Server(members={OFFICER: gap})
    create = write(OFFICER, 1, "referral.create", made_at=(CHANGED + timedelta(hours=1)).isoformat())
    assert outcome_of(create, server) == ("held", "no_role")


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


def test_what_arrives_before_its_referral_is_applied_when_that_comes() -> None:
    server, done = a_server(), story()
    for operation in (done[3], done[4], done[6]):
        assert outcome_of(operation, server, COORDINATOR) == ("held", "unknown_referral")
    first = server.push(OFFICER, done[0])
    assert [verdict.incoming.sealed.op_id for verdict in first.adopted] == [done[3]["op_id"], done[6]["op_id"]]
    assert server.statuses()[done[4]["op_id"]] == "held", "it names a person, and no consent is here yet"
    second = server.push(OFFICER, done[1])
    assert [verdict.incoming.sealed.op_id for verdict in second.adopted] == [done[4]["op_id"]]
    assert server.known is not None
    state = server.known.referrals[REFERRAL].state
    assert state["registers"]["status"]["value"] == "acknowledged"
    assert canonical(server.folded_anew()) == canonical(state)


def test_within_a_batch_the_receipt_already_says_applied() -> None:
    server, done = a_server(), story()
    outcome = server.push(OFFICER, done[2], done[1], done[0])
    assert [verdict.status for verdict in outcome.verdicts] == ["applied"] * 3
    assert outcome.adopted == []
    assert server.known is not None
    assert canonical(server.folded_anew()) == canonical(server.known.referrals[REFERRAL].state)


def test_what_waits_in_vain_stays_held_and_looks_like_the_unknown() -> None:
    server, done = a_server(), story()
    before = server.push(STRANGER, write(STRANGER, 1, "note.add")).verdicts[0]
    server.push(OFFICER, done[0])
    after = server.push(STRANGER, write(STRANGER, 2, "note.add")).verdicts[0]
    assert (before.status, before.reason, before.detail) == (after.status, after.reason, after.detail)
    assert server.statuses()[before.incoming.sealed.op_id] == "held"
    assert server.known is not None
    assert server.known.referrals[REFERRAL].state["entries"] == {}


def test_another_programs_referral_looks_unknown_and_its_id_is_taken() -> None:
    server = a_server()
    server.push(OFFICER)
    assert server.known is not None
    server.known.foreign = frozenset({REFERRAL})
    assert outcome_of(write(COORDINATOR, 1, "note.add"), server, COORDINATOR) == ("held", "unknown_referral")
    assert outcome_of(write(OFFICER, 1, "referral.create"), server) == ("rejected", "already_created")
    assert server.known.referrals == {}


COMMUNITY = {"pathway": "community", "agency_id": None}


@pytest.mark.parametrize(
    ("role", "payload", "answer"),
    [
        ("coordinator", COMMUNITY, "applied"),
        ("case_manager", COMMUNITY, "applied"),
        ("partner", COMMUNITY, "applied"),
        ("coordinator", {"pathway": "social_contact", "agency_id": None}, "applied"),
        ("officer", PAYLOADS["referral.create"], "applied"),
        ("officer", {"pathway": "social_contact", "agency_id": AGENCY}, "applied"),
        ("officer", COMMUNITY, "not_permitted"),
        ("officer", {"pathway": "community", "agency_id": AGENCY}, "not_permitted"),
        ("officer", {"pathway": "social_contact", "agency_id": None}, "not_permitted"),
        ("partner", {"pathway": "social_contact", "agency_id": None}, "not_permitted"),
        ("coordinator", PAYLOADS["referral.create"], "not_permitted"),
        ("coordinator", {"pathway": "community", "agency_id": AGENCY}, "not_permitted"),
        ("sergeant", PAYLOADS["referral.create"], "not_permitted"),
        ("supervisor", COMMUNITY, "not_permitted"),
        ("administrator", COMMUNITY, "not_permitted"),
        ("prosecutor", COMMUNITY, "not_permitted"),
        ("evaluator", COMMUNITY, "not_permitted"),
    ],
)
def test_who_may_create_what(role: Any, payload: dict[str, Any], answer: str) -> None:
    agency = AGENCY if role in ("officer", "sergeant") else None
    server = Server(members={OFFICER: (Member(role, agency, JOINED, None),)})
    status, reason = outcome_of(write(OFFICER, 1, "referral.create", payload), server)
    assert (reason or status) == answer


def test_the_community_pathway_names_people_without_a_consent() -> None:
    server = a_server()
    server.push(COORDINATOR, write(COORDINATOR, 1, "referral.create", COMMUNITY))
    assert outcome_of(named({"name": "Kit"}, COORDINATOR, 2), server, COORDINATOR) == ("applied", None)


def test_a_withdrawal_cited_as_if_it_were_a_grant_is_no_consent() -> None:
    server = a_server()
    gone = write(OFFICER, 2, "consent.withdraw")
    server.push(OFFICER, write(OFFICER, 1, "referral.create"), gone)
    assert outcome_of(named({"name": "Kit"}, OFFICER, 3, saw=[gone["op_id"]]), server) == ("held", "consent_missing")


def test_an_agency_of_nobody_is_refused() -> None:
    elsewhere = "b0b0b0b0-0000-4000-8000-000000000001"
    server = Server(members={OFFICER: (Member("officer", elsewhere, JOINED, None),)})
    payload = {"pathway": "arrest_diversion", "agency_id": elsewhere}
    assert outcome_of(write(OFFICER, 1, "referral.create", payload), server) == ("rejected", "not_permitted")


def test_an_acknowledgement_that_came_too_late_did_not_win() -> None:
    server, done = a_server(), story()
    server.members["c00d1a71"] = server.members[COORDINATOR]
    server.push(OFFICER, *done[:3])
    seen = {device_id(OFFICER): 3}
    first = server.push(COORDINATOR, write(COORDINATOR, 1, "page.acknowledge", base=seen)).verdicts[0]
    second = server.push("c00d1a71", write("c00d1a71", 1, "page.acknowledge", base=seen)).verdicts[0]
    assert (first.status, first.won) == ("applied", True)
    assert (second.status, second.won) == ("merged", False)


def test_only_what_belongs_to_the_key_it_settles_passes() -> None:
    server, done = a_server(), story()
    server.push(OFFICER, *done[:3])
    for seq, (key, value, status) in enumerate(
        [
            ("status", "closed", "applied"),
            ("holder", {"user_id": AGENCY, "eta_minutes": None}, "applied"),
            ("holder", None, "applied"),
            ("holder", {"user_id": AGENCY, "eta_minutes": "20"}, "rejected"),
            ("decision", {"outcome": "accepted", "reason": None}, "applied"),
            ("decision", {"outcome": "perhaps", "reason": None}, "rejected"),
            ("closure", None, "rejected"),
            ("confirmation", {"answer": "yes"}, "applied"),
            ("origin", COMMUNITY, "rejected"),
        ],
        start=1,
    ):
        payload = {"key": key, "value": value, "conflicts": ["a|b|c"]}
        seen = {device_id(COORDINATOR): seq - 1} if seq > 1 else {}
        operation = write(COORDINATOR, seq, "conflict.resolve", payload, base=seen)
        assert outcome_of(operation, server, COORDINATOR)[0] == status, key


def test_refold_needs_the_whole_log() -> None:
    server, done = a_server(), story()
    server.push(OFFICER, *done[:3])
    log = [committed(verdict) for verdict in server.log.values()]
    with pytest.raises(ValueError, match="lacks"):
        refold(log[1:])
    with pytest.raises(ValueError, match="lacks"):
        refold([])
    with pytest.raises(ValueError, match="lacks"):
        refold([log[0], log[2]])


@given(st.permutations(range(8)), st.lists(st.booleans(), min_size=8, max_size=8))
@settings(max_examples=300)
def test_in_whatever_order_phones_send_nothing_stays_behind(order: list[int], split: list[bool]) -> None:
    """After a restore everybody sends again: all is applied in the end, and the stored fold is the log's."""
    server, done = a_server(), story()
    batch: list[dict[str, Any]] = []
    sender = ""
    for place, number in enumerate(order):
        operation = done[number]
        name = operation["device_id"][:8]
        if batch and (name != sender or split[place]):
            server.push(sender, *batch)
            batch = []
        batch.append(operation)
        sender = name
    server.push(sender, *batch)
    assert set(server.statuses().values()) <= {"applied", "merged"}
    assert server.known is not None
    state = server.known.referrals[REFERRAL].state
    assert canonical(server.folded_anew()) == canonical(state)
    assert [event["kind"] for event in state["consent"].values()].count("withdrawal") == 1


def test_a_duplicate_in_the_batch_tells_where_the_first_stands() -> None:
    server, done = a_server(), story()
    outcome = server.push(OFFICER, done[0], done[1], done[0])
    assert [(verdict.status, verdict.repeats) for verdict in outcome.verdicts] == [
        ("applied", None), ("applied", None), ("duplicate", 0),
    ]  # fmt: skip


def test_a_fault_of_opening_never_claims_the_id() -> None:
    server, done = a_server(), story()
    server.push(OFFICER)
    assert server.known is not None
    broken = replace(reopen(canonical(done[0])), operation=None, envelope=None, blob_hash="h")
    fault = Incoming(broken.sealed, "h", fault=Fault("rejected", "cannot_open", "damaged"))
    outcome = reconcile([fault, reopen(canonical(done[0])), fault], server.known, NOW)
    assert [(one.status, one.claims_id) for one in outcome.verdicts] == [
        ("rejected", False), ("applied", True), ("duplicate", False),
    ]  # fmt: skip
