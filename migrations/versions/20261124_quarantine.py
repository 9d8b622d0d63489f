"""Held and rejected operations: what people decided about them."""

revision = "20261124_quarantine"
down_revision = "20261123_row_security"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
