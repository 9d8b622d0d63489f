"""What every torture stands on: one program with one agency in an empty, migrated database, and a server's keys in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from api.database import Database
from api.devices.keys import SealingKeys, VapidKey, WebhookKey
from api.tables.people import Agency, Program

PROGRAM = "torture"
AGENCY = "aaaaaaaa-0000-4000-8000-000000000009"


def settle(database: Database, folder: Path, config: Mapping[str, Any], now: datetime) -> EllipticCurvePublicKey:
    """Returns the key that phones seal to."""
    key = SealingKeys.load(folder / "keys").active.private.public_key()
    VapidKey.load(folder / "keys")  # servers that start at the same moment would each make their own
    WebhookKey.load(folder / "keys")
    with database.write() as session:
        session.add(Program(id=PROGRAM, name="Torture", config=dict(config), created_at=now))
        session.flush()
        session.add(Agency(id=AGENCY, program_id=PROGRAM, name="Police"))
    return key
