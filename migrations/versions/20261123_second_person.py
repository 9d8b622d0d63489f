"""Acts that need two people, holds, and what was expunged."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_second_person"
down_revision = "20261123_releases"
branch_labels = None
depends_on = None

TEXT, INSTANT = sa.Text(), sa.BigInteger()


def upgrade() -> None:
    _second_person()
    _retention()
    _break_glass()


def _second_person() -> None:
    op.create_table(
        "second_person",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(36), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
    )
    op.create_index("ix_second_person_program_id", "second_person", ["program_id"])


def _retention() -> None:
    op.create_table(
        "expunged",
        sa.Column("referral_id", sa.String(36), sa.ForeignKey("referral.id"), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
    )
    op.create_index("ix_expunged_program_id", "expunged", ["program_id"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(36), sa.ForeignKey("second_person.id"), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("referral_id", sa.String(36), sa.ForeignKey("referral.id"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("asked_by", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("approved_by", sa.String(36), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("from_at", INSTANT, nullable=True),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
    )
    op.create_index("ix_legal_hold_program_id", "legal_hold", ["program_id"])
    op.create_index("ix_legal_hold_referral_id", "legal_hold", ["referral_id"])
    op.create_table(
        "ledger_mark",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
    )


def _break_glass() -> None:
    op.create_table(
        "break_glass",
        sa.Column("id", sa.String(36), sa.ForeignKey("second_person.id"), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("referral_id", sa.String(36), sa.ForeignKey("referral.id"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("approved_by", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(36), sa.ForeignKey("person.id"), nullable=True),
    )
    op.create_index("ix_break_glass_program_id", "break_glass", ["program_id"])
