"""The key outside the database: made once, asked for by name, changed without touching a row."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

from api.at_rest import opened, seal, unseal
from api.at_rest.key_files import SECRET_BYTES, KeyFileError
from api.at_rest.service import add_data_key, rewrap
from api.at_rest.wrapping import KeyPlace
from api.database import Database
from api.settings import Settings
from api.tables.at_rest import DataKey
from tests.api.at_once import together
from tests.api.conftest import START

SERVERS = 6


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Database]:
    with closing(opened(settings)) as database:
        yield database


def sealed_in(database: Database) -> bytes:
    with database.read() as session:
        return seal(session, "a.b", "1", b"Ana")


def opens(settings: Settings, sealed: bytes) -> bool:
    with closing(opened(settings)) as database, database.read() as session:
        return unseal(session, "a.b", "1", sealed) == b"Ana"


def key_files(settings: Settings) -> list[Path]:
    return sorted(settings.keys_dir.glob("data-*.key"))


def write_key(path: Path, mode: int = 0o600, secret: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64encode(secret or os.urandom(SECRET_BYTES)))
    path.chmod(mode)
    return path


def test_servers_that_start_together_make_one_key(settings: Settings) -> None:
    def start() -> Database:
        return opened(settings)

    servers = together([start] * SERVERS)
    assert len(key_files(settings)) == 1
    assert key_files(settings)[0].stat().st_mode & 0o777 == 0o600
    sealed = sealed_in(servers[0])
    for server in servers:
        with server.read() as session:
            assert unseal(session, "a.b", "1", sealed) == b"Ana"
        server.close()


def test_the_database_holds_no_key_that_opens_anything(settings: Settings, store: Database) -> None:
    secret = base64.b64decode(key_files(settings)[0].read_bytes())
    with store.read() as session:
        rows = session.exec(select(DataKey)).all()
        assert [row.number for row in rows] == [0, 1]
        assert all(secret not in row.wrapped for row in rows)


def test_a_database_whose_key_is_gone_does_not_open_and_says_which_one_is_missing(
    settings: Settings, store: Database
) -> None:
    [path] = key_files(settings)
    path.unlink()
    with pytest.raises(KeyFileError, match=rf"{path.name} from the key backup"):
        opened(settings)
    assert key_files(settings) == [], "a new key would hide that the old one is missing"


def test_another_key_under_the_same_name_is_refused(settings: Settings, store: Database) -> None:
    [path] = key_files(settings)
    write_key(path)
    with pytest.raises(KeyFileError, match="restore it from the key backup"):
        opened(settings)


@pytest.mark.parametrize(
    ("mode", "fine"), [(0o600, True), (0o640, True), (0o604, False), (0o644, False), (0o602, False)]
)
def test_a_key_that_everyone_may_open_is_refused(settings: Settings, store: Database, mode: int, fine: bool) -> None:
    [path] = key_files(settings)
    path.chmod(mode)
    if fine:
        opened(settings).close()
        return
    with pytest.raises(KeyFileError, match="chmod 600"):
        opened(settings)


@pytest.mark.parametrize(
    "content", [b"", b"short", base64.b64encode(b"x" * 31), b"\xff\xff", base64.b64encode(b"x" * 33)]
)
def test_a_file_that_is_no_key_is_refused(settings: Settings, content: bytes) -> None:
    path = settings.keys_dir / "data-0000000000000000.key"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="key backup"):
        opened(settings)


@pytest.mark.parametrize("column", ["wrapped", "number"])
def test_a_data_key_that_was_tampered_with_is_refused(settings: Settings, store: Database, column: str) -> None:
    with store.write() as session:
        row = session.exec(select(DataKey).where(DataKey.number == 1)).one()
        if column == "wrapped":
            row.wrapped = row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])
        else:
            row.number = 7
        session.add(row)
    with pytest.raises(KeyFileError, match="damaged"):
        opened(settings)


def test_a_new_key_wraps_and_the_rows_stay_as_they_are(settings: Settings, store: Database) -> None:
    sealed, [old] = sealed_in(store), key_files(settings)
    with store.write() as session:
        new = rewrap(session, KeyPlace.of(settings))
    assert new.path in key_files(settings)
    assert len(key_files(settings)) == 2
    old.unlink()
    assert opens(settings, sealed)


def test_a_change_that_was_killed_after_its_file_takes_that_file(settings: Settings, store: Database) -> None:
    def killed() -> None:
        with store.write() as session:
            rewrap(session, KeyPlace.of(settings))
            raise KeyboardInterrupt

    sealed = sealed_in(store)
    with pytest.raises(KeyboardInterrupt):
        killed()
    assert opens(settings, sealed), "the old key still wraps"
    made = key_files(settings)
    with store.write() as session:
        rewrap(session, KeyPlace.of(settings))
    assert key_files(settings) == made
    assert opens(settings, sealed)


def test_a_key_elsewhere_and_the_one_before_it(settings: Settings, tmp_path: Path) -> None:
    first, second = write_key(tmp_path / "secrets" / "one"), write_key(tmp_path / "secrets" / "two")
    at_first = settings.model_copy(update={"data_key_file": str(first)})
    with closing(opened(at_first)) as database:
        sealed = sealed_in(database)
        with pytest.raises(KeyFileError, match="HANDOFF_DATA_KEY_FILE_OLD"), database.write() as session:
            rewrap(session, KeyPlace.of(at_first))
    assert key_files(settings) == []
    both = settings.model_copy(update={"data_key_file": str(second), "data_key_file_old": str(first)})
    with closing(opened(both)) as database, database.write() as session:
        assert rewrap(session, KeyPlace.of(both)).path == second
    assert opens(settings.model_copy(update={"data_key_file": str(second)}), sealed)
    with pytest.raises(KeyFileError):
        opened(at_first)


def test_a_key_elsewhere_is_made_if_there_is_none(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "data.key"
    named = settings.model_copy(update={"data_key_file": str(path)})
    opened(named).close()
    assert path.stat().st_mode & 0o777 == 0o600
    opened(named).close()


def test_a_server_learns_of_a_newer_data_key_when_it_meets_it(settings: Settings, store: Database) -> None:
    with closing(opened(settings)) as other, other.write() as session:
        assert add_data_key(session, KeyPlace.of(settings), START) == 2
    with closing(opened(settings)) as other:
        sealed = sealed_in(other)
    assert sealed[1:3] == b"\x00\x02"
    with store.read() as session:
        assert unseal(session, "a.b", "1", sealed) == b"Ana"
