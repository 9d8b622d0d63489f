"""The rota, addresses beside push, and pages that carry their own policy.

Rows of the time before keep their meaning: an open page without a policy takes the program's at its next step.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_rota_and_channels"
down_revision = "20261122_rule_packs"
branch_labels = None
depends_on = None

TEXT, NUMBER, INSTANT = sa.Text(), sa.Integer(), sa.BigInteger()


def upgrade() -> None:
    _pages_and_deliveries()
    _addresses()
    _rota()


def _pages_and_deliveries() -> None:
    for column in (
        sa.Column("policy", TEXT, nullable=False, server_default="{}"),
        sa.Column("called", TEXT, nullable=False, server_default="[]"),
        sa.Column("called_at", INSTANT, nullable=True),
        sa.Column("calling", TEXT, nullable=False, server_default=""),
        sa.Column("until_morning", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.Column("left_reason", TEXT, nullable=False, server_default=""),
    ):
        op.add_column("page", column)
    left = sa.text("left_at IS NOT NULL")
    op.create_index("ix_page_left", "page", ["program_id", "left_at"], sqlite_where=left, postgresql_where=left)
    op.execute("ALTER TABLE page DROP COLUMN reached")  # batch mode would copy the table for this
    op.execute("ALTER TABLE delivery RENAME COLUMN subscription_id TO target_id")
    for column in (
        sa.Column("program_id", TEXT, nullable=False, server_default=""),
        sa.Column("origin", TEXT, nullable=False, server_default=""),
        sa.Column("slot", NUMBER, nullable=False, server_default="0"),
        sa.Column("answered_by", TEXT, nullable=False, server_default=""),
        sa.Column("eta_minutes", NUMBER, nullable=True),
    ):
        op.add_column("delivery", column)
    op.create_index("ix_delivery_target", "delivery", ["target_id", "created_at"])
    op.add_column("push_subscription", sa.Column("language", TEXT, nullable=False, server_default="en"))


def _addresses() -> None:
    op.create_table(
        "contact_point",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_id", TEXT, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("code_hash", TEXT, nullable=False),
        sa.Column("code_expires_at", INSTANT, nullable=True),
        sa.Column("code_tries", NUMBER, nullable=False),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("last_ok_at", INSTANT, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.UniqueConstraint("user_id", "channel", "address"),
    )
    op.create_index("ix_contact_point_user_id", "contact_point", ["user_id"])
    op.create_table(
        "shift_test",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", TEXT, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("outcome", TEXT, nullable=False),
        sa.UniqueConstraint("program_id", "level", "user_id", "starts_at"),
    )
    op.create_index("ix_shift_test_program_id", "shift_test", ["program_id"])


def _rota() -> None:
    op.create_table(
        "rota_rule",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", TEXT, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("created_by", TEXT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
    )
    op.create_index("ix_rota_rule_program_id", "rota_rule", ["program_id"])
    op.create_table(
        "rota_change",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", TEXT, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=True),
        sa.Column("to_user_id", TEXT, nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("swap_id", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("place", NUMBER, nullable=True),
        sa.Column("asked_of", TEXT, nullable=True),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("settled_by", TEXT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
    )
    op.create_index("ix_rota_change_ends", "rota_change", ["program_id", "ends_at"])
    op.create_index("ix_rota_change_swap_id", "rota_change", ["swap_id"])


def downgrade() -> None:
    raise RuntimeError("What stands in the rota would be lost: restore a backup instead.")
