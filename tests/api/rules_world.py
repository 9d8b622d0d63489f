"""Rule packs over HTTP and in the database, as an administrator of the tests meets them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import select

from api.database import Database
from api.tables.people import Program
from api.tables.rules import InstalledPack
from eligibility_rules.catalog import Catalog
from eligibility_rules.model import Pack
from tests.api.conftest import PROGRAM


def put(client: TestClient, pack: str) -> Response:
    answer: Response = client.post("/api/rules", json={"text": pack})
    return answer


def installed(client: TestClient, pack: str) -> str:
    """The hash of the pack that was just installed."""
    answer = put(client, pack)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["hash"])


def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    """The program's list, by hash."""
    return {entry["hash"]: entry for entry in client.get("/api/rules").json()["packs"]}


def withdrawn(client: TestClient, pack_hash: str, reason: str = "A rule was misread.") -> Response:
    answer: Response = client.post(f"/api/rules/{pack_hash}/withdraw", json={"reason": reason})
    return answer


def rows(database: Database) -> list[InstalledPack]:
    with database.read() as session:
        return list(session.exec(select(InstalledPack)))


def shipped() -> Pack:
    """The pack of this release that is in force where the tests' clock stands still."""
    pack = Catalog.shipped().in_force("denver", datetime(2026, 4, 29, tzinfo=UTC).date())
    assert pack is not None
    return pack


def configure(database: Database, **changes: Any) -> None:
    """Change the program's own settings; `pack=None` leaves it without rules of this release."""
    with database.write() as session:
        program = session.get(Program, PROGRAM)
        assert program is not None
        program.config = program.config | changes
        session.add(program)
