"""Deciding a batch, without a database: what waits, what looks alike, what repeats, and the log folded anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.operations.service import RIGHTS
from sync.intake import Fault, Incoming, reopen
from sync.operations import canonical
from sync.reconcile import reconcile
from sync.refolding import refold
from tests.sync.factories import REFERRAL
from tests.sync.server import (
    COORDINATOR,
    NOW,
    OFFICER,
    STRANGER,
    a_server,
    committed,
    device_id,
    outcome_of,
    story,
    write,
)  # fmt: skip


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


def test_an_acknowledgement_that_came_too_late_did_not_win() -> None:
    server, done = a_server(), story()
    server.members["c00d1a71"] = server.members[COORDINATOR]
    server.push(OFFICER, *done[:3])
    seen = {device_id(OFFICER): 3}
    first = server.push(COORDINATOR, write(COORDINATOR, 1, "page.acknowledge", base=seen)).verdicts[0]
    second = server.push("c00d1a71", write("c00d1a71", 1, "page.acknowledge", base=seen)).verdicts[0]
    assert (first.status, first.won) == ("applied", True)
    assert (second.status, second.won) == ("merged", False)


def test_refold_needs_the_whole_log() -> None:
    server, done = a_server(), story()
    server.push(OFFICER, *done[:3])
    log = [committed(verdict) for verdict in server.log.values()]
    with pytest.raises(ValueError, match="lacks"):
        refold(log[1:], RIGHTS.shown)
    with pytest.raises(ValueError, match="lacks"):
        refold([], RIGHTS.shown)
    with pytest.raises(ValueError, match="lacks"):
        refold([log[0], log[2]], RIGHTS.shown)


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
