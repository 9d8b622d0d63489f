"""Invitations, enrolment codes, recoveries, and device cookies that are changed on confirmation."""

revision = "20261123_invitations"
down_revision = "20261123_credentials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
