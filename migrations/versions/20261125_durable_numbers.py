"""Which numbers of each phone a verified backup holds. Until now a phone heard of a position alone."""

import json

import sqlalchemy as sa
from alembic import op

revision = "20261125_durable_numbers"
down_revision = "20261124_backups"
branch_labels = None
depends_on = None

HELD = sa.text(
    "SELECT device_id, seq FROM operation_header WHERE position <= (SELECT durable_position FROM head WHERE id = 1)"
    " ORDER BY device_id, seq"
)


def upgrade() -> None:
    op.add_column("device", sa.Column("durable", sa.Text(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    spans: dict[str, list[list[int]]] = {}
    for device_id, seq in connection.execute(HELD):
        mine = spans.setdefault(device_id, [])
        if mine and seq <= mine[-1][1] + 1:
            mine[-1][1] = seq
        else:
            mine.append([seq, seq])
    for device_id, ranges in spans.items():
        connection.execute(
            sa.text("UPDATE device SET durable = :ranges WHERE id = :id"),
            {"ranges": json.dumps(ranges), "id": device_id},
        )
