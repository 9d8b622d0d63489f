"""Attempts at what is not theirs, for the audit: who tried what. Once a minute for each session and thing.

What a role does not include is answered 403; a thing that the person does not reach 404, as if there were no such thing.
Such an answer has left before this looks whether there is one and writes it down, so that its time tells nothing either. An
attempt is refused whether or not it can be written down; a session that tries in a loop fills no disk.
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from api import logs
from api.audit.service import record
from api.auth.addresses import client_address
from api.auth.dependencies import parts
from api.auth.sessions import Principal
from api.database import Database
from api.problems import NotFound, Problem
from api.tables.devices import Device
from api.tables.records import Referral
from api.tables.retention import BreakGlass, LegalHold
from api.tables.second_person import SecondPerson

EVERY = timedelta(minutes=1)
REMEMBERED = 1000
THINGS: Mapping[str, tuple[str, Any]] = {
    "referral_id": ("referral", Referral),
    "glass_id": ("break_glass", BreakGlass),
    "hold_id": ("hold", LegalHold),
    "asked_id": ("second_person", SecondPerson),
    "device_id": ("device", Device),
}
"""By the name that a path gives the id: what its event begins with, and where there would be such a thing.

A referral's event begins like everything about referrals, so that an administrator never reads its id.
"""


class Refusals:
    """What was noted lately by this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[tuple[str, str], datetime] = {}
        self._turn = threading.Lock()

    def note(self, principal: Principal, asked: str, now: datetime, source: str) -> None:
        """A right that the role does not have; `asked` is the resource and the right, as `audit:R`."""
        if not self._is_new(principal, asked, now):
            return
        with self._database.write() as session:
            record(
                session, now, "access.refuse", "refused", actor_id=principal.user_id, program_id=principal.program_id,
                subject=asked, source=source, device_id=principal.device_id,
            )  # fmt: skip

    def after(self, request: Request, problem: Problem) -> None:
        """Once an answer has left: if it said that there is nothing here, and there is, who asked for it and by which right."""
        principal: Principal | None = getattr(request.state, "principal", None)
        if principal is None or not isinstance(problem, NotFound):
            return
        state = parts(request)
        now, source = state.clock.now(), client_address(request, state.settings.trusted_proxies)
        for name, subject in request.path_params.items():
            if name in THINGS:
                try:
                    self._unreached(principal, name, str(subject), request.state.asked, now, source)
                except SQLAlchemyError as error:
                    logs.error("refusal.unwritten", error)

    def _unreached(self, principal: Principal, name: str, subject: str, asked: str, now: datetime, source: str) -> None:
        beginning, table = THINGS[name]
        with self._database.read() as session:
            if not _is_there(session, table, subject, principal.program_id):
                return
        if not self._is_new(principal, subject, now):
            return
        with self._database.write() as session:
            record(
                session, now, f"{beginning}.refuse", "refused", actor_id=principal.user_id,
                program_id=principal.program_id, subject=subject, source=source, device_id=principal.device_id,
                detail={"asked": asked},
            )  # fmt: skip

    def _is_new(self, principal: Principal, asked: str, now: datetime) -> bool:
        key = (principal.session_token_hash, asked)
        with self._turn:
            before = self._noted.get(key)
            if before is not None and now - before < EVERY:
                return False
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[key] = now
        return True


def _is_there(session: Session, table: Any, subject: str, program_id: str) -> bool:
    """In the person's own program: another one's things are as unknown here as they are to the database's own lock."""
    row = session.get(table, subject)
    if row is None or row.program_id != program_id:
        return False
    return not (isinstance(row, Referral) and row.state.get("expunged"))
