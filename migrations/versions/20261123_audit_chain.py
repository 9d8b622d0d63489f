"""The audit as a chain, with its anchors; who opened what.

What was recorded before stays as it is, without a number; the first event of each chain holds its fingerprint. A migration has
no key, so the chain begins with the first event afterwards. Triggers refuse every change, and every deletion but of what the
chain's head lets go, which `verify-audit` believes only if the chain itself says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_audit_chain"
down_revision = "20261123_openid"
branch_labels = None
depends_on = None

SQLITE = (
    "DROP TRIGGER audit_event_fixed",
    "DROP TRIGGER audit_event_kept",
    """CREATE TRIGGER audit_event_fixed BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    """CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
    WHEN NOT EXISTS (
        SELECT 1 FROM audit_head
        WHERE program_id = coalesce(OLD.program_id, '') AND pruned >= coalesce(OLD.number, 1)
    )
    BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
)
POSTGRESQL = (
    "DROP TRIGGER audit_event_fixed ON audit_event",
    "DROP TRIGGER audit_event_kept ON audit_event",
    """CREATE TRIGGER audit_event_fixed BEFORE UPDATE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_append_only()""",
    """CREATE FUNCTION audit_event_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM audit_head
            WHERE program_id = coalesce(OLD.program_id, '') AND pruned >= coalesce(OLD.number, 1)
        ) THEN
            RAISE EXCEPTION 'audit_event is append-only';
        END IF;
        RETURN OLD;
    END $$""",
    """CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_let_go()""",
    """CREATE TRIGGER audit_event_emptied BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("program_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("pruned", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("program_id"),
    )
    for column in (
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=False, server_default=""),
        sa.Column("mac", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("audit_event", column)
    op.create_index("ix_audit_event_chain", "audit_event", ["program_id", "number"], unique=True)
    op.create_index("ix_audit_event_actor", "audit_event", ["program_id", "actor_id", "number"])
    op.create_index("ix_audit_event_subject", "audit_event", ["program_id", "subject", "number"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
