"""What stood before passkeys came still stands afterwards."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlmodel import select

from api.auth import sessions
from api.auth.cookies import SESSION_ABSOLUTE, token_hash
from api.database import MIGRATIONS, Database, migrate
from api.tables.people import Program, SignIn
from tests.api.conftest import START

BEFORE = "20261122_rota_and_channels"
NOW = round(START.timestamp() * 1000)
ROWS = (
    f"INSERT INTO program (id, name, config, created_at) VALUES ('old', 'Old', '{{\"pathways\": []}}', {NOW})",
    "INSERT INTO program (id, name, config, created_at) "
    f"VALUES ('strict', 'Strict', '{{\"second_factor\": \"required\"}}', {NOW})",
    "INSERT INTO person (id, login, name, callback, password_hash, active, created_at) "
    f"VALUES ('p', 'p', 'P', '', 'x', TRUE, {NOW})",
    f"INSERT INTO membership (id, user_id, program_id, role, from_at) VALUES ('m', 'p', 'old', 'officer', {NOW})",
    *(
        "INSERT INTO session (token_hash, user_id, membership_id, created_at, seen_at, expires_at) "
        f"VALUES ('{token_hash(token)}', 'p', 'm', {NOW}, {NOW}, {NOW + 3_600_000})"
        for token in ("one", "two")
    ),
)


def test_open_sessions_stay_open_and_programs_ask_for_no_more_than_before(bare_database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = bare_database_url
    command.upgrade(config, BEFORE)
    engine = create_engine(bare_database_url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    engine.dispose()
    migrate(bare_database_url)
    database = Database(bare_database_url)
    with database.read() as session:
        found = sessions.find(session, "one", START)
        ids = session.exec(select(SignIn.id)).all()
        configs = dict(session.exec(select(Program.id, Program.config)).all())
    database.close()
    assert found is not None
    assert (found.user_id, found.second_factor_needed) == ("p", False)
    assert START - found.fresh_at > SESSION_ABSOLUTE, "nothing that asks for a fresh proof is open"
    assert len(set(ids)) == 2
    assert configs == {"old": {"pathways": [], "second_factor": "optional"}, "strict": {"second_factor": "required"}}
