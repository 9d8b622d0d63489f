"""Sign-ins through an agency's own identity provider."""

revision = "20261123_openid"
down_revision = "20261123_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
