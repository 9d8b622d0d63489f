"""`verify`: every way in which a copy can be damaged, doctored, foreign or locked is refused, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI

from api.backups import manifest as manifests
from api.backups import service
from api.backups.manifest import BackupRefused
from api.backups.service import Faulty
from api.database import MIGRATIONS, Database, code_head
from api.settings import Settings
from tests.api import exchange_world as world
from tests.api.backups.conftest import Altered, Copied
from tests.api.conftest import Enrol, FakeClock

OLDER = "20261123_row_security"


@pytest.fixture
def copy(enrol: Enrol, copied: Copied) -> Path:
    """Of a database with two referrals."""
    officer = enrol("officer")
    for _ in range(2):
        officer.push(*officer.submission()[1])
    return copied().path


def test_a_copy_that_was_cut_off_is_refused(copy: Path, settings: Settings, clock: FakeClock) -> None:
    for kept in (copy.stat().st_size - 1, 100, 0):
        with copy.open("rb+") as file:
            file.truncate(kept)
        with pytest.raises(BackupRefused, match="cut off or changed"):
            service.verify(settings, copy, clock.now())


def test_a_copy_with_one_bit_changed_is_refused(copy: Path, settings: Settings, clock: FakeClock) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(BackupRefused, match="SHA-256"):
        service.verify(settings, copy, clock.now())


def test_noise_is_refused_whatever_the_manifest_says(copy: Path, settings: Settings, clock: FakeClock) -> None:
    found = manifests.read(copy)
    copy.write_bytes(b"\x5a" * found.bytes)
    manifests.write(copy, found.model_copy(update={"sha256": manifests.sha256_of(copy)}))
    with pytest.raises(BackupRefused, match=r"not whole|not a database|error"):
        service.verify(settings, copy, clock.now())


def test_a_copy_without_its_manifest_is_refused(copy: Path, settings: Settings, clock: FakeClock) -> None:
    path = manifests.beside(copy)
    for content in (b"", b"{}", b'{"form": 2}', None):
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(BackupRefused, match="manifest"):
            service.verify(settings, copy, clock.now())


OTHERS: tuple[tuple[dict[str, object], str], ...] = (
    ({"epoch": "another"}, "epoch"),
    ({"position": 1}, "position"),
    ({"last_operation": (1, "another")}, "last operation"),
    ({"last_received_ms": 1}, "last received ms"),
    ({"revision": OLDER}, "revision"),
    ({"revision": "20991231_unheard_of"}, "newer program"),
)


def test_a_manifest_of_another_copy_is_refused(copy: Path, settings: Settings, clock: FakeClock) -> None:
    found = manifests.read(copy)
    for changes, words in OTHERS:
        manifests.write(copy, found.model_copy(update=changes))
        with pytest.raises(BackupRefused, match=words):
            service.verify(settings, copy, clock.now())


def test_a_copy_that_does_not_say_when_its_last_was_received_is_proved_and_lets_phones_forget_nothing(
    copy: Path, settings: Settings, clock: FakeClock
) -> None:
    """As those from before it was noted."""
    assert service.verify(settings, copy, clock.now()).durable is not None
    manifests.write(copy, manifests.read(copy).model_copy(update={"last_received_ms": None}))
    assert service.verify(settings, copy, clock.now()).durable is None


def test_a_copy_of_the_other_kind_of_database_is_refused(
    copy: Path, settings: Settings, clock: FakeClock, database_kind: str
) -> None:
    other = "sqlite" if database_kind == "postgresql" else "postgresql"
    manifests.write(copy, manifests.read(copy).model_copy(update={"kind": other}))
    with pytest.raises(BackupRefused, match=f"a copy of {other}"):
        service.verify(settings, copy, clock.now())


SWAPPED = (
    "UPDATE {table} SET {column} ="
    " (SELECT b.{column} FROM {table} b WHERE b.{key} <> {table}.{key} ORDER BY b.{key} LIMIT 1)"
)
FIRST = "(SELECT min(op_id) FROM operation_header)"
DOCTORED = {
    "a body in another operation's place": (
        [SWAPPED.format(table="operation_body", column="body", key="op_id")], "does not open"
    ),
    "a state in another referral's place": ([SWAPPED.format(table="referral", column="state", key="id")], "does not open"),
    "a view in another row's place": ([SWAPPED.format(table="feed_row", column="item", key="scope")], "does not open"),
    "a body that is gone": (["DELETE FROM operation_body WHERE op_id = " + FIRST], "lost their content"),
    "an operation that was put out of the fold": (
        ["UPDATE operation_header SET state = 'rejected' WHERE kind = 'referral.set'"], "is not what its log says"
    ),
    "an audit event that was changed": (["UPDATE audit_event SET source = 'elsewhere' WHERE number = 3"], "was changed"),
    "an audit event that is gone": (["DELETE FROM audit_event WHERE number = 3"], "is missing"),
    "a data key that is gone": (["DELETE FROM data_key WHERE number = 1"], "data key"),
}  # fmt: skip


def test_a_doctored_copy_is_refused_although_its_checksum_fits(
    copy: Path, settings: Settings, clock: FakeClock, altered: Altered
) -> None:
    for statements, words in DOCTORED.values():
        doctored = altered(copy, *statements)
        with pytest.raises(Faulty, match=words):
            service.verify(settings, doctored, clock.now())
        assert manifests.read(doctored).verified_at is None
        assert doctored.exists(), "somebody else's file is not removed"


def test_an_untouched_copy_that_took_the_same_way_is_accepted(
    copy: Path, settings: Settings, clock: FakeClock, altered: Altered
) -> None:
    same = altered(copy, "UPDATE head SET position = position")
    assert service.verify(settings, same, clock.now()).durable is not None


@pytest.mark.parametrize(("name", "words"), [
    ("data-*.key", "key backup"), ("audit.key", "audit.key is missing"),
])  # fmt: skip
def test_a_copy_whose_key_is_not_here_is_not_verified(
    copy: Path, settings: Settings, clock: FakeClock, name: str, words: str
) -> None:
    for path in settings.keys_dir.glob(name):
        path.unlink()
    with pytest.raises(Faulty, match=words):
        service.verify(settings, copy, clock.now())


def test_verifying_elsewhere_tells_the_phones_nothing(
    app: FastAPI, copy: Path, settings: Settings, clock: FakeClock, database: Database
) -> None:
    with database.write() as session:
        head = world.head(database)
        head.epoch, head.durable_position = "another epoch", 0
        session.merge(head)
    assert service.verify(settings, copy, clock.now()).durable is None
    assert world.head(database).durable_position == 0


def test_a_copy_of_an_older_release_is_verified_in_this_ones_schema(
    bare_database_url: str, settings: Settings, clock: FakeClock, app: FastAPI
) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = bare_database_url
    command.upgrade(config, OLDER)
    older = settings.model_copy(update={"database_url": bare_database_url})
    made = service.backup(older, settings.backup_folder, clock.now(), depth=None)
    assert made.manifest.revision == OLDER != code_head()
    assert service.verify(settings, made.path, clock.now()).proof is not None
