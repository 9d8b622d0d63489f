"""Installing and withdrawing rule packs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from api.database import Database
from api.tables.rules import InstalledPack
from tests.api.cli.conftest import Run
from tests.api.rule_packs import pack_text


def test_a_pack_is_installed_and_withdrawn(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    begins = datetime.now(ZoneInfo("America/Denver")).date() + timedelta(days=1)
    path = tmp_path / "pack.yaml"
    path.write_text(pack_text(begins.isoformat()), "utf-8")
    code, name, complaint = run("install-pack", program, str(path))
    assert (code, len(name), complaint) == (0, 64, "")
    code, _, complaint = run("install-pack", program, str(path))
    assert code == 1
    assert "installed already" in complaint
    assert run("withdraw-pack", program, name, "Two\nlines")[0] == 1
    assert run("withdraw-pack", program, name, "A rule was misread.") == (0, "Withdrawn.", "")
    assert run("withdraw-pack", program, name, "Once more.")[0] == 1
    with store.read() as session:
        [row] = session.exec(select(InstalledPack))
    assert (row.hash, row.installed_by, row.withdrawn_by) == (name, None, None)
    assert row.withdrawn_reason == "A rule was misread."


def test_an_unsound_pack_is_explained_line_by_line(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(pack_text("2020-01-01", program="elsewhere"), "utf-8")
    code, said, complaint = run("install-pack", program, str(path))
    assert (code, said) == (1, "")
    assert re.search(r"^  line 2: .*elsewhere", complaint, re.MULTILINE)
    assert re.search(r"^  line 4: .*2020-01-01", complaint, re.MULTILINE)
    path.write_text(pack_text().replace("bars", "harsh"), "utf-8")
    code, _, complaint = run("install-pack", program, str(path))
    assert code == 1
    assert re.search(r"^  line \d+: 'tier'", complaint, re.MULTILINE)
    assert run("install-pack", program, str(tmp_path / "nowhere.yaml"))[0] == 1
    path.write_bytes(b"\xff\xfe")
    assert run("install-pack", program, str(path))[0] == 1
    path.write_text(pack_text(), "utf-8")
    assert run("install-pack", "nowhere", str(path))[0] == 1
    assert run("withdraw-pack", program, "0" * 64, "Why not.")[0] == 1
    with store.read() as session:
        assert list(session.exec(select(InstalledPack))) == []
