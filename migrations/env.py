"""Alembic's entry: runs the revisions on the address given by `api.database.migrate`."""

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

import api.tables  # noqa: F401  registers every table


def run() -> None:
    """Apply revisions in one transaction each."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
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
