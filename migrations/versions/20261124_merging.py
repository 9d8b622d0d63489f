"""Referrals of one person: which was merged into which."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_merging"
down_revision = "20261124_quarantine"
branch_labels = None
depends_on = None

PRESENT = "current_setting('handoff.program', true)"


def upgrade() -> None:
    op.create_table(
        "referral_alias",
        sa.Column("from_id", sa.String(36), sa.ForeignKey("referral.id"), primary_key=True),
        sa.Column("into_id", sa.String(36), nullable=False),
        sa.Column("by_op", sa.String(36), nullable=False),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
    )
    op.create_index("ix_referral_alias_into_id", "referral_alias", ["into_id"])
    op.create_index("ix_referral_alias_program_id", "referral_alias", ["program_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE referral_alias ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE referral_alias FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY program_wall ON referral_alias USING ({PRESENT} IN ('*', program_id))")
