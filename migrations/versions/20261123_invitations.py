"""Invitations, enrolment codes, recoveries, and device cookies that are changed on confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_invitations"
down_revision = "20261123_credentials"
branch_labels = None
depends_on = None

TEXT, INSTANT = sa.Text(), sa.BigInteger()


def upgrade() -> None:
    _invitations()
    _device_cookies()


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("user_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("code_hash", TEXT, nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(36), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
    )
    op.create_index("ix_invitation_program_id", "invitation", ["program_id"])
    op.create_index("ix_invitation_user_id", "invitation", ["user_id"])


def _device_cookies() -> None:
    """A cookie that is in use stays the current one; its week begins when the device was last seen."""
    for column in (
        sa.Column("cookie_at", INSTANT, nullable=False, server_default="0"),
        sa.Column("cookie_nonce", TEXT, nullable=False, server_default=""),
        sa.Column("next_hash", sa.String(64), nullable=True),
        sa.Column("previous_hash", sa.String(64), nullable=True),
        sa.Column("previous_until", INSTANT, nullable=True),
        sa.Column("retired", TEXT, nullable=False, server_default="[]"),
        sa.Column("revoked_why", TEXT, nullable=False, server_default=""),
    ):
        op.add_column("device", column)
    op.execute("UPDATE device SET cookie_at = seen_at")
