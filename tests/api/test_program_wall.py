"""The second lock between programs: PostgreSQL itself refuses another program's rows, whatever a query forgot."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

import api.tables  # noqa: F401  registers every table
from api.auth.dependencies import Principal, parts, require
from api.confinement import EVERY, confine, confined
from api.database import Database
from tests.api.at_once import on_postgresql
from tests.api.conftest import OTHER_PROGRAM, PROGRAM, SignIn

NOT_LOCKED = {
    "agency": "structure that signing in reads before anybody is known",
    "audit_head": "a number and a MAC for each chain",
    "delivery": "ids and times, found by a page that is locked; claimed on every program's behalf",
    "device": "asked for its cookie before its program is known",
    "invitation": "asked for its secret before anybody is known",
    "membership": "signing in reads it before anybody is known",
    "openid_provider": "asked for before anybody is known",
}
PARENTS = {"assessment_body", "operation_body", "page_event"}


def policies(database: Database) -> set[str]:
    with database.read() as session:
        rows = session.execute(text(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity AND relforcerowsecurity"
        ))  # fmt: skip
        return {row[0] for row in rows}


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@on_postgresql
def test_every_table_that_names_a_program_is_locked_or_says_why_not(database: Database) -> None:
    naming = {table.name for table in SQLModel.metadata.sorted_tables if "program_id" in table.columns}
    assert policies(database) == (naming - NOT_LOCKED.keys()) | PARENTS


@on_postgresql
def test_the_tests_own_role_is_bound_by_it(database: Database) -> None:
    with database.read() as session:
        row = session.execute(text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")).one()
    assert tuple(row) == (False, False)


TALLY = "INSERT INTO tally VALUES (:program, '', '2026-04', 'social_contact', 'declined', '', '{}', 1)"


@pytest.fixture
def two_programs(database: Database) -> Database:
    with database.write() as session:
        for program in (PROGRAM, OTHER_PROGRAM):
            session.execute(text(TALLY), {"program": program})
    return database


@on_postgresql
def test_a_query_that_forgot_its_program_sees_its_own_rows_alone(two_programs: Database) -> None:
    assert count(two_programs, "tally") == 2
    with confined():
        assert count(two_programs, "tally") == 0
        confine(PROGRAM)
        assert count(two_programs, "tally") == 1
        confine(EVERY)
        assert count(two_programs, "tally") == 2


@on_postgresql
def test_nothing_is_written_into_another_program(two_programs: Database) -> None:
    with confined():
        confine(PROGRAM)
        with two_programs.write() as session:
            foreign = {"program": OTHER_PROGRAM}
            with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
                session.execute(text(TALLY.replace("social_contact", "community")), foreign)
    with confined():
        confine(PROGRAM)
        with two_programs.write() as session:
            session.execute(text("UPDATE tally SET count = 9"))
            session.execute(text("DELETE FROM tally WHERE program_id = :other"), {"other": OTHER_PROGRAM})
    with two_programs.read() as session:
        counts = {row[0]: row[1] for row in session.execute(text("SELECT program_id, count FROM tally"))}
    assert counts == {PROGRAM: 9, OTHER_PROGRAM: 1}


@on_postgresql
def test_a_route_that_forgets_to_name_the_program_shows_nothing_of_another(
    app: FastAPI, two_programs: Database, sign_in: SignIn
) -> None:
    @app.get("/api/forgetful")
    def forgetful(request: Request, principal: Annotated[Principal, require("session", "R")]) -> list[str]:
        with parts(request).database.read() as session:
            return [row[0] for row in session.execute(text("SELECT program_id FROM tally"))]

    app.router.routes.insert(0, app.router.routes.pop())  # before the route that answers for every other path
    assert sign_in("officer").get("/api/forgetful").json() == [PROGRAM]


@on_postgresql
def test_a_route_without_a_guard_sees_nothing(app: FastAPI, two_programs: Database, client: Any) -> None:
    @app.get("/api/unguarded")
    def unguarded(request: Request) -> int:
        return count(parts(request).database, "tally")

    app.router.routes.insert(0, app.router.routes.pop())
    assert client.get("/api/unguarded").json() == 0
