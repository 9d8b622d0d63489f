"""Row-level security on PostgreSQL: a second lock on the wall between programs."""

revision = "20261123_row_security"
down_revision = "20261123_second_person"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
