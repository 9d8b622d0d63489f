"""Sealing rows anew: those of a revision that knew no sealing, and all of them under a new data key; killed and resumed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import Session, col, select

from api.at_rest import keyed, opened, rekey
from api.at_rest.cipher import CannotUnseal
from api.at_rest.columns import TABLES
from api.at_rest.service import add_data_key
from api.at_rest.wrapping import KeyPlace
from api.database import MIGRATIONS, Database, migrate
from api.settings import Settings
from api.tables.at_rest import RekeyProgress
from api.tables.paging import ContactPoint, PushSubscription
from api.tables.people import User
from api.tables.records import FeedRow, OperationBody, Quarantine, Referral
from tests.api.conftest import START

BEFORE = "20261123_audit_chain"
REFERRALS = 7
STATE = '{"name":"Canary Person"}'
OLD_ROWS = (
    "INSERT INTO program (id, name, config, created_at) VALUES ('p', 'P', '{}', 0)",
    "INSERT INTO person (id, login, name, callback, password_hash, active, created_at) "
    "VALUES ('u', 'u', 'U', 'canary-callback', '', true, 0), ('v', 'v', 'V', '', '', true, 0)",
    "INSERT INTO contact_point (id, user_id, channel, address, language, created_at, code_hash, code_tries, failures, reason) "
    "VALUES ('c', 'u', 'email', 'canary-address', 'en', 0, '', 0, 0, '')",
    "INSERT INTO push_subscription (id, user_id, program_id, device_id, endpoint, p256dh, auth, language, created_at, "
    "seen_at, failures, reason) VALUES ('s', 'u', 'p', 'd', 'https://x', 'canary-p256dh', 'canary-auth', 'en', 0, 0, 0, '')",
    "INSERT INTO quarantine (blob_hash, op_id, device_id, seq, program_id, key_id, state, reason, detail, received_at, blob, "
    "receipt) VALUES ('h', 'o', 'd', 1, 'p', 'k', 'held', 'r', 'canary-detail', 0, 'canary-blob', '{}')",
)  # fmt: skip


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


@pytest.fixture
def settings(bare_database_url: str, tmp_path: Path) -> Settings:
    """A database of the revision before, with rows, brought up to date."""
    upgrade(bare_database_url, BEFORE)
    digest = hashlib.sha256(b"view").hexdigest()
    with closing(Database(bare_database_url)) as old, old.write() as session:
        for statement in OLD_ROWS:
            session.connection().exec_driver_sql(statement)
        for number in range(REFERRALS):
            values = {
                "id": f"r{number}",
                "referral": f"r{number}",
                "state": STATE,
                "digest": digest,
                "body": STATE.encode(),
                "number": number + 1,
            }
            for statement in (
                "INSERT INTO referral (id, program_id, author_id, pathway, number, received_at, state) "
                "VALUES (:id, 'p', 'u', 'arrest_diversion', :number, 0, :state)",
                "INSERT INTO feed_row (scope, kind, item_id, position, digest, item) "
                "VALUES ('health:p', 'put', :id, :number, :digest, :state)",
                "INSERT INTO operation_header (op_id, digest, program_id, device_id, user_id, role, seq, referral_id, kind, "
                "groups, made_at, received_at, position, state, receipt) VALUES (:id, :digest, 'p', 'd', 'u', 'officer', "
                ":number, :referral, 'note.add', '', '', 0, :number, 'applied', '{}')",
                "INSERT INTO operation_body (op_id, body) VALUES (:id, :body)",
            ):
                session.execute(text(statement), values)
    migrate(bare_database_url)
    return Settings(data_dir=tmp_path / "data", database_url=bare_database_url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Database]:
    with closing(opened(settings)) as database:
        yield database


def everything(session: Session) -> list[object]:
    """Every sealed value, read as the server reads it."""
    user, other = session.get_one(User, "u"), session.get_one(User, "v")
    contact, phone = session.get_one(ContactPoint, "c"), session.get_one(PushSubscription, "s")
    kept = session.get_one(Quarantine, "h")
    rows = session.exec(select(Referral).order_by(col(Referral.id))).all()
    items = session.exec(select(FeedRow).order_by(col(FeedRow.position))).all()
    bodies = session.exec(select(OperationBody).order_by(col(OperationBody.op_id))).all()
    return [
        user.callback, other.callback, contact.address, phone.p256dh, phone.auth, kept.detail, kept.blob,
        *(row.state for row in rows), *(row.item for row in items), *(row.body for row in bodies),
    ]  # fmt: skip


CLEAR = [
    "canary-callback", "", "canary-address", "canary-p256dh", "canary-auth", "canary-detail", "canary-blob",
    *[{"name": "Canary Person"}] * REFERRALS, *[STATE] * REFERRALS, *[STATE.encode()] * REFERRALS,
]  # fmt: skip


def numbers(database: Database) -> set[int]:
    """Under which data keys values are sealed; -1 for a clear one."""
    found = set()
    with database.read() as session:
        for table in TABLES.values():
            for name in table.columns:
                rows = session.connection().exec_driver_sql(f"SELECT {name} FROM {table.name}").scalars()
                found |= {
                    int.from_bytes(row[1:3], "big") if row[:1] == b"\x01" else -1 for row in map(bytes, rows) if row
                }
    return found


def test_rows_of_the_revision_before_are_sealed_and_read_as_they_were(store: Database) -> None:
    assert numbers(store) == {-1}
    with store.read() as session, pytest.raises(CannotUnseal, match="rekey"):
        session.get(Referral, "r0")
    assert rekey.catch_up(store) == 4 + 3 * REFERRALS
    assert numbers(store) == {1}
    with store.read() as session:
        assert everything(session) == CLEAR
        digest = session.exec(select(FeedRow.digest).limit(1)).one()
        assert digest == keyed(session, hashlib.sha256(b"view").hexdigest()), "or every item would move up once"
    assert rekey.catch_up(store) == 0


def test_nothing_clear_stays_in_the_embedded_file(store: Database) -> None:
    if not store.embedded:
        return
    path = Path(store.url.removeprefix("sqlite:///"))
    files = [path, path.with_name(path.name + "-wal")]
    assert any(b"canary-callback" in each.read_bytes() for each in files if each.exists())
    rekey.catch_up(store)
    for each in files:
        content = each.read_bytes() if each.exists() else b""
        assert b"anary" not in content, each


@pytest.mark.parametrize("batches", [1, 2, 5, 9, 13])
def test_killed_anywhere_it_goes_on_where_it_stopped(
    store: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(rekey, "ROWS_PER_BATCH", 2)
    rekey.catch_up(store)
    with store.write() as session:
        assert add_data_key(session, KeyPlace.of(settings), START) == 2
    left = iter(range(batches))

    def stop(_table: str, rows: int) -> None:
        if rows and next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rekey.reseal(store, stop)
    assert numbers(store) == {1, 2}
    with closing(opened(settings)) as again:
        with again.read() as session:
            assert everything(session) == CLEAR, "both keys open meanwhile"
            assert not rekey.finished(session)
        changed = rekey.catch_up(again)
        assert 0 < changed < 4 + 3 * REFERRALS
        assert numbers(again) == {2}
        with again.read() as session:
            assert everything(session) == CLEAR
            assert rekey.finished(session)
            assert list(rekey.check(again)) == []


def test_a_value_that_does_not_open_is_named_and_one_that_is_clear_again_is_sealed(store: Database) -> None:
    rekey.catch_up(store)
    assert list(rekey.check(store)) == []
    with store.write() as session:
        session.execute(
            text("UPDATE referral SET state = :wrong WHERE id = 'r5'"), {"wrong": b"\x01\x00\x01" + b"x" * 40}
        )
        session.execute(text("UPDATE rekey_progress SET number = 0"))
    assert [line.partition(":")[0] for line in rekey.check(store)] == ["p|r5"]
    with store.write() as session:
        session.execute(text("UPDATE referral SET state = :clear WHERE id = 'r5'"), {"clear": STATE.encode()})
    assert rekey.catch_up(store) == 1
    with store.read() as session:
        progress = session.exec(select(RekeyProgress)).all()
        assert {row.table for row in progress} == TABLES.keys()
        assert all(row.finished for row in progress)
