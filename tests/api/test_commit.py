"""No success without a commit; and what was received can be neither changed nor deleted, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from api.audit.service import record
from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock


class DiskGone(Exception):
    """What the test's commits raise."""


@contextmanager
def failing_commits(database: Database, error: Exception, times: int = 1_000_000) -> Iterator[list[int]]:
    """The next commits fail, as with a full disk or a lost connection."""
    failed: list[int] = []

    def fail(_connection: Connection) -> None:
        if len(failed) < times:
            failed.append(1)
            raise error

    event.listen(database.writer, "commit", fail)
    try:
        yield failed
    finally:
        event.remove(database.writer, "commit", fail)


FULL = OperationalError("COMMIT", {}, Exception("disk full"))


@pytest.mark.parametrize("error", [DiskGone(), FULL], ids=["unforeseen", "of the database"])
def test_a_commit_that_fails_is_never_a_success(error: Exception, database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    before = world.head(database).position
    with failing_commits(database, error) as failed:
        answer = officer.post_push(operations)
    assert failed
    assert answer.status_code == 503, answer.text
    assert "receipts" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (world.log_size(database), world.head(database).position) == (0, before)
    assert world.referral(database, referral_id) is None
    assert world.feed(database) == []
    receipts = officer.push(*operations)
    assert [receipt["status"] for receipt in receipts] == ["applied"] * 4, "the phone kept it and sends it again"
    world.check_projection(database)


def test_a_commit_that_fails_once_is_tried_again_and_answers_for_what_is_stored(
    database: Database, enrol: Enrol
) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    with failing_commits(database, FULL, times=1) as failed:
        receipts = officer.push(*operations)
    assert failed == [1]
    assert [receipt["status"] for receipt in receipts] == ["applied"] * 4
    for operation, receipt in zip(operations, receipts, strict=True):
        row = world.header(database, operation["op_id"])
        assert row is not None
        assert row.position == receipt["position"]


def test_when_one_operations_commit_fails_only_its_answer_is_no_success(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    turns = iter([True, False, False, True, False, False])  # the batch; then nothing, one, TWO, three, four

    def fail(_connection: Connection) -> None:
        if next(turns):
            raise DiskGone

    event.listen(database.writer, "commit", fail)
    try:
        receipts = officer.push(*operations)
    finally:
        event.remove(database.writer, "commit", fail)
    assert [(one["status"], one["reason"]) for one in receipts] == [
        ("applied", None), ("retry", "server_fault"), ("retry", "missing_prev"), ("retry", "missing_prev"),
    ]  # fmt: skip
    assert world.log_size(database) == 1
    assert [one["status"] for one in officer.push(*operations)] == ["duplicate"] + ["applied"] * 3
    world.check_projection(database)


def test_a_tally_whose_commit_fails_is_not_accepted(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    entry: dict[str, object] = {
        "id": "00000000-0000-4000-8000-000000000001", "agency_id": None, "month": "2026-04", "pathway": "social_contact",
        "answer": "declined", "reason": None, "demographics": {},
    }  # fmt: skip
    body = {"protocol": 1, "device_id": officer.device_id, "tallies": [entry]}
    with failing_commits(database, FULL):
        answer = officer.client.post("/api/sync/tally", json=body)
    assert answer.status_code == 503
    assert "accepted" not in answer.text
    assert officer.client.post("/api/sync/tally", json=body).json() == {"accepted": [entry["id"]]}
    with database.read() as session:
        assert session.execute(text("SELECT count FROM tally")).scalars().all() == [1]


REFUSED = [
    "UPDATE operation_header SET digest = 'x'",
    "UPDATE operation_header SET op_id = 'x'",
    "UPDATE operation_header SET seq = 999",
    "UPDATE operation_header SET kind = 'x'",
    "UPDATE operation_header SET user_id = 'x'",
    "UPDATE operation_header SET made_at = 'x'",
    "UPDATE operation_header SET position = position + 1000",
    "DELETE FROM operation_header",
    "UPDATE audit_event SET action = 'x'",
    "UPDATE audit_event SET actor_id = NULL",
    "DELETE FROM audit_event",
]


def test_the_log_is_append_only(database: Database, enrol: Enrol, clock: FakeClock) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    officer.push(*operations)
    with database.write() as session:
        record(session, clock.now(), "test")
    for statement in REFUSED:
        with pytest.raises(DBAPIError, match=r"append-only|violates foreign key"), database.write() as session:
            session.execute(text(statement))
    assert world.log_size(database) == 4
    with database.write() as session:
        session.execute(text("UPDATE operation_header SET state = 'applied', reason = NULL"))
    world.check_projection(database)
