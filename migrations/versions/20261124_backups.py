"""Backups that were made and verified."""

revision = "20261124_backups"
down_revision = "20261124_merging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
