"""Sign-ins through an agency's own identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_openid"
down_revision = "20261123_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "openid_provider",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", sa.String(), sa.ForeignKey("program.id"), nullable=False, index=True),
        sa.Column("agency_id", sa.String(), sa.ForeignKey("agency.id")),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("accepted_acr", sa.Text(), nullable=False),
        sa.Column("accepted_amr", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "openid_identity",
        sa.Column("issuer", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "openid_attempt",
        sa.Column("handle_hash", sa.String(64), primary_key=True),
        sa.Column("provider_id", sa.String(), sa.ForeignKey("openid_provider.id"), nullable=False, index=True),
        sa.Column("source", sa.String(64), nullable=False, index=True),
        sa.Column("began_at", sa.BigInteger(), nullable=False, index=True),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("device_id", sa.String()),
        sa.Column("replaces", sa.String()),
        sa.Column("link_session", sa.String()),
    )
