"""Keys for columns that are encrypted at rest; those columns hold bytes.

What is in them stays as it is here: the keys are outside the database, where a migration does not look. The server seals it
before it serves, or `handoff rekey` does.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_at_rest"
down_revision = "20261123_audit_chain"
branch_labels = None
depends_on = None

SEALED = (
    ("referral", "state"), ("feed_row", "item"), ("quarantine", "detail"), ("quarantine", "blob"), ("person", "callback"),
    ("contact_point", "address"), ("push_subscription", "p256dh"), ("push_subscription", "auth"),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "rekey_progress",
        sa.Column("table", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _bytes_in_sqlite()
    else:
        _bytes_in_postgresql()


def _bytes_in_postgresql() -> None:
    op.drop_constraint("contact_point_user_id_channel_address_key", "contact_point", type_="unique")
    for table, column in SEALED:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bytea USING convert_to({column}, 'UTF8')")


def _bytes_in_sqlite() -> None:
    """A column of bytes beside the old one, which then goes: nothing is copied that others refer to."""
    _without_unique_address()
    for table, column in SEALED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN sealed_{column} BLOB NOT NULL DEFAULT x''")
        op.execute(f"UPDATE {table} SET sealed_{column} = CAST({column} AS BLOB)")
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        op.execute(f"ALTER TABLE {table} RENAME COLUMN sealed_{column} TO {column}")


def _without_unique_address() -> None:
    """SQLite drops a constraint only with its table; nothing refers to this one."""
    convention = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
    with op.batch_alter_table("contact_point", naming_convention=convention) as batch:
        batch.drop_constraint("uq_contact_point_user_id", type_="unique")
