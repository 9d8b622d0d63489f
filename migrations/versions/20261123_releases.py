"""The accounting of disclosures, tables of their own for assessments, and which form the stored views have.

Views of the time before are of form 0: the server makes them anew when it starts (`api.operations.reprojection`), because
prosecutors and officers see less than they did and the columns that hold them may be sealed by now. Likewise it moves what
is stored of assessments into their tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_releases"
down_revision = "20261123_at_rest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("program_id", sa.Text(), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_disclosure_referral", "disclosure", ["program_id", "referral_id", "at"])
    _assessments()
    op.add_column("head", sa.Column("projection", sa.Integer(), nullable=False, server_default="0"))
    for statement in _append_only():
        op.execute(statement)


def _assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("referral_id", sa.String(36), sa.ForeignKey("referral.id"), primary_key=True),
        sa.Column("program_id", sa.Text(), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_assessment_program_id", "assessment", ["program_id"])
    op.create_table(
        "assessment_body",
        sa.Column("op_id", sa.String(36), sa.ForeignKey("operation_header.op_id"), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def _append_only() -> list[str]:
    """Nobody changes or takes out a line of the accounting, by whatever way."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER disclosure_no_{act} BEFORE {act} ON disclosure "
            "BEGIN SELECT RAISE(ABORT, 'the accounting of disclosures is append-only'); END"
            for act in ("update", "delete")
        ]
    return [
        "CREATE FUNCTION disclosure_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the accounting of disclosures is append-only'; END $$",
        "CREATE TRIGGER disclosure_append_only BEFORE UPDATE OR DELETE ON disclosure "
        "FOR EACH ROW EXECUTE FUNCTION disclosure_append_only()",
    ]
