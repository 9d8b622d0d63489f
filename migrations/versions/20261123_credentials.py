"""Passkeys, one-time codes, and sessions that know how recently somebody proved who they are."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_credentials"
down_revision = "20261122_rota_and_channels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("fresh_at", sa.BigInteger(), nullable=False, server_default="0"))
