"""The accounting of disclosures."""

revision = "20261123_releases"
down_revision = "20261123_at_rest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
