"""Acts that need two people, holds, and what was expunged."""

revision = "20261123_second_person"
down_revision = "20261123_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
