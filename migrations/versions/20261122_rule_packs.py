"""Rule packs: those that programs install, and a memory of every shipped one.

Triggers refuse to change what a pack says or to delete it: a determination names its pack by hash for as long as it is kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_rule_packs"
down_revision = "20261121_spine"
branch_labels = None
depends_on = None

NEVER_CHANGED = {
    "installed_pack": (
        "program_id",
        "hash",
        "slug",
        "document",
        "yaml",
        "effective_from",
        "effective_until",
        "installed_by",
        "installed_at",
    ),
    "shipped_pack": ("hash", "slug", "document"),
}
STANDS = sa.text("withdrawn_at IS NULL")


def _guards(dialect: str, table: str, fixed: tuple[str, ...]) -> list[str]:
    columns = ", ".join(fixed)
    if dialect == "sqlite":
        refuse = f"SELECT RAISE(ABORT, '{table} is never changed')"
        return [
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} BEGIN {refuse}; END",
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} BEGIN {refuse}; END",
        ]
    return [
        f"CREATE FUNCTION {table}_never_changed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is never changed'; END $$",
        f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_never_changed()",
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_never_changed()",
    ]


def upgrade() -> None:
    op.create_table(
        "installed_pack",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_until", sa.String(10), nullable=True),
        sa.Column("installed_by", sa.Text(), nullable=True),
        sa.Column("installed_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "hash"),
    )
    op.create_index(
        "ix_installed_pack_begins", "installed_pack", ["program_id", "effective_from"], unique=True, sqlite_where=STANDS,
        postgresql_where=STANDS,
    )  # fmt: skip
    op.create_table(
        "shipped_pack",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_shipped_pack_slug", "shipped_pack", ["slug"], unique=False)
    for table, fixed in NEVER_CHANGED.items():
        for statement in _guards(op.get_bind().dialect.name, table, fixed):
            op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Determinations name these packs: restore a backup instead.")
