"""The ledger's file: a line is on the disk before the commit, a broken one ends there, and every reader finds the others."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from api.at_rest.key_files import KeyFileError
from api.database import Database
from api.ledger import file, service
from api.ledger.file import LOG_FILE, LedgerKey, Line
from api.tables.people import Program
from api.tables.retention import LedgerMark
from tests.api.at_once import together

NOW = datetime(2026, 4, 30, 2, 14, tzinfo=UTC)
SUBJECT = "5ab7ec70-0000-4000-8000-000000000001"


def line(mark: str = "m1") -> Line:
    return Line(kind="expunged", mark=mark, at=NOW, reason="mistake", key="k")


def marks(folder: Path) -> list[str]:
    return [each.mark for each in file.read(folder)]


def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert marks(folder) == []
    file.append(folder, [line("a"), line("b")])
    file.append(folder, [line("c")])
    assert list(file.read(folder)) == [line("a"), line("b"), line("c")]
    assert (folder / LOG_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("left", range(1, 40, 7))
def test_a_line_broken_off_by_a_power_failure_costs_that_line_alone(tmp_path: Path, left: int) -> None:
    file.append(tmp_path, [line("a"), line("b")])
    path = tmp_path / LOG_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n") + 1 + left])
    assert marks(tmp_path) == ["a"]
    file.append(tmp_path, [line("c")])
    assert marks(tmp_path) == ["a", "c"]


def test_writers_take_turns(tmp_path: Path) -> None:
    names = [f"mark{number}" for number in range(40)]
    together([lambda name=name: file.append(tmp_path, [line(name)]) for name in names])  # type: ignore[misc]
    assert sorted(marks(tmp_path)) == sorted(names)


def test_a_mark_tells_nothing_without_the_key_and_apart_by_kind_and_program() -> None:
    key = LedgerKey(b"k" * 32)
    found = {
        key.mark("expunged", "denver", SUBJECT), key.mark("revoked", "denver", SUBJECT),
        key.mark("expunged", "dona-ana", SUBJECT), LedgerKey(b"x" * 32).mark("expunged", "denver", SUBJECT),
    }  # fmt: skip
    assert len(found) == 4
    assert key.mark("expunged", "denver", SUBJECT) in found
    assert "kkkk" not in repr(key)


def test_the_line_is_on_the_disk_before_the_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append("fsync")

    monkeypatch.setattr(os, "fsync", fsync)
    folder = database.ledger_dir
    assert folder is not None
    with database.write() as session:
        service.note(session, "expunged", "denver", SUBJECT, "mistake", NOW)
        assert marks(folder) == [], "nothing is written for what may be rolled back"

        def at_commit(_session: object) -> None:
            synced.append("commit")
            assert len(marks(folder)) == 1

        event.listen(session, "after_commit", at_commit)
        event.listen(session, "before_commit", lambda _session: synced.append("last step"))
    assert "fsync" in synced[: synced.index("last step")]
    with database.read() as session:
        assert service.noted(session, "expunged", "denver", [SUBJECT, "other"]) == {SUBJECT}
        assert service.noted(session, "expunged", "dona-ana", [SUBJECT]) == frozenset()
        assert service.noted(session, "revoked", "denver", [SUBJECT]) == frozenset()


def test_what_is_rolled_back_was_not_written(database: Database) -> None:
    class Stop(Exception):
        pass

    def fail() -> None:
        with database.write() as session:
            service.note(session, "expunged", "denver", SUBJECT, "mistake", NOW)
            raise Stop

    with pytest.raises(Stop):
        fail()
    assert database.ledger_dir is not None
    assert marks(database.ledger_dir) == []


def test_what_the_database_refuses_was_not_written(database: Database) -> None:
    with database.write() as session:
        session.add(Program(id="taken", name="taken", config={}, created_at=NOW))

    def fail() -> None:
        with database.write() as session:
            service.note(session, "expunged", "denver", SUBJECT, "mistake", NOW)
            session.add(Program(id="taken", name="again", config={}, created_at=NOW))  # flushed by the commit alone

    with pytest.raises(IntegrityError):
        fail()
    assert database.ledger_dir is not None
    assert marks(database.ledger_dir) == []


def test_the_same_act_twice_is_one_line(database: Database) -> None:
    for _ in range(2):
        with database.write() as session:
            service.note(session, "revoked", "denver", SUBJECT, "removed", NOW)
    assert database.ledger_dir is not None
    assert len(marks(database.ledger_dir)) == 1
    with database.read() as session:
        assert len(session.exec(select(LedgerMark)).all()) == 1


def test_a_database_opened_without_its_ledger_notes_nothing(database: Database) -> None:
    bare = Database(database.url)
    with pytest.raises(KeyFileError), bare.write() as session:
        service.note(session, "revoked", "denver", SUBJECT, "removed", NOW)
    bare.close()
    without = Database(database.url, keys_dir=database.keys_dir)
    with pytest.raises(KeyFileError), without.write() as session:
        service.note(session, "revoked", "denver", SUBJECT, "removed", NOW)
    without.close()
