"""Many writers and readers at once, on PostgreSQL and on SQLite: nothing is skipped, stored twice or answered with a crash."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from api.auth.dependencies import DevicePrincipal
from api.database import Database
from api.exchange import service as exchange
from api.exchange.failures import passes_by_itself
from api.exchange.models import PushRequest, TallyEntry
from api.exchange.tallies import count
from api.operations import feed
from tests.api import exchange_world as world
from tests.api.at_once import PATIENCE_SECONDS, Tail, check_log_order, on_postgresql, pusher, together, until_blocked
from tests.api.conftest import PROGRAM, START, Enrol

WRITERS, ROUNDS = 6, 12
LIMITS = (1, 3, 500)
"""How much each reader takes at once."""


def test_readers_that_follow_the_feed_end_with_the_final_version_of_everything(
    database: Database, app: FastAPI, enrol: Enrol
) -> None:
    push = pusher(database, app)
    officer = enrol("officer")
    ids = []
    for _ in range(4):
        referral_id, operations = officer.submission()
        push(officer, operations)
        ids.append(referral_id)
    phones = [enrol(login) for login in ("coordinator", "coordinator2", "case_manager") * (WRITERS // 3)]
    ended = threading.Event()
    tails = [Tail(database, f"health:{PROGRAM}", limit) for limit in LIMITS]

    def write(number: int) -> Callable[[], None]:
        def act() -> None:
            phone = phones[number]
            for turn in range(ROUNDS):
                # In opposite orders, so that only locking by id keeps them apart.
                order = ids if number % 2 else ids[::-1]
                batch = [phone.set(one, {"place": f"{number}-{turn}"}) for one in order]
                statuses = {receipt["status"] for receipt in push(phone, batch)}
                assert statuses <= {"applied", "merged"}, statuses

        return act

    with ThreadPoolExecutor(len(LIMITS) + 1) as pool:
        reading = [pool.submit(tail.follow, ended) for tail in tails] + [pool.submit(check_log_order, database, ended)]
        try:
            together([write(number) for number in range(WRITERS)])
        finally:
            ended.set()
        for done in reading:
            done.result(PATIENCE_SECONDS)
    final = sorted(row.item for row in world.feed(database) if row.scope == f"health:{PROGRAM}")
    for tail in tails:
        assert sorted(tail.items.values()) == final, f"a reader of {tail.limit} at a time missed a final version"
        assert tail.resyncs == 0
    assert world.log_size(database) == 4 * 4 + WRITERS * ROUNDS * 4
    world.check_projection(database)


@on_postgresql
def test_what_commits_while_two_scopes_are_read_is_left_whole_to_the_next_pull(
    database: Database, enrol: Enrol
) -> None:
    """Each statement sees what is committed by then: the second scope must not carry the cursor past the first."""
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    scopes = (f"own:{officer.user_id}", f"user:{officer.user_id}")
    with database.read() as session:
        before = feed.read(session, scopes, None, 500)
        turns: list[str] = []

        def commit_in_between(*arguments: Any) -> None:
            if "feed_row" in arguments[2]:
                turns.append(arguments[2])
                if len(turns) == len(scopes):
                    held = [officer.set(referral_id, {"name": name}, prev=None) for name in ("Kit", "Kay")]
                    officer.push(officer.set(referral_id, {"place": "moved"}, prev=None), *held)

        event.listen(session.connection(), "before_cursor_execute", commit_in_between)
        during = feed.read(session, scopes, before.cursor, 1)
    assert len(turns) == len(scopes)
    found = list(during.items)
    cursor, more = during.cursor, True
    while more:
        with database.read() as session:
            part = feed.read(session, scopes, cursor, 1)
        found += part.items
        cursor, more = part.cursor, part.more
    assert sorted({json.loads(item)["t"] for item in found}) == ["op", "put"]
    assert any('"moved"' in item for item in found), "the change of the first scope was passed over"
    assert len(found) == 3


def test_two_tabs_of_one_phone_store_each_operation_once(database: Database, app: FastAPI, enrol: Enrol) -> None:
    push = pusher(database, app)
    officer = enrol("officer")
    for _ in range(5):
        _, operations = officer.submission()
        answers = together([lambda batch=operations: push(officer, batch)] * 4)  # type: ignore[misc]
        for receipts in zip(*answers, strict=True):
            firsts = [one for one in receipts if one["status"] == "applied"]
            assert len(firsts) == 1
            assert all(one["first"] == firsts[0] for one in receipts if one["status"] == "duplicate")
            assert {one["status"] for one in receipts} <= {"applied", "duplicate"}
    assert world.log_size(database) == 20
    world.check_projection(database)


def test_what_cannot_claim_its_id_is_kept_once_by_two_tabs(database: Database, app: FastAPI, enrol: Enrol) -> None:
    push = pusher(database, app)
    officer = enrol("officer")
    unsigned = officer.create(signed=False)
    request = officer.phone.push_body([unsigned])
    principal = DevicePrincipal(officer.device_id, officer.user_id, PROGRAM, "active")

    def send() -> Any:
        return exchange.push(database, app.state.keys.by_id, principal, PushRequest.model_validate(request), START)[
            "receipts"
        ][0]["status"]

    assert sorted(together([send] * 4)) == ["duplicate", "duplicate", "duplicate", "held"]
    assert len(world.quarantined(database)) == 1
    assert push(officer, []) == []


def test_two_phones_that_create_the_same_referral_at_once(database: Database, app: FastAPI, enrol: Enrol) -> None:
    push = pusher(database, app)
    phones = [enrol("officer"), enrol("officer"), enrol("officer")]
    for _ in range(5):
        referral_id = str(uuid4())
        batches = [[phone.create(referral_id), phone.alert(referral_id)] for phone in phones]
        answers = together(
            [lambda phone=phone, batch=batch: push(phone, batch) for phone, batch in zip(phones, batches, strict=True)]  # type: ignore[misc]
        )
        creations = sorted((receipts[0]["status"], receipts[0]["reason"] or "") for receipts in answers)
        assert creations == [("applied", ""), ("rejected", "already_created"), ("rejected", "already_created")]
        assert {receipts[1]["status"] for receipts in answers} <= {"applied", "merged"}
    world.check_projection(database)


@on_postgresql
def test_a_deadlock_is_tried_again_and_nobody_hears_of_it(database: Database, app: FastAPI, enrol: Enrol) -> None:
    """Somebody locks a referral and then wants the device that a push holds: PostgreSQL ends one of the two."""
    officer = enrol("officer")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    for turn in range(3):
        with database.write() as session:
            # The push is the one to be ended: it finds out first, because the other never looks in time.
            session.execute(text("SET LOCAL deadlock_timeout = '60s'"))
            session.execute(text("SELECT 1 FROM referral WHERE id = :id FOR UPDATE"), {"id": referral_id})
            with ThreadPoolExecutor(1) as pool:
                pushed = pool.submit(officer.push, officer.set(referral_id, {"unit": f"{turn}"}))
                until_blocked(database)
                session.execute(text("SELECT 1 FROM device WHERE id = :id FOR UPDATE"), {"id": officer.device_id})
                session.commit()
                assert [one["status"] for one in pushed.result(PATIENCE_SECONDS)] == ["applied"]
    with database.read() as session:
        ended = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        session.execute(text("SELECT pg_stat_clear_snapshot()"))
        assert session.execute(text(ended)).scalar_one() >= 1, "there was something to try again"
    world.check_projection(database)


@on_postgresql
def test_a_lock_that_is_never_given_is_unavailable_and_nothing_is_lost(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    _, operations = officer.submission()
    with database.write() as holder:
        holder.execute(text("SELECT 1 FROM device WHERE id = :id FOR UPDATE"), {"id": officer.device_id})
        with database.write() as session:
            session.execute(text("ALTER DATABASE " + _name(session) + " SET lock_timeout = '50ms'"))
        database.writer.dispose(close=False)  # new connections have the limit
        answer = officer.post_push(operations)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:handoff:problem:unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert [one["status"] for one in officer.push(*operations)] == ["applied"] * 4


def _name(session: Any) -> str:
    return str(session.execute(text("SELECT current_database()")).scalar_one())


def test_two_phones_count_into_the_same_month_at_once(database: Database) -> None:
    def entries(number: int) -> list[TallyEntry]:
        months = ["2026-04", "2026-05", "2026-06"]
        return [
            TallyEntry(
                id=f"{number:08x}-0000-4000-8000-{part:012d}", agency_id=None, month=month, pathway="social_contact",
                answer="declined", reason=None, demographics={},
            )
            for part, month in enumerate(months if number % 2 else months[::-1])
        ]  # fmt: skip

    def act(number: int) -> Callable[[], None]:
        def send() -> None:
            for _ in range(3):
                with database.write() as session:
                    assert len(count(session, PROGRAM, entries(number))) == 3

        return send

    together([act(number) for number in range(6)])
    with database.read() as session:
        rows = session.execute(text("SELECT month, count FROM tally ORDER BY month")).all()
    assert [tuple(row) for row in rows] == [("2026-04", 6), ("2026-05", 6), ("2026-06", 6)]


def test_failures_that_pass_are_told_from_those_that_stay(database: Database) -> None:
    with database.write() as session, pytest.raises(DBAPIError) as found:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not passes_by_itself(found.value)
    if database.embedded:
        busy = Database(database.url)
        try:
            with busy.writer.connect() as connection:
                connection.exec_driver_sql("PRAGMA busy_timeout = 1")
            with database.write() as holder:
                holder.execute(text("SELECT 1"))
                with pytest.raises(OperationalError) as locked, busy.write() as other:
                    other.execute(text("SELECT 1"))
            assert passes_by_itself(locked.value)
        finally:
            busy.close()
