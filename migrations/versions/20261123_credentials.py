"""Passkeys, one-time codes, and sessions that know how recently somebody proved who they are.

Sessions that are open stay open. Programs of the time before asked for no second factor and go on so until somebody sets
`second_factor`: an update at night must not send a shift to look for its phones.
"""

import json
import uuid

import sqlalchemy as sa
from alembic import op

revision = "20261123_credentials"
down_revision = "20261122_rota_and_channels"
branch_labels = None
depends_on = None

TEXT, INSTANT = sa.Text(), sa.BigInteger()


def upgrade() -> None:
    _sessions()
    _programs()
    _credentials()
    op.create_table(
        "passkey_challenge",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("challenge", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
    op.create_index("ix_passkey_challenge_asked_by", "passkey_challenge", ["asked_by"])
    op.create_index("ix_passkey_challenge_expires_at", "passkey_challenge", ["expires_at"])
    op.create_table(
        "sign_in_lock",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("until_at", INSTANT, nullable=False),
    )


def _sessions() -> None:
    op.add_column("session", sa.Column("fresh_at", INSTANT, nullable=False, server_default="0"))
    op.add_column("session", sa.Column("id", TEXT, nullable=False, server_default=""))
    needed: sa.Column[bool] = sa.Column("second_factor_needed", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("session", needed)
    connection = op.get_bind()
    for (token_hash,) in connection.execute(sa.text("SELECT token_hash FROM session")).all():
        connection.execute(
            sa.text("UPDATE session SET id = :id WHERE token_hash = :token_hash"),
            {"id": str(uuid.uuid4()), "token_hash": token_hash},
        )
    op.create_index("ix_session_id", "session", ["id"], unique=True)


def _programs() -> None:
    connection = op.get_bind()
    for program_id, config in connection.execute(sa.text("SELECT id, config FROM program")).all():
        connection.execute(
            sa.text("UPDATE program SET config = :config WHERE id = :id"),
            {"id": program_id, "config": json.dumps({"second_factor": "optional"} | json.loads(config))},
        )


def _credentials() -> None:
    op.create_table(
        "user_handle",
        sa.Column("user_id", sa.String(36), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("handle", sa.String(64), nullable=False),
        sa.UniqueConstraint("handle"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_id", TEXT, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("prf", sa.Boolean(), nullable=False),
        sa.Column("device_bound", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])
    op.create_table(
        "one_time_code",
        sa.Column("user_id", sa.String(36), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("People would lose their passkeys and codes: restore a backup instead.")
