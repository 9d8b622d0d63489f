"""Backups that were made and verified."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_backups"
down_revision = "20261124_merging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_backup_verified_at", "backup", ["verified_at"])
