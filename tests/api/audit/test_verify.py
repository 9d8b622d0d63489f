"""`verify-audit` finds what was done to an audit: a thousand acts of tampering, and the honest cases that must pass."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select

from api.audit import upkeep
from api.audit.anchors import AnchorsError, read
from api.audit.queries import BATCH
from api.audit.service import record
from api.audit.verify import verify
from api.tables.audit import AuditEvent, AuditHead
from tests.api.audit import tampering
from tests.api.audit.conftest import NOW, OTHER, PROGRAM, Audit

TAMPERINGS = 1000
SEED = 20261123


class Undo(Exception):
    """Ends a transaction without a trace."""


def test_a_thousand_acts_of_tampering(audit: Audit, tell: Callable[[str], None]) -> None:
    """All are found with the anchors; without them all but those that leave a chain which fits."""
    for program_id, count in ((PROGRAM, 9), (OTHER, 12), (None, 4)):
        audit.fill(count, program_id)
    audit.anchor()
    audit.fill(8)
    audit.anchor()
    anchors = audit.anchored()
    assert audit.verdict(anchors).faults == []
    audit.unguard()
    dice = random.Random(SEED)
    done, found_without, found_with = Counter[str](), Counter[str](), Counter[str]()
    for _ in range(TAMPERINGS):
        try:
            with audit.database.write() as session:
                name = tampering.attack(session, dice, audit.key)
                done[name] += 1
                found_without[name] += bool(verify(session, audit.key).faults)
                found_with[name] += bool(verify(session, audit.key, anchors).faults)
                raise Undo
        except Undo:
            continue
    tell(f"seed {SEED}: of {done.total()} found {found_without.total()} without and {found_with.total()} with anchors")
    assert found_with == done
    assert {name for name in done if found_without[name] < done[name]} == tampering.NEEDS_ANCHORS
    assert not any(found_without[name] for name in tampering.NEEDS_ANCHORS)
    assert audit.verdict(anchors).faults == []


class TestItNames:
    @pytest.mark.parametrize(
        ("statement", "number", "words"),
        [
            ("UPDATE audit_event SET subject = 'x' WHERE number = 4", 4, "was changed"),
            ("UPDATE audit_event SET previous = mac WHERE number = 4", 4, "does not follow"),
            ("DELETE FROM audit_event WHERE number IN (4, 5)", 4, "is missing"),
            ("DELETE FROM audit_event WHERE number < 4", 1, "to 3 are missing"),
            ("DELETE FROM audit_event WHERE number > 6", 7, "is missing, or the head"),
            ("UPDATE audit_event SET number = 5 WHERE number = 6", 5, "is there twice"),
            ("DELETE FROM audit_event", 1, "the whole chain is missing"),
            ("DELETE FROM audit_head", 9, "head of the chain was changed"),
        ],
    )
    def test_the_first_number_that_is_wrong(self, audit: Audit, statement: str, number: int, words: str) -> None:
        audit.fill(8)
        audit.unguard()
        audit.alter(statement)
        fault = audit.verdict().faults[0]
        assert (fault.program_id, fault.number) == (PROGRAM, number)
        assert words in fault.words

    def test_each_broken_chain_once(self, audit: Audit) -> None:
        for program_id in (PROGRAM, OTHER, None):
            audit.fill(6, program_id)
        audit.unguard()
        audit.alter("UPDATE audit_event SET subject = 'x' WHERE number > 2 AND program_id IN ('', 'denver')")
        assert [(each.program_id, each.number) for each in audit.verdict().faults] == [("", 3), (PROGRAM, 3)]


class TestAnchors:
    def test_a_line_for_each_chain_at_each_time(self, audit: Audit) -> None:
        audit.fill(2)
        audit.fill(3, None)
        audit.anchor()
        audit.add()
        audit.anchor(NOW + timedelta(hours=1))
        assert [(each.program, each.number, each.time[:16]) for each in read(audit.file)] == [
            ("", 3, "2026-04-30T02:14"), (PROGRAM, 2, "2026-04-30T02:14"), ("", 3, "2026-04-30T03:14"),
            (PROGRAM, 3, "2026-04-30T03:14"),
        ]  # fmt: skip
        assert audit.file.stat().st_mode & 0o777 == 0o600

    def test_nothing_is_written_before_there_is_an_event(self, audit: Audit) -> None:
        audit.anchor()
        assert audit.anchored() == []

    def test_a_line_that_is_none_is_told_with_its_place(self, audit: Audit) -> None:
        audit.add()
        audit.anchor()
        with audit.file.open("a") as file:
            file.write('{"program":"denver"}\n')
        with pytest.raises(AnchorsError, match="line 2"):
            audit.anchored()

    def test_what_was_written_since_the_newest_is_not_covered(self, audit: Audit) -> None:
        """The honest limit: an hour at most."""
        audit.fill(3)
        audit.anchor()
        audit.fill(2)
        audit.unguard()
        with audit.database.read() as session:
            third = session.exec(select(AuditEvent).where(col(AuditEvent.number) == 3)).one().mac
        audit.alter("DELETE FROM audit_event WHERE number > 3")
        audit.alter("UPDATE audit_head SET number = 3, mac = :mac", mac=third)
        assert audit.verdict(audit.anchored()).faults == []


class TestPruning:
    def test_the_front_goes_and_the_chain_says_so(self, audit: Audit) -> None:
        for program_id in (PROGRAM, None):
            audit.add(program_id, at=NOW - timedelta(days=800))
            audit.add(program_id, at=NOW - timedelta(days=731))
            audit.add(program_id, at=NOW - timedelta(days=729))
        audit.anchor()
        assert upkeep.prune(audit.database, 730, NOW) == 4
        assert (audit.numbers(), audit.numbers("")) == ([3, 4], [3, 4])
        audit.anchor()
        assert audit.verdict(audit.anchored()).faults == []
        assert upkeep.prune(audit.database, 730, NOW) == 0
        assert upkeep.prune(audit.database, 730, NOW + timedelta(days=2)) == 2
        assert audit.verdict(audit.anchored()).faults == []

    def test_an_old_event_behind_a_younger_one_stays(self, audit: Audit) -> None:
        audit.add(at=NOW)
        audit.add(at=NOW - timedelta(days=900))
        assert upkeep.prune(audit.database, 730, NOW) == 0
        assert audit.numbers() == [1, 2]

    def test_more_than_the_chain_says_is_found(self, audit: Audit) -> None:
        for days in (900, 800, 10, 9):
            audit.add(at=NOW - timedelta(days=days))
        upkeep.prune(audit.database, 730, NOW)
        audit.unguard()
        audit.alter("DELETE FROM audit_event WHERE number = 3")
        assert [each.number for each in audit.verdict().faults] == [1]

    def test_the_code_of_the_last_pruned_event_still_holds_the_anchors(self, audit: Audit) -> None:
        audit.add(at=NOW - timedelta(days=900))
        audit.anchor()
        audit.add()
        upkeep.prune(audit.database, 730, NOW)
        forged = [each.__class__(each.program, each.number, "0" * 64, each.time) for each in audit.anchored()]
        assert audit.verdict(audit.anchored()).faults == []
        assert [each.number for each in audit.verdict(forged).faults] == [1]


class TestARestoredBackup:
    def test_it_is_a_cut_tail_until_the_chain_says_what_was_lost(self, audit: Audit) -> None:
        audit.fill(3)
        audit.anchor()
        backup = self.state(audit)
        audit.fill(4)
        audit.anchor(NOW + timedelta(hours=1))
        self.restore(audit, backup)
        assert [each.number for each in audit.verdict(audit.anchored()).faults] == [4]
        with audit.database.write() as session:
            assert upkeep.note_restoration(session, audit.anchored(), NOW + timedelta(hours=2)) == [PROGRAM]
        verdict = audit.verdict(audit.anchored())
        assert verdict.faults == []
        assert verdict.restored == [f"{PROGRAM}: 4 to 7 were lost when a backup was restored, says number 4"]

    def test_what_is_written_afterwards_is_held_by_its_own_anchors(self, audit: Audit) -> None:
        audit.fill(3)
        backup = self.state(audit)
        audit.fill(4)
        audit.anchor()
        self.restore(audit, backup)
        with audit.database.write() as session:
            upkeep.note_restoration(session, audit.anchored(), NOW + timedelta(hours=2))
        audit.fill(3)
        audit.anchor(NOW + timedelta(hours=3))
        assert audit.verdict(audit.anchored()).faults == []
        self.restore(audit, backup)
        assert [each.number for each in audit.verdict(audit.anchored()).faults] == [4]

    def test_nothing_is_said_where_nothing_was_lost(self, audit: Audit) -> None:
        audit.fill(3)
        audit.anchor()
        with audit.database.write() as session:
            assert upkeep.note_restoration(session, audit.anchored(), NOW) == []
        assert audit.numbers() == [1, 2, 3]

    def test_only_an_event_that_the_key_vouches_for_excuses_an_anchor(self, audit: Audit) -> None:
        audit.fill(3)
        backup = self.state(audit)
        audit.fill(4)
        audit.anchor()
        self.restore(audit, backup)
        audit.add(action="test.act")
        forged = "UPDATE audit_event SET action = 'audit.restore', detail = :detail WHERE number = 4"
        audit.alter(forged, detail='{"number":7,"mac":""}')
        assert audit.verdict(audit.anchored()).restored == []
        assert len(audit.verdict(audit.anchored()).faults) == 2

    @staticmethod
    def state(audit: Audit) -> tuple[int, str]:
        with audit.database.read() as session:
            head = session.exec(select(AuditHead)).one()
            return head.number, head.mac

    @staticmethod
    def restore(audit: Audit, backup: tuple[int, str]) -> None:
        """What a backup of then would bring back."""
        number, code = backup
        if not getattr(audit, "open", False):
            audit.unguard()
            audit.open = True  # type: ignore[attr-defined]  # a note of this test
        audit.alter("DELETE FROM audit_event WHERE number > :number", number=number)
        audit.alter("UPDATE audit_head SET number = :number, mac = :mac", number=number, mac=code)


class TestWhatWasRecordedBeforeThereWereChains:
    OLD = (
        "INSERT INTO audit_event (at, action, outcome, actor_id, program_id, subject, source)"
        " VALUES (:at, 'session.start', 'done', 'a', :program, '', '')"
    )

    def put(self, audit: Audit) -> None:
        for at, program_id in ((1, PROGRAM), (2, None), (3, PROGRAM)):
            audit.alter(self.OLD, at=at, program=program_id)

    def test_the_first_event_holds_its_fingerprint(self, audit: Audit) -> None:
        self.put(audit)
        assert audit.verdict().unchained == 3
        audit.add()
        audit.add()
        assert audit.numbers() == [1, 2, 3]
        verdict = audit.verdict()
        assert (verdict.faults, verdict.unchained) == ([], 1)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_event SET subject = 'x' WHERE at = 1",
            "DELETE FROM audit_event WHERE at = 3",
            "UPDATE audit_event SET program_id = 'dona-ana' WHERE at = 1",
        ],
    )
    def test_a_change_of_it_is_found(self, audit: Audit, statement: str) -> None:
        self.put(audit)
        audit.add()
        audit.unguard()
        audit.alter(statement)
        assert [(each.program_id, each.number) for each in audit.verdict().faults] == [(PROGRAM, 0)]

    def test_it_is_pruned_with_the_front(self, audit: Audit) -> None:
        self.put(audit)
        audit.add(at=NOW - timedelta(days=900))
        audit.add()
        assert upkeep.prune(audit.database, 730, NOW) == 4
        verdict = audit.verdict()
        assert (verdict.faults, verdict.unchained, audit.numbers()) == ([], 1, [3, 4])


def test_a_chain_longer_than_one_batch_is_read_whole(audit: Audit) -> None:
    with audit.database.write() as session:
        for number in range(2 * BATCH + 1):
            record(session, NOW, "test.act", program_id=PROGRAM, subject=str(number))
    verdict = audit.verdict()
    assert (verdict.events, verdict.chains, verdict.faults) == (2 * BATCH + 1, 1, [])
