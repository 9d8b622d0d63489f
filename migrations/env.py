"""Alembic's entry: runs the revisions on the address given by `api.database.migrate`."""

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

import api.tables  # noqa: F401  registers every table
from api import confinement


def run() -> None:
    """Apply revisions in one transaction each."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Revisions rewrite the rows of every program.
            connection.exec_driver_sql("SELECT set_config(%s, %s, false)", (confinement.SETTING, confinement.EVERY))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            transaction_per_migration=True,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
