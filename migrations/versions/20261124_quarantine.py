"""Held and rejected operations: what people decided about them, and records that never arrived."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_quarantine"
down_revision = "20261123_row_security"
branch_labels = None
depends_on = None

TEXT, INSTANT = sa.Text(), sa.BigInteger()
NEW_TABLES = ("quarantine_decision", "unarrived_settled")


def upgrade() -> None:
    _tables()
    _columns()
    for table in NEW_TABLES:
        _append_only(op.get_bind().dialect.name, table)
    if op.get_bind().dialect.name == "postgresql":
        _behind_the_wall()


def _tables() -> None:
    op.create_table(
        "quarantine_decision",
        sa.Column("item_id", sa.String(64), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("op_id", TEXT, nullable=False),
        sa.Column("author_id", TEXT, nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("because", TEXT, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
    )
    op.create_index("ix_quarantine_decision_program_id", "quarantine_decision", ["program_id"])
    op.create_table(
        "unarrived_settled",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("program_id", sa.String(40), sa.ForeignKey("program.id"), nullable=False),
        sa.Column("device_id", sa.String(36), sa.ForeignKey("device.id"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("settled_by", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=False),
    )
    op.create_index("ix_unarrived_settled_program_id", "unarrived_settled", ["program_id"])
    op.create_index("ix_unarrived_settled_device_id", "unarrived_settled", ["device_id"])


def _columns() -> None:
    """On SQLite as well by ALTER TABLE alone: rebuilding a table would drop the triggers that keep its rows as they are."""
    for column in ("sent_by", "user_id", "kind", "referral_id", "made_at"):
        op.add_column("quarantine", sa.Column(column, TEXT, nullable=False, server_default=""))
    for column in ("counts_from", "forked_from"):
        op.add_column("operation_header", sa.Column(column, sa.BigInteger(), nullable=True))
    undecided = sa.text("state IN ('held', 'rejected')")
    op.create_index(
        "ix_operation_undecided", "operation_header", ["program_id"], postgresql_where=undecided, sqlite_where=undecided
    )
    op.add_column("device", sa.Column("written", sa.BigInteger(), nullable=False, server_default="0"))
    for column in ("forked_at", "forked_from"):
        op.add_column("device", sa.Column(column, sa.BigInteger(), nullable=True))


def _append_only(dialect: str, table: str) -> None:
    """What was decided is not undone and not rewritten; a later decision is a row of its own, or there is none."""
    if dialect == "sqlite":
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        for act in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN {refuse}; END")
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )


def _behind_the_wall() -> None:
    """As in the migration `row_security`."""
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY program_wall ON {table} "
            "USING (current_setting('handoff.program', true) IN ('*', program_id))"
        )
