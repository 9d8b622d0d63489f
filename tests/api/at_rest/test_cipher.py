"""Sealed values open in the one place where they were sealed, and nowhere else."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import update
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col, select

from api.at_rest import keyed, seal, unseal
from api.at_rest.cipher import CannotUnseal, NoCipher
from api.at_rest.columns import TABLES
from api.database import Database
from api.tables.people import User
from api.tables.records import FeedRow, OperationBody, Referral
from tests.api.conftest import OTHER_PROGRAM, PROGRAM, Cast, Enrol
from tests.api.feed_reading import whole_submission

PLACE, ROW = "quarantine.detail", "denver|1"
SEED = 20261123


@pytest.mark.parametrize("plain", [b"", b"x", b"\x00\x01\xff", "Ana Montoya 🦊".encode(), b"long " * 100_000])
def test_what_is_sealed_opens_again_and_shows_nothing(database: Database, plain: bytes) -> None:
    with database.read() as session:
        sealed = seal(session, PLACE, ROW, plain)
        assert unseal(session, PLACE, ROW, sealed) == plain
        assert len(plain) < 4 or plain not in sealed
        assert seal(session, PLACE, ROW, plain) != sealed, "equal values must not look equal"


@pytest.mark.parametrize(("place", "row"), [
    ("quarantine.blob", ROW), ("quarantine.detail", "denver|2"), ("quarantine.detail", "dona-ana|1"),
    ("quarantine", ".detail|denver|1"), ("quarantine.detail|denver", "2"), ("", ""),
])  # fmt: skip
def test_a_value_that_was_moved_does_not_open(database: Database, place: str, row: str) -> None:
    with database.read() as session:
        sealed = seal(session, PLACE, ROW, b"Ana")
        with pytest.raises(CannotUnseal):
            unseal(session, place, row, sealed)


def test_no_single_changed_bit_opens(database: Database) -> None:
    with database.read() as session:
        sealed = seal(session, PLACE, ROW, b"Ana Montoya")
        for bit in range(len(sealed) * 8):
            changed = bytearray(sealed)
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises(CannotUnseal):
                unseal(session, PLACE, ROW, bytes(changed))
        for length in range(len(sealed)):
            with pytest.raises(CannotUnseal):
                unseal(session, PLACE, ROW, sealed[:length])


def test_chance_does_not_open(database: Database) -> None:
    numbers = random.Random(SEED)
    with database.read() as session:
        header = seal(session, PLACE, ROW, b"")[:3]
        for _ in range(2000):
            with pytest.raises(CannotUnseal):
                unseal(session, PLACE, ROW, header + numbers.randbytes(numbers.randrange(200)))


def test_a_clear_value_is_refused_rather_than_believed(database: Database) -> None:
    with database.read() as session, pytest.raises(CannotUnseal, match="rekey"):
        unseal(session, PLACE, ROW, b'{"name":"planted"}')


def test_a_digest_is_keyed_and_each_database_has_its_own_key(database: Database) -> None:
    with database.read() as session:
        first = keyed(session, "a name")
        assert first == keyed(session, "a name") != keyed(session, "another name")
        assert len(first) == 64


def test_a_database_without_its_keys_reads_nothing(database: Database, cast: Cast) -> None:
    bare = Database(database.url)
    try:
        with bare.read() as session, pytest.raises(NoCipher):
            session.get(User, cast["officer"].user_id)
    finally:
        bare.close()


def test_a_clear_value_never_reaches_a_sealed_column(database: Database, cast: Cast) -> None:
    statement = update(User).where(col(User.id) == cast["officer"].user_id)
    with database.write() as session, pytest.raises(StatementError, match="kept sealed"):
        session.execute(statement.values(callback="303-555-0100"))


def test_an_object_shows_the_clear_value_before_and_after_it_is_stored(database: Database, cast: Cast) -> None:
    user_id = cast["officer"].user_id
    with database.write() as session:
        user = session.get_one(User, user_id)
        assert user.callback == "303-555-0111"
        user.callback = "303-555-0199"
        session.flush()
        assert user.callback == "303-555-0199"
        user.name = "Renamed"
        session.flush()
        session.refresh(user)
        assert (user.callback, user.name) == ("303-555-0199", "Renamed")
        user.callback = ""
    with database.read() as session:
        assert session.get_one(User, user_id).callback == ""


@pytest.fixture
def referral_ids(enrol: Enrol) -> tuple[str, str]:
    officer = enrol("officer")
    return whole_submission(officer), whole_submission(officer)


def _sql(session: Session, statement: str, **values: object) -> None:
    session.connection().exec_driver_sql(statement % values)


def test_a_referrals_state_moved_to_another_row_or_program_does_not_open(
    database: Database, referral_ids: tuple[str, str]
) -> None:
    first, second = referral_ids
    with database.write() as session:
        take = "(SELECT state FROM referral WHERE id = '%(a)s')"
        _sql(session, f"UPDATE referral SET state = {take} WHERE id = '%(b)s'", a=first, b=second)
    with database.read() as session:
        assert session.get_one(Referral, first).program_id == PROGRAM
        with pytest.raises(CannotUnseal):
            session.get_one(Referral, second)
    with database.write() as session:
        _sql(session, "UPDATE referral SET program_id = '%(p)s' WHERE id = '%(a)s'", p=OTHER_PROGRAM, a=first)
    with database.read() as session, pytest.raises(CannotUnseal):
        session.get_one(Referral, first)


def test_a_feed_item_moved_to_another_scope_is_not_served(
    database: Database, referral_ids: tuple[str, str], enrol: Enrol
) -> None:
    """Somebody who can write to the database puts what health reads into the sergeant's scope."""
    with database.read() as session:
        scope = next(name for name in session.exec(select(FeedRow.scope)) if name.startswith("agency:"))
    take = "(SELECT item FROM feed_row WHERE scope = 'health:denver' AND kind = 'put' AND item_id = '%(id)s')"
    with database.write() as session:
        _sql(
            session, f"UPDATE feed_row SET item = {take} WHERE scope = '%(scope)s' AND kind = 'put'",
            id=referral_ids[0], scope=scope,
        )  # fmt: skip
    sergeant = enrol("sergeant")
    body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 500, "device_id": sergeant.device_id}
    answer = sergeant.client.post("/api/sync/pull", json=body)
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("crash")


def test_an_operations_body_moved_to_another_does_not_open(database: Database, referral_ids: tuple[str, str]) -> None:
    with database.read() as session:
        first, second = session.exec(select(OperationBody.op_id).order_by(OperationBody.op_id).limit(2)).all()
    take = "(SELECT body FROM operation_body WHERE op_id = '%(a)s')"
    with database.write() as session:
        _sql(session, f"UPDATE operation_body SET body = {take} WHERE op_id = '%(b)s'", a=first, b=second)
    with database.read() as session, pytest.raises(CannotUnseal):
        session.get_one(OperationBody, second)


def test_every_table_names_its_rows_by_columns_that_it_has() -> None:
    known = {"operation_body", "referral", "feed_row", "quarantine", "person", "contact_point", "push_subscription"}
    known |= {"assessment", "assessment_body"}
    assert known <= TABLES.keys()
    for table in TABLES.values():
        assert set(table.row) <= set(table.model.__table__.c.keys())  # type: ignore[attr-defined]
