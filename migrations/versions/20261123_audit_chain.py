"""The audit as a chain, with its anchors; who opened what."""

revision = "20261123_audit_chain"
down_revision = "20261123_openid"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
