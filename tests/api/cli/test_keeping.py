"""What is kept safe from the command line: keys that are changed, and how far a backup reaches."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from api.database import Database
from api.devices.keys import SealingKeys
from api.tables.audit import AuditEvent
from api.tables.people import User
from api.tables.records import Head
from tests.api.cli.conftest import Run


def test_mark_durable_moves_forward_and_never_past_the_head(run: Run, store: Database) -> None:
    with store.write() as session:
        head = session.exec(select(Head)).one()
        head.position = 10
        session.add(head)
    for position, expected in ((7, 7), (5, 7), (11, 7), (10, 10)):
        assert run("mark-durable", str(position))[0] == 0
        with store.read() as session:
            assert session.exec(select(Head.durable_position)).one() == expected


def test_rekey_wraps_anew_and_with_data_seals_every_row_anew(
    run: Run, program: str, store: Database, tmp_path: Path
) -> None:
    run(
        "add-user",
        "--program",
        program,
        "--role",
        "supervisor",
        "--login",
        "sol",
        "--name",
        "Sol",
        "--callback",
        "5550100",
    )
    keys = tmp_path / "data" / "keys"
    code, said, _ = run("rekey")
    assert code == 0
    assert len(list(keys.glob("data-*.key"))) == 2
    newest = max(keys.glob("data-*.key"), key=lambda path: path.stat().st_mtime_ns)
    assert str(newest) in said
    for number in (2, 3):
        code, said, _ = run("rekey", "--data")
        assert (code, said.splitlines()[-1]) == (0, f"Data key {number} seals from now on; 1 rows sealed anew.")
        with store.read() as session:
            assert session.exec(select(User)).one().callback == "5550100"
    for path in set(keys.glob("data-*.key")) - {newest}:
        path.unlink()
    assert "data-" in run("doctor")[1]
    with store.read() as session:
        actions = session.exec(select(AuditEvent.action).where(col(AuditEvent.action).startswith("keys."))).all()
    assert sorted(actions) == ["keys.data", "keys.data", "keys.rewrap"]


def test_the_key_that_phones_seal_to_is_rotated_and_kept(
    run: Run, program: str, store: Database, tmp_path: Path
) -> None:
    keys = tmp_path / "data" / "keys"
    old = SealingKeys.load(keys).active.key_id
    code, said, _ = run("rotate-sealing-key")
    assert code == 0
    assert SealingKeys.load(keys).active.key_id == said.split()[0] != old
    code, _, complaint = run("retire-sealing-key", old)
    assert code == 1
    assert "keep it until" in complaint
    assert old in SealingKeys.load(keys).by_id
    with store.read() as session:
        actions = session.exec(select(AuditEvent.action).where(col(AuditEvent.action).startswith("keys."))).all()
    assert actions == ["keys.sealing"], "what was refused has not happened"
