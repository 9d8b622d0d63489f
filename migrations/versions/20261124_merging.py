"""Referrals of one person, merged and unmerged."""

revision = "20261124_merging"
down_revision = "20261124_quarantine"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
