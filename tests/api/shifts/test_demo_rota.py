"""The demo's rota: somebody on call, a deputy and a lead at every hour, and one request that waits."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.database import Database
from api.demo.cast import PROGRAMS
from api.demo.load import load
from api.shifts import service
from api.shifts.models import RotaDocument
from api.tables.people import User
from tests.api.conftest import FakeClock


@pytest.mark.parametrize("days", [0, 4, 190])
def test_the_demo_is_covered_and_one_is_asked(app: FastAPI, database: Database, clock: FakeClock, days: int) -> None:
    clock.advance(days=days)
    assert load(database, app.state.keys, clock.now())

    def shown(session: Session, program_id: str) -> RotaDocument:
        return service.document(session, program_id, None, None, clock.now())

    with database.read() as session:
        rotas = {program.id: shown(session, program.id) for program in PROGRAMS}
        maya = session.exec(select(User.name).where(col(User.login) == "denver.coordinator")).one()
    for rota in rotas.values():
        for level in rota.levels:
            assert level.spans
            assert not level.gaps
            assert not any(span.absent for span in level.spans)
        on_call, deputy, _ = rota.levels
        assert on_call.spans[0].user_id != deputy.spans[0].user_id
    assert [len(rota.changes) for rota in rotas.values()] == [1, 0, 0]
    assert rotas["denver"].changes[0].state == "proposed"
    assert maya in {span.name for span in rotas["denver"].levels[0].spans}
