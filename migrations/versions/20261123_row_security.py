"""Row-level security on PostgreSQL: a second lock on the wall between programs.

A row shows itself to transactions whose setting `handoff.program` names its program, or `*` for work on behalf of all of them
(see api.confinement). Forced, so that it holds for the owner of the tables as well, which a small installation uses for
everything; a superuser is never bound by it. Not locked: what is read before anybody is known (people, memberships, devices,
invitations, providers), and `delivery` and `audit_head`: ids and times, found by a page or a chain that is locked.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_row_security"
down_revision = "20261123_second_person"
branch_labels = None
depends_on = None

BY_PROGRAM = (
    "assessment", "audit_event", "break_glass", "disclosure", "expunged", "feed_row", "installed_pack", "legal_hold",
    "operation_header", "page", "push_subscription", "quarantine", "referral", "rota_change", "rota_rule", "second_person",
    "shift_test", "tally",
)  # fmt: skip
BY_PARENT = {
    "assessment_body": ("operation_header", "op_id", "op_id"),
    "operation_body": ("operation_header", "op_id", "op_id"),
    "page_event": ("page", "id", "page_id"),
}
"""Table: the table whose row must be visible, its key, and the column that names it."""
PRESENT = "current_setting('handoff.program', true)"


def upgrade() -> None:
    _programs_of_feed_rows()
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in BY_PROGRAM:
        _lock(
            table,
            f"{PRESENT} IN ('*', program_id)" + (" OR coalesce(program_id, '') = ''" if table == "audit_event" else ""),
        )
    for table, (parent, key, column) in BY_PARENT.items():
        _lock(
            table, f"{PRESENT} = '*' OR EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.{key} = {table}.{column})"
        )


def _lock(table: str, visible: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY program_wall ON {table} USING ({visible})")


def _programs_of_feed_rows() -> None:
    """An item says which program it belongs to; scopes of persons and agencies do not."""
    with op.batch_alter_table("feed_row") as table:
        table.add_column(sa.Column("program_id", sa.Text(), nullable=False, server_default=""))
    for source, key in (("referral", "id"), ("operation_header", "op_id"), ("quarantine", "op_id")):
        found = f"(SELECT program_id FROM {source} WHERE {source}.{key} = feed_row.item_id LIMIT 1)"
        op.execute(f"UPDATE feed_row SET program_id = COALESCE({found}, '') WHERE program_id = ''")
