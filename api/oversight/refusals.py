"""Attempts at what a role does not include, for the audit: who tried what. Once a minute for each session and right.

An attempt is refused whether or not this can be written down; a session that tries in a loop fills no disk.
"""

import threading
from datetime import datetime, timedelta

from api.audit.service import record
from api.auth.sessions import Principal
from api.database import Database

EVERY = timedelta(minutes=1)
REMEMBERED = 1000


class Refusals:
    """What was noted lately by this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[tuple[str, str], datetime] = {}
        self._turn = threading.Lock()

    def note(self, principal: Principal, asked: str, now: datetime, source: str) -> None:
        """`asked` is the resource and the right, as `audit:R`."""
        key = (principal.session_token_hash, asked)
        with self._turn:
            before = self._noted.get(key)
            if before is not None and now - before < EVERY:
                return
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[key] = now
        with self._database.write() as session:
            record(
                session, now, "access.refuse", "refused", actor_id=principal.user_id, program_id=principal.program_id,
                subject=asked, source=source, device_id=principal.device_id,
            )  # fmt: skip
