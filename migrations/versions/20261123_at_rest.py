"""Keys for columns that are encrypted at rest."""

revision = "20261123_at_rest"
down_revision = "20261123_audit_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
